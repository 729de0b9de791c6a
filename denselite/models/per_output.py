"""What ``compile`` was given, matched to outputs: by name, by place, nested like them, or the same for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from denselite.errors import ArgumentError, suggestion
from denselite.tree import Structure

__all__ = ["holds_parts", "labels_of", "spread"]


def spread(value: Any, outputs: Structure, names: Sequence[str], who: str) -> dict[int, Any]:
    """Return an entry for each output by its place; as in Keras, in the order of a dict where outputs are a dict.

    A dict goes by the keys of the outputs, at the top also by their names; what it leaves out gets None.
    A list goes by place, nested like the outputs or flat. Anything else is for all of them.

    Args:
        value: what was given.
        outputs: how the outputs are nested.
        names: their names, flat.
        who: what an error calls it (``"compile(): loss"``).

    Raises:
        ArgumentError: a name that no output has, or a list that does not fit.

    Example:
        >>> from denselite.tree import flatten
        >>> nested = flatten([0, [0, 0]])[1]
        >>> spread(["mse", ["mae", None]], nested, ["a", "b", "c"], "loss")
        {0: 'mse', 1: 'mae', 2: None}
        >>> spread({"c": "mae"}, nested, ["a", "b", "c"], "loss")
        {0: None, 1: None, 2: 'mae'}
    """
    if holds_parts(value) and isinstance(value, Mapping) and outputs.kind != "dict":
        known = _known(value, names, who)
        return {k: known.get(name) for k, name in enumerate(names)}
    found = _spread(value, outputs, names, 0, who)
    return found | {k: None for k in range(len(names)) if k not in found}


def _spread(value: Any, outputs: Structure, names: Sequence[str], first: int, who: str) -> dict[int, Any]:
    """Entries for the outputs from place ``first`` on."""
    size, children = outputs.num_leaves, outputs.children
    if outputs.kind == "leaf" or not holds_parts(value):
        return {first + k: value for k in range(size)}
    starts = list(accumulate((child.num_leaves for child in children), initial=first))
    if isinstance(value, Mapping) and outputs.kind == "dict":
        places = [(outputs.keys.index(key), entry) for key, entry in _known(value, outputs.keys, who).items()]
    elif not isinstance(value, Mapping) and outputs.kind != "dict" and len(value) == len(children):
        places = list(enumerate(value))
    elif not isinstance(value, Mapping) and len(value) == size:
        return dict(enumerate(value, first))
    elif size == 1:
        return {first: value}
    else:
        raise ArgumentError(f"{who} has {len(value)} entries, the model has {size} outputs: {', '.join(names)}.")
    found: dict[int, Any] = {}
    for place, entry in places:
        found |= _spread(entry, children[place], names[starts[place] - first :], starts[place], who)
    return found


def holds_parts(value: Any) -> bool:
    """Say whether ``value`` holds entries, rather than being one (a part's config is a dict, too)."""
    return isinstance(value, list | tuple) or (isinstance(value, Mapping) and "class_name" not in value)


def _known(value: Mapping[Any, Any], names: Sequence[Any], who: str) -> Mapping[Any, Any]:
    unknown = [key for key in value if key not in names]
    if unknown:
        raise ArgumentError(
            f"{who} names the output {unknown[0]!r}, the model has {', '.join(map(str, names))}."
            f"{suggestion(str(unknown[0]), map(str, names))}"
        )
    return value


def labels_of(outputs: Structure, names: Sequence[str]) -> list[str]:
    """Return what the loss of each output is logged as: its keys, and its layer's name in place of a number.

    Example:
        >>> from denselite.tree import flatten
        >>> labels_of(flatten({"a": 0, "b": [0, 0]})[1], ["p", "q", "r"])
        ['a', 'b/q', 'b/r']
    """
    paths = [[str(key) for key in path] for path in _paths(outputs, ())]
    by_place = [not path or isinstance(path[-1], int) for path in _paths(outputs, ())]
    return [
        "/".join([*path[:-1], name] if numbered else path)
        for path, numbered, name in zip(paths, by_place, names, strict=True)
    ]


def _paths(outputs: Structure, above: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if outputs.kind == "leaf":
        return [above]
    keys = outputs.keys or range(len(outputs.children))
    return [path for key, child in zip(keys, outputs.children, strict=True) for path in _paths(child, (*above, key))]
