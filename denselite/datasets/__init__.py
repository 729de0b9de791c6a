"""Data sets to learn on, fetched once and cached."""

from __future__ import annotations

from typing import NoReturn

from denselite.datasets import boston_housing, mnist
from denselite.registry import refuse_name

__all__ = ["boston_housing", "mnist"]

_ABSENT = (
    "california_housing", "cifar10", "cifar100", "fashion_mnist", "imdb", "reuters",
)  # fmt: skip


def __getattr__(name: str) -> NoReturn:
    refuse_name(__name__, name, _ABSENT, __all__)
