"""Depthwise convolution: a kernel over each channel by itself, one place of the window at a time.

There is too little to add up for a matrix product. A few images at a time are multiplied with the entry of the kernel
that stands at a place of the window, while they are in cache. Three operations are each other's gradients, as in
``ops.convolution``. All take channels last; the features of a channel stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ShapeError
from denselite.ops.apart import each
from denselite.ops.op import Array, Op, Run, Spec, public
from denselite.ops.shaping import moveaxis
from denselite.ops.sliding import is_channels_first, of_one_dtype, options_of
from denselite.ops.windows import Places, at_once, chunks

__all__ = ["depthwise_conv"]

Step = tuple[tuple[Any, ...], Array, Array, Array]


class _Depthwise(Places):
    """Windows of images whose channels stay apart.

    Args:
        images: shape of the images ``(batch, *sizes, channels)``.
        kernel: shape of the kernel ``(*window, channels, multiplier)``.
        options: strides, padding and dilation.
    """

    def __init__(self, images: Sequence[int], kernel: Sequence[int], **options: Any) -> None:
        self.batch, *sizes, self.channels = images
        *window, _, self.multiplier = kernel
        super().__init__(sizes, window, **options)
        self.product = (*self.out, self.channels)  # of an image and an entry of the kernel

    def features(self) -> tuple[int, ...]:
        """Return the shape of the features."""
        return self.batch, *self.out, self.channels * self.multiplier

    def scratch(self, dtype: np.dtype[Any]) -> list[Spec]:
        """Return the spec of the products of one chunk, flat."""
        size = prod(self.product)
        return [((at_once(self.batch, size) * size,), dtype)]

    def rows(self, dtype: np.dtype[Any]) -> Spec:
        """Return the spec of the kernel, laid out for a whole row of places: longer rows are faster."""
        return (*self.window, self.multiplier, self.out[-1], self.channels), dtype

    def steps(self, images: Array, features: Array, products: Array) -> Iterator[Step]:
        """Yield for each chunk, feature and place: which they are, entries, features and memory for their product."""
        apart = features.reshape(self.batch, *self.product, self.multiplier)
        for chunk in chunks(self.batch, prod(self.product)):
            for feature in range(self.multiplier):
                for place, at, entries in self.meetings():
                    seen, made = images[chunk][entries], apart[chunk][at][..., feature]
                    yield (*place, feature), seen, made, products[: made.size].reshape(made.shape)


def _lay_out(run: Run, w: Array, rows: Array) -> None:
    run(np.copyto, rows, np.moveaxis(w, -1, -2)[..., None, :])


def _row(rows: Array, entry: tuple[Any, ...], made: Array) -> Array:
    """The kernel's entry for each place of a row."""
    row: Array = rows[(*entry, slice(made.shape[-2]))]
    return row


def _infer(x: Any, w: Any, **options: Any) -> Spec:
    return _Depthwise(x.shape, w.shape, **options).features(), x.dtype


def _scratch(x: Any, w: Any, **options: Any) -> list[Spec]:
    shape = _Depthwise(x.shape, w.shape, **options)
    return [shape.rows(x.dtype), *shape.scratch(x.dtype)]


def _kernel(run: Run, out: Array, x: Array, w: Array, rows: Array, products: Array, **options: Any) -> None:
    _lay_out(run, w, rows)
    run(out.fill, 0)
    for entry, seen, made, product in _Depthwise(x.shape, w.shape, **options).steps(x, out, products):
        run(np.multiply, seen, _row(rows, entry, made), product)
        run(np.add, made, product, made)


def _back_geometry(g: Any, w: Any, sizes: Any, **options: Any) -> _Depthwise:
    return _Depthwise((g.shape[0], *sizes, w.shape[-2]), w.shape, **options)


def _back_infer(g: Any, w: Any, *, sizes: Any, **options: Any) -> Spec:
    return (g.shape[0], *sizes, w.shape[-2]), g.dtype


def _back_scratch(g: Any, w: Any, **options: Any) -> list[Spec]:
    shape = _back_geometry(g, w, **options)
    return [shape.rows(g.dtype), *shape.scratch(g.dtype)]


def _back_kernel(run: Run, out: Array, g: Array, w: Array, rows: Array, products: Array, **options: Any) -> None:
    _lay_out(run, w, rows)
    run(out.fill, 0)
    for entry, seen, made, product in _back_geometry(g, w, **options).steps(out, g, products):
        run(np.multiply, made, _row(rows, entry, made), product)
        run(np.add, seen, product, seen)


