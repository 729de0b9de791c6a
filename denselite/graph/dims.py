"""Sizes that depend on the batch: ``slope * batch + offset``, found by tracing at two batch sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Affine", "Mismatch", "is_static", "resolve", "unify"]


class Mismatch(Exception):  # noqa: N818 (never leaves the package)
    """Two traces of one function cannot be told as one: what differs is not linear in the batch."""


@dataclass(frozen=True, slots=True)
class Affine:
    """A size that grows with the batch.

    Example:
        >>> resolve((Affine(2, 1), 5), batch=10)
        (21, 5)
    """

    slope: int
    offset: int

    def __repr__(self) -> str:
        head = "batch" if self.slope == 1 else f"{self.slope}·batch"
        return f"{head}{self.offset:+d}" if self.offset else head


def unify(first: Any, second: Any, probes: tuple[int, int]) -> Any:
    """Return what two traces have in common: equal parts as they are, integers that differ as ``Affine``.

    Raises:
        Mismatch: they differ otherwise.
    """
    if type(first) is not type(second):
        raise Mismatch(f"{first!r} at batch {probes[0]} and {second!r} at batch {probes[1]}")
    if isinstance(first, tuple):
        if len(first) != len(second):
            raise Mismatch(f"{first!r} at batch {probes[0]} and {second!r} at batch {probes[1]}")
        return tuple(unify(a, b, probes) for a, b in zip(first, second, strict=True))
    if isinstance(first, slice):
        return slice(
            *(unify(getattr(first, part), getattr(second, part), probes) for part in ("start", "stop", "step"))
        )
    if isinstance(first, dict):
        return {key: unify(value, second[key], probes) for key, value in first.items()}
    if isinstance(first, np.ndarray):
        if first.shape == second.shape and first.dtype == second.dtype and first.tobytes() == second.tobytes():
            return first
        raise Mismatch("a constant array depends on the batch size")
    if first is second or first == second:
        return first
    if isinstance(first, int) and not isinstance(first, bool):
        slope, rest = divmod(second - first, probes[1] - probes[0])
        if not rest:
            return Affine(slope, first - slope * probes[0])
    raise Mismatch(f"{first!r} at batch {probes[0]} and {second!r} at batch {probes[1]}")


def resolve(value: Any, batch: int) -> Any:
    """Return ``value`` with every ``Affine`` in it evaluated at ``batch``."""
    if isinstance(value, Affine):
        return value.slope * batch + value.offset
    if isinstance(value, tuple):
        return tuple(resolve(part, batch) for part in value)
    if isinstance(value, slice):
        return slice(resolve(value.start, batch), resolve(value.stop, batch), value.step)
    if isinstance(value, dict):
        return {key: resolve(part, batch) for key, part in value.items()}
    return value


def is_static(value: Any) -> bool:
    """Say whether ``value`` is the same at every batch size."""
    if isinstance(value, Affine):
        return False
    if isinstance(value, tuple):
        return all(map(is_static, value))
    if isinstance(value, slice):
        return is_static((value.start, value.stop))
    if isinstance(value, dict):
        return all(map(is_static, value.values()))
    return True
