"""What a model is trained for: compile arguments, checked at once and matched to outputs when shapes are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from denselite import losses, metrics
from denselite.errors import ArgumentError, DataError, suggestion
from denselite.losses import Loss
from denselite.metrics import Mean, Metric

__all__ = ["Objective", "OutputGoal"]

_ACCURACY = ("accuracy", "acc")
_CROSSENTROPY = ("crossentropy", "ce")


@dataclass(eq=False)
class OutputGoal:
    """What one output is trained and judged by.

    Args:
        name: the output's name in logs; None for the only output.
        loss: its loss, None for none.
        weight: the factor of its loss in the total.
        tracker: mean of its loss over an epoch, kept when there are several.
        metrics: metrics by log name, unweighted.
        weighted: metrics by log name that use sample weights.
    """

    name: str | None
    loss: Loss | None
    weight: float
    tracker: Mean | None
    metrics: dict[str, Metric] = field(default_factory=dict)
    weighted: dict[str, Metric] = field(default_factory=dict)


class Objective:
    """The loss, loss weights and metrics that ``compile`` was given.

    Raises:
        ArgumentError: something is no loss or no metric; names are looked up at once.
    """

    def __init__(self, loss: Any, loss_weights: Any, metrics: Any, weighted_metrics: Any) -> None:
        self.loss, self.loss_weights = loss, loss_weights
        self.metrics, self.weighted_metrics = metrics, weighted_metrics
        for identifier in _leaves(loss):
            _check_loss(identifier)
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
            for identifier in _leaves(value):
                _metric(identifier, (1,), (1,))
        self.loss_tracker = Mean(name="loss")
        self.goals: list[OutputGoal] = []

    def match(self, names: Sequence[str], target_shapes: Sequence[Any], output_shapes: Sequence[Any]) -> None:
        """Match losses and metrics to outputs, once; shapes tell what ``"accuracy"`` means.

        Args:
            names: the outputs' names.
            target_shapes: the shapes of the targets, one for each output, None where there is none.
            output_shapes: the shapes of the outputs.

        Raises:
            ArgumentError: entries that match no output, or a number that differs.
            DataError: an output is to be judged and has no target.
        """
        per_loss = _per_output(self.loss, names, "loss")
        per_metrics = _metrics_per_output(self.metrics, names, "metrics")
        per_weighted = _metrics_per_output(self.weighted_metrics, names, "weighted_metrics")
        for name, shape, *goals in zip(names, target_shapes, per_loss, per_metrics, per_weighted, strict=True):
            if shape is None and any(goals):
                raise DataError(
                    f"compile() gave output {name!r} a loss or metrics, and there is no target y for it. Give y too."
                )
        if not self.goals:
            self.goals = self._match(names, target_shapes, output_shapes, per_loss, per_metrics, per_weighted)

    def _match(
        self,
        names: Sequence[str],
        target_shapes: Sequence[Any],
        output_shapes: Sequence[Any],
        per_loss: list[Any],
        per_metrics: list[list[Any]],
        per_weighted: list[list[Any]],
    ) -> list[OutputGoal]:
        one = len(names) == 1
        per_weight = (
            _per_output(self.loss_weights, names, "loss_weights")
            if self.loss_weights is not None
            else [1.0] * len(names)
        )
        several_losses = sum(loss is not None for loss in per_loss) > 1
        goals = []
        for k, name in enumerate(names):
            loss = _loss(per_loss[k], target_shapes[k], output_shapes[k])
            goal = OutputGoal(None if one else name, loss, 1.0 if per_weight[k] is None else float(per_weight[k]), None)
            if loss is not None and several_losses:
                goal.tracker = Mean(name=f"{name}_loss")
            prefix = "" if one else f"{name}_"
            shapes = target_shapes[k], output_shapes[k]
            goal.metrics = _named(per_metrics[k], prefix, shapes, ())
            goal.weighted = _named(per_weighted[k], prefix, shapes, goal.metrics)
            goals.append(goal)
        return goals

    def loss_of_each(self, names: Sequence[str]) -> list[Any]:
        """Return what was given as the loss of each output."""
        return _per_output(self.loss, names, "loss")

    @property
    def named_metrics(self) -> dict[str, Metric]:
        """Every tracked mean and metric by log name: ``loss`` first, then in the order of ``evaluate``."""
        found: dict[str, Metric] = {"loss": self.loss_tracker}
        found |= {str(goal.tracker.name): goal.tracker for goal in self.goals if goal.tracker is not None}
        rest = {name: metric for goal in self.goals for name, metric in (*goal.metrics.items(), *goal.weighted.items())}
        return found | (rest if len(self.goals) == 1 else dict(sorted(rest.items())))

    def result_order(self, logs: Mapping[str, float]) -> list[str]:
        """Return log names in the order of ``evaluate``'s list, which is Keras' to the letter.

        First each tracker and metric by its own name where the logs have that name, then what is left
        of the logs, sorted.
        """
        trackers = [goal.tracker for goal in self.goals if goal.tracker is not None]
        kept = [metric for goal in self.goals for metric in (*goal.metrics.values(), *goal.weighted.values())]
        own = [str(metric.name) for metric in (self.loss_tracker, *trackers, *kept)]
        return [name for name in own if name in logs] + sorted(name for name in logs if name not in own)

    def reset(self) -> None:
        """Start all means and metrics anew."""
        for metric in self.named_metrics.values():
            metric.reset_state()

    def logs(self) -> dict[str, float]:
        """Return the present values by log name, sorted by name as Keras does."""
        return {name: float(metric.result()) for name, metric in sorted(self.named_metrics.items())}


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and "class_name" not in value:
        return [leaf for entry in value.values() for leaf in _leaves(entry)]
    if isinstance(value, list | tuple):
        return [leaf for entry in value for leaf in _leaves(entry)]
    return [] if value is None else [value]


def _check_loss(identifier: Any) -> None:
    if identifier not in _CROSSENTROPY:
        _loss(identifier, (1,), (1,))


def _loss(identifier: Any, target_shape: Any, output_shape: Any) -> Loss | None:
    if identifier in _CROSSENTROPY:
        identifier = losses.resolve_crossentropy(target_shape, output_shape)
    found = losses.get(identifier)
    if found is None or isinstance(found, Loss):
        return found
    name = getattr(found, "__name__", "loss")
    return losses.LossFunctionWrapper(found, name=name)


def _metric(identifier: Any, target_shape: Any, output_shape: Any) -> tuple[str, Metric]:
    """Return the log name and a metric."""
    if isinstance(identifier, str) and identifier.lower() in _ACCURACY:
        metric: Metric = metrics.resolve_accuracy(target_shape, output_shape)(name=identifier)
        return identifier, metric
    found = metrics.get(identifier)
    if not isinstance(found, Metric):
        name = identifier if isinstance(identifier, str) else getattr(found, "__name__", "metric").strip("<>")
        found = metrics.MeanMetricWrapper(found, name=name)
    if isinstance(identifier, str):
        found.name = identifier
    return str(found.name), found


def _named(identifiers: Sequence[Any], prefix: str, shapes: tuple[Any, Any], taken: Any) -> dict[str, Metric]:
    found: dict[str, Metric] = {}
    for identifier in identifiers:
        name, metric = _metric(identifier, *shapes)
        base = f"{prefix}weighted_{name}" if f"{prefix}{name}" in taken else f"{prefix}{name}"
        unique, count = base, 0
        while unique in found or unique in taken:
            count += 1
            unique = f"{base}_{count}"
        found[unique] = metric
    return found


def _per_output(value: Any, names: Sequence[str], option: str) -> list[Any]:
    """Match one entry to each output: by name, by place, or the same for all."""
    if isinstance(value, Mapping) and "class_name" not in value:
        unknown = [key for key in value if key not in names]
        if unknown:
            raise ArgumentError(
                f"compile(): {option} names the output {unknown[0]!r}, the model has {', '.join(names)}."
                f"{suggestion(str(unknown[0]), names)}"
            )
        return [value.get(name) for name in names]
    if isinstance(value, list | tuple):
        if len(value) != len(names):
            raise ArgumentError(
                f"compile(): {option} has {len(value)} entries, the model has {len(names)} outputs: {', '.join(names)}."
            )
        return list(value)
    return [value] * len(names)


def _metrics_per_output(value: Any, names: Sequence[str], option: str) -> list[list[Any]]:
    if value is None:
        return [[] for _ in names]
    if len(names) == 1 and not isinstance(value, Mapping):
        flat = value[0] if len(value) == 1 and isinstance(value[0], list | tuple) else value
        return [list(flat)]
    entries = _per_output(value, names, option)
    return [[] if e is None else list(e) if isinstance(e, list | tuple) else [e] for e in entries]
