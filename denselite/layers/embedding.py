"""``Embedding``: a learnt row of numbers for each id."""

from __future__ import annotations

from typing import Any, cast

from denselite import constraints, initializers, ops, regularizers
from denselite.declared import PositiveInt
from denselite.layers.key_order import placed_behind
from denselite.layers.layer import Layer
from denselite.layers.single import Single
from denselite.ops.ids import checked_ids

__all__ = ["Embedding"]


class Embedding(Single):
    """Look up the row of a table that each id names; the table is learnt.

    Ids are looked at whenever they come by: one outside the table is an error and changes no weight (in
    Keras on JAX it becomes NaN, and -1 the last row).

    Args:
        input_dim: number of rows, the largest id + 1.
        output_dim: size of a row.
        embeddings_initializer: how the table starts.
        embeddings_regularizer: penalty on the table, added to the loss.
        embeddings_constraint: what the table is set to after every update.
        mask_zero: whether the id 0 is padding: the output has a mask that is False there.
        weights: the table to start with, instead of what the initializer gives.

    Shapes:
        ids of any shape ``(batch, ...)`` -> ``(batch, ..., output_dim)``.

    Raises:
        ArgumentError: ``input_dim`` or ``output_dim`` is no integer above 0.
        ShapeError: ``weights`` has another shape than ``(input_dim, output_dim)``.
        DataError: (when called) an id lies outside the table.

    Example:
        >>> import numpy as np
        >>> Embedding(2, 2, weights=np.array([[0.0, 1.0], [2.0, 3.0]]))(np.array([[1, 0]])).tolist()
        [[[2.0, 3.0], [0.0, 1.0]]]
    """

    _casts_inputs = False
    _hints = {**Layer._hints, "input_length": "Leave it out: the input has its length"}  # noqa: RUF012

    input_dim: PositiveInt
    output_dim: PositiveInt
    embeddings_initializer: initializers.Initialized = "uniform"
    embeddings_regularizer: regularizers.Regularized = None
    embeddings_constraint: constraints.Constrained = None
    mask_zero: bool = False
    weights: Any = None
    _first_weights = cast(Any, None)  # the argument: the attribute ``weights`` answers with the variables

    def __setattr__(self, name: str, value: Any) -> None:
        is_argument = name == "weights" and "_first_weights" not in self.__dict__
        super().__setattr__("_first_weights" if is_argument else name, value)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.supports_masking = self.mask_zero
        if self._first_weights is not None:
            given, self._first_weights = self._first_weights, None
            self.build(None)
            self.set_weights(given if isinstance(given, list) and len(given) == 1 else [given])

    def build(self, input_shape: Any) -> None:
        if self.built:  # by the weights that were given
            return
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )

    def call(self, inputs: Any) -> Any:
        return ops.take(self.embeddings, checked_ids(inputs, self.input_dim, self._who), axis=0)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def get_config(self) -> dict[str, Any]:
        config = {name: value for name, value in super().get_config().items() if name != "weights"}
        if "activity_regularizer" not in config:  # Keras writes it here even if there is none
            config["activity_regularizer"] = None
            config = placed_behind(config, "activity_regularizer", "embeddings_regularizer")
        return {**config, "quantization_config": None}
