"""The coefficient of determination."""

from __future__ import annotations

from typing import Any, Literal

from denselite import ops
from denselite.declared import NonNegativeInt
from denselite.errors import ShapeError, StateError
from denselite.losses.ranks import as_values, described, same_rank
from denselite.metrics.metric import Metric, metrics

__all__ = ["R2Score"]


@metrics.register()
class R2Score(Metric):
    """``1 - sum((t - p)²) / sum((t - mean(t))²)``: the share of the targets' variance that is explained.

    Args:
        class_aggregation: how the scores of several outputs become one: ``"uniform_average"``, their
            mean; ``"variance_weighted_average"``, their mean by the variance of each; None: not.
        num_regressors: how many inputs the model has, for the adjusted score
            ``1 - (1 - R²)·(n - 1) / (n - num_regressors - 1)``; 0 for the plain one. It is plain as
            well as long as there are too few of the ``n`` values for that.

    Shapes:
        both ``(batch, outputs)`` -> ``()``, or ``(outputs,)`` without an aggregation.

    Raises:
        ShapeError: other shapes.

    Example:
        >>> round(float(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
        0.5714
    """

    _direction = "up"
    class_aggregation: Literal["uniform_average", "variance_weighted_average"] | None = "uniform_average"
    num_regressors: NonNegativeInt = 0
    name = "r2_score"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.num_samples = self.add_variable(name="num_samples")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = same_rank(as_values(y_true, self.dtype), as_values(y_pred, self.dtype))
        if y_pred.ndim != 2 or tuple(y_true.shape) != tuple(y_pred.shape):
            targets, predictions = described(y_true.shape, y_pred.shape)
            raise ShapeError(
                "R2Score expects targets and predictions of one shape (batch, outputs), "
                f"got targets {targets} and predictions {predictions}."
            )
        if len(self.variables) == 1:
            self._add_sums(y_pred.shape[1])
        weight = ops.ones_like(y_true)
        if sample_weight is not None:
            given = as_values(sample_weight, self.dtype)
            weight = ops.broadcast_to(ops.expand_dims(given, 1) if given.ndim == 1 else given, y_true.shape)
        weighted = y_true * weight
        self.sum.assign_add(ops.sum(weighted, 0))
        self.squared_sum.assign_add(ops.sum(y_true * weighted, 0))
        self.total_mse.assign_add(ops.sum(ops.square(y_true - y_pred) * weight, 0))
        self.count.assign_add(ops.sum(weight, 0))
        self.num_samples.assign_add(float(y_true.shape[0] * y_true.shape[1]))

    def _add_sums(self, outputs: int) -> None:
        self.squared_sum = self.add_variable((outputs,), name="squared_sum")
        self.sum = self.add_variable((outputs,), name="sum")
        self.total_mse = self.add_variable((outputs,), name="residual")
        self.count = self.add_variable((outputs,), name="count")

    def result(self) -> Any:
        if len(self.variables) == 1:
            raise StateError("R2Score has seen no batch yet. Call update_state() first.")
        total = self.squared_sum - self.sum * (self.sum / self.count)
        score = 1.0 - ops.divide(self.total_mse, total)
        score = ops.where(ops.isinf(score), 0.0, score)
        if self.class_aggregation == "uniform_average":
            score = ops.mean(score)
        elif self.class_aggregation == "variance_weighted_average":
            score = ops.divide(ops.sum(total * score), ops.sum(total))
        if not self.num_regressors:
            return score
        left = self.num_samples - float(self.num_regressors) - 1.0
        adjusted = 1.0 - (1.0 - score) * ops.divide(self.num_samples - 1.0, left)
        return ops.where(ops.greater(left, 0.0), adjusted, score)
