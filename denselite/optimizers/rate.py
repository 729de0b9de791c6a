"""The learning rate: a variable to read and assign, or a schedule that is asked at every step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from denselite.config import floatx
from denselite.declared import Resolves
from denselite.errors import ArgumentError, ScheduledRateError
from denselite.optimizers.schedules import LearningRateSchedule
from denselite.optimizers.schedules import deserialize as schedule_from_config
from denselite.tensor.variable import Variable

__all__ = ["Rate", "Rated"]


def _resolve_rate(value: Any) -> Any:
    if isinstance(value, Mapping):
        return schedule_from_config(value)
    if isinstance(value, LearningRateSchedule) or callable(value):
        return value
    if isinstance(value, int | float | np.number) and not isinstance(value, bool) and 0 <= value < np.inf:
        return float(value)
    raise ArgumentError(
        "a learning rate is a finite number >= 0, a LearningRateSchedule or a callable without arguments, "
        f"got {value!r}."
    )


Rate = Annotated[Any, Resolves(_resolve_rate)]


class Rated:
    """What has a learning rate and counts its steps."""

    _rate: Any
    _iterations: Variable

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a Variable that can be read and assigned; under a schedule its present value."""
        return self._rate if isinstance(self._rate, Variable) else self._scheduled()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        rate = _resolve_rate(value.numpy() if isinstance(value, Variable) else value)
        current = self.__dict__.get("_rate")
        if current is None or not isinstance(rate, float):
            self._rate = (
                Variable(np.asarray(rate), dtype=floatx(), trainable=False, name="learning_rate")
                if isinstance(rate, float)
                else rate
            )
        elif isinstance(current, Variable):
            current.assign(rate)
        else:
            schedule = getattr(current, "__name__", type(current).__name__)
            raise ScheduledRateError(
                f"{type(self).__name__} has the schedule {schedule} as its learning rate, which cannot be set to "
                f"{rate}. Compile with a number to set it."
            )

    def _scheduled(self) -> float:
        rate: Any = self._rate
        return float(rate(int(self._iterations)) if isinstance(rate, LearningRateSchedule) else rate())
