"""Constraints of weights, as calls that follow an update."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from denselite.errors import ShapeError
from denselite.program.sweep import bind_whole
from denselite.tensor.context import constant
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = ["bind_constraint"]


def bind_constraint(variable: Variable) -> list[Callable[[], Any]]:
    """Return the calls that set a variable to what its constraint makes of it; none if it has no constraint.

    Args:
        variable: what to constrain, in the storage it will stay in.

    Raises:
        ShapeError: the constraint returns another shape.
    """
    constraint = variable.constraint
    if constraint is None:
        return []

    def rule(arrays: dict[str, Any], scalars: dict[str, Any]) -> Mapping[str, Any]:
        made = constraint(arrays["w"])
        if np.shape(made) != variable.shape:
            raise ShapeError(
                f"The constraint {getattr(constraint, '__name__', constraint)} of variable {variable.path!r} has to "
                f"return shape {variable.shape}, as it was given, got {np.shape(made)}."
            )
        return {"w": made if isinstance(made, Tensor) else constant(np.asarray(made))}

    return bind_whole(rule, [{"w": variable.storage}], {})
