"""``Metric``: a number that is gathered over batches; and the table of names."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import initializers
from denselite.declared import Declared, keyword
from denselite.errors import StateError
from denselite.registry import Registry, snake_case
from denselite.tensor.dtypes import standardize_dtype
from denselite.tensor.variable import Variable

__all__ = ["Metric", "metrics"]

_ABSENT_CLASSES = (
    "AUC", "BinaryIoU", "CategoricalHinge", "ConcordanceCorrelation", "CosineSimilarity", "F1Score", "FBetaScore",
    "FalseNegatives", "FalsePositives", "Hinge", "IoU", "KLDivergence", "LogCoshError", "MeanAbsolutePercentageError",
    "MeanIoU", "MeanSquaredLogarithmicError", "OneHotIoU", "OneHotMeanIoU", "PearsonCorrelation", "Poisson",
    "Precision", "PrecisionAtRecall", "R2Score", "Recall", "RecallAtPrecision", "SensitivityAtSpecificity",
    "SparseTopKCategoricalAccuracy", "SpecificityAtSensitivity", "SquaredHinge", "TopKCategoricalAccuracy",
    "TrueNegatives", "TruePositives",
)  # fmt: skip
_ABSENT_FUNCTIONS = (
    "binary_focal_crossentropy", "categorical_focal_crossentropy", "categorical_hinge", "concordance_correlation",
    "hinge", "huber", "kl_divergence", "log_cosh", "mape", "MAPE", "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error", "msle", "MSLE", "pearson_correlation", "poisson",
    "sparse_top_k_categorical_accuracy", "squared_hinge", "top_k_categorical_accuracy",
)  # fmt: skip

metrics: Registry[Any] = Registry(
    "metric", absent=tuple({*_ABSENT_CLASSES, *map(snake_case, _ABSENT_CLASSES), *_ABSENT_FUNCTIONS})
)


class Metric(Declared):
    """Base of all metrics: variables, how a batch changes them, and the number they stand for.

    ``update_state`` is traced like a layer: it is written with NumPy functions or ``denselite.ops``
    and changes its variables by ``assign``. Variables are float64 whatever the metric's dtype, so
    that a total over millions of samples stays exact to many digits; they are few and small.

    Args:
        name: what logs call it; the class in snake case by default.
        dtype: the float dtype of the values a batch gives; ``floatx()`` by default.

    Example:
        >>> class Largest(Metric):
        ...     def __post_init__(self):
        ...         super().__post_init__()
        ...         self.largest = self.add_weight(name="largest")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.largest.assign(np.maximum(self.largest, np.max(y_pred)))
        ...     def result(self):
        ...         return self.largest.value
        >>> metric = Largest()
        >>> metric.update_state(np.zeros(2), np.array([1.0, 3.0]))
        >>> float(metric.result())
        3.0
    """

    _keras_module = "keras.metrics"
    _trailing_positional = True
    _direction: str | None = None  # "up": larger is better; "down": smaller is

    name: str | None = keyword(default=None, kw_only=True)
    dtype: Any = keyword(default=None, kw_only=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "name" not in cls.__dict__:
            cls.name = snake_case(cls.__name__)
        super().__init_subclass__(**kwargs)

    def __post_init__(self) -> None:
        self.name = self.name or snake_case(type(self).__name__)
        self.dtype = standardize_dtype(self.dtype).name
        self._variables: list[Variable] = []

    def add_variable(
        self, shape: tuple[int, ...] = (), initializer: Any = "zeros", dtype: Any = None, name: str | None = None
    ) -> Variable:
        """Return a new variable of the metric's state.

        Args:
            shape: a tuple of ints.
            initializer: a name, a config or a callable; zeros by default.
            dtype: float64 when None.
            name: what files call it.
        """
        made = initializers.get(initializer or "zeros")
        variable = Variable(made, tuple(shape), dtype or "float64", trainable=False, name=name or "variable")
        variable.path = f"{self.name}/{variable.name}"
        self._variables.append(variable)
        return variable

    def add_weight(
        self, shape: tuple[int, ...] = (), initializer: Any = "zeros", dtype: Any = None, name: str | None = None
    ) -> Variable:
        """Return a new variable: another name of ``add_variable``."""
        return self.add_variable(shape, initializer, dtype, name)

    @property
    def variables(self) -> list[Variable]:
        """The metric's state: its own variables, then those of metrics it holds as attributes."""
        inner = [value for value in vars(self).values() if isinstance(value, Metric)]
        return [*self._variables, *(variable for metric in inner for variable in metric.variables)]

    def reset_state(self) -> None:
        """Set all variables to 0."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take a batch into account."""
        raise StateError(f"{type(self).__name__} has no update_state(): a metric takes a batch into account there.")

    def result(self) -> Any:
        """Return the number that the variables stand for, or a dict of numbers."""
        raise StateError(f"{type(self).__name__} has no result(): a metric says its number there.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take a batch into account and return the number so far."""
        self.update_state(*args, **kwargs)
        return self.result()
