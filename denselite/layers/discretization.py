"""``Discretization``: which interval a number lies in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from denselite import config, ops
from denselite.declared import NonNegativeInt, Positive, Resolves
from denselite.errors import ArgumentError, DataError, StateError
from denselite.layers.adapting import batches, is_whole, pieces
from denselite.layers.category_modes import Categorical, Sparse, one_of
from denselite.layers.quantiles import boundaries, merged, summary
from denselite.layers.single import Single, check_numbers
from denselite.layers.weighted import DType
from denselite.ops.sorting import searchsorted

__all__ = ["Discretization"]


def _boundaries(value: Any) -> list[float] | None:
    if value is None:
        return None
    try:
        plain = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        plain = np.full(1, np.nan)
    if plain.ndim != 1 or not np.all(np.diff(plain) >= 0) or np.isnan(plain).any():
        raise ArgumentError(f"bin_boundaries are numbers in ascending order, got {value!r:.80}.")
    found: list[float] = plain.tolist()
    return found


class Discretization(Categorical, Single):
    """Compute the number of the bin that each number lies in.

    Bin 0 is below the first boundary; a boundary belongs to the bin above it.

    Args:
        bin_boundaries: numbers in ascending order; one bin more than there are of them.
        num_bins: how many bins ``adapt`` makes, such that as many numbers fall into each; instead of boundaries.
        epsilon: how far off a quantile that ``adapt`` finds may be, as a share.
        output_mode: ``"int"`` for the bin; ``"one_hot"``, ``"multi_hot"`` or ``"count"`` for rows over bins.
        sparse: not here; False only.
        dtype: what rows are made of; bins are int32.
        name: unique in a model.

    Shapes:
        any -> the same; ``"one_hot"`` -> with an axis of bins behind, or in place of a last axis of size 1;
        ``"multi_hot"`` and ``"count"`` -> with an axis of bins in place of axis 1.

    Raises:
        ArgumentError: both or neither of ``bin_boundaries`` and ``num_bins``, or boundaries that do not ascend.
        UncoveredError: ``sparse`` is True.
        StateError: (when called) there are no boundaries yet.

    Example:
        >>> Discretization([0.0, 1.0])(np.array([[-1.5, 1.0, 0.4]])).tolist()
        [[0, 2, 1]]
    """

    bin_boundaries: Annotated[Any, Resolves(_boundaries)] = None
    num_bins: NonNegativeInt | None = None
    epsilon: Positive = 0.01
    output_mode: Annotated[str, one_of("int", "one_hot", "multi_hot", "count")] = "int"
    sparse: Sparse = False
    dtype: DType = None
    name: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.bin_boundaries is None) == (self.num_bins is None):
            got = "neither" if self.num_bins is None else "both"
            raise ArgumentError(f"Discretization() takes bin_boundaries or num_bins, got {got}.")

    @property
    def _depth(self) -> int:
        return int(self.num_bins or 0) if self.bin_boundaries is None else len(self.bin_boundaries) + 1

    def call(self, inputs: Any) -> Any:
        if self.bin_boundaries is None:
            raise StateError(f"{self._who} has no bin_boundaries yet. Call adapt(data) first.")
        x = ops.cast(inputs, config.floatx())
        bins = searchsorted(np.asarray(self.bin_boundaries, config.floatx()), x, side="right")
        return self._encoded(bins, "int32" if self.output_mode == "int" else self.compute_dtype)

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Find boundaries that part data into ``num_bins`` bins of equal size.

        Args:
            data: an array, or an iterable of batches.
            steps: how many batches of an iterable are looked at; all by default.

        Raises:
            StateError: the layer was made with ``bin_boundaries``.
            DataError: there is no number.
        """
        if not self.num_bins:
            raise StateError(f"{self._who} was not given num_bins, so it cannot be adapted.")
        whole = pieces(data) if isinstance(data, np.memmap) else [data]
        found = np.zeros((2, 0), np.float32)
        for batch in whole if is_whole(data) else batches(data, self._who, steps):
            x = np.asarray(batch)
            check_numbers(self._who, x)
            found = merged(summary(x.astype(np.float32), self.epsilon), found, self.epsilon)
        if not found.size:
            raise DataError(f"{self._who}: adapt() got no data.")
        self.bin_boundaries = boundaries(found, self.num_bins)

    def get_config(self) -> dict[str, Any]:
        names = ("bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse", "name", "dtype")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Rebuild a layer; one that was adapted has both ``bin_boundaries`` and ``num_bins``."""
        if config.get("num_bins") is None:
            return super().from_config(config)
        layer = super().from_config({**config, "bin_boundaries": None})
        layer.bin_boundaries = _boundaries(config.get("bin_boundaries"))
        return layer
