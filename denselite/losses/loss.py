"""``Loss``: one number for a batch, from one value a sample, with weights; and the table of names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from denselite import ops
from denselite.config import floatx
from denselite.declared import Declared, keyword
from denselite.errors import ArgumentError, StateError
from denselite.losses.ranks import as_values, same_rank
from denselite.losses.reduction import reduce_weighted
from denselite.registry import Registry, snake_case
from denselite.tensor.dtypes import standardize_dtype
from denselite.tensor.masks import get_mask

__all__ = ["Loss", "LossFunctionWrapper", "losses"]

losses: Registry[Any] = Registry("loss", absent=("CTC", "Circle", "circle", "ctc"))

Reduction = Literal["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none"] | None


class Loss(Declared):
    """Base of all losses. A loss of your own says one value a sample; weights and reduction follow.

    Args:
        reduction: ``"sum_over_batch_size"`` (or ``"mean"``): the sum over the number of values;
            ``"sum"``; ``"mean_with_sample_weight"``: the sum over the sum of weights; ``"none"`` or
            None: one value a sample.
        name: what logs call it; the class in snake case by default.
        dtype: a float dtype; ``floatx()`` by default.

    Example:
        >>> import numpy as np
        >>> class Cubic(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return np.mean(np.abs(y_true - y_pred) ** 3, axis=-1)
        >>> float(Cubic()(np.array([[1.0]]), np.array([[3.0]])))
        8.0
    """

    _keras_module = "keras.losses"
    _trailing_positional = True

    reduction: Reduction = keyword(default="sum_over_batch_size", kw_only=True)
    name: str | None = keyword(default=None, kw_only=True)
    dtype: Any = keyword(default=None, kw_only=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "name" not in cls.__dict__:
            cls.name = snake_case(cls.__name__)
        super().__init_subclass__(**kwargs)

    def __post_init__(self) -> None:
        self.name = self.name or snake_case(type(self).__name__)
        self.dtype = standardize_dtype(self.dtype).name

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value a sample of ``y_true`` and ``y_pred``: all axes but the last are kept."""
        raise StateError(
            f"{type(self).__name__} has no call(y_true, y_pred): a loss says its value for each sample there."
        )

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the reduced loss.

        Args:
            y_true: targets.
            y_pred: predictions.
            sample_weight: a factor for each value that ``call`` returns, or for each of its rows.

        Shapes:
            whatever ``call`` takes -> ``()``, or one value a sample without a reduction.

        What the mask of the predictions leaves out does not count; a mean is over the rest.
        """
        mask = get_mask(y_pred)
        y_pred = as_values(y_pred, self.dtype)
        y_true = self._targets(as_values(y_true))
        values = as_values(self.call(y_true, y_pred), self.dtype)
        weight = None if sample_weight is None else as_values(sample_weight, self.dtype)
        ignored = self._mask(y_true)
        if ignored is not None:
            mask = ignored if mask is None else ops.logical_and(mask, ignored)
        return reduce_weighted(values, weight, mask, self.reduction)

    def _targets(self, y_true: Any) -> Any:
        return as_values(y_true, self.dtype)

    def _mask(self, y_true: Any) -> Any:
        """Which values count; None for all."""
        return None

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if config.get("dtype") == floatx():  # Keras writes no dtype; another than the usual one must not be lost
            del config["dtype"]
        return config


class LossFunctionWrapper(Loss):
    """A loss from a function: ``fn(y_true, y_pred)`` is one value a sample.

    Args:
        fn: callable ``(y_true, y_pred, **kwargs)``.
        reduction: as in ``Loss``.
        name: what logs call it; the function's name by default.
        dtype: as in ``Loss``.
        **kwargs: further arguments of ``fn``.

    Example:
        >>> import numpy as np
        >>> loss = LossFunctionWrapper(lambda y_true, y_pred: y_true - y_pred, reduction="sum")
        >>> float(loss(np.array([3.0, 4.0]), np.array([1.0, 1.0])))
        5.0
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: Reduction = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name or getattr(fn, "__name__", None), dtype=dtype)
        self.fn, self.fn_arguments = fn, kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        values = self.fn(*same_rank(y_true, y_pred), **self.fn_arguments)
        if values is None:
            name = getattr(self.fn, "__name__", "").strip("<>") or self.name
            raise ArgumentError(f"The loss function {name!r} returned None. Return a value for each row.")
        return values

    def _targets(self, y_true: Any) -> Any:
        return y_true if getattr(self.fn, "takes_classes", False) else super()._targets(y_true)

    @classmethod
    def from_config(cls, config: Any) -> Any:
        return cls(**{**config, "fn": losses.get(config["fn"])})
