"""``Hashing``: values of any number as one of a few bins."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from denselite import dtype_policies
from denselite.declared import PositiveInt, Resolves, keyword
from denselite.errors import ArgumentError, DTypeError
from denselite.layers.buckets import Salt, buckets
from denselite.layers.category_modes import Categorical, Sparse, one_of
from denselite.layers.key_order import placed_behind
from denselite.layers.tokens import as_tokens
from denselite.ops.by_value import by_value
from denselite.ops.op import Array
from denselite.tensor.symbols import KerasTensor, Tensor

__all__ = ["Hashing"]


class Binned(Categorical):
    """A layer whose categories are bins of a hash: int64 unless another dtype is given or rows are made of them."""

    num_bins: PositiveInt

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "dtype":
            value = "int64" if value is None and self.output_mode == "int" else dtype_policies.get(value)
        super().__setattr__(name, value)

    @property
    def _who(self) -> str:
        return f"{type(self).__name__} {self.name!r}"

    @property
    def _depth(self) -> int:
        return self.num_bins


class Hashing(Binned):
    """Map strings or integers to ``num_bins`` bins by a hash, the same on every machine.

    Integers are hashed as their decimals, floats without what stands behind the point. It works on arrays, and on
    numbers inside models.

    Args:
        num_bins: how many bins there are.
        mask_value: a value that has bin 0 to itself; None for none.
        salt: one or two integers, the key of SipHash; FarmHash without one.
        output_mode: ``"int"`` for the bin; ``"one_hot"``, ``"multi_hot"`` or ``"count"`` for rows over bins.
        sparse: not here; False only.

    Shapes:
        any -> the same; rows as in ``CategoryEncoding``.

    Raises:
        ArgumentError: ``num_bins`` is not positive, or a dtype that is no integer with ``output_mode="int"``.
        UncoveredError: ``sparse`` is True.

    Source: FarmHash (Google), ``Fingerprint64``; Aumasson and Bernstein, 2012, "SipHash".

    Example:
        >>> Hashing(3)([["A"], ["B"], ["A"]]).tolist()
        [[1], [0], [1]]
    """

    num_bins: PositiveInt
    mask_value: str | int | float | None = None
    salt: Salt = None
    output_mode: Annotated[str, one_of("int", "one_hot", "multi_hot", "count")] = "int"
    sparse: Sparse = False
    dtype: Annotated[Any, Resolves(lambda value: value)] = keyword(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.output_mode == "int" and self.compute_dtype not in ("int32", "int64"):
            raise ArgumentError(
                f"Hashing() with output_mode='int' has the dtype 'int32' or 'int64', got {self.compute_dtype!r}."
            )

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Hash the entries of an array or a tensor."""
        read = inputs if isinstance(inputs, Tensor | KerasTensor) else as_tokens(inputs, self._who)
        return super().__call__(read, *args, **kwargs)

    def call(self, inputs: Any) -> Any:
        return self._encoded(by_value(self._bins, inputs), self.compute_dtype)

    def _bins(self, values: Array) -> Array:
        if self.mask_value is None or self.num_bins == 1:
            return buckets(values, self.num_bins, self.salt)
        if isinstance(self.mask_value, str) != (values.dtype.kind == "U") and values.size:
            raise DTypeError(f"{self._who} has mask_value={self.mask_value!r}, got an array of dtype {values.dtype}.")
        return np.where(values == self.mask_value, 0, 1 + buckets(values, self.num_bins - 1, self.salt))

    def get_config(self) -> dict[str, Any]:
        return placed_behind(super().get_config(), "mask_value", "salt")
