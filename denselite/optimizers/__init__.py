"""Optimizers: update rules, learning-rate schedules, and their names."""

from __future__ import annotations

from typing import Any

from denselite.declared import serialize
from denselite.errors import ArgumentError
from denselite.optimizers import schedules
from denselite.optimizers.adafactor import Adafactor
from denselite.optimizers.adam import Adam, AdamW
from denselite.optimizers.adam_kin import Adamax, Nadam, ScheduleFreeAdamW
from denselite.optimizers.ftrl import Ftrl
from denselite.optimizers.lamb import Lamb
from denselite.optimizers.momentum import SGD, Lion
from denselite.optimizers.muon import Muon
from denselite.optimizers.optimizer import Optimizer
from denselite.optimizers.scaling import Adadelta, Adagrad, RMSprop
from denselite.registry import Registry

__all__ = [
    "SGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam",
    "Optimizer", "RMSprop", "ScheduleFreeAdamW", "deserialize", "get", "schedules", "serialize",
]  # fmt: skip

_RULES = (
    SGD, RMSprop, Adam, AdamW, Adamax, Nadam, Adagrad, Adadelta, Ftrl, Lion, Lamb, Adafactor, Muon, ScheduleFreeAdamW,
)  # fmt: skip
_ABSENT = ("LossScaleOptimizer", "MultiOptimizer", "OptimizerMap")
optimizers: Registry[Any] = Registry("optimizer", absent=_ABSENT, fold_case=True)
for _rule in _RULES:
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
    """Return the optimizer that ``serialize`` described in ``config``.

    Example:
        >>> deserialize(serialize(SGD(0.5))).get_config()["learning_rate"]
        0.5
    """
    return get(config)


def __getattr__(name: str) -> Any:
    optimizers.refuse(__name__, name)
