"""Steps: what ``fit``, ``evaluate`` and ``predict`` run for one batch, traced once for each signature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from denselite import tree
from denselite.data import Source
from denselite.errors import GradientError, ShapeError, StateError
from denselite.graph.autodiff import blocked_at, gradients, told_where
from denselite.graph.dims import Mismatch
from denselite.graph.graph import BATCH, InputSpec, trace_graph
from denselite.models.eager import EagerProgram
from denselite.models.goals import OutputGoal
from denselite.models.update import Update
from denselite.ops.identity import cast
from denselite.ops.op import Array
from denselite.program.bind import Bound
from denselite.program.finite import FiniteCheck
from denselite.program.program import Program
from denselite.tensor.context import Trace, constant, scope
from denselite.tensor.masks import keep_mask
from denselite.tensor.symbols import KerasTensor, Tensor
from denselite.tensor.variable import Variable, storage_epoch

if TYPE_CHECKING:
    from denselite.models.stepping import Stepping
    from denselite.program.listing import Listing

__all__ = ["Step", "forward", "gradients_of", "input_specs", "make_step", "match_goals", "runs_python", "total_loss"]

Call = Callable[[], Any]


class Step:
    """One way to run a batch: programs for every batch size, and what commits their results.

    Args:
        make: returns a program for all batch sizes (``None``) or for one.
        prepare: calls between compute and commit that may still fail (a schedule).
        commit: calls that change weights, after those that change other state.
    """

    def __init__(
        self, make: Callable[[int | None], Any], prepare: Sequence[Call] = (), commit: Sequence[Call] = ()
    ) -> None:
        self._make = make
        self.prepare, self.commit = list(prepare), list(commit)
        self.landings: dict[int, str] = {}
        self.tables: list[str] = []
        self.bind_rows: Callable[[Bound], tuple[list[Call], list[Call]]] = lambda bound: ([], [])
        self._programs: dict[int | None, Any] = {}
        with suppress(Mismatch):  # a size that is not linear in the batch: one program for each batch size
            self._programs[None] = make(None)

    def program(self, batch: int) -> Any:
        """Return the program for a batch size: a ``Program``, or what stands in for one in a step run eagerly."""
        found = self._programs.get(None) or self._programs.get(batch)
        if found is None:
            found = self._programs[batch] = self._make(batch)
        return found

    def listing(self, batch: int) -> Listing:
        """Return what the step runs at a batch size."""
        from denselite.program.listing import Listing

        program = self.program(batch)
        plan = program.plan  # a step that runs eagerly has none, and says so
        with program.lease(batch) as bound:
            return Listing(plan, batch, self.landings, self.updates(bound))

    def updates(self, bound: Bound) -> list[tuple[str, list[Call]]]:
        """Return what changes weights after a bound program, by what to call it."""
        if not (self.landings or self.tables):
            return []
        whole = ("the optimizer's update", [*self.prepare, *self.commit])
        rows = (f"the update of rows of {', '.join(self.tables)}", list(chain(*self.bind_rows(bound))))
        return [rows, whole] if self.tables else [whole]

    def heaviest(self, batch: int) -> int:
        """Return the floating-point operations of the largest instruction of a step."""
        return int(self.program(batch).heaviest(batch))


class Lease:
    """The memory that one loop over batches works in; ``close`` gives it back."""

    def __init__(self, model: Stepping, step: Step) -> None:
        self.model, self.step = model, step
        self._tracks = model._tracks_nans
        self._held: dict[int, tuple[Any, Any]] = {}
        self._calls: dict[int, tuple[Bound, list[Array], list[Call]]] = {}
        self._epoch = storage_epoch()

    def bind(self, batch: int) -> tuple[Bound, list[Array], list[Call]]:
        """Return the bound program, its input arrays in the order of the source's leaves, and its calls."""
        if self._epoch != storage_epoch():  # a callback trained a model that shares weights: they may lie elsewhere
            self._calls.clear()
            self._epoch = storage_epoch()
        if self._tracks is not self.model._tracks_nans:
            self._calls.clear()
            self._tracks = self.model._tracks_nans
        known = self._calls.get(batch)
        if known is None:
            program = self.step.program(batch)
            held = self._held.get(id(program))
            if held is None:
                held = self._held[id(program)] = (program, program.acquire())
            capacity = held[1].capacity
            bound = held[1].bind(batch)
            if batch > capacity:
                self._calls.clear()  # the memory grew: what was bound before is gone
            prepare, commit = self.step.bind_rows(bound)
            calls = held[0].checked(bound, self._number) if self._tracks else bound.calls
            calls = [*calls, *self.step.prepare, *prepare, *bound.commit, *commit, *self.step.commit]
            if self._tracks and self.step.commit:
                kept = [*self.model.weights, *self.model.optimizer.variables]
                calls.append(partial(FiniteCheck(self._number).look_at_variables, kept))
            known = self._calls[batch] = bound, list(bound.inputs.values()), calls
        return known

    def bind_rows(self, batch: int, rows: list[Array]) -> list[Call] | None:
        """Return calls that read rows where they lie; None if these have to be copied to the inputs that are bound."""
        bound, inputs, calls = self.bind(batch)
        program = self.step.program(batch)
        if self._tracks or not program.readers or len(calls) > len(bound.calls):
            return None
        for given, there in zip(rows, inputs, strict=True):
            if given.dtype != there.dtype or not (given.flags.c_contiguous and given.flags.aligned):
                return None
        _, memory = self._held[id(program)]
        found: list[Call] = memory.bind_inputs(batch, rows)
        return found

    def _number(self) -> int:
        """The number of the step under way, from 1."""
        return int(self.model._step_count) + 1

    def close(self) -> None:
        """Give the memory back."""
        for program, memory in self._held.values():
            program.release(memory)
        self._held.clear()
        self._calls.clear()


