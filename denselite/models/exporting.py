"""``export``: a model as a file that other runtimes run."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from denselite import tree
from denselite.callbacks.lines import print_line
from denselite.errors import ArgumentError, StateError, UncoveredError
from denselite.graph.dims import Mismatch
from denselite.graph.graph import BATCH, Graph, InputSpec, trace_graph
from denselite.layers.layer import is_shape
from denselite.models.arguments import named_arguments
from denselite.models.derivatives import Derivatives
from denselite.models.outlined import building
from denselite.tensor.context import INPUT, Trace
from denselite.tensor.dtypes import standardize_dtype
from denselite.tensor.symbols import Tensor

__all__ = ["Exporting"]


class Exporting(Derivatives):
    """A model that can leave denselite."""

    @named_arguments
    def export(self, filepath: Any, format: str = "onnx", verbose: Any = None, input_signature: Any = None) -> None:
        """Write what ``predict`` computes as an ONNX file, for onnxruntime and whatever else runs ONNX.

        The inputs and outputs have the model's names, the batch any size, the weights their paths. The file is
        there as a whole or not at all. Needs the package ``onnx`` (extra ``onnx``).

        Args:
            filepath: a path that ends in ``.onnx``.
            format: ``"onnx"``.
            verbose: True prints what was written.
            input_signature: an ``InputSpec``, placeholder or array for each input, nested like the inputs: for a
                model that nobody has called yet, for sizes that the model leaves open, and for a batch size that
                never changes.

        Raises:
            ArgumentError: another format or ending, or a size that is not the batch's is open.
            StateError: the model is not built.
            UncoveredError: something has no form in ONNX: random draws, Python functions such as hooks and
                lookups, weights that change, batches whose sizes cannot be told in advance. All are named.
            MissingPackageError: ``onnx`` is not installed.

        Example:
            model.export("m.onnx")
            session = onnxruntime.InferenceSession("m.onnx")
            (y,) = session.run(None, {"x": rows})
        """
        from denselite.exchange.onnx.export import onnx_path, write_onnx

        who = f"{type(self).__name__} {self.name!r}"
        if format != "onnx":
            raise ArgumentError(f"{who}: export() writes format 'onnx', got {format!r}.")
        path = onnx_path(filepath)
        names, specs, structure = _inputs_of(self, input_signature, who)
        graph = _traced(self, dict(zip(names, specs, strict=True)), structure, who)
        outputs = self._output_labels if _is_functional(self) else [_plain(label) for label in self._output_labels]
        write_onnx(path, graph, outputs, who, str(self.name))
        if verbose:
            print_line(f"{path}: {who}, {', '.join(names)} -> {', '.join(outputs)}")


def _is_functional(model: Any) -> bool:
    return hasattr(type(model), "input_names")


def _inputs_of(model: Any, signature: Any, who: str) -> tuple[list[str], list[InputSpec], tree.Structure]:
    """The names of the inputs, their shapes and dtypes, and how they are nested. What is not built is built."""
    given, structure = ([], tree.LEAF) if signature is None else _given(signature, who)
    if signature is None and not model.built:
        raise StateError(f"{who} is not built. Call it on data, or give export() an input_signature.")
    if _is_functional(model):
        if not model.built:
            model.build_from_shape((None, *given[0][0][1:]))
        names, structure = [str(name) for name in model.input_names], model._input_structure
        known = [(symbol.shape, symbol.dtype) for symbol in model.inputs]
    else:
        known, structure = (given, structure) if given else _called_with(model, who)
        with building:
            model._outline(structure, [((None, *shape[1:]), dtype) for shape, dtype in known])
        names = [_plain(path) for path in _paths(model, structure)]
    if given and len(given) != len(known):
        raise ArgumentError(f"{who} has {len(known)} inputs, input_signature holds {len(given)}.")
    specs = given or known
    for name, (shape, _) in zip(names, specs, strict=True):
        if None in shape[1:]:
            raise ArgumentError(
                f"{who}: ONNX export takes inputs whose sizes are known but for the batch's, and {name!r} is of shape "
                f"{tuple(shape)}. Give them: input_signature=InputSpec(shape=...)."
            )
    return names, specs, structure


def _given(signature: Any, who: str) -> tuple[list[InputSpec], tree.Structure]:
    """The shapes and dtypes of a signature, and how they are nested; a list of one is that one."""
    alone = isinstance(signature, list | tuple) and len(signature) == 1
    leaves, structure = tree.flatten(signature[0] if alone else signature)
    found = []
    for leaf in leaves:
        shape = getattr(leaf, "shape", None)
        if not shape:
            raise ArgumentError(
                f"{who}: input_signature holds InputSpec(shape=...), placeholders or arrays, got {leaf!r}."
            )
        open_batch = isinstance(leaf, np.ndarray)
        found.append(((None, *shape[1:]) if open_batch else tuple(shape), standardize_dtype(leaf.dtype)))
    return found, structure


def _called_with(model: Any, who: str) -> tuple[list[InputSpec], tree.Structure]:
    """What a model with a ``call`` of its own was built for."""
    if model._build_shape is None:
        raise StateError(f"{who} does not know the shapes of its inputs. Give export() an input_signature.")
    shapes, structure = tree.flatten(model._build_shape, is_leaf=is_shape)
    names = model._input_dtype_names or [None] * len(shapes)
    return [(tuple(s), standardize_dtype(name)) for s, name in zip(shapes, names, strict=True)], structure


def _paths(model: Any, structure: tree.Structure) -> list[str]:
    """What the inputs of a model with a ``call`` of its own are called: keys, or the argument's name."""
    if structure.kind == "dict" and not structure.is_nested:
        return [str(key) for key in structure.keys]
    return structure.paths(model._call_arguments[0])


def _plain(path: str) -> str:
    """Return ``x[0]['a']`` as ``x_0_a``."""
    return re.sub(r"\W+", "_", path).strip("_")


def _traced(model: Any, specs: dict[str, InputSpec], structure: tree.Structure, who: str) -> Graph:
    """Trace what ``predict`` computes, for every batch size unless one is given."""

    def call(trace: Trace, inputs: dict[str, Tensor]) -> list[Tensor]:
        trace.step = trace.leaf(INPUT, (), np.dtype(np.int64), name="step")  # no constant: what is drawn is refused
        trace.seed = 0
        return tree.flatten(model(tree.unflatten(structure, inputs.values()), training=False))[0]

    try:
        return trace_graph(call, specs, next((shape[0] for shape, _ in specs.values() if shape[0] is not BATCH), None))
    except Mismatch as error:
        raise UncoveredError(
            f"{who} cannot be exported to ONNX for every batch size: {error}. Fix the size of a batch with "
            "input_signature=InputSpec(shape=...)."
        ) from None
