"""Sums and means over all samples seen, and metrics that are the mean of a value each sample has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from denselite import ops
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import as_values, same_rank
from denselite.losses.reduction import divide_no_nan, masked_weight
from denselite.metrics.metric import Metric, metrics
from denselite.registry import Registry
from denselite.tensor.masks import get_mask

__all__ = ["Mean", "MeanMetricWrapper", "MeanOfSamples", "Sum", "functions"]

functions: Registry[Any] = Registry("metric function")  # their names are those of classes: a table of their own


def _weighted(values: Any, sample_weight: Any, dtype: str, mean: bool) -> tuple[Any, Any]:
    """Return ``values * weights`` and the weights, repeated to the values' shape.

    Axes of the values beyond those of the weights are reduced first, by mean or sum.
    """
    values, weight = same_rank(as_values(values, dtype), as_values(sample_weight, dtype))
    if values.ndim > weight.ndim:
        beyond = tuple(range(weight.ndim, values.ndim))
        values = ops.mean(values, beyond) if mean else ops.sum(values, beyond)
    weight = ops.broadcast_to(weight, values.shape)
    return values * weight, weight


def _sum_of_means(values: Any) -> Any:
    """The sum over samples of the mean over each sample's values: a scalar."""
    total = ops.sum(values) if values.ndim else values
    each = prod(values.shape[1:])
    return total if each == 1 else ops.cast(total, "float64") / float(each)


@metrics.register()
class Sum(Metric):
    """The (weighted) sum of all values: ``sum(w·x)``.

    Example:
        >>> metric = Sum()
        >>> float(metric([1.0, 3.0, 5.0], sample_weight=[1.0, 1.0, 0.0]))
        4.0
    """

    name: str | None = "sum"
    dtype: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.total = self.add_variable(name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values = as_values(values)
        if sample_weight is not None:
            values, _ = _weighted(values, sample_weight, self.dtype, mean=False)
        self.total.assign_add(ops.sum(values))

    def result(self) -> Any:
        return self.total * 1.0


@metrics.register()
class Mean(Metric):
    """The (weighted) mean of all values: ``sum(w·x) / sum(w)``, samples counting equally, whatever the batches.

    Example:
        >>> metric = Mean()
        >>> metric.update_state([1.0, 2.0, 3.0])
        >>> float(metric([10.0]))
        4.0
    """

    name: str | None = "mean"
    dtype: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values = as_values(values)
        if sample_weight is None:
            self.total.assign_add(_sum_of_means(values))
            self.count.assign_add(float(values.shape[0] if values.ndim else 1))
        else:
            values, weight = _weighted(values, sample_weight, self.dtype, mean=True)
            self.total.assign_add(_sum_of_means(values))
            self.count.assign_add(_sum_of_means(weight))

    def result(self) -> Any:
        return divide_no_nan(self.total.value, self.count.value)


class MeanOfSamples(Mean):
    """Base of the metrics that are the mean of a value each sample has."""

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return a value for each sample; booleans count as 0 and 1."""
        raise NotImplementedError

    def update_state(  # type: ignore[override]  # as in Keras: what a metric is fed is its own affair
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        weight = masked_weight(sample_weight, get_mask(y_pred), self.dtype)
        super().update_state(self.values(as_values(y_true), as_values(y_pred)), weight)


@metrics.register()
class MeanMetricWrapper(MeanOfSamples):
    """The mean of what a function returns for each sample: ``mean(fn(y_true, y_pred))``.

    Args:
        fn: callable ``(y_true, y_pred, **kwargs)``.
        **kwargs: further arguments of ``fn``.

    Example:
        >>> metric = MeanMetricWrapper(lambda y_true, y_pred: abs(y_true - y_pred))
        >>> float(metric([1.0, 2.0], [2.0, 4.0]))
        1.5
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        self.fn, self.fn_arguments = fn, kwargs
        if isinstance(fn, Loss) or fn in losses.members.values():
            self._direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return self.fn(y_true, y_pred, **self.fn_arguments)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "name": self.name, "dtype": self.dtype}
        if isinstance(config.get("fn"), str):  # one of ours, written as Keras reads it
            config["fn"] = {
                "module": "builtins", "class_name": "function", "config": config["fn"], "registered_name": "function",
            }  # fmt: skip
        return config

    @classmethod
    def from_config(cls, config: Any) -> Any:
        given = config["fn"]
        name = given["config"] if isinstance(given, Mapping) else given
        return cls(**{**config, "fn": functions.members.get(name) or losses.find(name)})