def runs_python(model: Stepping, step: Step, rows: int) -> bool:
    """Whether more belongs to a step than to make NumPy calls."""
    return model.run_eagerly or model._tracks_nans or step.program(rows).runs_python


def make_step(model: Stepping, mode: str, source: Source) -> Step:
    """Trace and plan a step.

    Args:
        model: a built, compiled model (compiled is not needed to predict).
        mode: ``"train"``, ``"test"`` or ``"predict"``.
        source: the data, for its structure and specs.
    """
    specs = input_specs(model, source, mode)
    trainable = [v for v in model.trainable_weights if v.trainable] if mode == "train" else []
    update = Update(model.optimizer, trainable, model.jit_compile, by_rows=not model.run_eagerly)

    def traced(trace: Trace, inputs: dict[str, Tensor]) -> list[Tensor]:
        outputs, y, weights = forward(model, trace, inputs, source, mode == "train")
        if mode == "predict":
            return outputs
        loss = _objective(model, trace, outputs, y, weights, len(next(iter(inputs.values()))))
        if mode == "test":
            return []
        return update.results(gradients_of(trace, model.optimizer.scale_loss(loss), trainable))

    def make(batch: int | None) -> Program | EagerProgram:
        if model.run_eagerly:
            return EagerProgram(traced, specs, update.landings())
        try:
            graph = trace_graph(traced, specs, batch)
        except ShapeError as error:
            if batch is None and _fixes_batch(model):
                raise Mismatch(str(error)) from None  # it takes batches of one size, and is traced for that
            raise
        return Program(graph, update.landings())

    if model.run_eagerly and mode != "predict":
        _settle_ahead(model, source)
    if mode != "train":
        return Step(make)
    if not trainable:
        return Step(make, commit=[_count_up(model)])
    step = Step(make)  # first: what cannot be traced leaves the optimizer as it was
    step.prepare, commit = update.bind()
    step.commit = [*commit, _count_up(model)]
    step.bind_rows = update.bind_rows
    step.landings = {k: f"∂{v.name}" for k, v in enumerate(update.swept)}
    step.tables = [v.path for v in update.tables]
    return step


def _count_up(model: Stepping) -> Call:
    count = model._step_count.storage
    return partial(np.add, count, np.asarray(1), count)


def forward(
    model: Stepping, trace: Trace, inputs: dict[str, Tensor], source: Source, training: bool
) -> tuple[list[Tensor], Any, Any]:
    """Record a call on a batch; return the outputs, flat, with the targets and sample weights that came with it."""
    trace.step = trace.read(model._step_count)
    trace.seed = ~model._t_seed  # not the key that the shuffle is drawn by
    x, y, weights = _unpack(inputs, source)
    return tree.flatten(model(x, training=training))[0], y, weights


def input_specs(model: Stepping, source: Source, mode: str) -> dict[str, InputSpec]:
    """Name each leaf of a batch; inputs come in the dtype the model wants."""
    structure = source.structure
    names = structure.x.paths("x")
    if mode != "predict" and structure.y is not None:
        names += structure.y.paths("y")
        if structure.sample_weight is not None:
            names += structure.sample_weight.paths("sample_weight")
    dtypes = [*model._input_dtypes(source), *(spec.dtype for spec in source.specs[structure.x.num_leaves :])]
    return {
        name: ((BATCH, *spec.shape), dtype)
        for name, spec, dtype in zip(names, source.specs, dtypes, strict=False)  # predicting leaves y aside
    }


