"""What every source of batches has in common, and how a pass over the data becomes epochs."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from denselite.data.batch import Batch
from denselite.tree import Structure

__all__ = ["Source", "Spec", "Structures", "TargetCheck"]

TargetCheck: TypeAlias = Callable[[np.ndarray, str], None]  # (targets, what errors call them): raises a DataError


class Spec(NamedTuple):
    """One leaf of a batch: the shape of a sample (without the batch axis) and its dtype."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class Structures(NamedTuple):
    """How the inputs, the targets and the sample weights are nested; ``None``: not given."""

    x: Structure
    y: Structure | None
    sample_weight: Structure | None

    def __repr__(self) -> str:
        return f"({', '.join(repr(part) for part in self if part is not None)})"


class Source(ABC):
    """Data that can be had batch by batch, as often as there are epochs.

    Args:
        structure: how the leaves of a batch are nested.
        specs: the leaves of x, then of y, then of the sample weights.
        batch_size: rows in a full batch; ``None`` where each batch says it itself.
        steps: batches in an epoch; an epoch then goes on where the last one stopped. ``None``: an epoch is one pass.

    Attributes:
        num_samples: how many there are, if that is known.
        lasting: whether a batch stays valid when the next one is asked for, so that threads can share them.
    """

    num_samples: int | None = None
    lasting = False

    def __init__(self, structure: Structures, specs: Sequence[Spec], batch_size: int | None, steps: int | None) -> None:
        self.structure = structure
        self.specs = list(specs)
        self.batch_size = batch_size
        self.steps = steps
        self._underway: Iterator[Batch] = iter(())
        self._given = self._age = 0  # batches of the pass underway, and epochs since the one in which it began

    @property
    def num_batches(self) -> int | None:
        """How many batches an epoch has; ``None`` until that is known."""
        return self.steps or self.pass_length

    @property
    def usual_size(self) -> int:
        """How many rows a batch has, about: where batches come ready-made, nobody knows."""
        return self.batch_size or 32

    @property
    def shuffle_size(self) -> int | None:
        """How many things an order has to permute: samples, or batches; ``None`` where order is not ours to choose."""
        return None

    @property
    @abstractmethod
    def pass_length(self) -> int | None:
        """How many batches one pass over the data has, if that is known."""

    @abstractmethod
    def check_targets(self, checks: Sequence[TargetCheck | None]) -> None:
        """Hold the targets to ``checks``, one a leaf of y: at once, or as the batches come.

        Raises:
            DataError: what a check raises.
        """

    @abstractmethod
    def _pass(self, order: np.ndarray | None, skip: int) -> Iterator[Batch]:
        """Go through the data once, from batch ``skip`` on."""

    def batches(self, order: np.ndarray | None = None, skip: int = 0) -> Iterator[Batch]:
        """Yield the batches of one epoch.

        Args:
            order: a permutation of ``range(shuffle_size)``; ``None`` leaves the data as it lies. An epoch
                that goes on with a pass begun earlier keeps that pass's order.
            skip: how many of the epoch's batches are done already.

        Raises:
            DataError: a batch does not look like the first one.
            ArgumentError: ``order`` is no such permutation.
        """
        if self.steps is None:
            return self._pass(order, skip)
        return self._some(order, range(skip, self.steps))

    @property
    def underway(self) -> tuple[int, int]:
        """Of the pass that ``steps`` left unfinished: how many epochs ago it began, and its batches so far."""
        return self._age, self._given

    def go_on(self, order: np.ndarray | None, underway: tuple[int, int]) -> None:
        """Stand where another source of the same data stood.

        Args:
            order: of the pass that was underway.
            underway: what ``underway`` said there.

        Raises:
            DataError: batches that were given cannot be skipped.
        """
        self._age, self._given = underway
        self._underway = self._pass(order, self._given)

    def restart(self) -> None:
        """Let the next epoch begin a new pass, also where ``steps`` left one unfinished."""
        self._underway = iter(())

    def _some(self, order: np.ndarray | None, steps: range) -> Iterator[Batch]:
        self._age += steps.start == 0
        for step in steps:
            batch = next(self._underway, None)
            if batch is None and step == 0:  # the first epoch, or the one before used up its pass
                self._age = self._given = 0
                self._underway = self._pass(order, 0)
                batch = next(self._underway, None)
            if batch is None:
                warn_out_of_data(f"after {step} of the {steps.stop} batches of this epoch")
                return
            self._given += 1
            yield batch


def warn_out_of_data(where: str) -> None:
    """Warn that an epoch ends early."""
    warnings.warn(
        f"Your input ran out of data {where}: the epoch ends here. Make sure that the data set or generator can give "
        "at least steps_per_epoch * epochs batches.",
        stacklevel=3,
    )
