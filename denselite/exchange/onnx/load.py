"""Reading ONNX files: every node by its reader, every weight into a layer that can be trained on.

The package ``onnx`` (extra ``onnx``) takes the file apart; nothing is run, and files beside it are not opened. Readers
by operator are in the ``READERS`` of ``read_*.py``, in the manner of the exporter's ``WRITERS``.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from denselite.errors import DenseliteError, FormatError, UncoveredError
from denselite.exchange.onnx import read_elementwise, read_reductions, read_shaping, read_weights, read_windows
from denselite.exchange.onnx.contents import Contents, Given, Problems, Step, contents_of
from denselite.exchange.onnx.export import onnx_path
from denselite.exchange.onnx.names import legal
from denselite.exchange.onnx.parsing import parse_onnx
from denselite.exchange.onnx.scene import Reader, Scene
from denselite.graph.dims import Affine
from denselite.layers import Identity, Input
from denselite.saving.objects import MODELS
from denselite.saving.reading import described_by
from denselite.tensor.symbols import KerasTensor

__all__ = ["READERS", "load_onnx"]

READERS: dict[str, Reader] = {
    **read_elementwise.READERS,
    **read_reductions.READERS,
    **read_shaping.READERS,
    **read_weights.READERS,
    **read_windows.READERS,
}


def load_onnx(filepath: Any, allow_nonfinite: bool = False) -> Any:
    """Return the model in an ONNX file, written here or by other frameworks: it predicts, trains and is saved as any.

    Weights of products, convolutions, embeddings and normalizations become layers, called as the file calls them, and
    whatever else is computed becomes calls of ``denselite.ops``. The model is not compiled, for ONNX knows no training.

    The first axis of the inputs is the batch. Where the file fixes its size, as torch's exporter does unless it is told
    otherwise, the model takes batches of any size if each output then is a batch too, and of that size otherwise.

    Nothing in the file is run, and no other file is opened (see ``SECURITY.md``).

    Args:
        filepath: a name that ends in ``.onnx``.
        allow_nonfinite: whether weights may be NaN or infinite.

    Raises:
        ArgumentError: another ending.
        FormatError: there is no such file, it is damaged, or it holds NaN or infinite weights that nobody asked for.
        UncoveredError: it uses what has no form here: operators, types, weights in other files. All are named.
        MissingPackageError: ``onnx`` is not installed.

    Example:
        model = load_onnx("m.onnx")
        model.compile("adam", "mse")
        model.fit(x, y)
    """
    path = onnx_path(filepath)
    proto = parse_onnx(path)
    known = {kind: inspect.signature(reader).parameters.keys() for kind, reader in READERS.items()}
    contents = contents_of(proto, path, known, allow_nonfinite)
    with described_by(path, contents.weights, (FormatError, UncoveredError)):
        return _for_any_batch(contents, path) or _model(contents, path)


def _for_any_batch(contents: Contents, path: str) -> Any:
    """Return a model for batches of any size of a file that fixes it; None where that cannot be, or need not."""
    firsts = {given.sizes[0] for given in contents.inputs}
    fixed = firsts.pop() if len(firsts) == 1 else None
    if fixed is None:
        return None
    try:
        model = _model(contents, path, fixed)
    except DenseliteError:  # it needs batches of that size, or cannot be read at all
        return None
    return model if all(symbol.shape[:1] == (None,) for symbol in model.outputs) else None


def _model(contents: Contents, path: str, fixed: int = 0) -> Any:
    """Return the model of a file.

    Args:
        contents: what it holds.
        path: where it lies, for messages.
        fixed: the batch size in the file where it has one and the model shall have none, else 0.

    Raises:
        FormatError: it makes no sense.
        UncoveredError: something has no form here.
    """
    scene, problems = Scene(contents, fixed), Problems(path)
    for given in contents.inputs:
        with problems.of(f"the input {given.name!r}"):
            _add_input(scene, given)
    for step in contents.steps:
        with problems.of(step):
            _read(scene, step)
    with problems.of("the graph"):
        strangers = [name for name in contents.outputs if name not in scene.values]
        if strangers:
            raise FormatError(f"nothing makes {', '.join(strangers)}, which it returns")
    for name in contents.outputs:
        if isinstance(scene.values[name], np.ndarray):
            problems.add(f"the output {name!r} follows from no input")
    problems.tell()
    outputs: list[Any] = []
    for name in contents.outputs:
        outputs.append(_called(scene, name, outputs))
    one = outputs[0] if len(outputs) == 1 else outputs
    inputs = scene.inputs[0] if len(scene.inputs) == 1 else scene.inputs
    return MODELS.members["Functional"](inputs, one, name=legal(contents.name) or None)


def _add_input(scene: Scene, given: Given) -> None:
    if given.name in scene.values:
        raise FormatError("there is a second one of that name")
    first, *row = given.sizes
    name = scene.names.unique(given.name, reserved=True)
    symbol = Input(batch_shape=(None if scene.fixed else first, *row), dtype=given.dtype.name, name=name)
    if symbol.shape[0] is None:
        symbol.sizes = (Affine(1, 0), *row)
    scene.inputs.append(symbol)
    scene.values[given.name] = symbol


def _read(scene: Scene, step: Step) -> None:
    """Read a node: put what it makes among the values, or None for what is refused and follows from that."""
    makes = [name for name in step.makes if name]
    twice = [name for name in makes if name in scene.values]
    strangers = [name for name in step.reads if name and name not in scene.values]
    if twice or strangers:
        told = "which there is already" if twice else "which it reads and nothing before it makes"
        raise FormatError(f"{', '.join(twice or strangers)}, {told}")
    scene.values.update(dict.fromkeys(makes))
    if any(name and scene.values[name] is None for name in step.reads):
        return
    scene.step = step
    operands = [scene.values[name] if name else None for name in step.reads]
    found = READERS[step.kind](scene, *operands, **step.attributes) if scene.is_left(step) else scene.handed_on(step)
    results = found if isinstance(found, tuple) else (found,)
    unmade = [name for name in step.makes[len(results) :] if name]
    if unmade:
        raise UncoveredError(f"makes {', '.join(unmade)}, which is not made here")
    scene.values.update((name, value) for name, value in zip(step.makes, results, strict=False) if name)


def _called(scene: Scene, name: str, before: Sequence[KerasTensor]) -> Any:
    """Return an output that is called as in the file, if no other layer is."""
    value = scene.values[name]
    layer = value.history[0]
    again = any(value is other for other in (*before, *scene.inputs))
    if layer.name == name and not again:
        return value
    if again or (layer.weights and scene.names.is_free(name)):
        return Identity(name=scene.names.unique(name, reserved=True), dtype=value.dtype.name)(value)
    if not layer.weights and len(layer._nodes[0].outputs) == 1:
        value.name = layer.name = scene.names.unique(name, reserved=True)
    return value