def _fixes_batch(model: Stepping) -> bool:
    """Whether an input of a model says how many rows a batch has."""
    return any(symbol.shape[:1] != (None,) for symbol in getattr(model, "inputs", None) or ())


def _unpack(inputs: dict[str, Tensor], source: Source) -> tuple[Any, Any, Any]:
    def part(kind: str, structure: Any) -> Any:
        leaves = [tensor for name, tensor in inputs.items() if name.startswith(kind)]
        return tree.unflatten(structure, leaves) if structure is not None and leaves else None

    structure = source.structure
    return part("x", structure.x), part("y", structure.y), part("sample_weight", structure.sample_weight)


def _objective(model: Stepping, trace: Trace, outputs: list[Tensor], y: Any, weights: Any, batch: int) -> Tensor:
    """Record the total loss and the updates of all means and metrics."""
    goals = match_goals(model, outputs, y, weights)
    with scope("loss", absolute=True):
        total = total_loss(model, trace, goals, batch)
    with scope("metrics", absolute=True):
        model._objective.loss_tracker.update_state(total, sample_weight=batch)
        for goal, output, target, weight in goals:
            for metric in goal.metrics:
                metric.update_state(target, output)
            for metric in goal.weighted:
                metric.update_state(target, output, sample_weight=weight)
    return total


def match_goals(model: Stepping, outputs: list[Tensor], y: Any, weights: Any) -> list[tuple[OutputGoal, Any, Any, Any]]:
    """Return what each output is judged by, with the output, its target and its sample weight."""
    targets = model._match_targets(y, "y")
    sample_weights = model._match_targets(weights, "sample_weight")
    _settle(model, targets, outputs)
    judged = [keep_mask(o, cast(o, np.float32)) if o.dtype == np.float16 else o for o in outputs]  # squares overflow
    return list(zip(model._objective.goals, judged, targets, sample_weights, strict=True))


def _settle(model: Stepping, targets: Sequence[Any], outputs: Sequence[Any]) -> None:
    """Settle what the losses and metrics of each output are, by the shapes."""
    target_shapes, output_shapes = ([None if t is None else t.shape for t in side] for side in (targets, outputs))
    labels, structure = model._output_labels, model._output_structure
    model._objective.match(labels, structure, target_shapes, output_shapes, model._names_outputs)


def _settle_ahead(model: Stepping, source: Source) -> None:
    """Do so before the first batch, whose trace would otherwise be the first to know."""
    inputs, targets = source.structure.x, source.structure.y
    given = None
    if targets is not None:
        specs = source.specs[inputs.num_leaves :][: targets.num_leaves]
        given = tree.unflatten(targets, [KerasTensor((None, *spec.shape), spec.dtype, "y") for spec in specs])
    _settle(model, model._match_targets(given, "y"), model.outputs)


def total_loss(model: Stepping, trace: Trace, goals: Sequence[Any], batch: int) -> Tensor:
    """Add up weighted losses, the penalties of regularised weights and what layers add."""
    total: Any = None
    for outputs_goal, output, target, weight in goals:
        for goal in outputs_goal.losses:
            loss = goal.loss(target, output, weight)
            if goal.tracker is not None:
                goal.tracker.update_state(loss, sample_weight=batch)
            loss = loss * goal.weight if goal.weight != 1.0 else loss
            total = loss if total is None else total + loss
    for penalty in (*model._penalties(), *(added for layer in trace.losses.values() for added in layer)):
        total = penalty if total is None else total + penalty
    if total is None:
        raise StateError(
            f"{type(model).__name__} {model.name!r} was compiled without a loss, so there is nothing to train for. "
            "Pass loss= to compile()."
        )
    return total  # type: ignore[no-any-return]


def gradients_of(trace: Trace, loss: Tensor, variables: Sequence[Variable]) -> list[Tensor]:
    """The gradient for each variable; zeros where the loss does not depend on it, as in Keras on JAX.

    Raises:
        GradientError: the loss depends on one through an op without a gradient, and not otherwise.
    """
    leaves = [trace.leaves[id(v)][1] if id(v) in trace.leaves else None for v in variables]
    found = iter(gradients(loss, [leaf for leaf in leaves if leaf is not None]))
    made = [None if leaf is None else next(found) for leaf in leaves]
    for variable, leaf, g in zip(variables, leaves, made, strict=True):
        block = blocked_at(loss, leaf) if leaf is not None and g is None else None
        if block is not None:
            raise GradientError(
                f"{variable.path!r} reaches the loss only through {told_where(block)}, which has no gradient, so that "
                "it would never be trained. Compute with floats there, or set trainable=False where that is meant."
            )
    return [constant(np.zeros(v.shape, v.dtype)) if g is None else g for g, v in zip(made, variables, strict=True)]
