"""``HashedCrossing``: which combination of several features, as one of a few bins."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from denselite.declared import PositiveInt, Resolves
from denselite.errors import ArgumentError, DTypeError, ShapeError
from denselite.layers.buckets import as_texts
from denselite.layers.category_modes import Sparse, one_of
from denselite.layers.farm_hash import farm_hash, join_hashes
from denselite.layers.hashing import Binned
from denselite.layers.tokens import as_tokens
from denselite.ops.by_value import by_value
from denselite.ops.op import Array
from denselite.tensor.symbols import KerasTensor, Tensor

__all__ = ["HashedCrossing"]

_SEED = 0xDECAFCAFFE  # what TensorFlow begins with


class HashedCrossing(Binned):
    """Map combinations of features, strings or integers, to ``num_bins`` bins by a hash.

    Args:
        num_bins: how many bins there are.
        output_mode: ``"int"`` for the bin, ``"one_hot"`` for a row over bins.
        sparse: not here; False only.
        name: unique in a model.
        dtype: of the output; int64 by default for bins.

    Shapes:
        two features or more of one shape, ``(batch,)`` or ``(batch, 1)`` -> the same, or ``(batch, num_bins)``.

    Raises:
        ArgumentError: ``num_bins`` is not positive; (when called) fewer than two features.
        ShapeError: (when called) features of other shapes.
        DTypeError: (when called) features that are neither integers nor strings.
        UncoveredError: ``sparse`` is True.

    Source: FarmHash (Google), and TensorFlow's way of joining its hashes.

    Example:
        >>> HashedCrossing(5)((np.array(["A", "B", "A"]), np.array([101, 101, 102]))).tolist()
        [1, 4, 3]
    """

    num_bins: PositiveInt  # type: ignore[misc]  # name and dtype are redeclared, for Keras' positional order
    output_mode: Annotated[str, one_of("int", "one_hot")] = "int"
    sparse: Sparse = False
    name: str | None = None
    dtype: Annotated[Any, Resolves(lambda value: value)] = None

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Cross a list of arrays or tensors."""
        if not isinstance(inputs, list | tuple) or len(inputs) < 2:
            raise ArgumentError(f"{self._who} expects a list of two features or more, got {inputs!r:.80}.")
        read = [x if isinstance(x, Tensor | KerasTensor) else as_tokens(x, self._who) for x in inputs]
        shapes = [tuple(x.shape) for x in read]
        first = shapes[0]
        if len(first) > 2 or (len(first) == 2 and first[1] != 1) or any(shape != first for shape in shapes):
            raise ShapeError(f"{self._who} expects features of one shape, (batch,) or (batch, 1), got {shapes}.")
        wrong = [str(x.dtype) for x in read if np.dtype(x.dtype).kind not in "iuU"]
        if wrong:
            raise DTypeError(f"{self._who} expects integers or strings, got features of dtype {', '.join(wrong)}.")
        return super().__call__(read, *args, **kwargs)

    def call(self, inputs: Any) -> Any:
        return self._encoded(by_value(self._crossed, *inputs), self.compute_dtype)

    def _crossed(self, *features: Array) -> Array:
        joined = np.full(features[0].size, _SEED, np.uint64)
        for feature in features:
            joined = join_hashes(joined, _hashes(feature.ravel()))
        return (joined % np.uint64(self.num_bins)).astype(np.int64).reshape(features[0].shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return super().compute_output_shape(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("num_bins", "output_mode", "sparse", "name", "dtype")}


def _hashes(feature: Array) -> Array:
    """A string's fingerprint; an integer stands for itself."""
    if feature.dtype.kind != "U":
        return feature.astype(np.int64).astype(np.uint64)
    texts, places = np.unique(feature, return_inverse=True)
    return farm_hash(as_texts(texts))[places]
