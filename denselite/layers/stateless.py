"""``stateless_call``: a layer as a function of its inputs and its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from denselite.errors import ShapeError, StateError
from denselite.tensor.context import current_trace
from denselite.tensor.variable import Variable

__all__ = ["stateless_call"]


def stateless_call(
    layer: Any,
    trainable_variables: Sequence[Any],
    non_trainable_variables: Sequence[Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[Any, list[Any], list[Any]]:
    """Call a layer with other values for its weights, which are as before in the end.

    Returns:
        The outputs, the non-trainable weights after the call, and the losses.

    Raises:
        StateError: the layer is not built.
        ShapeError: another number of values than there are weights.
    """
    who = f"{type(layer).__name__} {layer.name!r}: stateless_call()"
    if not layer.built:
        raise StateError(f"{who} needs a layer that is built. Call it once or build() it.")
    own = layer.trainable_variables, layer.non_trainable_variables
    given = list(trainable_variables), list(non_trainable_variables)
    if list(map(len, own)) != list(map(len, given)):
        raise ShapeError(
            f"{who} expects {len(own[0])} trainable and {len(own[1])} other values, "
            f"got {len(given[0])} and {len(given[1])}."
        )
    variables = [*own[0], *own[1]]
    before = _values(variables)
    try:
        for variable, value in zip(variables, [*given[0], *given[1]], strict=True):
            variable.assign(value)
        outputs = layer(*args, **kwargs)
        return outputs, _values(own[1]), layer.losses
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)


def _values(variables: Sequence[Variable]) -> list[Any]:
    return [variable.numpy() if current_trace() is None else variable.value for variable in variables]
