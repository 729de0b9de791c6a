"""Targets are looked at once, before the first step: class labels in range, no NaN, in the weights neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from denselite import tree
from denselite.data import Source, check_finite, check_labels
from denselite.errors import ShapeError
from denselite.losses import Loss
from denselite.losses.ranks import per_sample

if TYPE_CHECKING:
    from denselite.models.stepping import Stepping

__all__ = ["target_checks"]

Check = Callable[[Any, str], None]


def target_checks(model: Stepping, source: Source) -> list[Check | None]:
    """Return a check for each leaf of the targets, then of the weights.

    A check of ``(array, name)`` raises a DataError if it cannot be learnt from.
    """
    structure = source.structure.y
    if structure is None:
        return []
    places = model._match_targets(tree.unflatten(structure, range(structure.num_leaves)), "y")
    losses = model._objective.losses_of(model._output_labels, model._output_structure)
    checks: list[Check | None] = [None] * structure.num_leaves
    for output, place, given in zip(model.outputs, places, losses, strict=True):
        if place is not None and given:
            shape = source.specs[source.structure.x.num_leaves + place].shape
            checks[place] = _check(model, max(given, key=_is_sparse), output, shape)
    weights = source.structure.sample_weight
    return checks + [_check_weights] * (0 if weights is None else weights.num_leaves)


def _check_weights(values: Any, name: str) -> None:
    check_finite(values, "The loss", name)


def _check(model: Stepping, loss: Any, output: Any, shape: tuple[int, ...]) -> Check:
    who = f"{type(model).__name__} {model.name!r} with {loss_name(loss)}"
    wanted = tuple(output.shape[1:])
    if _is_sparse(loss):
        if shape not in (wanted[:-1], (*wanted[:-1], 1)):
            raise ShapeError(
                f"{who} expects labels of shape {per_sample(output.shape[:-1])} for output {output.shape}, "
                f"got {per_sample((None, *shape))}."
            )
        classes = wanted[-1]
        ignored = getattr(loss, "ignore_class", None)
        return lambda values, name: check_labels(values, classes, who, name, ignored)
    return lambda values, name: check_finite(values, who, name)


def _is_sparse(loss: Any) -> bool:
    return "sparse" in loss_name(loss).lower()


def loss_name(loss: Any) -> str:
    """Return what a loss is called in a message."""
    if isinstance(loss, str):
        return loss
    return type(loss).__name__ if isinstance(loss, Loss) else getattr(loss, "__name__", type(loss).__name__)
