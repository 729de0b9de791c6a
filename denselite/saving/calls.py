"""The arguments of a layer's call, and the calls of plain ops, in Keras' JSON.

    relu(x)          →  [{"class_name": "__keras_tensor__", ...}]
    x[:, 1:3]        →  [<x>, [{"class_name": "__slice__", ...}, {"class_name": "__slice__", ...}]]
    sum(x, axis=-1)  →  class "Sum" with the config {"axis": -1, "keepdims": False}, called with [<x>]

Keras keeps what an op computes on as arguments of the call, everything else in the op's config.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, FormatError, UncoveredError
from denselite.layers.operation import CLASSES, Operation, find
from denselite.saving.npy import DTYPES
from denselite.saving.objects import described, entry
from denselite.tensor.symbols import KerasTensor, Node
from denselite.tensor.variable import Variable

__all__ = ["decode", "encode", "operation_arguments", "operation_from_spec", "operation_spec"]

Call = tuple[tuple[Any, ...], dict[str, Any]]

_OPERANDS = {
    "a", "array", "atol", "beta", "bins", "choicelist", "condition", "condlist", "constant_values", "data", "default",
    "depthwise_kernel", "fill_value", "gamma", "indices", "inputs", "kernel", "key", "mean", "offset", "operands",
    "output", "pointwise_kernel", "predictions", "q", "rtol", "scale", "segment_ids", "sorted_sequence",
    "start_indices", "target", "targets", "updates", "values", "variable", "variance", "weights", "x", "x1", "x2",
    "xs", "y",
}  # fmt: skip
# What is an option of these, though an operand of others.
_OPTIONS = {("allclose", "atol"), ("allclose", "rtol"), ("diagonal", "offset"), ("trace", "offset"), ("trapezoid", "x")}

# Options of Keras' ops that ours do not have, with the value at which they change nothing.
_HARMLESS = {"axis": -1, "decimals": 0, "dtype": None, "initial": None, "sparse": False}

_OF_CLASS = {pair: function for function, pair in CLASSES.items()}


def encode(value: Any, history: Callable[[KerasTensor], list[Any]], where: str) -> Any:
    """Return an argument of a call as JSON-ready data.

    Args:
        value: numbers, strings, None, slices, arrays and Keras tensors, in lists, tuples and dicts.
        history: gives ``[layer name, node index, output index]`` of a Keras tensor.
        where: whose argument it is, for messages.

    Raises:
        ArgumentError: something else.
    """
    if isinstance(value, KerasTensor):
        config = {"shape": list(value.shape), "dtype": value.dtype.name, "keras_history": history(value)}
        return {"class_name": "__keras_tensor__", "config": config}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return {"class_name": "__numpy__", "config": {"value": value.tolist(), "dtype": value.dtype.name}}
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return np.dtype(value).name
    if isinstance(value, slice):
        bounds = {key: encode(getattr(value, key), history, where) for key in ("start", "stop", "step")}
        return {"class_name": "__slice__", "config": bounds}
    if value is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(value, list | tuple):
        return [encode(part, history, where) for part in value]
    if isinstance(value, Mapping):
        return {key: encode(part, history, where) for key, part in value.items()}
    hint = " Make it the weight of a layer." if isinstance(value, Variable) else ""
    raise ArgumentError(f"{where} is called with {value!r}, which cannot be saved.{hint}")


def decode(value: Any, tensor: Callable[[Any], KerasTensor], where: str) -> Any:
    """Return the argument that ``encode``, or Keras, wrote.

    Args:
        value: JSON data.
        tensor: gives the Keras tensor for a history.
        where: whose argument it is, for messages.

    Raises:
        FormatError: a kind of object that no call can have.
    """
    if isinstance(value, list):
        return [decode(part, tensor, where) for part in value]
    if not isinstance(value, dict):
        return value
    if "class_name" not in value:
        return {key: decode(part, tensor, where) for key, part in value.items()}
    kind, config = value["class_name"], entry(value, "config", dict, where)
    if kind == "__keras_tensor__":
        return tensor(config.get("keras_history"))
    if kind in ("__numpy__", "__tensor__"):
        return _array(config, where)
    if kind == "__slice__":
        return slice(config.get("start"), config.get("stop"), config.get("step"))
    if kind == "__ellipsis__":
        return Ellipsis
    raise FormatError(f"{where} is called with a {kind!r:.40}, which is not known.")


def _array(config: Mapping[str, Any], where: str) -> np.ndarray[Any, Any]:
    dtype = entry(config, "dtype", str, where)
    if dtype not in DTYPES:  # "U999999999" would be a gigabyte an entry
        raise FormatError(f"{where} is called with an array of dtype {dtype:.40}; numbers are expected.")
    try:
        return np.array(config.get("value"), dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError(f"{where} is called with an array that cannot be read: {error}.") from None


def operation_spec(operation: Operation, node: Node) -> tuple[dict[str, Any], Call]:
    """Describe an op as Keras does.

    Args:
        operation: the op.
        node: its call.

    Returns:
        The spec, and the arguments of the call that are not in its config.
    """
    import inspect

    signature = inspect.signature(find(operation.function))
    bound = signature.bind(*node.args, **node.kwargs)
    bound.apply_defaults()
    config: dict[str, Any] = {"name": operation.name}
    args: list[Any] = []
    for name, value in bound.arguments.items():
        if name == "key" and not isinstance(value, tuple):
            args.append((value,))  # in JSON a tuple is a list: only a tuple may stand here
        elif signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL:
            args += value
        elif _is_operand(operation, name):
            args.append(value)
        else:
            config[name] = encode(value, _no_tensor, f"{operation.name!r}")
    family, cls = CLASSES[operation.function]
    return {"module": f"keras.src.ops.{family}", "class_name": cls, "config": config, "registered_name": cls}, (
        tuple(args),
        {},
    )


def _is_operand(operation: Operation, name: str) -> bool:
    return name in _OPERANDS and (operation.function, name) not in _OPTIONS


def _no_tensor(symbol: KerasTensor) -> list[Any]:
    raise ArgumentError(f"{symbol!r} is given for an option of an op, which has to be known beforehand.")


def operation_from_spec(spec: Any) -> Operation | None:
    """Make the op that a spec describes; None if it describes something else.

    Raises:
        UncoveredError: Keras has the op, the library does not.
    """
    module = spec.get("module") if isinstance(spec, Mapping) else None
    if not isinstance(module, str) or not module.startswith("keras.src.ops."):
        return None
    pair = module.removeprefix("keras.src.ops."), spec.get("class_name")
    if pair not in _OF_CLASS:
        raise UncoveredError(
            f"The model uses Keras' op {module}.{spec.get('class_name')}, which denselite does not have."
        )
    name = entry(spec, "config", dict, described(spec)).get("name")
    return Operation(function=_OF_CLASS[pair], name=name)


def operation_arguments(
    operation: Operation, config: Mapping[str, Any], args: list[Any], kwargs: Mapping[str, Any]
) -> Call:
    """Put an op's config and the arguments of its call together again.

    Raises:
        UncoveredError: an option that the library's op does not have.
        FormatError: an operand is missing.
    """
    import inspect

    parameters = inspect.signature(find(operation.function)).parameters
    for option, value in config.items():
        if option != "name" and option not in parameters and value != _HARMLESS.get(option):
            function = f"ops.{operation.function}"
            raise UncoveredError(f"{operation.name!r}: {function} has no option {option!r}, the model has {value!r}.")
    waiting = list(args)
    found: list[Any] = []
    for name, parameter in parameters.items():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            found += waiting
        elif waiting and _is_operand(operation, name):
            operand = waiting.pop(0)
            found.append(tuple(operand) if name == "key" and isinstance(operand, list) else operand)
        elif name in config or kwargs.get(name) is not None:
            found.append(config[name] if name in config else kwargs[name])
        elif parameter.default is not inspect.Parameter.empty:
            found.append(parameter.default)
        else:
            raise FormatError(
                f"{operation.name!r}: ops.{operation.function} needs {name!r}, which the model does not say."
            )
    return tuple(found), {}
