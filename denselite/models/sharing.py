"""Work that several threads share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from threading import Lock
from typing import Any

from denselite.program.threads import blas_threads

__all__ = ["share"]


def share(work: Callable[[Iterable[Any]], None], items: Iterator[Any], threads: int) -> None:
    """Let several threads, of which this is one, work on items until there are none; what one raises is raised here.

    BLAS has one thread in each, for all items: after a product on several, its threads spin on the cores for a while.
    """
    from concurrent.futures import ThreadPoolExecutor

    shared = _Shared(items)

    def take_part() -> None:
        with shared:
            work(shared)

    with blas_threads(heaviest=0), ThreadPoolExecutor(threads - 1) as pool:
        others = [pool.submit(copy_context().run, take_part) for _ in range(threads - 1)]
        take_part()
    for other in others:
        other.result()


class _Shared:
    """An iterator that several threads take from; when one leaves, there is nothing left for the others."""

    def __init__(self, items: Iterator[Any]) -> None:
        self.items, self.lock = items, Lock()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        with self.lock:
            return next(self.items)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.items = iter(())
