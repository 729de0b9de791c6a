"""``compute_gradients``: the gradient of a model's loss by its weights, its inputs or what a layer returns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from sys import maxsize
from typing import Any

import numpy as np

from denselite import ops, tree
from denselite.data import Source
from denselite.errors import ArgumentError, DTypeError, StateError, UnknownNameError, suggestion
from denselite.graph.autodiff import gradients
from denselite.graph.graph import trace_graph
from denselite.layers.input_layer import InputLayer
from denselite.layers.layer import Layer
from denselite.models.arguments import named_arguments, one_batch
from denselite.models.eager import EagerProgram
from denselite.models.goals import OutputGoal
from denselite.models.stepping import Stepping
from denselite.models.steps import Step, forward, gradients_of, input_specs, match_goals, total_loss
from denselite.models.trainer import Trainer
from denselite.program.bind import Bound
from denselite.program.program import Program
from denselite.tensor.context import Trace, constant
from denselite.tensor.dtypes import is_float
from denselite.tensor.symbols import Tensor

__all__ = ["Derivatives", "LossStep"]


class Derivatives(Trainer):
    """What a model says of its loss beside the value."""

    @named_arguments
    def compute_gradients(
        self, x: Any, y: Any = None, sample_weight: Any = None, wrt: str = "weights", training: bool = False
    ) -> Any:
        """Return the gradient of the loss on the rows given, which are one batch; the model stays as it is.

        The loss is the one compiled, penalties included. Without ``y`` it is the sum of each row's largest
        output instead, so ``np.abs(model.compute_gradients(x, wrt="inputs"))`` is a saliency map: what in
        each row the model looks at. The model need not be compiled for that.

        Args:
            x: inputs, as for ``predict``.
            y: targets.
            sample_weight: a weight for each row.
            wrt: what to differentiate by: ``"weights"`` (the trainable ones), ``"inputs"``, or the name of a
                layer for what it returns; ``"outer/inner"`` for a layer inside another one.
            training: whether layers behave as in training; dropout then drops what the next step will drop.

        Returns:
            For weights a list in the order of ``trainable_weights``. For inputs arrays nested as ``x``, None
            for integers. For a layer arrays nested as its output; a list of these, one a call, where the
            model calls it more than once.

        Raises:
            UnknownNameError: there is no such layer; the nearest name is given.
            ArgumentError: ``x`` is no arrays, or weights are given without targets.
            StateError: ``y`` is given and the model is not compiled, or it does not call the layer.
            DTypeError: there are only integers to differentiate by.
            GradientError: an operation on the way has no gradient.

        Example:
            >>> import numpy as np
            >>> from denselite import Input, Sequential, layers
            >>> model = Sequential([Input((2,)), layers.Dense(1, use_bias=False, name="d")])
            >>> model.set_weights([np.array([[3.0], [-1.0]])])
            >>> x = np.array([[1.0, 2.0]])
            >>> model.compute_gradients(x, wrt="inputs").tolist()
            [[3.0, -1.0]]
            >>> model.compile(loss="mse")
            >>> model.compute_gradients(x, [[0.0]])[0].tolist()  # 2 * (3 - 2) * x
            [[2.0], [4.0]]
        """
        who = f"{type(self).__name__} {self.name!r}: compute_gradients()"
        one_batch(x, who)
        if y is None and sample_weight is not None:
            raise ArgumentError(f"{who} got sample_weight without y, and there is no loss to weigh. Give y too.")
        if y is not None:
            self._require_compiled()
        source = self._source(x, y, sample_weight, maxsize, None, None)
        layer = None if wrt in ("weights", "inputs") else _find_layer(self, wrt, who)
        kind = ("gradients", wrt, bool(training), tuple(map(id, self.trainable_weights)))
        step = self._kept(kind, source, y is not None, lambda: LossStep(self, source, training, wrt, layer))
        with step.bound(source) as bound:
            bound()
            return tree.unflatten(step.nesting, [found.copy() for found in bound.outputs[1:]])


class LossStep(Step):
    """The loss on a batch and its gradient; running it changes nothing.

    Args:
        model: a built model, compiled if there are targets.
        source: the data.
        training: whether layers behave as in training.
        wrt: ``"weights"``, ``"inputs"``, the path of ``layer``, or None for the loss alone.
        layer: a layer whose output is differentiated by.

    Attributes:
        nesting: how the gradients, the results after the loss, are nested.
    """

    def __init__(
        self, model: Stepping, source: Source, training: bool, wrt: str | None = None, layer: Layer | None = None
    ) -> None:
        self.nesting = tree.LEAF
        self._goals: list[OutputGoal] = []
        judged = source.structure.y is not None
        specs = input_specs(model, source, "test" if judged else "predict")

        def traced(trace: Trace, inputs: dict[str, Tensor]) -> list[Tensor]:
            if layer is not None:
                trace.watched[id(layer)] = []
            outputs, y, weights = forward(model, trace, inputs, source, bool(training))
            rows = len(next(iter(inputs.values())))
            loss = self._loss(model, trace, outputs, y, weights, rows) if judged else _largest(outputs)
            found: Any = []
            if wrt == "weights":
                found = gradients_of(trace, loss, model.trainable_weights)
            elif wrt is not None:
                found = _by_tensors(loss, _sources(model, trace, inputs, source, wrt, layer), wrt)
            leaves, self.nesting = tree.flatten(found)
            return [loss, *leaves]

        def make(batch: int | None) -> Program | EagerProgram:
            if model.run_eagerly:
                return EagerProgram(traced, specs, {})
            return Program(replace(trace_graph(traced, specs, batch), writes=[]))

        super().__init__(make)

    def _loss(self, model: Stepping, trace: Trace, outputs: list[Tensor], y: Any, weights: Any, rows: int) -> Tensor:
        """Record the total loss; what the losses and metrics are is for a real step to settle."""
        objective = model._objective
        settled = objective.goals
        objective.goals = settled or self._goals
        try:
            goals = match_goals(model, outputs, y, weights)
            self._goals = objective.goals
        finally:
            objective.goals = settled
        return total_loss(model, trace, goals, rows)

    @contextmanager
    def bound(self, source: Source) -> Iterator[Bound]:
        """Lend the calls for the one batch of ``source``, which is in place."""
        batch = next(iter(source.batches()))
        program = self.program(batch.size)
        memory = program.acquire()
        try:
            bound = memory.bind(batch.size)
            batch.write(list(bound.inputs.values()))
            yield bound
        finally:
            program.release(memory)


def _largest(outputs: list[Tensor]) -> Tensor:
    """The sum of the largest number in each row of each output."""
    total: Any = sum(ops.sum(ops.max(ops.reshape(output, (output.shape[0], -1)), axis=-1)) for output in outputs)
    return total  # type: ignore[no-any-return]


def _sources(
    model: Stepping, trace: Trace, inputs: dict[str, Tensor], source: Source, wrt: str, layer: Layer | None
) -> Any:
    """What is differentiated by, nested."""
    if layer is None:
        leaves = [tensor for name, tensor in inputs.items() if name.startswith("x")]
        return tree.unflatten(source.structure.x, leaves)
    calls = trace.watched[id(layer)]
    if not calls:
        raise StateError(
            f"{type(model).__name__} {model.name!r} does not call layer {wrt!r} when it is called, so that its "
            "output is no part of the loss. Choose a layer on the way to the outputs."
        )
    return calls if len(calls) > 1 else calls[0]


def _by_tensors(loss: Tensor, nested: Any, wrt: str) -> Any:
    """The gradient for each tensor: zeros where the loss does not depend on it, None for integers."""
    tensors, structure = tree.flatten(nested)
    floats = [tensor for tensor in tensors if isinstance(tensor, Tensor) and is_float(tensor.dtype)]
    if not floats:
        raise DTypeError(
            f"compute_gradients() cannot differentiate by {wrt!r}, which holds no floats. "
            "Give wrt the name of a layer behind it, such as an Embedding."
        )
    found = {
        tensor.index: constant(np.zeros(tensor.shape, tensor.dtype)) if g is None else g
        for tensor, g in zip(floats, gradients(loss, floats), strict=True)
    }
    return tree.unflatten(structure, [found.get(getattr(tensor, "index", None)) for tensor in tensors])  # type: ignore[arg-type]


def _find_layer(model: Any, path: str, who: str) -> Layer:
    layers: dict[str, Layer] = {}
    waiting = [(str(layer.name), layer) for layer in reversed(model._sublayers)]
    while waiting:
        name, layer = waiting.pop()
        if not isinstance(layer, InputLayer):
            layers[name] = layer
            waiting += [(f"{name}/{inner.name}", inner) for inner in reversed(layer._sublayers)]
    if path not in layers:
        raise UnknownNameError(
            f"{who} expects wrt 'weights', 'inputs' or the name of a layer, got {path!r}."
            f"{suggestion(str(path), ['weights', 'inputs', *layers])} The layers are: {', '.join(layers)}."
        )
    return layers[path]
