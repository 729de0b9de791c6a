"""``Typed``: which dtype a layer computes in, and which its weights have."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import dtype_policies, ops, tree
from denselite.dtype_policies import DTypePolicy
from denselite.tensor.dtypes import is_float
from denselite.tensor.masks import keep_mask
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = ["Typed"]


class Typed:
    """What follows from a layer's dtype policy; ``call`` computes in ``dtype``, whatever passes between layers."""

    autocast: bool
    _policy: DTypePolicy

    @property
    def dtype_policy(self) -> DTypePolicy:
        """The policy: what the layer computes in, and what its weights are."""
        return self._policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self._policy = dtype_policies.get(value)

    @property
    def dtype(self) -> str:
        """The dtype of the layer's weights."""
        return self._policy.variable_dtype

    @dtype.setter
    def dtype(self, value: Any) -> None:
        self._policy = dtype_policies.get(value)

    @property
    def variable_dtype(self) -> str:
        """The dtype of the layer's weights."""
        return self._policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of what the layer returns: with ``mixed_float16`` it is float16."""
        return self._policy.compute_dtype

    @property
    def input_dtype(self) -> str:
        """The dtype that float inputs are converted to."""
        return self._policy.compute_dtype

    def _cast_inputs(self, values: Any) -> Any:
        """Nested inputs, floats rounded to ``compute_dtype`` and in ``dtype``, integers as they are."""
        if not self.autocast:
            return values
        rounded, computed = self._policy.compute_dtype, self._policy.variable_dtype
        leaves, structure = tree.flatten(values)
        if all(leaf.dtype == rounded == computed for leaf in leaves if _is_floats(leaf)):
            return values
        return tree.unflatten(
            structure,
            [
                keep_mask(leaf, ops.cast(ops.cast(leaf, rounded), computed)) if _is_floats(leaf) else leaf
                for leaf in leaves
            ],
        )

    def _round_outputs(self, outputs: Any) -> Any:
        """Nested outputs, floats in ``compute_dtype``."""
        rounded = self._policy.compute_dtype
        if not self.autocast or rounded == self._policy.variable_dtype:
            return outputs
        leaves, structure = tree.flatten(outputs)
        return tree.unflatten(
            structure, [keep_mask(leaf, ops.cast(leaf, rounded)) if _is_floats(leaf) else leaf for leaf in leaves]
        )


def _is_floats(value: Any) -> bool:
    return isinstance(value, np.ndarray | Tensor | Variable) and is_float(value.dtype)
