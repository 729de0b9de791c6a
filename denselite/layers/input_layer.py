"""``Input``: where a declared graph begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from denselite import tree
from denselite.declared import PositiveInt, Resolves
from denselite.dtype_policies import DTypePolicy
from denselite.errors import ArgumentError, UncoveredError
from denselite.layers.layer import Layer
from denselite.tensor.dtypes import is_integer, standardize_dtype
from denselite.tensor.symbols import KerasTensor, Node

__all__ = ["Input", "InputLayer"]


def _shape(value: Any) -> tuple[int | None, ...] | None:
    if value is None:
        return None
    if not isinstance(value, tuple | list):
        hint = f" Write Input(({value},))." if isinstance(value, int) else ""
        raise ArgumentError(f"a shape is a tuple, got {value!r}.{hint}")
    if not all(size is None or (is_integer(size) and size > 0) for size in value):
        raise ArgumentError(f"a shape holds positive sizes and None, got {value!r}.")
    return tuple(None if size is None else int(size) for size in value)


def _policy(value: Any) -> DTypePolicy:
    """The policy of a dtype; ``floatx()`` when None, whatever policy layers have."""
    if isinstance(value, str) and value == "string":
        raise UncoveredError(
            "strings pass through no model. Call the layer that reads them (StringLookup, Hashing, ...) on the data "
            "first, x = layer(x), and give the model what it returns."
        )
    return DTypePolicy(standardize_dtype(value).name)


class InputLayer(Layer):
    """The layer behind ``Input``.

    Args:
        shape: as in ``Input``.
        batch_size: as in ``Input``.
        dtype: as in ``Input``.
        sparse: as in ``Input``.
        ragged: as in ``Input``.
        batch_shape: as in ``Input``.
        name: as in ``Input``.
        optional: as in ``Input``.

    Raises:
        ArgumentError: no shape, both shapes, or one that is no tuple.
        UncoveredError: ``sparse``, ``ragged`` or ``optional`` is True, or the dtype is ``"string"``.

    Example:
        >>> InputLayer((784,), name="pixels").output.shape
        (None, 784)
    """

    shape: Annotated[Any, Resolves(_shape)] = None
    batch_size: PositiveInt | None = None
    dtype: Annotated[Any, Resolves(_policy)] = None
    sparse: bool = False
    ragged: bool = False
    batch_shape: Annotated[Any, Resolves(_shape)] = None
    name: str | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.shape is None) == (self.batch_shape is None):
            got = "neither" if self.shape is None else "both"
            raise ArgumentError(f"Input() takes shape or batch_shape, got {got}. For example: Input((784,)).")
        if self.batch_shape is not None and self.batch_size is not None:
            raise ArgumentError(
                f"Input() takes batch_size with shape, got batch_shape {self.batch_shape}, which holds one already."
            )
        if self.batch_shape == ():
            raise ArgumentError("Input() takes a batch_shape that begins with the batch size or None, got ().")
        for option in ("sparse", "ragged", "optional"):
            if getattr(self, option):
                raise UncoveredError(
                    f"Input {self.name!r}: {option} inputs exist in Keras and not in denselite. Pass a dense array."
                )
        if self.batch_shape is None:
            self.batch_shape = (self.batch_size, *self.shape)
        self.built = True
        symbol = KerasTensor(self.batch_shape, standardize_dtype(self.dtype), str(self.name), (self, 0, 0))
        self._nodes.append(Node(self, (), {}, [symbol], tree.LEAF))

    def call(self, inputs: Any) -> Any:
        return inputs

    def get_config(self) -> dict[str, Any]:
        options = {name: getattr(self, name) for name in ("sparse", "ragged")}
        return {
            "batch_shape": list(self.batch_shape),
            "dtype": self.dtype,
            **options,
            "name": self.name,
            "optional": self.optional,
        }


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
    layer = InputLayer(
        shape=shape, batch_size=batch_size, dtype=dtype, sparse=sparse, ragged=ragged, batch_shape=batch_shape,
        name=name, optional=optional,
    )  # fmt: skip
    symbol: KerasTensor = layer.output
    return symbol
