"""One watched log: its value in an epoch, and whether a value is better than another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from denselite.callbacks.directions import metric_direction
from denselite.errors import ArgumentError, suggestion

__all__ = ["Mode", "Monitor"]

Mode = Literal["auto", "min", "max"]


class Monitor:
    """What ``EarlyStopping`` and ``ModelCheckpoint`` ask about the name they watch.

    Args:
        owner: who asks, for errors.
        name: the log to watch.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to go by the name.
        min_delta: a change not larger than this, in either direction, is no improvement.
    """

    def __init__(self, owner: str, name: str, mode: Mode, min_delta: float = 0.0) -> None:
        self.owner = owner
        self.name = name
        self.mode = mode
        self.min_delta = abs(min_delta)
        self._expected: Sequence[str] = ()

    def expect(self, names: Sequence[str], certain: bool, model: Any) -> None:
        """Hear which names will be logged; fail now if it is certain that ours will not be.

        Raises:
            ArgumentError: ``certain``, and the name is not there or has no known direction.
        """
        self._expected = names
        if certain:
            if self.name not in names:
                raise self._missing(names)
            self._better_is_up(model)

    def value(self, logs: Mapping[str, Any]) -> float | None:
        """Return the watched value, or ``None`` in an epoch without it (one without validation).

        Raises:
            ArgumentError: the name is not in ``logs`` and not among those that will be logged.
        """
        if self.name in logs:
            return float(logs[self.name])
        if self.name in self._expected:
            return None
        raise self._missing([*self._expected, *(name for name in logs if name not in self._expected)])

    def improves(self, value: float, reference: float | None, model: Any) -> bool:
        """Return whether ``value`` beats ``reference`` by more than ``min_delta``.

        Anything but NaN beats ``None``. (In Keras a NaN does too, and then nothing beats the NaN.)

        Raises:
            ArgumentError: ``mode="auto"`` and the name does not tell the direction.
        """
        up = self._better_is_up(model)
        if value != value:
            return False
        if reference is None:
            return True
        return value - self.min_delta > reference if up else value + self.min_delta < reference

    def _better_is_up(self, model: Any) -> bool:
        if self.mode != "auto":
            return self.mode == "max"
        direction = metric_direction(self.name, model)
        if direction is None:
            raise ArgumentError(
                f"{self.owner} cannot tell from monitor={self.name!r} whether larger or smaller is better. "
                "Pass mode='max' if larger is better, mode='min' if smaller is."
            )
        return direction == "up"

    def _missing(self, names: Sequence[str]) -> ArgumentError:
        return ArgumentError(
            f"{self.owner} has monitor={self.name!r}, which is not logged.{suggestion(self.name, names)} "
            f"Logged are: {', '.join(names) or 'none'}.{_validation_hint(self.name, names)}"
        )


def _validation_hint(name: str, names: Sequence[str]) -> str:
    if name.startswith("val_") and not any(entry.startswith("val_") for entry in names):
        return " A name with 'val_' needs validation_data or validation_split in fit()."
    return ""
