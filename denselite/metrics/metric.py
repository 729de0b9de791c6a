"""``Metric``: a number that is gathered over batches; and the table of names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import numpy as np

from denselite import initializers
from denselite.declared import Declared, keyword
from denselite.errors import ArgumentError, StateError
from denselite.naming import auto_name
from denselite.registry import Registry, snake_case
from denselite.tensor.context import current_trace, untraced
from denselite.tensor.dtypes import standardize_dtype
from denselite.tensor.variable import Variable

__all__ = ["Metric", "metrics"]

metrics: Registry[Any] = Registry("metric")


class Metric(Declared):
    """Base of all metrics: variables, how a batch changes them, and the number they stand for.

    ``update_state`` is traced like a layer: it is written with NumPy functions or ``denselite.ops``
    and changes its variables by ``assign``. Variables are float64 whatever the metric's dtype, so
    that a total over millions of samples stays exact to many digits; they are few and small.

    Args:
        name: what logs call it. By default what the class says, or the class in snake case, with a
            number from the second one of a process on (``"auc"``, ``"auc_1"``).
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
    _direction = cast("str | None", None)  # "up": larger is better; "down": smaller is

    name: str | None = keyword(default=None, kw_only=True)
    dtype: Any = keyword(default=None, kw_only=True)

    def __post_init__(self) -> None:
        self.name = self.name or auto_name(snake_case(type(self).__name__))
        self.dtype = standardize_dtype(self.dtype).name
        self._variables: list[Variable] = []

    def add_variable(
        self,
        shape: Sequence[int] = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str | None = "sum",
        name: str | None = None,
    ) -> Variable:
        """Return a new variable of the metric's state; ``update_state`` may make them at its first batch.

        Args:
            shape: a tuple of ints.
            initializer: a name, a config or a callable; zeros by default.
            dtype: float64 when None.
            aggregation: taken for Keras' sake: how machines would share the state.
            name: what files call it.
        """
        made = initializers.get(initializer or "zeros")
        with untraced():
            variable = Variable(made, tuple(shape), dtype or "float64", trainable=False, name=name or "variable")
        variable.path = f"{self.name}/{variable.name}"
        self._variables.append(variable)
        return variable

    def add_weight(
        self, shape: Sequence[int] = (), initializer: Any = "zeros", dtype: Any = None, name: str | None = None
    ) -> Variable:
        """Return ``add_variable(shape, initializer, dtype, name=name)``."""
        return self.add_variable(shape, initializer, dtype, name=name)

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

    def stateless_update_state(self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Return what the variables would be after a batch; the metric stays as it is.

        Args:
            metric_variables: a value for each of ``variables``, which the batch comes on top of.
            *args: as for ``update_state``.
            **kwargs: as for ``update_state``.

        Raises:
            ArgumentError: there are more or fewer values than variables.

        Example:
            >>> from denselite.metrics import Mean
            >>> mean = Mean()
            >>> values = mean.stateless_update_state([np.array(6.0), np.array(2.0)], [9.0])
            >>> float(mean.stateless_result(values)), float(mean.result())
            (5.0, 0.0)
        """
        with self._holding(metric_variables):
            self.update_state(*args, **kwargs)
            return self._values()

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """Return the number that ``metric_variables`` stand for, in place of its own; the metric stays as it is."""
        with self._holding(metric_variables):
            return self.result()

    def stateless_reset_state(self) -> list[Any]:
        """Return what the variables are after ``reset_state``; the metric stays as it is."""
        with self._holding(self._values()):
            self.reset_state()
            return self._values()

    def _values(self) -> list[Any]:
        """What the variables hold now: copies, or the tensors of a trace."""
        return [v.numpy() if current_trace() is None else v.value for v in self.variables]

    @contextmanager
    def _holding(self, values: Sequence[Any]) -> Iterator[None]:
        kept = dict(zip(self.variables, self._values(), strict=True))
        if len(values) != len(kept):
            raise ArgumentError(
                f"{type(self).__name__} has {len(kept)} variables and takes a value for each, got {len(values)}."
            )
        for variable, value in zip(kept, values, strict=True):
            variable.assign(value)
        try:
            yield
        finally:
            self.reset_state()  # variables that were made meanwhile too
            for variable, value in kept.items():
                variable.assign(value)
