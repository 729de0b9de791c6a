"""The configs of models: layers and their calls, as Keras writes them.

A call is ``{"args": [...], "kwargs": {...}}``; a tensor in it is named by the layer that makes it, the
number of that layer's call among those inside this model, and the number of the output.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from denselite import tree
from denselite.declared import serialize
from denselite.errors import FormatError, UncoveredError
from denselite.layers.input_layer import InputLayer
from denselite.layers.operation import Operation
from denselite.models.model import Functional, Model
from denselite.models.sequential import Sequential
from denselite.saving.calls import decode, encode, operation_arguments, operation_from_spec, operation_spec
from denselite.saving.objects import Custom, described, entry, layer_from_spec, layer_spec, revive
from denselite.tensor.symbols import KerasTensor, Node

__all__ = ["functional_config", "functional_from_config", "sequential_config", "sequential_from_config"]


def _takes(cls: Any, *names: str) -> bool:
    """Whether a class is made of what these names say, as the library's is, by no constructor of its own."""
    import inspect

    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    starred = bool(parameters) and parameters[0].kind is inspect.Parameter.VAR_POSITIONAL
    return starred or [parameter.name for parameter in parameters[: len(names)]] == [*names]


def _constructor_config(model: Any) -> dict[str, Any]:
    """The arguments of a constructor of one's own; the dtype is one of each layer inside."""
    return {key: value for key, value in Model.get_config(model).items() if key != "dtype"}


def _construct(cls: Any, config: Mapping[str, Any], custom_objects: Custom) -> Any:
    return super(Functional, cls).from_config(revive(dict(config), custom_objects, f"a {cls.__name__}"))


def sequential_config(model: Any) -> dict[str, Any]:
    """Return the config of a ``Sequential``: its layers in order, the input first."""
    if not _takes(type(model), "layers"):
        return _constructor_config(model)
    stack = [*([model._input_layer] if model._input_layer is not None else []), *model.layers]
    config = {
        "name": model.name,
        "trainable": model.trainable,
        "dtype": serialize(model.dtype_policy),
        "layers": [layer_spec(layer) for layer in stack],
    }
    if model.built:
        config["build_input_shape"] = serialize(model.input_shape)
    return config


def sequential_from_config(cls: Any, config: Any, custom_objects: Custom = None) -> Any:
    """Make a ``Sequential`` from its config.

    Raises:
        FormatError: the config lacks a part.
    """
    if not _takes(cls, "layers"):
        return _construct(cls, config, custom_objects)
    who = f"a {cls.__name__}"
    layers = [layer_from_spec(spec, custom_objects) for spec in entry(config, "layers", list, who)]
    model = cls(layers, name=config.get("name"), trainable=config.get("trainable", True))
    shape = config.get("build_input_shape")
    if shape is not None and not model.built and layers:
        model.build(tuple(entry(_listed(config), "build_input_shape", list, who)))
    return model


def functional_config(model: Any) -> dict[str, Any]:
    """Return the config of a model made from inputs and outputs."""
    if not _takes(type(model), "inputs", "outputs"):
        return _constructor_config(model)
    graph = model._graph
    inside = {id(node) for node in graph.nodes}
    calls: dict[int, list[Node]] = {
        id(layer): [node for node in layer._nodes if id(node) in inside] for layer in graph.layers
    }
    numbers = {id(node): number for nodes in calls.values() for number, node in enumerate(nodes)}

    def history(symbol: KerasTensor) -> list[Any]:
        assert symbol.history is not None
        layer, index, output = symbol.history
        if isinstance(layer, InputLayer):
            return [layer.name, 0, output]
        if id(layer._nodes[index]) not in numbers:
            raise UncoveredError(
                f"{type(model).__name__} {model.name!r} has as an input what {type(layer).__name__} {layer.name!r} "
                "returned; such a model cannot be saved. Make an Input of that shape and call the layers on it."
            )
        return [layer.name, numbers[id(layer._nodes[index])], output]

    def end(symbol: KerasTensor) -> list[Any]:
        name, number, output = history(symbol)
        assert symbol.history is not None
        return [name, number + _built_in_nodes(symbol.history[0]), output]

    ends = [
        tree.unflatten(structure, [end(symbol) for symbol in symbols])
        for structure, symbols in ((model._input_structure, graph.inputs), (model._output_structure, graph.outputs))
    ]
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": [_node_spec(layer, calls[id(layer)], history) for layer in graph.layers],
        "input_layers": serialize(ends[0]),
        "output_layers": serialize(ends[1]),
    }


def _built_in_nodes(layer: Any) -> int:
    """How many calls Keras counts before the first one, where a model's inputs and outputs are named."""
    return int(isinstance(layer, Functional) and not isinstance(layer, Sequential))  # a functional model inside: one


def _node_spec(layer: Any, nodes: list[Node], history: Callable[[KerasTensor], list[Any]]) -> dict[str, Any]:
    """Describe a layer of a functional model, with its calls."""
    where = f"{type(layer).__name__} {layer.name!r}"
    if isinstance(layer, Operation):
        spec, given = operation_spec(layer, nodes[0])
        arguments = [given, *(operation_spec(layer, node)[1] for node in nodes[1:])]
    else:
        spec = layer_spec(layer)
        arguments = [(node.args, _told_kwargs(layer, node)) for node in nodes]
    calls = [
        {"args": encode(args, history, where), "kwargs": encode(kwargs, history, where)} for args, kwargs in arguments
    ]
    return {**spec, "name": layer.name, "inbound_nodes": calls}


