"""Convolution as matrix products on windows, a few images at a time, so that the windows stay in cache.

Three operations are each other's gradients: ``conv`` (images and kernel to features), ``conv_back`` (features and
kernel to images, the transposed convolution) and ``conv_kernel`` (images and features to a kernel). All take channels
last.

Source: Chellapilla et al., 2006 (windows as rows of a matrix).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ShapeError
from denselite.ops.apart import each
from denselite.ops.depthwise import depthwise_conv
from denselite.ops.joining import flip
from denselite.ops.linalg import matmul
from denselite.ops.op import Array, Op, Run, Spec, public
from denselite.ops.shaping import moveaxis, reshape, swapaxes
from denselite.ops.sliding import enlarged, is_channels_first, of_one_dtype, options_of
from denselite.ops.windows import Windows

__all__ = ["conv", "conv_transpose", "separable_conv"]


def _conv_infer(x: Any, w: Any, **options: Any) -> Spec:
    return (x.shape[0], *Windows(x.shape, w.shape, **options).out, w.shape[-1]), x.dtype


def _conv_scratch(x: Any, w: Any, **options: Any) -> list[Spec]:
    return Windows(x.shape, w.shape, **options).scratch(x.dtype)


def _conv_kernel(run: Run, out: Array, x: Array, w: Array, *scratch: Array, **options: Any) -> None:
    shape = Windows(x.shape, w.shape, **options)
    matrix = w.reshape(shape.row, shape.features)
    for windows, images, features in shape.lay_out(run, x, *scratch):
        run(np.matmul, windows, matrix[:, features], out[images].reshape(-1, shape.features)[:, features])


def _conv_back_infer(g: Any, w: Any, *, sizes: Any, groups: int, **options: Any) -> Spec:
    return (g.shape[0], *sizes, w.shape[-2] * groups), g.dtype


def _back_geometry(g: Any, w: Any, sizes: Any, groups: int, **options: Any) -> Windows:
    return Windows((g.shape[0], *sizes, w.shape[-2] * groups), w.shape, groups=groups, **options)


def _conv_back_kernel(run: Run, out: Array, g: Array, w: Array, windows: Array, **options: Any) -> None:
    shape = _back_geometry(g, w, **options)
    matrix = w.reshape(shape.row, shape.features)
    run(out.fill, 0)
    for images, channels, features in shape.parts():
        rows = g[images].reshape(-1, shape.features)[:, features]
        laid = windows[: len(rows) * shape.row].reshape(len(rows), shape.row)
        run(np.matmul, rows, matrix[:, features].T, laid)
        laid = laid.reshape(-1, *shape.out, *shape.window, shape.depth)
        for place, at, entries in shape.meetings():  # no two windows meet at one place of theirs
            seen, where = out[images][entries][..., channels], (*at, *place)
            run(np.add, seen, laid[where], seen)


def _conv_kernel_infer(x: Any, g: Any, *, window: Any, groups: int, **options: Any) -> Spec:
    return (*window, x.shape[-1] // groups, g.shape[-1]), x.dtype


def _kernel_geometry(x: Any, g: Any, window: Any, groups: int, **options: Any) -> Windows:
    return Windows(x.shape, (*window, x.shape[-1] // groups, g.shape[-1]), groups=groups, **options)


def _conv_kernel_scratch(x: Any, g: Any, **options: Any) -> list[Spec]:
    shape = _kernel_geometry(x, g, **options)
    return [((shape.row, shape.features // shape.groups), x.dtype), *shape.scratch(x.dtype)]


def _conv_kernel_kernel(
    run: Run, out: Array, x: Array, g: Array, product: Array, *scratch: Array, **options: Any
) -> None:
    shape = _kernel_geometry(x, g, **options)
    matrix = out.reshape(shape.row, shape.features)
    run(out.fill, 0)
    for windows, images, features in shape.lay_out(run, x, *scratch):
        run(np.matmul, windows.T, g[images].reshape(-1, shape.features)[:, features], product)
        run(np.add, matrix[:, features], product, matrix[:, features])


def _flops(features: Any, window: Any, depth: int) -> int:
    count: int = 2 * prod(features.shape) * prod(window) * depth
    return count


def _images_of(g: Any, w: Any, sizes: tuple[int, ...], **options: Any) -> Any:
    """``conv_back``; of windows side by side it is a convolution again, which is faster."""
    window, padding = tuple(w.shape[:-2]), options["padding"]
    spans = [apart * (k - 1) for k, apart in zip(window, options["dilation"], strict=True)]
    around = tuple((span - low, span - high) for span, (low, high) in zip(spans, padding, strict=True))
    if options["groups"] != 1 or set(options["strides"]) != {1} or min(map(min, around)) < 0:
        return _conv_back(g, w, sizes=sizes, **options)
    turned = swapaxes(flip(w, tuple(range(len(window)))), -1, -2)
    return _conv(g, turned, **{**options, "padding": around})


def _sample(rng: np.random.Generator) -> tuple[Array, Array, Array, dict[str, Any]]:
    options = {"strides": (2, 1), "padding": ((1, 0), (0, 1)), "dilation": (1, 2), "groups": 2}
    x, w = rng.normal(size=(2, 4, 5, 4)), rng.normal(size=(2, 2, 2, 6))
    return x, w, rng.normal(size=(2, 2, 4, 6)), options


_conv = Op(
    "conv",
    _conv_infer,
    _conv_kernel,
    contiguous=(1,),
    scratch=_conv_scratch,
    vjp=lambda g, out, x, w, **options: (
        _images_of(g, w, tuple(x.shape[1:-1]), **options),
        _conv_kernel_op(x, g, window=tuple(w.shape[:-2]), **options),
    ),
    reads=("0", "1"),
    flops=lambda out, x, w, **_: _flops(out, w.shape[:-2], w.shape[-2]),
    apart=each,
    sample=lambda rng: (list(_sample(rng)[:2]), _sample(rng)[3]),
)
_conv_back: Op = Op(
    "conv_back",
    _conv_back_infer,
    _conv_back_kernel,
    contiguous=(0, 1),
    scratch=lambda g, w, **options: _back_geometry(g, w, **options).scratch(g.dtype)[:1],
    vjp=lambda d, out, g, w, *, sizes, **options: (
        _conv(d, w, **options),
        _conv_kernel_op(d, g, window=tuple(w.shape[:-2]), **options),
    ),
    reads=("0", "1"),
    flops=lambda out, g, w, **_: _flops(g, w.shape[:-2], w.shape[-2]),
    apart=each,
    sample=lambda rng: ([_sample(rng)[2], _sample(rng)[1]], {"sizes": (4, 5), **_sample(rng)[3]}),
)
_conv_kernel_op: Op = Op(
    "conv_kernel",
    _conv_kernel_infer,
    _conv_kernel_kernel,
    contiguous=(1,),
    scratch=_conv_kernel_scratch,
    vjp=lambda d, out, x, g, *, window, **options: (
        _images_of(g, d, tuple(x.shape[1:-1]), **options),
        _conv(x, d, **options),
    ),
    reads=("0", "1"),
    flops=lambda out, x, g, *, window, groups, **_: _flops(g, window, x.shape[-1] // groups),
    sample=lambda rng: ([_sample(rng)[0], _sample(rng)[2]], {"window": (2, 2), **_sample(rng)[3]}),
)


@public
def conv(
    inputs: Any,
    kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str | Sequence[Sequence[int]] = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Any:
    """Slide a kernel over images (or sequences) and return the weighted sums: a cross-correlation, as in Keras.

    Args:
        inputs: images ``(batch, *sizes, channels)``, or ``(batch, channels, *sizes)`` for ``channels_first``.
        kernel: ``(*window, channels / groups, features)``; fewer channels than the images' mean several groups.
        strides: how far windows lie apart, one integer or one for each axis.
        padding: ``"valid"`` for none, ``"same"`` for zeros so that ``ceil(size / stride)`` windows fit, or how many
            zeros before and after, for each axis.
        data_format: ``"channels_last"`` or ``"channels_first"``; None for ``config.image_data_format()``.
        dilation_rate: how far the entries of a window lie apart.

    Shapes:
        ``(batch, *sizes, channels)`` -> ``(batch, *windows, features)``.

    Raises:
        ArgumentError: an option is another.
        ShapeError: the channels do not fit the kernel's, or no window fits into an image.

    Source: Chellapilla et al., 2006 (windows as rows of a matrix).

    Example:
        >>> conv(np.arange(4.0).reshape(1, 4, 1), np.ones((2, 1, 1))).ravel().tolist()
        [1.0, 3.0, 5.0]
    """
    if is_channels_first(data_format, "conv"):
        found = conv(moveaxis(inputs, 1, -1), kernel, strides, padding, "channels_last", dilation_rate)
        return moveaxis(found, -1, 1)
    window = tuple(kernel.shape[:-2])
    options = options_of("conv", inputs, window, strides, padding, dilation_rate)
    groups, rest = divmod(inputs.shape[-1], kernel.shape[-2])
    if rest or not groups or kernel.shape[-1] % groups:
        raise ShapeError(
            f"conv takes a kernel of shape (*window, {inputs.shape[-1]} channels or a group of them, features), with "
            f"as many features for each group, got one of shape {tuple(kernel.shape)}."
        )
    inputs, kernel = of_one_dtype(inputs, kernel)
    if groups == prod(window) == prod(options["strides"]) == 1 and not any(map(any, options["padding"])):
        return matmul(inputs, reshape(kernel, tuple(kernel.shape[-2:])))
    return _conv(inputs, kernel, **options, groups=groups)


@public
def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int] | None = None,
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Any:
    """Spread each entry over a window of a larger image: the gradient of ``conv`` by its images.

    Args:
        inputs: ``(batch, *sizes, features)``, or ``(batch, features, *sizes)`` for ``channels_first``.
        kernel: ``(*window, channels, features)``.
        strides: how far windows lie apart in the result, one integer or one for each axis.
        padding: ``"valid"`` keeps all that a window reaches, ``"same"`` gives ``size * stride``.
        output_padding: how many entries are added behind, less than ``strides``; None for what ``padding`` says.
        data_format: ``"channels_last"`` or ``"channels_first"``; None for ``config.image_data_format()``.
        dilation_rate: how far the entries of a window lie apart.

    Shapes:
        ``(batch, *sizes, features)`` -> ``(batch, *larger, channels)``.

    Raises:
        ArgumentError: an option is another.
        ShapeError: the features do not fit the kernel's, or nothing is left of the result.

    Source: Zeiler et al., 2010, "Deconvolutional Networks".

    Example:
        >>> conv_transpose(np.array([[[1.0], [3.0]]]), np.ones((2, 1, 1)), strides=2).ravel().tolist()
        [1.0, 1.0, 3.0, 3.0]
    """
    if is_channels_first(data_format, "conv_transpose"):
        found = conv_transpose(
            moveaxis(inputs, 1, -1), kernel, strides, padding, output_padding, "channels_last", dilation_rate
        )
        return moveaxis(found, -1, 1)
    sizes, options = enlarged(
        "conv_transpose", inputs, tuple(kernel.shape[:-2]), strides, padding, output_padding, dilation_rate
    )
    if inputs.shape[-1] != kernel.shape[-1]:
        raise ShapeError(
            f"conv_transpose takes a kernel of shape (*window, channels, {inputs.shape[-1]} features), "
            f"got one of shape {tuple(kernel.shape)}."
        )
    inputs, kernel = of_one_dtype(inputs, kernel)
    return _images_of(inputs, kernel, sizes, **options, groups=1)


@public
def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str | Sequence[Sequence[int]] = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Any:
    """Slide a kernel over each channel by itself, then mix the channels of each entry.

    Args:
        inputs: as of ``conv``.
        depthwise_kernel: ``(*window, channels, multiplier)``, as of ``depthwise_conv``.
        pointwise_kernel: ``(*ones, channels * multiplier, features)``.
        strides: as of ``conv``, of the first step.
        padding: as of ``conv``, of the first step.
        data_format: as of ``conv``.
        dilation_rate: as of ``conv``, of the first step.

    Shapes:
        ``(batch, *sizes, channels)`` -> ``(batch, *windows, features)``.

    Raises:
        ArgumentError: an option is another.
        ShapeError: the channels do not fit the kernels', or no window fits into an image.

    Source: Chollet, 2016, "Xception: Deep Learning with Depthwise Separable Convolutions".

    Example:
        >>> x = np.array([[[1.0, 10.0], [2.0, 20.0]]])
        >>> separable_conv(x, np.ones((2, 2, 1)), np.ones((1, 2, 1))).tolist()
        [[[33.0]]]
    """
    between = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(between, pointwise_kernel, data_format=data_format)
