"""The crossentropy for labels that may be wrong."""

from __future__ import annotations

from typing import Annotated, Any

from denselite.declared import Interval
from denselite.losses.classes import sparse_pair
from denselite.losses.focal import power
from denselite.losses.loss import Loss, losses
from denselite.ops.crossentropy import pick_class

__all__ = ["CategoricalGeneralizedCrossEntropy", "categorical_generalized_cross_entropy"]


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """Return ``(1 - p[class]^q) / q``, between the crossentropy (``q`` to 0) and the absolute error (1).

    Args:
        y_true: classes, integers from 0 (of any dtype).
        y_pred: predicted probabilities.
        q: a number between 0 and 1; the larger, the less a sample counts that is far off.

    Shapes:
        ``y_true: (batch, ...)`` or ``(batch, ..., 1)``, ``y_pred: (batch, ..., classes)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes do not fit, or there is one class only.
        DataError: an array of targets holds something that is not a class.

    Source:
        Zhang and Sabuncu, 2018, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels".

    Example:
        >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], q=0.5).tolist()
        [1.0]
    """
    labels, p, _ = sparse_pair("categorical_generalized_cross_entropy", y_true, y_pred)
    return (1.0 - power(pick_class(p, labels), q)) / q


losses.add(categorical_generalized_cross_entropy)
categorical_generalized_cross_entropy.takes_classes = True  # type: ignore[attr-defined]


@losses.add
class CategoricalGeneralizedCrossEntropy(Loss):
    """``(1 - p[class]^q) / q``: one class of several, targets as integers of which some may be wrong.

    Args:
        q: a number between 0 and 1; the larger, the less a sample counts that is far off.

    Example:
        >>> float(CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]))
        1.0
    """

    q: Annotated[float, Interval(gt=0, lt=1)] = 0.5

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return categorical_generalized_cross_entropy(y_true, y_pred, self.q)

    def _targets(self, y_true: Any) -> Any:
        return y_true  # integers stay what they are
