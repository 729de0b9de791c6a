"""``Weighted``: what holds weights, its own and those of the layers inside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from denselite import constraints, dtype_policies, initializers, regularizers
from denselite.declared import Declared, Resolves, keyword
from denselite.errors import ArgumentError, ShapeError, StateError, UncoveredError
from denselite.layers.tracking import Progress
from denselite.layers.typed import Typed
from denselite.tensor.context import current_scope
from denselite.tensor.dtypes import is_float, standardize_dtype
from denselite.tensor.room import restoring
from denselite.tensor.variable import Variable

__all__ = ["DType", "Weighted"]


DType = Annotated[Any, Resolves(dtype_policies.get)]


class Weighted(Typed, Progress, Declared):
    """The half of a layer that is about weights; the other half is about calls."""

    name: str | None = keyword(default=None, kw_only=True)
    trainable: bool = keyword(default=True, kw_only=True)
    dtype: DType = keyword(default=None, kw_only=True)
    autocast: bool = keyword(default=True, kw_only=True)

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Make a weight.

        Args:
            shape: a tuple of ints.
            initializer: a name or an initializer; ``glorot_uniform`` for floats, ``zeros`` otherwise.
            dtype: the layer's by default.
            trainable: whether ``fit`` changes it.
            autocast: accepted for Keras' sake; a weight is always read in its own dtype.
            regularizer: a name or a regularizer, added to the loss.
            constraint: a name or a constraint, applied after every update.
            aggregation: accepted for Keras' sake; there is one process.
            overwrite_with_gradient: not here; False only.
            name: its name in the layer.

        Raises:
            UncoveredError: ``overwrite_with_gradient`` is True.
        """
        if overwrite_with_gradient:
            raise UncoveredError(
                f"{type(self).__name__} {self.name!r}: overwrite_with_gradient=True exists in Keras and not in "
                "denselite. Assign the variable in call()."
            )
        found = standardize_dtype(self.dtype if dtype is None else dtype)
        made = initializers.get(initializer or ("glorot_uniform" if is_float(found) else "zeros"))
        if restoring():  # its value comes from a file
            made = np.zeros
        name = name or "variable"
        penalty, limit = regularizers.get(regularizer), constraints.get(constraint)
        variable = Variable(made, tuple(shape), found, trainable, name, penalty, limit)
        variable.path = f"{current_scope()}/{name}" if current_scope() else f"{self.name}/{name}"
        self._tracker.add_variable(variable)
        return variable

    def add_variable(self, shape: Sequence[int], initializer: Any = None, **options: Any) -> Variable:
        """Make a weight: ``add_weight(shape, initializer, **options)``."""
        return self.add_weight(shape, initializer, **options)

    @property
    def variables(self) -> list[Variable]:
        """All weights: own trainable ones, own others, then those of sub-layers in order of assignment."""
        own = self._tracker.variables
        found = [*(v for v in own if v._trainable), *(v for v in own if not v._trainable)]
        for layer in self._sublayers:
            found += layer.variables
        return list({id(v): v for v in found}.values())

    @property
    def _sublayers(self) -> list[Any]:
        return self._tracker.layers

    @property
    def weights(self) -> list[Variable]:
        """All weights, in the order of ``get_weights``."""
        return self.variables

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that ``fit`` changes; none while the layer is frozen."""
        if not self.trainable:
            return []
        frozen = {id(v) for layer in self._sublayers for v in layer.non_trainable_weights}
        return [v for v in self.variables if v._trainable and id(v) not in frozen]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that ``fit`` does not change by gradient."""
        trainable = {id(v) for v in self.trainable_weights}
        return [v for v in self.variables if id(v) not in trainable]

    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return a copy of each weight."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all weights, or none of them if anything does not fit.

        Args:
            weights: one array for each weight, in the order of ``get_weights``.

        Raises:
            ArgumentError: ``weights`` is no list.
            ShapeError: another number of arrays, or shapes that differ; all are listed.
        """
        held = self.weights
        who = f"{type(self).__name__} {self.name!r}: set_weights()"
        if not isinstance(weights, Sequence | np.ndarray) or isinstance(weights, str):
            raise ArgumentError(f"{who} takes a list of arrays, as get_weights() returns it, got {weights!r:.80}.")
        if len(weights) != len(held):
            hint = "" if self.built else " since it is not built: call it once or build() it"
            raise ShapeError(f"{who} got {len(weights)} arrays, the layer has {len(held)} weights{hint}.")
        try:
            arrays = [np.asarray(w) for w in weights]
        except ValueError as error:  # rows of several lengths
            raise ShapeError(f"{who} got what is no array: {error}") from None
        wrong = [
            f"{v.path}: expected {v.shape}, got {a.shape}"
            for v, a in zip(held, arrays, strict=True)
            if v.shape != a.shape
        ]
        if wrong:
            raise ShapeError(f"{who} got arrays of other shapes. {'; '.join(wrong)}.")
        for variable, array in zip(held, arrays, strict=True):
            variable.assign(array)

    def count_params(self) -> int:
        """Return the number of weights' elements.

        Raises:
            StateError: the layer is not built, so it has none yet.
        """
        if not self.built:
            raise StateError(
                f"{type(self).__name__} {self.name!r} is not built yet, so its parameters cannot be counted. "
                "Call it once or build() it."
            )
        return sum(v.size for v in self.weights)
