"""Data sets to learn on, fetched once and cached."""

from __future__ import annotations

from denselite.datasets import boston_housing, mnist

__all__ = ["boston_housing", "mnist"]
