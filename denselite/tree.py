"""Nested lists, tuples and dicts of arrays: taken apart, put together again, compared.

    flatten({"b": y, "a": [x, None]})  →  [x, y], {'a': [*, None], 'b': *}

Dict entries go by sorted key, as in Keras. ``None`` holds no leaf: it is part of the structure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from denselite.errors import DataError

__all__ = ["EMPTY", "LEAF", "Structure", "flatten", "unflatten"]


class Structure(NamedTuple):
    """How leaves are nested: hashable, equal to another of the same nesting.

    Args:
        kind: ``"leaf"``, ``"none"``, ``"list"``, ``"tuple"`` or ``"dict"``.
        keys: the sorted keys of a dict, else ``()``.
        children: one structure an entry, in the order of ``keys`` for a dict.

    Example:
        >>> flatten({"b": 1, "a": [2, None]})[1]
        {'a': [*, None], 'b': *}
    """

    kind: str
    keys: tuple[Any, ...] = ()
    children: tuple[Structure, ...] = ()

    def paths(self, root: str) -> list[str]:
        """Name every leaf as Python code would reach it from ``root``.

        Example:
            >>> flatten({"b": 1, "a": [2, 3]})[1].paths("x")
            ["x['a'][0]", "x['a'][1]", "x['b']"]
        """
        if self.kind == "leaf":
            return [root]
        keys = self.keys or range(len(self.children))
        return [
            path for key, child in zip(keys, self.children, strict=True) for path in child.paths(f"{root}[{key!r}]")
        ]

    @property
    def is_nested(self) -> bool:
        """Whether there is nesting within the list, tuple or dict."""
        return any(child.kind != "leaf" for child in self.children)

    @property
    def num_leaves(self) -> int:
        """How many leaves there are."""
        return 1 if self.kind == "leaf" else sum(child.num_leaves for child in self.children)

    def __repr__(self) -> str:
        shown = [repr(child) for child in self.children]
        if self.kind == "dict":
            return "{" + ", ".join(f"{key!r}: {child}" for key, child in zip(self.keys, shown, strict=True)) + "}"
        if self.kind == "tuple":
            return f"({', '.join(shown)}{',' if len(shown) == 1 else ''})"
        return {"leaf": "*", "none": "None"}.get(self.kind) or f"[{', '.join(shown)}]"


LEAF = Structure("leaf")
EMPTY = Structure("none")


def flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], Structure]:
    """Return the leaves of ``tree`` in order, and how they were nested.

    Args:
        tree: lists, tuples and mappings, nested; everything else is a leaf.
        is_leaf: says which lists and tuples are leaves themselves.

    Raises:
        DataError: the keys of a dict cannot be sorted.

    Example:
        >>> flatten({"b": 1, "a": (2, None)})
        ([2, 1], {'a': (*, None), 'b': *})
    """
    leaves: list[Any] = []
    return leaves, _collect(tree, is_leaf, leaves)


def _collect(tree: Any, is_leaf: Callable[[Any], bool] | None, leaves: list[Any]) -> Structure:
    if tree is None:
        return EMPTY
    if isinstance(tree, Mapping):
        keys = _sorted_keys(tree)
        return Structure("dict", keys, tuple(_collect(tree[key], is_leaf, leaves) for key in keys))
    if isinstance(tree, list | tuple) and not (is_leaf and is_leaf(tree)):
        kind = "list" if isinstance(tree, list) else "tuple"
        return Structure(kind, (), tuple(_collect(entry, is_leaf, leaves) for entry in tree))
    leaves.append(tree)
    return LEAF


def _sorted_keys(tree: Mapping[Any, Any]) -> tuple[Any, ...]:
    try:
        return tuple(sorted(tree))
    except TypeError:
        raise DataError(
            f"A dict of arrays needs keys that can be sorted, all strings at best, got {list(tree)}."
        ) from None


def unflatten(structure: Structure, leaves: Iterable[Any]) -> Any:
    """Nest ``leaves`` as ``structure`` says; the inverse of ``flatten``.

    Raises:
        DataError: there are more or fewer leaves than the structure holds.

    Example:
        >>> unflatten(flatten({"b": 1, "a": [2, None]})[1], [20, 10])
        {'a': [20, None], 'b': 10}
    """
    given = list(leaves)
    if len(given) != structure.num_leaves:
        raise DataError(f"{structure!r} holds {structure.num_leaves} leaves, got {len(given)}.")
    return _build(structure, iter(given))


def _build(structure: Structure, leaves: Iterator[Any]) -> Any:
    if structure.kind == "leaf":
        return next(leaves)
    if structure.kind == "none":
        return None
    entries = [_build(child, leaves) for child in structure.children]
    if structure.kind == "dict":
        return dict(zip(structure.keys, entries, strict=True))
    return entries if structure.kind == "list" else tuple(entries)


# What Keras has and we do not: asking for one says so.
_ABSENT = (
    "MAP_TO_NONE", "assert_same_paths", "assert_same_structure", "flatten_with_path", "is_nested", "lists_to_tuples",
    "map_shape_structure", "map_structure", "map_structure_up_to", "pack_sequence_as", "traverse",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    from denselite.registry import refuse_name  # which is made of parts that are made of this

    refuse_name(__name__, name, _ABSENT, __all__)
