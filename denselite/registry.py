"""How a name, a config or an object becomes a part: one table a family, filled by its modules.

optimizers = Registry("optimizer", fold_case=True)
optimizers.get("adam") → Adam()        optimizers.get({"class_name": "Adam", "config": {...}}) → Adam(...)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, NoReturn, TypeVar

from denselite.custom_objects import find_custom, get_registered_object
from denselite.declared import Declared
from denselite.errors import ArgumentError, UncoveredError, UncoveredNameError, UnknownNameError, suggestion

__all__ = ["Registry", "refuse_name", "snake_case"]

T = TypeVar("T")


def snake_case(name: str) -> str:
    """Return ``name`` as Keras spells it in lower case.

    Example:
        >>> snake_case("MaxPooling2D"), snake_case("ReLU"), snake_case("RMSprop")
        ('max_pooling2d', 're_lu', 'rm_sprop')
    """
    import re

    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def refuse_name(module: str, name: str, absent: Iterable[str], known: Iterable[str]) -> NoReturn:
    """Raise for an attribute that a module does not have: what a module's ``__getattr__`` does.

    Args:
        module: the module's name.
        name: the attribute asked for.
        absent: names that Keras has there and denselite does not.
        known: names that the module has, one of which may have been meant.

    Raises:
        UncoveredNameError: Keras has it, denselite does not.
        AttributeError: nobody has it.
    """
    if name in absent:
        raise UncoveredNameError(f"{module}.{name} exists in Keras and not yet in denselite.")
    near = "" if name.startswith("_") else suggestion(name, known)
    raise AttributeError(f"module {module!r} has no attribute {name!r}.{near}")


class Registry(Generic[T]):
    """The known parts of one family, by every name they go by.

    Args:
        family: what an error calls a member (``"optimizer"``).
        absent: names that Keras has and this family does not, so that the error can say so.
        fold_case: names are found whatever their case, as Keras does for optimizers.

    Example:
        >>> colours = Registry("colour", absent=("Blue",))
        >>> @colours.register("crimson")
        ... class Red(Declared):
        ...     depth: int = 1
        >>> colours.get("crimson"), colours.get({"class_name": "Red", "config": {"depth": 2}})
        (Red(), Red(depth=2))
    """

    def __init__(self, family: str, absent: tuple[str, ...] = (), fold_case: bool = False) -> None:
        self.family = family
        self.absent = absent
        self.fold_case = fold_case
        self.members: dict[str, T | type[T]] = {}

    def add(self, member: Any, *names: str) -> Any:
        """File ``member`` under its own name and every further name."""
        for name in (member.__name__, *names):
            self.members[self._key(name)] = member
        return member

    def register(self, *names: str) -> Callable[[Any], Any]:
        """Class decorator: file a class under its name, its snake-case name and ``names``."""
        return lambda member: self.add(member, snake_case(member.__name__), *names)

    def find(self, name: str) -> Any:
        """Return the class or function called ``name``.

        Raises:
            UnknownNameError: no member goes by that name; the nearest one is named.
            UncoveredError: Keras has it, denselite does not.
        """
        key = self._key(name)
        if key in self.members:
            return self.members[key]
        custom = get_registered_object(name)
        if custom is not None:
            return custom
        if key in map(self._key, self.absent):
            raise UncoveredError(
                f"{self.family} {name!r} exists in Keras and not yet in denselite. "
                f"Known: {', '.join(sorted(self.members))}."
            )
        raise UnknownNameError(
            f"Unknown {self.family} {name!r}.{suggestion(name, self.members)} Known: {', '.join(sorted(self.members))}."
        )

    def refuse(self, module: str, name: str) -> NoReturn:
        """Raise for an attribute that a module of this family does not have: its ``__getattr__``.

        Raises:
            UncoveredNameError: Keras has it, denselite does not.
            AttributeError: nobody has it.
        """
        refuse_name(module, name, self.absent, {getattr(member, "__name__", "") for member in self.members.values()})

    def get(self, identifier: Any) -> Any:
        """Resolve a name, a config dict, a class or an object to a part; ``None`` stays ``None``.

        Raises:
            UnknownNameError: no member goes by that name.
            UncoveredError: Keras has it, denselite does not.
            ArgumentError: ``identifier`` is none of these.
        """
        if identifier is None:
            return None
        if isinstance(identifier, str):
            found = self.find(identifier)
            return found() if isinstance(found, type) else found
        if isinstance(identifier, Mapping):
            return self._from_config(identifier)
        if isinstance(identifier, type) and issubclass(identifier, Declared):
            return identifier()
        if isinstance(identifier, type):
            raise ArgumentError(
                f"{self._article} {self.family} is an object or a function, got the class {identifier.__name__}. "
                f"Write {identifier.__name__}(...) if it is one of your own."
            )
        if callable(identifier) or isinstance(identifier, Declared):
            return identifier
        raise ArgumentError(
            f"{self._article} {self.family} is a name, an object, a callable or None, got {identifier!r}."
        )

    def _from_config(self, config: Mapping[str, Any]) -> Any:
        name, arguments = config.get("class_name"), config.get("config", {})
        if not isinstance(name, str):
            raise ArgumentError(
                f"{self._article} {self.family} config is a dict with the name of a class as 'class_name', "
                f"got {dict(config)!r:.200}."
            )
        if name == "function" and isinstance(arguments, str):
            return self.find(arguments)
        found = find_custom({"registered_name": config.get("registered_name")}) or self.find(name)
        if not isinstance(arguments, Mapping) or not hasattr(found, "from_config"):
            raise ArgumentError(
                f"{self._article} {self.family} config has the arguments of a class as 'config', "
                f"got {dict(config)!r:.200}."
            )
        return found.from_config(arguments)

    @property
    def _article(self) -> str:
        return "An" if self.family[0] in "aeiou" else "A"

    def _key(self, name: str) -> str:
        return name.lower() if self.fold_case else name
