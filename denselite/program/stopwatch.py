"""How long calls take, and what the machine could do: clocks around calls that know nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter_ns
from typing import Any

import numpy as np

__all__ = ["call_cost", "clock_cost", "product_peak", "stamps"]

SIDE = 384  # rows and columns of the matrices that the peak is measured with: a product takes about a millisecond
PRODUCTS = 24  # of which the fastest counts: others may have been interrupted
SAMPLES = 501


def stamps(calls: Sequence[Callable[[], Any]]) -> list[int]:
    """Run calls one after the other; return the time in nanoseconds before the first and after each."""
    found = [perf_counter_ns()]
    for call in calls:
        call()
        found.append(perf_counter_ns())
    return found


def clock_cost() -> float:
    """Return the nanoseconds that ``stamps`` adds to each call."""
    found = [perf_counter_ns()]
    for _ in range(SAMPLES):
        found.append(perf_counter_ns())  # noqa: PERF401 (it is the loop of `stamps`)
    return float(np.median(np.diff(found)))


def call_cost() -> float:
    """Return the nanoseconds of a NumPy call that adds up two numbers: what any call takes before it computes."""
    number = np.ones(1, np.float32)
    found = stamps([partial(np.add, number, number, number)] * SAMPLES)
    return max(0.0, float(np.median(np.diff(found))) - clock_cost())


def product_peak(dtype: np.dtype[Any]) -> float:
    """Return the operations per nanosecond (GFLOP/s) of the fastest of some large matrix products."""
    a, out = np.ones((SIDE, SIDE), dtype), np.empty((SIDE, SIDE), dtype)
    times = np.diff(stamps([partial(np.matmul, a, a, out)] * PRODUCTS))
    return float(2 * SIDE**3 / times.min())
