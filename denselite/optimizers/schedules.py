"""Learning-rate schedules: the rate as a function of the step, a plain number from a plain number."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import Annotated, Any

from denselite.declared import Declared, Interval, NonNegative, Positive, serialize
from denselite.errors import ArgumentError, StateError
from denselite.registry import Registry

__all__ = [
    "CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay", "LearningRateSchedule",
    "PiecewiseConstantDecay", "PolynomialDecay", "deserialize", "get", "serialize",
]  # fmt: skip

schedules: Registry[Any] = Registry("learning-rate schedule")


class LearningRateSchedule(Declared):
    """Base of all schedules: a callable ``(step) -> rate``. The first step is step 0.

    Example:
        >>> class Halving(LearningRateSchedule):
        ...     def __init__(self, start):
        ...         self.start = start
        ...     def __call__(self, step):
        ...         return self.start * 0.5**step
        >>> Halving(0.8)(2), Halving(0.8).get_config()
        (0.2, {'start': 0.8})
    """

    _keras_module = "keras.optimizers.schedules"
    _trailing_positional = True

    def __call__(self, step: float) -> float:
        """Return the learning rate.

        Args:
            step: how many updates were made before, from 0.
        """
        raise StateError(f"{type(self).__name__} has no __call__(step): a schedule says its rate there.")


@schedules.add
class ExponentialDecay(LearningRateSchedule):
    """``initial_learning_rate * decay_rate ^ (step / decay_steps)``.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: steps for one factor of ``decay_rate``, more than 0.
        decay_rate: the factor, 0 or more.
        staircase: go down once every ``decay_steps`` instead of at every step.
        name: the name in configs.

    Example:
        >>> ExponentialDecay(0.1, 10, 0.5)(20)
        0.025
    """

    initial_learning_rate: NonNegative
    decay_steps: Positive
    decay_rate: NonNegative
    staircase: bool = False
    name: str = "ExponentialDecay"

    def __call__(self, step: float) -> float:
        decays = step / self.decay_steps
        return self.initial_learning_rate * self.decay_rate ** (math.floor(decays) if self.staircase else decays)


@schedules.add
class InverseTimeDecay(LearningRateSchedule):
    """``initial_learning_rate / (1 + decay_rate * step / decay_steps)``.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: unit in which steps are counted, more than 0.
        decay_rate: how fast the rate goes down, 0 or more.
        staircase: go down once every ``decay_steps`` instead of at every step.
        name: the name in configs.

    Example:
        >>> InverseTimeDecay(0.1, 1, 0.5)(2)
        0.05
    """

    initial_learning_rate: NonNegative
    decay_steps: Positive
    decay_rate: NonNegative
    staircase: bool = False
    name: str = "InverseTimeDecay"

    def __call__(self, step: float) -> float:
        decays = step / self.decay_steps
        return self.initial_learning_rate / (1.0 + self.decay_rate * (math.floor(decays) if self.staircase else decays))


@schedules.add
class PiecewiseConstantDecay(LearningRateSchedule):
    """``values[i]`` up to and including step ``boundaries[i]``, the last value from then on.

    Args:
        boundaries: steps, each larger than the one before.
        values: rates, one more than boundaries.
        name: the name in configs.

    Raises:
        ArgumentError: there is not one value more than there are boundaries, or these do not rise.

    Example:
        >>> rate = PiecewiseConstantDecay([100, 200], [0.1, 0.05, 0.01])
        >>> rate(100), rate(101), rate(500)
        (0.1, 0.05, 0.01)
    """

    boundaries: list[int | float] | tuple[int | float, ...]
    values: list[float] | tuple[float, ...]
    name: str = "PiecewiseConstant"

    def __post_init__(self) -> None:
        if len(self.values) != len(self.boundaries) + 1:
            raise ArgumentError(
                "PiecewiseConstantDecay() needs one value more than boundaries, "
                f"got {len(self.values)} values and {len(self.boundaries)} boundaries."
            )
        if any(a >= b for a, b in zip(self.boundaries, self.boundaries[1:], strict=False)):
            raise ArgumentError(f"PiecewiseConstantDecay() needs boundaries that rise, got {list(self.boundaries)}.")

    def __call__(self, step: float) -> float:
        return float(self.values[bisect_left(self.boundaries, step)])


@schedules.add
class PolynomialDecay(LearningRateSchedule):
    """From ``initial_learning_rate`` to ``end_learning_rate`` by ``(1 - step / decay_steps) ^ power``.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: steps until the end, more than 0.
        end_learning_rate: the rate at the end.
        power: the exponent, 0 or more; 1 is a straight line.
        cycle: start again from a point between, once for every ``decay_steps``, instead of staying
            at the end.
        name: the name in configs.

    Example:
        >>> PolynomialDecay(0.3, 10, end_learning_rate=0.1)(5)
        0.2
    """

    initial_learning_rate: NonNegative
    decay_steps: Positive
    end_learning_rate: NonNegative = 0.0001
    power: NonNegative = 1.0
    cycle: bool = False
    name: str = "PolynomialDecay"

    def __call__(self, step: float) -> float:
        steps = self.decay_steps
        if self.cycle:
            steps *= max(1, math.ceil(step / steps))
        left = 1.0 - min(step, steps) / steps
        return (self.initial_learning_rate - self.end_learning_rate) * float(left**self.power) + self.end_learning_rate


def _cosine(fraction: float) -> float:
    """Half a cosine wave, from 1 at 0 down to 0 at 1."""
    return 0.5 * (1.0 + math.cos(math.pi * fraction))


@schedules.add
class CosineDecay(LearningRateSchedule):
    """Half a cosine wave down to ``alpha`` of the rate, after an optional straight way up.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: steps of the way down, more than 0.
        alpha: fraction of the highest rate to stop at.
        name: the name in configs.
        warmup_target: the highest rate, reached after ``warmup_steps``; None for no warmup.
        warmup_steps: steps of the way up, 0 or more.

    Source:
        Loshchilov and Hutter, 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts".

    Example:
        >>> [round(CosineDecay(0.1, 10)(step), 4) for step in (0, 5, 10, 11)]
        [0.1, 0.05, 0.0, 0.0]
    """

    initial_learning_rate: NonNegative
    decay_steps: Positive
    alpha: float = 0.0
    name: str = "CosineDecay"
    warmup_target: NonNegative | None = None
    warmup_steps: NonNegative = 0

    def __call__(self, step: float) -> float:
        highest = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return highest + (self.warmup_target - highest) * step / self.warmup_steps
            step, highest = step - self.warmup_steps, self.warmup_target
        fraction = min(step, self.decay_steps) / self.decay_steps
        return highest * ((1.0 - self.alpha) * _cosine(fraction) + self.alpha)


@schedules.add
class CosineDecayRestarts(LearningRateSchedule):
    """Half cosine waves down to ``alpha`` of the rate, one after the other.

    Args:
        initial_learning_rate: the rate at step 0.
        first_decay_steps: steps of the first wave, more than 0.
        t_mul: each wave is this many times as long as the one before, 1 or more.
        m_mul: each wave starts this many times as high as the one before.
        alpha: fraction of the initial rate to go down to.
        name: the name in configs.

    Source:
        Loshchilov and Hutter, 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts".

    Example:
        >>> [round(CosineDecayRestarts(0.1, 10)(step), 4) for step in (0, 5, 10, 20, 30)]
        [0.1, 0.05, 0.1, 0.05, 0.1]
    """

    initial_learning_rate: NonNegative
    first_decay_steps: Positive
    t_mul: Annotated[float, Interval(ge=1)] = 2.0
    m_mul: float = 1.0
    alpha: float = 0.0
    name: str = "SGDRDecay"

    def __call__(self, step: float) -> float:
        restarts, length, left = 0, float(self.first_decay_steps), float(step)
        if self.t_mul == 1.0:
            restarts, left = int(left // length), left % length
        while left >= length:  # counted, not by logarithms: these are off by one at some restarts
            restarts, left, length = restarts + 1, left - length, length * self.t_mul
        height = self.m_mul**restarts * _cosine(left / length)
        return self.initial_learning_rate * ((1.0 - self.alpha) * height + self.alpha)


def get(identifier: Any) -> Any:
    """Return the schedule that ``identifier`` is or, as a config, describes; None stays None."""
    return schedules.get(identifier)


def deserialize(config: Any) -> Any:
    """Return the schedule that ``serialize`` described in ``config``."""
    return get(config)