def _told_kwargs(layer: Any, node: Node) -> dict[str, Any]:
    """What a call was given by name; Keras writes the mask that it would fill in, too."""
    filled = isinstance(layer, Model) or ("mask" in layer._call_arguments and not node.kwargs and len(node.args) == 1)
    return {**node.kwargs, "mask": node.kwargs.get("mask")} if filled else node.kwargs


def functional_from_config(cls: Any, config: Any, custom_objects: Custom = None) -> Any:
    """Make a model from its config.

    Raises:
        FormatError: the config lacks a part, or calls go in a circle or come from nowhere.
    """
    if not _takes(cls, "inputs", "outputs"):
        return _construct(cls, config, custom_objects)
    who = f"a {cls.__name__}"
    calls: deque[_Call] = deque()
    made: dict[str, Any] = {}
    for spec in entry(config, "layers", list, who):
        name = entry(spec, "name", str, described(spec))
        if name in made:
            raise FormatError(f"The description of {who} has two layers named {name!r}.")
        made[name] = operation_from_spec(spec) or layer_from_spec(spec, custom_objects)
        nodes = entry(spec, "inbound_nodes", list, described(spec))
        calls += [_Call(made[name], name, number, spec, call) for number, call in enumerate(nodes)]
    _make_calls(calls, made)
    inputs, outputs = (_ends(config.get(key), made, key) for key in ("input_layers", "output_layers"))
    return cls(inputs, outputs, name=config.get("name"), trainable=config.get("trainable", True))


class _Call:
    """A call that waits for its tensors."""

    def __init__(self, layer: Any, name: str, number: int, spec: Mapping[str, Any], call: Any) -> None:
        self.layer, self.name, self.number, self.config = layer, name, number, spec["config"]
        call = _listed(call)
        self.args = entry(call, "args", list, described(spec))
        self.kwargs = entry(call, "kwargs", dict, described(spec))

    def needs(self) -> set[tuple[str, int]]:
        """The calls that have to come first, by layer and number: the one before, and those it takes tensors from."""
        found = {(self.name, self.number - 1)} if self.number else set()
        waiting: list[Any] = [self.args, self.kwargs]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                if value.get("class_name") == "__keras_tensor__":
                    name, number, _ = _checked_history(entry(value, "config", dict, self.name).get("keras_history"))
                    found.add((name, number))
                else:
                    waiting += value.values()
            elif isinstance(value, list):
                waiting += value
        return found

    def make(self, made: Mapping[str, Any]) -> None:
        args = decode(self.args, lambda history: _tensor(history, made), repr(self.name))
        kwargs = decode(self.kwargs, lambda history: _tensor(history, made), repr(self.name))
        if isinstance(self.layer, Operation):
            args, kwargs = operation_arguments(self.layer, self.config, args, kwargs)
        elif kwargs.get("mask", 0) is None:
            del kwargs["mask"]
        self.layer(*args, **kwargs)


def _listed(value: Any) -> Any:
    """Tuples as lists, as they are in JSON: Keras' `get_config` has both."""
    if isinstance(value, dict):
        return {key: _listed(entry) for key, entry in value.items()}
    return [_listed(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def _make_calls(calls: deque[_Call], made: Mapping[str, Any]) -> None:
    """Make each call once those that it needs are made (Kahn's algorithm, without recursion)."""
    done = {(name, 0) for name, layer in made.items() if isinstance(layer, InputLayer)}
    readers: dict[tuple[str, int], list[_Call]] = {}
    missing: dict[_Call, int] = {}
    ready: deque[_Call] = deque()
    for call in calls:
        needs = call.needs() - done
        missing[call] = len(needs)
        for need in needs:
            readers.setdefault(need, []).append(call)
        if not needs:
            ready.append(call)
    while ready:
        call = ready.popleft()
        call.make(made)
        del missing[call]
        for reader in readers.pop((call.name, call.number), ()):
            missing[reader] -= 1
            if not missing[reader]:
                ready.append(reader)
    if missing:
        names = ", ".join(repr(call.name) for call in missing)
        raise FormatError(f"The calls of {names} need tensors that no layer makes, or need each other.")


def _checked_history(history: Any) -> tuple[str, int, int]:
    if not isinstance(history, list) or [type(part) for part in history] != [str, int, int] or min(history[1:]) < 0:
        raise FormatError(f"A tensor is named by [layer, call, output], got {history!r:.80}.")
    return history[0], history[1], history[2]


def _tensor(history: Any, made: Mapping[str, Any], skipped: int = 0) -> KerasTensor:
    name, number, output = _checked_history(history)
    if name not in made:
        raise FormatError(f"A tensor comes from layer {name!r}, which is not in the model.")
    nodes = made[name]._nodes
    number -= skipped and _built_in_nodes(made[name])
    if not 0 <= number < len(nodes) or output >= len(nodes[number].outputs):
        raise FormatError(f"A tensor is named {history}, and layer {name!r} has {len(nodes)} calls.")
    return nodes[number].outputs[output]  # type: ignore[no-any-return]


def _ends(value: Any, made: Mapping[str, Any], key: str) -> Any:
    """The Keras tensors that ``input_layers`` or ``output_layers`` names, in their structure."""
    if isinstance(value, dict):
        return {name: _ends(part, made, key) for name, part in value.items()}
    if isinstance(value, list) and value and not isinstance(value[0], str):
        return [_ends(part, made, key) for part in value]
    if not isinstance(value, list):
        raise FormatError(f"A model's {key!r} names tensors by [layer, call, output], got {value!r:.80}.")
    return _tensor(value, made, skipped=1)
