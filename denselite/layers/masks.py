"""How masks go through a layer: given to ``call`` where it takes them, attached to what it returns."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from denselite import tree
from denselite.errors import ArgumentError
from denselite.tensor.masks import get_mask, with_mask
from denselite.tensor.symbols import KerasTensor, Tensor
from denselite.tensor.variable import Variable

__all__ = ["attach_masks", "fill_masks", "inherited_mask", "with_masks"]


def fill_masks(names: Sequence[str], args: Sequence[Any], kwargs: dict[str, Any]) -> None:
    """Put the masks of the arguments of a ``call`` into ``kwargs``, where it takes them and none is given.

    The mask of the only tensor is the argument ``mask``; of several, that of ``query`` is ``query_mask``.

    Args:
        names: the arguments of ``call``, in order.
        args: what is given by position.
        kwargs: what is given by name.
    """
    if not any(name.endswith("mask") for name in names):
        return
    placed = dict(zip(names, args, strict=False))
    given = {**placed, **kwargs}
    tensors = [name for name, value in given.items() if _holds_tensors(value)]
    sources = {"mask": tensors[0]} if len(tensors) == 1 else {f"{name}_mask": name for name in tensors}
    for target, source in sources.items():
        if target in names and target not in placed and kwargs.get(target) is None:
            kwargs[target] = _masks_of(given[source])


def inherited_mask(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Return the mask that a layer's output may inherit: the one given, else that of the first argument."""
    given = kwargs.get("mask")
    return given if given is not None else _masks_of(_first(args, kwargs))


def attach_masks(layer: Any, args: Sequence[Any], kwargs: Mapping[str, Any], outputs: Any, previous: Any) -> Any:
    """Return the outputs of a call with the masks that ``layer.compute_mask`` gives them.

    What has a mask already, from an inner layer or from ``call`` itself, keeps it.

    Args:
        layer: the layer that was called.
        args: what it was called with by position.
        kwargs: what it was called with by name.
        outputs: what ``call`` returned.
        previous: what ``inherited_mask`` returned before the call.
    """
    if not layer.supports_masking:
        if tree.flatten(previous)[0]:
            warnings.warn(
                f"{type(layer).__name__} {layer.name!r} got an input with a mask and does not support masking: its "
                "output has none, and what comes behind it takes padding for data. In a layer of your own, set "
                "self.supports_masking = True if the mask holds for the output too, or write compute_mask().",
                stacklevel=3,
            )
        return outputs
    leaves, structure = tree.flatten(outputs)
    if all(get_mask(leaf) is not None for leaf in leaves):
        return outputs
    masks = _flat(layer.compute_mask(_first(args, kwargs), previous))
    for place, (leaf, mask) in enumerate(zip(leaves, masks, strict=False)):
        if mask is not None and get_mask(leaf) is None:
            leaves[place] = with_mask(leaf, mask)
    return tree.unflatten(structure, leaves)


def with_masks(values: Any, masks: Any) -> Any:
    """Return nested arrays with the masks that are given for them, nested alike; None leaves them as they are.

    Raises:
        ArgumentError: masks are nested another way.
    """
    if masks is None:
        return values
    if isinstance(values, Mapping) and isinstance(masks, Mapping):
        return {key: with_masks(value, masks.get(key)) for key, value in values.items()}
    if isinstance(values, list | tuple) and isinstance(masks, list | tuple) and len(values) == len(masks):
        return [with_masks(value, mask) for value, mask in zip(values, masks, strict=True)]
    if not hasattr(values, "shape") or not hasattr(masks, "shape"):
        raise ArgumentError(f"mask= is nested as the inputs are, an array or None for each, got {masks!r:.80}.")
    return values if get_mask(values) is masks else with_mask(values, masks)


def _flat(masks: Any) -> list[Any]:
    """Masks in the order of the outputs' leaves, None where there is none."""
    if isinstance(masks, Mapping):
        masks = [masks[key] for key in sorted(masks)]
    return [mask for entry in masks for mask in _flat(entry)] if isinstance(masks, list | tuple) else [masks]


def _first(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    return args[0] if args else next(iter(kwargs.values()), None)


def _masks_of(value: Any) -> Any:
    """The masks of nested arrays, nested alike; None for an array that has none."""
    leaves, structure = tree.flatten(value)
    return tree.unflatten(structure, map(get_mask, leaves))


def _holds_tensors(value: Any) -> bool:
    leaves = tree.flatten(value)[0]
    return bool(leaves) and all(isinstance(leaf, np.ndarray | Tensor | KerasTensor | Variable) for leaf in leaves)
