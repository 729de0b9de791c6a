"""``InputSpec``: what a layer takes, checked whenever it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from denselite import tree
from denselite.declared import Declared, NonNegativeInt, Resolves
from denselite.errors import ArgumentError, DTypeError, ShapeError
from denselite.tensor.dtypes import is_integer, standardize_dtype
from denselite.tensor.symbols import Tensor

__all__ = ["InputSpec", "check_input"]


def _axes(value: Any) -> dict[int, Any]:
    try:
        return {int(axis): size for axis, size in dict(value or {}).items()}
    except (TypeError, ValueError):
        raise ArgumentError(f"axes is a dict of sizes by axis, such as {{-1: 3}}, got {value!r}.") from None


def _dtype(value: Any) -> str | None:
    return None if value is None else standardize_dtype(value).name


def _shape(value: Any) -> tuple[int | None, ...] | None:
    if value is None:
        return None
    if not isinstance(value, tuple | list) or not all(size is None or is_integer(size) for size in value):
        raise ArgumentError(f"a shape holds sizes and None, got {value!r}.")
    return tuple(value)


class InputSpec(Declared):
    """What a layer accepts as an input: set ``self.input_spec = InputSpec(min_ndim=2)`` in a layer.

    Args:
        dtype: the dtype it has to have.
        shape: the shape, None for any size.
        ndim: how many axes there are, the batch included.
        max_ndim: how many there are at most.
        min_ndim: how many there are at least.
        axes: sizes by axis, for example ``{-1: 3}``.
        allow_last_axis_squeeze: a last axis of size 1 may be there or not.
        name: its key, where inputs are given as a dict.
        optional: accepted for Keras' sake.

    Raises:
        ArgumentError: an axis is beyond ``ndim`` or ``max_ndim``.

    Example:
        >>> InputSpec(min_ndim=2, axes={-1: 3})
        InputSpec(min_ndim=2, axes={-1: 3})
    """

    dtype: Annotated[Any, Resolves(_dtype)] = None
    shape: Annotated[Any, Resolves(_shape)] = None
    ndim: NonNegativeInt | None = None
    max_ndim: NonNegativeInt | None = None
    min_ndim: NonNegativeInt | None = None
    axes: Annotated[Any, Resolves(_axes)] = None
    allow_last_axis_squeeze: bool = False
    name: str | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        if self.shape is not None:
            self.ndim = len(self.shape)
        limit = self.ndim if self.ndim is not None else self.max_ndim
        if limit is not None and self.axes and max(self.axes) >= limit:
            raise ArgumentError(f"InputSpec() says {limit} axes at most, and the size of axis {max(self.axes)}.")

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {name: config[name] for name in config if name not in ("allow_last_axis_squeeze", "name")}

    def _mismatch(self, value: Any) -> str | None:
        """What ``value`` should have been; None if it is all right."""
        shape, wanted = tuple(value.shape), self.shape
        if isinstance(value, Tensor):  # in a declaration its sizes are probes
            shape = (None,) * len(shape)
        if self.dtype is not None and value.dtype != self.dtype:
            return f"of dtype {self.dtype}, got {value.dtype}"
        if self.allow_last_axis_squeeze and wanted is not None:
            shape, wanted = (sizes[:-1] if sizes and sizes[-1] == 1 else sizes for sizes in (shape, wanted))
        rank = len(wanted) if wanted is not None else self.ndim
        if rank is not None and len(shape) != rank:
            return f"of {rank} axes, the batch included"
        if len(shape) < (self.min_ndim or 0):
            return f"of {self.min_ndim} axes or more, the batch included"
        if self.max_ndim is not None and len(shape) > self.max_ndim:
            return f"of {self.max_ndim} axes at most, the batch included"
        for axis, size in {**self.axes, **dict(enumerate(wanted or ()))}.items():
            if size is not None and shape[axis] not in (size, None):
                return f"with size {size} on axis {axis}"
        return None


def check_input(layer: Any, args: tuple[Any, ...]) -> None:
    """Raise unless the first argument of a call is what ``layer.input_spec`` says.

    Raises:
        ShapeError: another number of inputs, or one of another shape.
        DTypeError: an input of another dtype.
    """
    if layer.input_spec is None or not args:
        return
    specs = tree.flatten(layer.input_spec)[0]
    inputs = args[0]
    if isinstance(inputs, Mapping) and all(spec.name in inputs for spec in specs):
        inputs = [inputs[spec.name] for spec in specs]
    leaves = tree.flatten(inputs)[0]
    who = f"{type(layer).__name__} {layer.name!r}"
    if len(leaves) != len(specs):
        raise ShapeError(f"{who} expects {len(specs)} inputs, got {len(leaves)}.")
    for spec, leaf in zip(specs, leaves, strict=True):
        wrong = spec._mismatch(leaf) if hasattr(leaf, "shape") else "that is an array"
        if wrong is not None:
            error = DTypeError if wrong.startswith("of dtype") else ShapeError
            raise error(f"{who} expects an input {wrong}, got {_told(leaf)}.")


def _told(value: Any) -> str:
    if not hasattr(value, "shape"):
        return f"{value!r:.80}"
    shape = tuple(value.shape)
    return f"one of shape {(None, *shape[1:]) if isinstance(value, Tensor) else shape}"