def _weights_geometry(x: Any, g: Any, window: Any, **options: Any) -> _Depthwise:
    return _Depthwise(x.shape, (*window, x.shape[-1], g.shape[-1] // x.shape[-1]), **options)


def _weights_infer(x: Any, g: Any, *, window: Any, **options: Any) -> Spec:
    return (*window, x.shape[-1], g.shape[-1] // x.shape[-1]), x.dtype


def _weights_scratch(x: Any, g: Any, **options: Any) -> list[Spec]:
    return [((x.shape[-1],), x.dtype), *_weights_geometry(x, g, **options).scratch(x.dtype)]


def _weights_kernel(run: Run, out: Array, x: Array, g: Array, total: Array, products: Array, **options: Any) -> None:
    shape = _weights_geometry(x, g, **options)
    ones = np.ones(len(products) // shape.channels, x.dtype)
    run(out.fill, 0)
    for (*place, feature), seen, made, product in shape.steps(x, g, products):
        run(np.multiply, seen, made, product)
        columns = product.reshape(-1, shape.channels)
        run(ones[: len(columns)].dot, columns, total)  # as ops.sum adds up columns
        entry = out[(*place, slice(None), feature)]
        run(np.add, entry, total, entry)


def _flops(features: Any, window: Any) -> int:
    count: int = 2 * prod(features.shape) * prod(window)
    return count


def _sample(rng: np.random.Generator) -> tuple[Array, Array, Array, dict[str, Any]]:
    options = {"strides": (2, 1), "padding": ((1, 0), (0, 1)), "dilation": (1, 2)}
    return rng.normal(size=(2, 4, 5, 3)), rng.normal(size=(2, 2, 3, 2)), rng.normal(size=(2, 2, 4, 6)), options


_conv: Op = Op(
    "depthwise_conv",
    _infer,
    _kernel,
    scratch=_scratch,
    vjp=lambda g, out, x, w, **options: (
        _back(g, w, sizes=tuple(x.shape[1:-1]), **options),
        _weights(x, g, window=tuple(w.shape[:-2]), **options),
    ),
    reads=("0", "1"),
    flops=lambda out, x, w, **_: _flops(out, w.shape[:-2]),
    apart=each,
    sample=lambda rng: (list(_sample(rng)[:2]), _sample(rng)[3]),
)
_back: Op = Op(
    "depthwise_conv_back",
    _back_infer,
    _back_kernel,
    contiguous=(0,),
    scratch=_back_scratch,
    vjp=lambda d, out, g, w, *, sizes, **options: (
        _conv(d, w, **options),
        _weights(d, g, window=tuple(w.shape[:-2]), **options),
    ),
    reads=("0", "1"),
    flops=lambda out, g, w, **_: _flops(g, w.shape[:-2]),
    apart=each,
    sample=lambda rng: ([_sample(rng)[2], _sample(rng)[1]], {"sizes": (4, 5), **_sample(rng)[3]}),
)
_weights: Op = Op(
    "depthwise_conv_kernel",
    _weights_infer,
    _weights_kernel,
    contiguous=(1,),
    scratch=_weights_scratch,
    vjp=lambda d, out, x, g, *, window, **options: (
        _back(g, d, sizes=tuple(x.shape[1:-1]), **options),
        _conv(x, d, **options),
    ),
    reads=("0", "1"),
    flops=lambda out, x, g, *, window, **_: _flops(g, window),
    sample=lambda rng: ([_sample(rng)[0], _sample(rng)[2]], {"window": (2, 2), **_sample(rng)[3]}),
)


@public
def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str | Sequence[Sequence[int]] = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Any:
    """Slide a kernel over each channel by itself.

    Args:
        inputs: images ``(batch, *sizes, channels)``, or ``(batch, channels, *sizes)`` for ``channels_first``.
        kernel: ``(*window, channels, multiplier)``.
        strides: as of ``conv``.
        padding: as of ``conv``.
        data_format: as of ``conv``.
        dilation_rate: as of ``conv``.

    Shapes:
        ``(batch, *sizes, channels)`` -> ``(batch, *windows, channels * multiplier)``.

    Raises:
        ArgumentError: an option is another.
        ShapeError: the channels do not fit the kernel's, or no window fits into an image.

    Example:
        >>> depthwise_conv(np.array([[[1.0, 10.0], [2.0, 20.0]]]), np.ones((2, 2, 1))).tolist()
        [[[3.0, 30.0]]]
    """
    if is_channels_first(data_format, "depthwise_conv"):
        found = depthwise_conv(moveaxis(inputs, 1, -1), kernel, strides, padding, "channels_last", dilation_rate)
        return moveaxis(found, -1, 1)
    options = options_of("depthwise_conv", inputs, tuple(kernel.shape[:-2]), strides, padding, dilation_rate)
    if inputs.shape[-1] != kernel.shape[-2]:
        raise ShapeError(
            f"depthwise_conv takes a kernel of shape (*window, {inputs.shape[-1]} channels, multiplier), "
            f"got one of shape {tuple(kernel.shape)}."
        )
    return _conv(*of_one_dtype(inputs, kernel), **options)
