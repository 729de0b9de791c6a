"""Optimizers: update rules, learning-rate schedules, and their names."""

from __future__ import annotations

from typing import Any

from denselite.declared import serialize
from denselite.errors import ArgumentError
from denselite.optimizers import schedules
from denselite.optimizers.optimizer import Optimizer
from denselite.optimizers.rules import SGD, Adam, AdamW, RMSprop
from denselite.registry import Registry

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "deserialize", "get", "schedules", "serialize"]

_ABSENT = ("Adadelta", "Adafactor", "Adagrad", "Adamax", "Ftrl", "Lamb", "Lion", "LossScaleOptimizer", "Muon", "Nadam")
optimizers: Registry[Any] = Registry("optimizer", absent=_ABSENT, fold_case=True)
for _rule in (SGD, RMSprop, Adam, AdamW):
    optimizers.add(_rule)


def get(identifier: Any) -> Optimizer:
    """Return an optimizer for a name (any case), a config, a class or an optimizer.

    Raises:
        UnknownNameError: no optimizer goes by that name.
        ArgumentError: ``identifier`` is none of these.

    Example:
        >>> get("adam").name
        'adam'
    """
    foreign = isinstance(identifier, type) and not issubclass(identifier, Optimizer)
    found = None if foreign else optimizers.get(identifier)
    if not isinstance(found, Optimizer):
        raise ArgumentError(f"An optimizer is a name, a config or an Optimizer, got {identifier!r}.")
    return found


def deserialize(config: dict[str, Any]) -> Optimizer:
    """Return the optimizer that ``serialize`` described.

    Example:
        >>> deserialize(serialize(SGD(0.5))).get_config()["learning_rate"]
        0.5
    """
    return get(config)


def __getattr__(name: str) -> Any:
    optimizers.refuse(__name__, name)
