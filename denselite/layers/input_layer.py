"""``Input``: where a declared graph begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from denselite import tree
from denselite.declared import Resolves, keyword
from denselite.errors import ArgumentError, UncoveredError
from denselite.layers.layer import Layer
from denselite.tensor.dtypes import standardize_dtype
from denselite.tensor.symbols import KerasTensor, Node

__all__ = ["Input", "InputLayer"]


def _batch_shape(value: Any) -> tuple[int | None, ...]:
    if not isinstance(value, tuple | list) or not value:
        raise ArgumentError(f"a batch shape is a tuple that starts with the batch size (None), got {value!r}.")
    if not all(size is None or (isinstance(size, int | np.integer) and not isinstance(size, bool) and size > 0) for size in value):
        raise ArgumentError(f"a shape holds positive sizes and None, got {value!r}.")
    return tuple(None if size is None else int(size) for size in value)


class InputLayer(Layer):
    """The layer behind ``Input``.

    Args:
        batch_shape: the shape with the batch size first, ``None`` as a rule.
        dtype: what the model gets its input as, ``floatx()`` by default.
        sparse: not here; False only.
        ragged: not here; False only.
        optional: not here; False only.
        name: unique in a model.
    """

    _built_at_init = True

    batch_shape: Annotated[Any, Resolves(_batch_shape)]
    sparse: bool = keyword(default=False)
    ragged: bool = keyword(default=False)
    optional: bool = keyword(default=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        for option in ("sparse", "ragged", "optional"):
            if getattr(self, option):
                raise UncoveredError(f"Input {self.name!r}: {option} inputs exist in Keras and not in denselite. Pass a dense array.")
        object.__setattr__(self, "built", True)
        symbol = KerasTensor(self.batch_shape, standardize_dtype(self.dtype), str(self.name), (self, 0, 0))
        self._nodes.append(Node(self, (), {}, [symbol], tree.LEAF))

    def call(self, inputs: Any) -> Any:
        return inputs

    def get_config(self) -> dict[str, Any]:
        options = {name: getattr(self, name) for name in ("sparse", "ragged")}
        return {"batch_shape": list(self.batch_shape), "dtype": self.dtype, **options, "name": self.name, "optional": self.optional}


def Input(  # noqa: N802 (Keras' name)
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool = False,
    ragged: bool = False,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    optional: bool = False,
) -> KerasTensor:
    """Return a placeholder for one input of a model.

    Args:
        shape: the shape of one row, a tuple without the batch size; None where a size is unknown.
        batch_size: the batch size, if it never changes.
        dtype: ``floatx()`` by default.
        sparse: not here; False only.
        ragged: not here; False only.
        batch_shape: the shape with the batch size, instead of ``shape``.
        name: the name of the input.
        optional: not here; False only.

    Raises:
        ArgumentError: no shape, both shapes, or one that is no tuple.

    Example:
        >>> Input((784,)).shape
        (None, 784)
    """
    if (shape is None) == (batch_shape is None):
        raise ArgumentError("Input() needs one of shape and batch_shape, for example Input((784,)).")
    if shape is not None and not isinstance(shape, tuple | list):
        raise ArgumentError(f"Input() expects shape to be a tuple, got {shape!r}. Write Input(({shape},)).")
    full = tuple(batch_shape) if batch_shape is not None else (batch_size, *(shape or ()))
    layer = InputLayer(batch_shape=full, dtype=dtype, sparse=sparse, ragged=ragged, optional=optional, name=name)
    symbol: KerasTensor = layer.output
    return symbol


