"""Initializers whose spread follows from the shape, so that signals keep their size from layer to layer."""

from __future__ import annotations

from math import prod, sqrt
from typing import Annotated, Any, ClassVar, Literal

from denselite.declared import Positive, Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.initializers.initializer import initializers
from denselite.initializers.random import RandomInitializer, Seed
from denselite.ops.op import Array

__all__ = [
    "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "VarianceScaling", "fans",
]  # fmt: skip

# Standard deviation of a standard normal that is cut at two standard deviations.
TRUNCATED_STDDEV = 0.87962566103423978

Axes = list[int] | tuple[int, ...] | None


def fans(shape: tuple[int, ...], input_axes: Axes = None, output_axes: Axes = None) -> tuple[int, int]:
    """Return how many inputs an output of a weight sums, and how many outputs an input goes to.

    Args:
        shape: the weight's shape.
        input_axes: the axes that count inputs; given with ``output_axes`` or not at all.
        output_axes: the axes that count outputs.

    Raises:
        ShapeError: the weight has no such axis.

    Example:
        >>> fans((784, 64)), fans((3, 3, 16, 32))
        ((784, 64), (144, 288))
    """
    if input_axes is not None and output_axes is not None:
        if any(not -len(shape) <= axis < len(shape) for axis in (*input_axes, *output_axes)):
            raise ShapeError(
                f"The input_axes {tuple(input_axes)} and output_axes {tuple(output_axes)} name axes "
                f"that a weight of shape {tuple(shape)} does not have."
            )
        return prod(shape[axis] for axis in input_axes), prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        return (prod(shape), prod(shape))
    receptive = prod(shape[:-2])
    return shape[-2] * receptive, shape[-1] * receptive


class ScaledInitializer(RandomInitializer):
    """Base of those whose variance is ``scale`` over a fan."""

    input_axes: Axes
    output_axes: Axes

    def spread(self, shape: tuple[int, ...], dtype: Any, scale: float, mode: str, distribution: str) -> Array:
        """Return draws of variance ``scale / fan``."""
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
        stddev = sqrt(scale / max(1.0, fan))
        if distribution == "uniform":
            limit = sqrt(3.0) * stddev
            return self.uniform(shape, dtype, -limit, limit)
        if distribution == "untruncated_normal":
            return self.normal(shape, dtype, 0.0, stddev)
        return self.truncated(shape, dtype, 0.0, stddev / TRUNCATED_STDDEV)


def _distribution(name: Any) -> str:
    known = ("truncated_normal", "untruncated_normal", "uniform")
    found = {"normal": known[0]}.get(lowered := str(name).lower(), lowered)
    if found not in known:
        raise ArgumentError(
            f"it should be 'truncated_normal' (or 'normal'), 'untruncated_normal' or 'uniform', got {name!r}."
        )
    return found


@initializers.register()
class VarianceScaling(ScaledInitializer):
    """Draws of variance ``scale / fan``.

    Args:
        scale: a positive number.
        mode: which fan: ``"fan_in"``, ``"fan_out"``, or ``"fan_avg"``, their mean.
        distribution: ``"truncated_normal"`` (or ``"normal"``), ``"untruncated_normal"`` or ``"uniform"``,
            in any case.
        seed: an integer >= 0; None for a fresh one.
        input_axes: axes of the weight that count inputs; None for the usual ones.
        output_axes: axes of the weight that count outputs; None for the usual ones.

    Example:
        >>> draws = VarianceScaling(2.0, mode="fan_out", distribution="uniform", seed=1)((2, 6))
        >>> bool(abs(draws).max() <= 1.0)  # sqrt(3 * 2 / 6)
        True
    """

    scale: Positive = 1.0
    mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in"
    distribution: Annotated[str, Resolves(_distribution)] = "truncated_normal"
    seed: Seed = None
    input_axes: Axes = None
    output_axes: Axes = None

    def draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        return self.spread(shape, dtype, self.scale, self.mode, self.distribution)


class _Named(ScaledInitializer):
    """A ``VarianceScaling`` with a name.

    Args:
        seed: an integer >= 0; None for a fresh one.
        input_axes: axes of the weight that count inputs; None for the usual ones.
        output_axes: axes of the weight that count outputs; None for the usual ones.
    """

    _rule: ClassVar[tuple[float, str, str]]
    seed: Seed = None
    input_axes: Axes = None
    output_axes: Axes = None

    def draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        return self.spread(shape, dtype, *self._rule)


@initializers.register()
class GlorotUniform(_Named):
    """Uniform in ``±sqrt(6 / (fan_in + fan_out))``.

    Source:
        Glorot and Bengio, 2010, "Understanding the difficulty of training deep feedforward networks".

    Example:
        >>> bool(abs(GlorotUniform(seed=1)((2, 4))).max() <= 1.0)
        True
    """

    _rule = (1.0, "fan_avg", "uniform")


@initializers.register()
class GlorotNormal(_Named):
    """Truncated normal of standard deviation ``sqrt(2 / (fan_in + fan_out))``.

    Source:
        Glorot and Bengio, 2010, "Understanding the difficulty of training deep feedforward networks".

    Example:
        >>> bool(abs(GlorotNormal(seed=1)((4, 4))).max() <= 1.14)  # 2 * 0.5 / 0.8796
        True
    """

    _rule = (1.0, "fan_avg", "truncated_normal")


@initializers.register()
class HeUniform(_Named):
    """Uniform in ``±sqrt(6 / fan_in)``, made for relu.

    Source:
        He et al., 2015, "Delving Deep into Rectifiers".

    Example:
        >>> bool(abs(HeUniform(seed=1)((6, 2))).max() <= 1.0)
        True
    """

    _rule = (2.0, "fan_in", "uniform")


@initializers.register()
class HeNormal(_Named):
    """Truncated normal of standard deviation ``sqrt(2 / fan_in)``, made for relu.

    Source:
        He et al., 2015, "Delving Deep into Rectifiers".

    Example:
        >>> bool(abs(HeNormal(seed=1)((8, 4))).max() <= 1.14)  # 2 * 0.5 / 0.8796
        True
    """

    _rule = (2.0, "fan_in", "truncated_normal")


@initializers.register()
class LecunUniform(_Named):
    """Uniform in ``±sqrt(3 / fan_in)``.

    Source:
        LeCun et al., 1998, "Efficient BackProp".

    Example:
        >>> bool(abs(LecunUniform(seed=1)((3, 2))).max() <= 1.0)
        True
    """

    _rule = (1.0, "fan_in", "uniform")


@initializers.register()
class LecunNormal(_Named):
    """Truncated normal of standard deviation ``sqrt(1 / fan_in)``, made for selu.

    Source:
        LeCun et al., 1998, "Efficient BackProp".

    Example:
        >>> bool(abs(LecunNormal(seed=1)((4, 4))).max() <= 1.14)  # 2 * 0.5 / 0.8796
        True
    """

    _rule = (1.0, "fan_in", "truncated_normal")
