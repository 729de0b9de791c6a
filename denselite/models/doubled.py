"""A copy of a model that computes in float64, whatever the model computes in."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from denselite import config, tree
from denselite.losses import Loss
from denselite.tensor.dtypes import is_float, standardize_dtype

__all__ = ["doubled", "floatx_is_float64"]


@contextmanager
def floatx_is_float64() -> Iterator[None]:
    """Let the default float type be float64 inside."""
    before = config.floatx()
    config.set_floatx("float64")
    try:
        yield
    finally:
        config.set_floatx(before)


def doubled(model: Any) -> Any:
    """Return a copy of a built model with its layers, weights, inputs and losses in float64.

    It is a copy rather than rebuilt from a config: layers and functions of one's own need not be known
    by name. To be called, and the copy used, where ``floatx_is_float64``.
    """
    made = copy.deepcopy(model)
    waiting = [made]
    while waiting:
        layer = waiting.pop()
        waiting += layer._sublayers
        if is_float(standardize_dtype(layer.dtype)):
            layer.dtype_policy = "float64"
        if hasattr(layer, "_graph"):
            for symbol in layer._graph.inputs:
                symbol.dtype = np.dtype("float64") if is_float(symbol.dtype) else symbol.dtype
    for variable in made.variables:
        if is_float(variable.dtype):
            variable.move(variable.storage.astype("float64"))
    if made.compiled:
        objective = made._objective
        for loss in tree.flatten(objective.loss)[0]:
            if isinstance(loss, Loss):
                loss.dtype = "float64"
        made.compile("sgd", objective.loss, objective.loss_weights, run_eagerly=made.run_eagerly)
    return made
