"""State dicts of torch, to and from models of layers one after the other; torch is not needed for it.

    module.load_state_dict({name: torch.from_numpy(array) for name, array in to_state_dict(model).items()})
    load_state_dict(model, module.state_dict())

``torch_code(model)`` is the module that they are of. In torch images have their channels first, in and out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from denselite.errors import ArgumentError
from denselite.exchange.torch.layers import modules_of
from denselite.exchange.torch.modules import Fixed, Module, Weight, tensors_of
from denselite.ops.op import Array

__all__ = ["load_state_dict", "to_state_dict", "torch_code"]


def to_state_dict(model: Any) -> dict[str, Array]:
    """Return the weights of a model as the state dict of an ``nn.Sequential`` that computes the same.

    Args:
        model: a built ``Sequential``, or a ``Model`` of one layer after the other.

    Raises:
        StateError: the model is not built.
        ArgumentError: it holds what torch has no module for.

    Example:
        >>> from denselite import Input, Sequential, layers
        >>> model = Sequential([Input((3,)), layers.Dense(4, "relu"), layers.Dense(2)])
        >>> {name: array.shape for name, array in to_state_dict(model).items()}
        {'0.weight': (4, 3), '0.bias': (4,), '2.weight': (2, 4), '2.bias': (2,)}
    """
    return {
        name: tensor.array if isinstance(tensor, Fixed) else tensor.value()
        for name, tensor in tensors_of(modules_of(model))
    }


def load_state_dict(model: Any, state: Mapping[str, Any]) -> None:
    """Set the weights of a model to those of an ``nn.Sequential``: all, or none if anything does not fit.

    A state dict says nothing of ``eps`` and ``momentum``: torch's are 1e-5 and 0.1, where a ``BatchNormalization`` here
    has ``epsilon=1e-3`` and ``momentum=0.99`` (torch's 0.1 is 0.9 here). Make the model with the module's.

    Args:
        model: a built ``Sequential``, or a ``Model`` of one layer after the other.
        state: arrays, or torch's tensors in memory, by name.

    Raises:
        StateError: the model is not built.
        ArgumentError: the model holds what torch has no module for, or the state dict is that of another module: what
            does not fit is listed.

    Example:
        >>> import numpy as np
        >>> from denselite import Input, Sequential, layers
        >>> model = Sequential([Input((2,)), layers.Dense(1)])
        >>> load_state_dict(model, {"0.weight": np.array([[2.0, 3.0]]), "0.bias": np.array([1.0])})
        >>> model(np.array([[1.0, 10.0]])).tolist()
        [[33.0]]
    """
    wanted = dict(tensors_of(modules_of(model)))
    given = {name: _array(name, value) for name, value in state.items()}
    problems = [f"{name} is no tensor of the model" for name in given.keys() - wanted.keys()]
    problems += [
        f"{name} is missing"
        for name, tensor in wanted.items()
        if name not in given and (isinstance(tensor, Weight) or tensor.counts)
    ]
    fitting = [(name, tensor) for name, tensor in wanted.items() if name in given]
    problems += [told for name, tensor in fitting if (told := _misfit(name, tensor, given[name])) is not None]
    if problems:
        raise ArgumentError(
            f"The state dict does not fit {type(model).__name__} {model.name!r}. {'; '.join(sorted(problems))}. No "
            "weight was changed. torch_code(model) shows the module whose state dict does."
        )
    for name, tensor in fitting:
        if isinstance(tensor, Weight):
            tensor.variable.assign(tensor.restored(given[name]))


def _array(name: str, value: Any) -> Array:
    try:
        return np.asarray(value)
    except (RuntimeError, TypeError, ValueError) as error:  # torch's tensors on other devices, in bfloat16
        raise ArgumentError(f"{name} in the state dict cannot be read as an array: {error}") from None


def _misfit(name: str, tensor: Weight | Fixed, array: Array) -> str | None:
    """Say what is wrong with a given tensor."""
    shape, dtype = (
        (tensor.array.shape, tensor.array.dtype)
        if isinstance(tensor, Fixed)
        else (tensor.torch_shape, tensor.variable.dtype)
    )
    if array.shape != shape or array.dtype.kind != dtype.kind:
        return f"{name} has shape {array.shape} and dtype {array.dtype}, expected {shape} and {dtype}"
    if isinstance(tensor, Fixed) and tensor.counts and (array != tensor.array).any():
        return f"{name} is not {tensor.array.flat[0]:g} throughout, and the layer has no such weight"
    return None


def torch_code(model: Any) -> str:
    """Return the ``nn.Sequential`` that a model is, as code.

    Args:
        model: a built ``Sequential``, or a ``Model`` of one layer after the other.

    Raises:
        StateError: the model is not built.
        ArgumentError: it holds what torch has no module for.

    Example:
        >>> from denselite import Input, Sequential, layers
        >>> print(torch_code(Sequential([Input((3,)), layers.Dense(4, "relu"), layers.Dense(2)])))
        nn.Sequential(
            nn.Linear(3, 4),
            nn.ReLU(),
            nn.Linear(4, 2),
        )
    """
    return _code(modules_of(model), "")


def _code(modules: Sequence[Module], indent: str) -> str:
    inner = f"{indent}    "
    lines = [f"nn.{module.text}" if module.text else _code(module.inside, inner) for module in modules]
    return "\n".join(["nn.Sequential(", *(f"{inner}{line}," for line in lines), f"{indent})"])
