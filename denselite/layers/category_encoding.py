"""``CategoryEncoding``: whole numbers as rows with a place for each of them."""

from __future__ import annotations

from typing import Annotated, Any

from denselite import ops
from denselite.declared import PositiveInt
from denselite.errors import ArgumentError
from denselite.layers.category_modes import Categorical, Sparse, one_of
from denselite.layers.single import Single

__all__ = ["CategoryEncoding"]


class CategoryEncoding(Categorical, Single):
    """Encode whole numbers from 0 to ``num_tokens - 1``; others are left out, as in Keras on JAX.

    Args:
        num_tokens: how many there are.
        output_mode: ``"one_hot"`` for a row of each number, ``"multi_hot"`` for one row of a sample's numbers,
            ``"count"`` for how often a sample has each.
        sparse: not here; False only.

    Shapes:
        ``(batch, n)`` -> ``(batch, num_tokens)``; ``"one_hot"`` -> ``(batch, n, num_tokens)``, without ``n`` where it
        is 1. ``count_weights``: what each number counts, of the input's shape, with ``"count"`` only.

    Raises:
        ArgumentError: another ``output_mode``; (when called) ``count_weights`` with another mode than ``"count"``.
        UncoveredError: ``sparse`` is True.

    Example:
        >>> import numpy as np
        >>> CategoryEncoding(4)(np.array([[0, 1], [3, 3]])).tolist()
        [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    """

    num_tokens: PositiveInt
    output_mode: Annotated[str, one_of("count", "one_hot", "multi_hot", binary="multi_hot")] = "multi_hot"
    sparse: Sparse = False

    @property
    def _depth(self) -> int:
        return self.num_tokens

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        if count_weights is not None and self.output_mode != "count":
            raise ArgumentError(f"{self._who} takes count_weights with output_mode='count', not {self.output_mode!r}.")
        categories = ops.cast(inputs, "int64") if self.output_mode == "multi_hot" else inputs
        return self._encoded(categories, self.compute_dtype, count_weights)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["sparse"]
        return config
