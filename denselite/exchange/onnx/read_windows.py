"""Reading ONNX: windows that slide over images: convolutions and pools.

ONNX puts channels first. Where a file turns the images before and after, as files that were written here do, the layer
takes them as they are, channels last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from denselite import layers
from denselite.errors import UncoveredError
from denselite.exchange.onnx.read_weights import absorb_activation, absorb_bias, is_weight
from denselite.exchange.onnx.scene import Reader, Scene, inverse
from denselite.tensor.symbols import KerasTensor

__all__ = ["READERS"]

Pads = tuple[tuple[int, int], ...]


def _first(rank: int) -> tuple[int, ...]:
    """The order of axes that puts the last one, the channels, behind the batch."""
    return (0, rank - 1, *range(1, rank - 1))


def _images(scene: Scene, x: Any) -> tuple[Any, str, Sequence[int | None]]:
    """Return images as they were before their channels were put first, where these stand, and their sizes."""
    base = scene.before_turning(x, _first(len(x.shape)))
    if base is not None:
        return base, "channels_last", base.shape[1:-1]
    return x, "channels_first", x.shape[2:]


def _back(scene: Scene, features: Any, where: str) -> Any:
    """Return features with their channels first, as the file has them."""
    return scene.transpose(features, _first(len(features.shape))) if where == "channels_last" else features


def _same(size: int, window: int, stride: int, apart: int) -> tuple[int, int]:
    """The zeros before and behind that ``padding="same"`` means."""
    more = max((-(-size // stride) - 1) * stride + (window - 1) * apart + 1 - size, 0)
    return more // 2, more - more // 2


def _pads(
    sizes: Sequence[int | None], window: Sequence[int], strides: Sequence[int], apart: Sequence[int], auto: str,
    given: Sequence[int] | None,
) -> tuple[str, Pads]:  # fmt: skip
    """Return what is put around images, by its name in layers if it has one."""
    n = len(window)
    pads = tuple((given[k], given[n + k]) for k in range(n)) if given else ((0, 0),) * n
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        if None in sizes:
            raise UncoveredError(f"has auto_pad={auto} and images of open sizes")
        pads = tuple(map(_same, sizes, window, strides, apart))  # type: ignore[arg-type]
        pads = pads if auto == "SAME_UPPER" else tuple((b, a) for a, b in pads)
    elif auto not in ("NOTSET", "VALID"):
        raise UncoveredError(f"has auto_pad={auto}")
    if not any(map(any, pads)):
        return "valid", pads
    if None not in sizes and pads == tuple(map(_same, sizes, window, strides, apart)):  # type: ignore[arg-type]
        return "same", pads
    causal = n == 1 and pads[0] == ((window[0] - 1) * apart[0], 0)
    return "causal" if causal else "explicit", pads


def _padded(scene: Scene, x: Any, where: str, pads: Pads) -> Any:
    """Put zeros around images."""
    if any(entry < 0 for pair in pads for entry in pair):
        raise UncoveredError(f"has negative pads {pads}")
    if len(pads) == 1:
        return scene.layer(layers.ZeroPadding1D, x, padding=pads[0], data_format=where)
    return scene.layer(layers.ZeroPadding2D, x, padding=pads, data_format=where)


def _finished(scene: Scene, units: int, bias: Any, where: str, rank: int) -> tuple[Any, str | None]:
    """Return the bias and the activation of a convolution, which may follow behind the node that turns it back."""
    last = scene.step
    if where == "channels_last":
        after = scene.only_reader(last.makes[0])
        if after is None or tuple(after.attributes.get("perm", ())) != inverse(_first(rank)):
            return bias, None
        last = after
        if bias is None:
            bias, last = absorb_bias(scene, last, units)
    return bias, absorb_activation(scene, last, rank)


def _window(kernel: Any, bias: Any) -> tuple[int, ...]:
    """Return the window of a kernel that a layer can have.

    Raises:
        UncoveredError: there is none.
    """
    if not isinstance(kernel, np.ndarray) or kernel.ndim not in (3, 4) or not is_weight(kernel, kernel.ndim):
        raise UncoveredError("needs a kernel in the file, of sequences or images")
    if bias is not None and not is_weight(bias, 1):
        raise UncoveredError("needs a bias in the file")
    return tuple(kernel.shape[2:])


def _strides(window: Sequence[int], strides: Any, dilations: Any) -> tuple[list[int], list[int]]:
    ones = [1] * len(window)
    found = list(strides or ones), list(dilations or ones)
    if max(found[0]) > 1 and max(found[1]) > 1:
        raise UncoveredError(f"has strides {found[0]} and dilations {found[1]}, of which one has to be 1 throughout")
    return found


def _conv(
    scene: Scene, x: Any, w: Any, b: Any = None, *, auto_pad: str = "NOTSET", dilations: Any = None, group: int = 1,
    kernel_shape: Any = None, pads: Any = None, strides: Any = None,
) -> Any:  # fmt: skip
    window = _window(w, b)
    steps, apart = _strides(window, strides, dilations)
    images, where, sizes = _images(scene, x)
    padding, around = _pads(sizes, window, steps, apart, auto_pad, pads)
    if padding == "explicit":
        images, padding = _padded(scene, images, where, around), "valid"
    bias, activation = _finished(scene, len(w), b, where, w.ndim)
    axes = (*range(2, w.ndim), 1, 0)
    cls = layers.Conv1D if len(window) == 1 else layers.Conv2D
    features = scene.layer(
        cls, images, [w.transpose(axes)] if bias is None else [w.transpose(axes), bias], w, filters=len(w),
        kernel_size=window, strides=steps, padding=padding, data_format=where, dilation_rate=apart, groups=group,
        use_bias=bias is not None, activation=activation,
    )  # fmt: skip
    return _back(scene, features, where)


def _conv_transpose(
    scene: Scene, x: Any, w: Any, b: Any = None, *, auto_pad: str = "NOTSET", dilations: Any = None, group: int = 1,
    kernel_shape: Any = None, pads: Any = None, strides: Any = None, output_padding: Any = None,
    output_shape: Any = None,
) -> Any:  # fmt: skip
    window = _window(w, b)
    if group != 1 or output_shape or auto_pad not in ("NOTSET", "VALID"):
        raise UncoveredError("has groups, an output_shape or an auto_pad")
    steps, apart = _strides(window, strides, dilations)
    images, where, _ = _images(scene, x)
    n = len(window)
    cut = tuple((pads[k], pads[n + k]) for k in range(n)) if pads else ((0, 0),) * n
    more = list(output_padding or [0] * n)
    spans = [(k - 1) * d + 1 for k, d in zip(window, apart, strict=True)]
    same = tuple(map(_cut_of_same, spans, steps))
    known = list(zip(cut, more, strict=True))
    padding = "same" if known == list(same) else "valid"
    cropped = padding == "valid" and any(map(any, cut))
    bias, activation = (b, None) if cropped else _finished(scene, w.shape[1], b, where, w.ndim)
    axes = (*range(2, w.ndim), 1, 0)
    cls = layers.Conv1DTranspose if n == 1 else layers.Conv2DTranspose
    features = scene.layer(
        cls, images, [w.transpose(axes)] if bias is None else [w.transpose(axes), bias], w, filters=w.shape[1],
        kernel_size=window, strides=steps, padding=padding, output_padding=None if padding == "same" else more,
        data_format=where, dilation_rate=apart, use_bias=bias is not None, activation=activation,
    )  # fmt: skip
    if cropped:
        crop = layers.Cropping1D if n == 1 else layers.Cropping2D
        features = scene.layer(crop, features, cropping=cut if n > 1 else cut[0], data_format=where)
    return _back(scene, features, where)


def _cut_of_same(span: int, stride: int) -> tuple[tuple[int, int], int]:
    """What ``padding="same"`` of a transposed convolution cuts off at both ends, and what it adds behind."""
    before = max(span - 1 - (span + stride - 1) // 2, 0)
    behind = span - stride - before
    return (before, max(behind, 0)), max(-behind, 0)


def _pool(scene: Scene, x: Any, kind: str, window: Any, strides: Any, around: Pads, padding: str) -> Any:
    images, where, _ = _images(scene, x)
    steps = list(strides or [1] * len(window))
    if padding in ("valid", "same") and isinstance(images, KerasTensor) and len(window) < 3:
        cls = getattr(layers, f"{kind}Pooling{len(window)}D")
        found = scene.layer(cls, images, pool_size=window, strides=steps, padding=padding, data_format=where)
    else:
        function = "max_pool" if kind == "Max" else "average_pool"
        found = scene.call(function, images, window, steps, around, where)
    return _back(scene, found, where)


def _placed(
    scene: Scene, x: Any, window: Sequence[int], strides: Any, pads: Any, auto_pad: str, ceil_mode: int
) -> tuple[str, Pads, bool]:
    """Return the padding of a pool, and whether some was added so that the last window is whole."""
    n = len(window)
    sizes = _images(scene, x)[2]
    steps = list(strides or [1] * n)
    padding, around = _pads(sizes, window, steps, [1] * n, auto_pad, pads)
    if not ceil_mode:
        return padding, around, False
    if None in sizes:
        raise UncoveredError("has ceil_mode=1 and images of open sizes")
    longer = []
    for size, k, step, (before, behind) in zip(sizes, window, steps, around, strict=True):
        rest = (size + before + behind - k) % step  # type: ignore[operator]
        begins = size + before + behind - k - rest + step  # type: ignore[operator]  # the window that is not whole
        longer.append((before, behind + step - rest if rest and begins < size + before else behind))  # type: ignore[operator]
    if tuple(longer) == around:
        return padding, around, False
    return "explicit", tuple(longer), True


def _max_pool(
    scene: Scene, x: Any, *, kernel_shape: Any, auto_pad: str = "NOTSET", ceil_mode: int = 0, dilations: Any = None,
    pads: Any = None, storage_order: int = 0, strides: Any = None,
) -> Any:  # fmt: skip
    if max(dilations or [1]) > 1:
        raise UncoveredError(f"has dilations {dilations}")
    padding, around, _ = _placed(scene, x, kernel_shape, strides, pads, auto_pad, ceil_mode)
    return _pool(scene, x, "Max", kernel_shape, strides, around, padding)


def _average_pool(
    scene: Scene, x: Any, *, kernel_shape: Any, auto_pad: str = "NOTSET", ceil_mode: int = 0,
    count_include_pad: int = 0, dilations: Any = None, pads: Any = None, strides: Any = None,
) -> Any:  # fmt: skip
    if max(dilations or [1]) > 1:
        raise UncoveredError(f"has dilations {dilations}")
    padding, around, longer = _placed(scene, x, kernel_shape, strides, pads, auto_pad, ceil_mode)
    if not count_include_pad or padding == "valid":
        return _pool(scene, x, "Average", kernel_shape, strides, around, padding)
    if longer:
        raise UncoveredError("has ceil_mode=1 and count_include_pad=1")
    images, where, _ = _images(scene, x)
    padded = _back(scene, _padded(scene, images, where, around), where)
    return _pool(scene, padded, "Average", kernel_shape, strides, ((0, 0),) * len(kernel_shape), "valid")


def _global_pool(kind: str, function: str) -> Reader:
    def reader(scene: Scene, x: Any) -> Any:
        images, where, sizes = _images(scene, x)
        if not isinstance(x, KerasTensor) or len(sizes) not in (1, 2):
            return scene.call(function, x, tuple(range(2, len(x.shape))), keepdims=True)
        cls = getattr(layers, f"Global{kind}Pooling{len(sizes)}D")
        return _back(scene, scene.layer(cls, images, data_format=where, keepdims=True), where)

    return reader


def _resize(
    scene: Scene, x: Any, roi: Any = None, scales: Any = None, sizes: Any = None, *, mode: str = "nearest",
    coordinate_transformation_mode: str = "half_pixel", nearest_mode: str = "round_prefer_floor",
    cubic_coeff_a: float = -0.75, exclude_outside: int = 0, extrapolation_value: float = 0.0,
) -> Any:  # fmt: skip
    """Repeat entries a whole number of times, for which all ways to find the nearest are one."""
    times = np.zeros(0) if scales is None else scene.static("the scales", scales)
    size = times[2:].astype(int).tolist()
    whole = len(times) == len(x.shape) == 4 and (times == [1, 1, *size]).all() and min(size) > 0
    places = (coordinate_transformation_mode, nearest_mode)
    if mode != "nearest" or not whole or places not in (("asymmetric", "floor"), ("half_pixel", "round_prefer_floor")):
        raise UncoveredError("makes images larger otherwise than by repeating entries a whole number of times")
    images, where, _ = _images(scene, x)
    return _back(scene, scene.layer(layers.UpSampling2D, images, size=size, data_format=where), where)


READERS: dict[str, Reader] = {
    "AveragePool": _average_pool,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "GlobalAveragePool": _global_pool("Average", "mean"),
    "GlobalMaxPool": _global_pool("Max", "max"),
    "MaxPool": _max_pool,
    "Resize": _resize,
}
