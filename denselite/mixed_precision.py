"""Keras' older names for dtype policies."""

from __future__ import annotations

from typing import NoReturn

from denselite.config import dtype_policy, set_dtype_policy
from denselite.dtype_policies import DTypePolicy
from denselite.registry import refuse_name

__all__ = ["DTypePolicy", "Policy", "dtype_policy", "global_policy", "set_dtype_policy", "set_global_policy"]

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

_ABSENT = ("LossScaleOptimizer",)


def __getattr__(name: str) -> NoReturn:
    refuse_name(__name__, name, _ABSENT, __all__)
