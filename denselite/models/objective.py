"""What a model is trained for: compile arguments, checked at once and matched to outputs when shapes are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from denselite import losses, metrics
from denselite.errors import ArgumentError, DataError
from denselite.losses import Loss
from denselite.metrics import Mean, Metric
from denselite.models.goals import Goal, OutputGoal, log_names
from denselite.models.per_output import holds_parts, labels_of, spread
from denselite.registry import snake_case
from denselite.tree import Structure

__all__ = ["Objective"]

_ACCURACY = ("accuracy", "acc")
_CROSSENTROPY = ("crossentropy", "ce")


class Objective:
    """The loss, loss weights and metrics that ``compile`` was given.

    Raises:
        ArgumentError: something is no loss or no metric; names are looked up at once.
    """

    def __init__(self, loss: Any, loss_weights: Any, metrics: Any, weighted_metrics: Any) -> None:
        self.loss, self.loss_weights = loss, loss_weights
        self.metrics, self.weighted_metrics = metrics, weighted_metrics
        for factor in _leaves(loss_weights):
            if isinstance(factor, bool) or not isinstance(factor, Real):
                raise ArgumentError(
                    "compile() expects loss_weights to be numbers, in a list or dict for several outputs, "
                    f"got {factor!r}."
                )
        for option, value in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
            if value is not None and not isinstance(value, list | tuple | Mapping):
                raise ArgumentError(
                    f"compile() expects {option} to be a list or a dict, got {value!r}. Write {option}=[{value!r}]."
                )
        self._losses = _each(loss, _loss)
        self._judges = {"metrics": _each(metrics, _metric), "weighted_metrics": _each(weighted_metrics, _metric)}
        self.loss_tracker = Mean(name="loss")
        self.goals: list[OutputGoal] = []
        self._trackers: list[Mean] = []
        self._named: dict[str, Metric] = {}

    def match(
        self,
        names: Sequence[str],
        outputs: Structure,
        target_shapes: Sequence[Any],
        output_shapes: Sequence[Any],
        named: bool = True,
    ) -> None:
        """Match losses and metrics to outputs, once; shapes tell what ``"accuracy"`` means.

        Args:
            names: the outputs' names.
            outputs: how they are nested.
            target_shapes: the shapes of the targets, one for each output, None where there is none.
            output_shapes: the shapes of the outputs.
            named: whether logs tell the outputs apart by their names.

        Raises:
            ArgumentError: entries that match no output, or a number that differs.
            DataError: an output is to be judged and has no target.
        """
        given = spread(self._losses, outputs, names, "compile(): loss")
        plain, weighted = (self._judges_of(option, names, outputs) for option in self._judges)
        for k, (name, shape) in enumerate(zip(names, target_shapes, strict=True)):
            if shape is None and (_leaves(given[k]) or plain[k] or weighted[k]):
                raise DataError(
                    f"compile() gave output {name!r} a loss or metrics, and there is no target y for it. Give y too."
                )
        if self.goals:
            return
        shapes = list(zip(target_shapes, output_shapes, strict=True))
        goals = [
            OutputGoal([], [_metric(m, shape) for m in plain[k]], [_metric(m, shape) for m in weighted[k]])
            for k, shape in enumerate(shapes)
        ]
        weights = spread(self.loss_weights, outputs, names, "compile(): loss_weights")
        for k, entry in given.items():
            made = [_loss(loss, shapes[k]) for loss in _leaves(entry)]
            goals[k].losses = [Goal(*pair) for pair in zip(made, _factors(weights[k], made, names[k]), strict=True)]
        self._trackers = []
        several = named and len(names) > 1
        if sum(len(goal.losses) for goal in goals) > 1:
            labels = labels_of(outputs, names)
            for k in given:
                for goal in goals[k].losses:
                    goal.tracker = Mean(name=f"{labels[k] if several else goal.loss.name}_loss")
                    self._trackers.append(goal.tracker)
        self._named = log_names(goals, [f"{name}_" if several else "" for name in names])
        self.goals = goals

    def _judges_of(self, option: str, names: Sequence[str], outputs: Structure) -> list[list[Any]]:
        """The metrics of each output; of a single one all there are, whatever they are nested in."""
        if len(names) == 1:
            return [_leaves(self._judges[option])]
        found = spread(self._judges[option], outputs, names, f"compile(): {option}")
        return [_leaves(found[k]) for k in range(len(names))]

    def losses_of(self, names: Sequence[str], outputs: Structure) -> list[list[Any]]:
        """Return what was given as the losses of each output."""
        found = spread(self.loss, outputs, names, "compile(): loss")
        return [_leaves(found[k]) for k in range(len(names))]

    @property
    def named_metrics(self) -> dict[str, Metric]:
        """Every tracked mean and metric by log name: ``loss`` first, then in the order of ``evaluate``.

        As in Keras, where two losses have one name (an output with two of them) the later is logged.
        """
        found: dict[str, Metric] = {"loss": self.loss_tracker}
        if self.goals:
            found |= {str(tracker.name): tracker for tracker in self._trackers}
            found |= self._named if len(self.goals) == 1 else dict(sorted(self._named.items()))
        return found

    @property
    def _all(self) -> list[Metric]:
        """Every tracked mean and metric: of the total, the metrics of all outputs, the weighted, then of each loss."""
        plain = [metric for goal in self.goals for metric in goal.metrics]
        weighted = [metric for goal in self.goals for metric in goal.weighted]
        return [self.loss_tracker, *plain, *weighted, *(self._trackers if self.goals else ())]

    def result_order(self, logs: Mapping[str, Any]) -> list[str]:
        """Return log names in the order of ``evaluate``'s list, which is Keras' to the letter.

        First each tracker and metric by its own name where the logs have that name, then what is left
        of the logs, sorted.
        """
        own = [str(metric.name) for metric in self._all]
        return [name for name in own if name in logs] + sorted(name for name in logs if name not in own)

    def reset(self) -> None:
        """Start all means and metrics anew."""
        for metric in self._all:
            metric.reset_state()

    def logs(self) -> dict[str, Any]:
        """Return the present values by log name, sorted by name as Keras does; a dict of results is taken apart."""
        found: dict[str, Any] = {}
        for name, metric in self.named_metrics.items():
            result = metric.result()
            found |= result if isinstance(result, Mapping) else {name: result}
        return {name: float(value) if np.ndim(value) == 0 else value for name, value in sorted(found.items())}


def _each(value: Any, make: Callable[[Any], Any]) -> Any:
    """Return ``value`` with each entry made a part; None stays None."""
    if not holds_parts(value):
        return None if value is None else make(value)
    if isinstance(value, Mapping):
        return {key: _each(entry, make) for key, entry in value.items()}
    return [_each(entry, make) for entry in value]


def _leaves(value: Any) -> list[Any]:
    if not holds_parts(value):
        return [] if value is None else [value]
    return [leaf for entry in (value.values() if isinstance(value, Mapping) else value) for leaf in _leaves(entry)]


def _factors(weight: Any, entries: Sequence[Any], name: str) -> list[float]:
    """The factor of each loss of an output."""
    if isinstance(weight, list | tuple) and len(weight) != len(entries):
        raise ArgumentError(
            f"compile(): loss_weights has {len(weight)} entries for output {name!r}, loss has {len(entries)}."
        )
    given = weight if isinstance(weight, list | tuple) else [weight] * len(entries)
    return [1.0 if factor is None else float(factor) for factor in given]


def _loss(identifier: Any, shapes: tuple[Any, Any] | None = None) -> Any:
    """Return a loss; ``"crossentropy"`` waits for the shapes."""
    if isinstance(identifier, str) and identifier.lower() in _CROSSENTROPY:
        if shapes is None:
            return identifier
        found = losses.resolve_crossentropy(*shapes)
    else:
        found = losses.get(identifier)
    if isinstance(found, Loss):
        return found
    return losses.LossFunctionWrapper(found, name=_name(identifier, found))


def _metric(identifier: Any, shapes: tuple[Any, Any] | None = None) -> Any:
    """Return a metric, named as it is logged; ``"accuracy"`` waits for the shapes."""
    if isinstance(identifier, str) and identifier.lower() in _ACCURACY:
        return identifier if shapes is None else metrics.resolve_accuracy(*shapes)(name=identifier)
    found = metrics.get(identifier)
    if not isinstance(found, Metric):
        return metrics.MeanMetricWrapper(found, name=_name(identifier, found))
    if isinstance(identifier, str):
        found.name = identifier
    return found


def _name(identifier: Any, found: Any) -> str:
    """What a function or callable object is logged as."""
    if isinstance(identifier, str):
        return identifier
    return str(getattr(found, "name", None) or snake_case(getattr(found, "__name__", type(found).__name__)))
