"""``Normalization``: features with mean 0 and deviation 1 over the data that the layer was adapted to."""

from __future__ import annotations

from math import prod
from typing import Annotated, Any, ClassVar

import numpy as np

from denselite import config, ops
from denselite.declared import Resolves
from denselite.errors import ArgumentError, DataError, ShapeError, StateError
from denselite.layers.adapting import batches, is_whole, pieces
from denselite.layers.key_order import placed_behind
from denselite.layers.normalizer import Normalizer
from denselite.layers.single import check_numbers
from denselite.ops.op import Array
from denselite.tensor.dtypes import is_integer

__all__ = ["Normalization"]

_GIVEN = {"mean": "input_mean", "variance": "input_variance"}  # the arguments; their names are those of the results


def _axes(value: Any) -> tuple[int, ...]:
    axes = () if value is None else (value,) if is_integer(value) else value
    if not isinstance(axes, list | tuple) or not all(map(is_integer, axes)):
        raise ArgumentError(f"axis is an integer, a list of them or None, got {value!r}.")
    return tuple(int(axis) for axis in axes)


def _given(value: Any) -> Any:
    """A number or an array of them, as it is written to JSON."""
    try:
        return None if value is None else np.asarray(value, np.float64).tolist()
    except (TypeError, ValueError):
        raise ArgumentError(f"it takes a number, or a list of them, got {value!r:.80}.") from None


class _Statistics(Normalizer):
    """The statistics that a layer computes with, as they broadcast to its inputs; None before it is built."""

    @property
    def mean(self) -> Any:
        """The mean, given or found by ``adapt``."""
        return self._broadcast(0)

    @property
    def variance(self) -> Any:
        """The variance, given or found by ``adapt``."""
        return self._broadcast(1)

    def _broadcast(self, which: int) -> Any:
        if not self.built:
            return None
        sizes = iter(self._found[which].shape)
        rank = len(self._build_shape)
        shape = [next(sizes) if axis in self._kept else 1 for axis in range(rank)]
        return np.reshape(np.asarray(self._found[which]), shape).astype(self.compute_dtype)

    input_mean: ClassVar[Any]
    input_variance: ClassVar[Any]
    _found: tuple[Any, Any]
    _kept: tuple[int, ...]


class Normalization(_Statistics):
    """Compute ``(inputs - mean) / sqrt(variance)``, with statistics that are given or found by ``adapt``.

    The deviation counts as ``config.epsilon()`` at least. Nothing of it is changed by training.

    Args:
        axis: the axes that have statistics of their own for each entry; None for a single mean and variance.
        mean: the mean, one or as many as the axes have entries; instead of ``adapt``.
        variance: the variance, of the same shape.
        invert: whether to undo it instead: ``inputs · sqrt(variance) + mean``.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: one of ``mean`` and ``variance`` without the other, or of another shape.
        ShapeError: the input has no such axis or other sizes there, or the statistics do not fit them.

    Example:
        >>> layer = Normalization()
        >>> layer.adapt(np.array([[0.0, 7.0], [2.0, 9.0]]))
        >>> layer(np.array([[0.0, 9.0]])).tolist()
        [[-1.0, 1.0]]
    """

    axis: Annotated[Any, Resolves(_axes)] = -1
    mean: Annotated[Any, Resolves(_given)] = None
    variance: Annotated[Any, Resolves(_given)] = None
    invert: bool = False

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(_GIVEN.get(name, name), value)

    def __post_init__(self) -> None:
        super().__post_init__()
        shapes = [None if given is None else np.shape(given) for given in (self.input_mean, self.input_variance)]
        if shapes[0] != shapes[1]:
            raise ArgumentError(
                f"Normalization() takes mean and variance of one shape, or neither; got mean={self.input_mean!r} and "
                f"variance={self.input_variance!r}."
            )
        if shapes[0] is not None and len(shapes[0]) > len(self.axis):
            raise ArgumentError(
                f"Normalization() takes a mean of at most as many axes as there are in axis={list(self.axis)}, "
                f"got one of shape {shapes[0]}."
            )

    def build(self, input_shape: Any) -> None:
        self._kept = self._places(input_shape, self.axis)
        sizes = self._sizes(input_shape, self._kept)
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(sizes, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(sizes, "ones", trainable=False, name="variance")
            self.count = self.add_weight((), "zeros", "int32", trainable=False, name="count")  # as in Keras: always 0
            self._found = self.adapt_mean, self.adapt_variance
            return
        try:
            mean, variance = (
                np.broadcast_to(np.asarray(given, self.dtype), sizes)
                for given in (self.input_mean, self.input_variance)
            )
        except ValueError:
            raise ShapeError(
                f"{self._who} has mean and variance of shape {np.shape(self.input_mean)}, which do not fit the sizes "
                f"{sizes} that input shape {input_shape} has along axis={list(self.axis)}."
            ) from None
        self._found = mean, variance

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, self.dtype)
        mean, variance = (self._laid_out(value, x, self._kept) if self._kept else value for value in self._found)
        deviation = np.maximum(np.sqrt(variance), config.epsilon())
        return x * deviation + mean if self.invert else (x - mean) / deviation

    def adapt(self, data: Any) -> None:
        """Find the mean and the variance of data.

        Args:
            data: an array, or an iterable of batches: arrays, or tuples that begin with one.

        Raises:
            StateError: ``mean`` and ``variance`` were given.
            DataError: there is no batch.
            ShapeError: a batch has other sizes than the layer was built for.
        """
        if self.input_mean is not None:
            raise StateError(f"{self._who} was given its mean and variance, so it cannot be adapted.")
        by_rows = all(axis != 0 for axis in self.axis)  # otherwise each row has statistics of its own
        whole = pieces(data) if by_rows else [np.asarray(data)]
        total, mean, variance = 0, np.float64(0), np.float64(0)
        for batch in whole if is_whole(data) else batches(data, self._who):
            x = self._batch(batch)
            reduced = tuple(axis for axis in range(x.ndim) if axis not in self._kept)
            count = prod(x.shape[axis] for axis in reduced)
            total += count
            share, step = count / total, np.mean(x, reduced, np.float64) - mean
            variance = variance * (1 - share) + np.var(x, reduced, np.float64) * share + step**2 * share * (1 - share)
            mean = mean + step * share
        if not total:
            raise DataError(f"{self._who}: adapt() got no data.")
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    def _batch(self, batch: Any) -> Array:
        if not hasattr(batch, "shape"):
            raise DataError(f"{self._who}: adapt() takes an array or batches that are arrays, got {batch!r:.80}.")
        x = np.asarray(batch)
        check_numbers(self._who, x)
        self.build_from_shape(x.shape)
        sizes = tuple(x.shape[axis] for axis in self._kept if axis < x.ndim)
        if x.ndim != len(self._build_shape) or sizes != self.adapt_mean.shape:
            raise ShapeError(f"{self._who} was built for input shape {self._build_shape}, got data of shape {x.shape}.")
        return x

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "axis": list(self.axis)}
        for name, given in _GIVEN.items():
            config[name] = getattr(self, given)
        return placed_behind(config, "invert", "axis")
