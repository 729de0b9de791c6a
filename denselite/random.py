"""Random draws for layers and scripts: by key, never from a global generator.

Inside a training step a draw follows from (seed, call site, step); outside, from the seed and how
often it was used. ``denselite.utils.set_random_seed`` makes a whole script repeat itself.
"""

from __future__ import annotations

from typing import Any

from denselite.errors import UncoveredNameError
from denselite.ops.random import SeedGenerator, normal, uniform

__all__ = ["SeedGenerator", "normal", "uniform"]

_ABSENT = ("beta", "binomial", "categorical", "dropout", "gamma", "randint", "shuffle", "truncated_normal")


def __getattr__(name: str) -> Any:
    if name in _ABSENT:
        raise UncoveredNameError(f"{__name__}.{name} exists in Keras and not yet in denselite.")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
