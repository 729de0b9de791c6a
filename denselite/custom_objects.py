"""Classes and functions of the user's own, by the names that files know them by.

    @register_keras_serializable("my_project")
    class Scale(Layer): ...                          # saved and found as "my_project>Scale", in this process

    with custom_object_scope({"Scale": Scale}): ...   # found as "Scale" inside

A name is looked up in the scope, then among what is registered, then in the ``custom_objects`` of a call.
Nothing is ever imported because a file names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from typing import Any, Self, TypeVar

from denselite.errors import ArgumentError

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "find_custom",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "register_keras_serializable",
]

T = TypeVar("T")

_registered: dict[str, Any] = {}
_names: dict[Any, str] = {}
_in_scope: ContextVar[Mapping[str, Any]] = ContextVar("denselite_custom_objects", default={})  # noqa: B039


class CustomObjectScope:
    """Inside its ``with`` block, names stand for these objects too; a scope inside adds to the one around it.

    Args:
        custom_objects: classes and functions by name.

    Example:
        >>> with CustomObjectScope({"one": 1}):
        ...     get_registered_object("one")
        1
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self.custom_objects = dict(custom_objects or {})
        self._tokens: list[Token[Mapping[str, Any]]] = []

    def __enter__(self) -> Self:
        self._tokens.append(_in_scope.set({**_in_scope.get(), **self.custom_objects}))
        return self

    def __exit__(self, *error: object) -> None:
        _in_scope.reset(self._tokens.pop())


custom_object_scope = CustomObjectScope


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Return a decorator: the class or function is saved as ``"package>name"`` and found by that when loading.

    Args:
        package: whose it is.
        name: what it is called there; its own name by default.

    Raises:
        ArgumentError: (when it decorates) a class without ``get_config``.

    Example:
        >>> @register_keras_serializable("demo")
        ... def half(x):
        ...     return x / 2
        >>> get_registered_name(half), get_registered_object("demo>half") is half
        ('demo>half', True)
        >>> _ = get_custom_objects().pop("demo>half")
    """

    def register(member: Any) -> Any:
        if isinstance(member, type) and not hasattr(member, "get_config"):
            raise ArgumentError(
                f"{member.__name__} cannot be registered: a class that is saved has a get_config() method."
            )
        full = f"{package}>{name or member.__name__}"
        _registered[full] = member
        _names[member] = full
        return member

    return register


def get_registered_name(obj: Any) -> str:
    """Return the name that the class or function ``obj`` is saved by: its own where it is not registered."""
    return _names.get(obj) or str(obj.__name__)


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Mapping[str, Any] | None = None
) -> Any:
    """Return what a name stands for; None if nobody knows.

    Args:
        name: the name, ``"package>name"`` of what is registered.
        custom_objects: where to look after the scope and what is registered.
        module_objects: where to look last.
    """
    for known in (_in_scope.get(), _registered, custom_objects or {}, module_objects or {}):
        if name in known:
            return known[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """Return what is registered, by name: the table itself, which may be changed."""
    return _registered


def find_custom(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the custom class that a config names, by its registered name or its own; None if there is none.

    Args:
        config: with ``class_name`` and perhaps ``registered_name``.
        custom_objects: where to look after the scope and what is registered.
    """
    for name in (config.get("registered_name"), config.get("class_name")):
        found = get_registered_object(name, custom_objects) if isinstance(name, str) else None
        if found is not None:
            return found
    return None
