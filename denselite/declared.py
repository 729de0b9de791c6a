"""Constructors written once: a class body of typed fields is its signature, validation and config.

    class Dense(Layer):
        units: PositiveInt                      # positional, required
        activation: Activation = None           # positional, optional, resolved from a string
        use_bias: bool = True

``Declared`` turns those annotations into ``__init__`` (values are validated through pydantic, all
problems reported in one error), ``get_config``, ``from_config`` and ``repr``. Fields made with
``keyword(...)`` are keyword-only and shared by a whole family (``name``, ``dtype``). A subclass
that writes ``__init__`` and ``get_config`` by hand, as in Keras, works the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform, get_origin

import numpy as np

from denselite.custom_objects import get_registered_name
from denselite.errors import ArgumentError
from denselite.fields import (
    MISSING,
    Field,
    Fraction,
    Interval,
    Keyword,
    NonNegative,
    NonNegativeInt,
    Positive,
    PositiveInt,
    Resolves,
    keyword,
)
from denselite.validation import bind

if TYPE_CHECKING:
    import inspect

__all__ = [
    "Declared", "Fraction", "Interval", "NonNegative", "NonNegativeInt", "Positive", "PositiveInt", "Resolves",
    "function_config", "keyword", "serialize",
]  # fmt: skip


class _Signature:
    """A constructor's arguments, as ``inspect.signature``, ``help`` and notebooks show them."""

    def __get__(self, part: Any, cls: type[Declared]) -> inspect.Signature:
        import inspect

        if part is not None:  # an object that is called has the signature of its __call__
            raise AttributeError("__signature__")
        if cls.__init__ is not _family_init(cls):
            own = inspect.signature(cls.__init__)
            return own.replace(parameters=list(own.parameters.values())[1:])
        kinds = {False: inspect.Parameter.POSITIONAL_OR_KEYWORD, True: inspect.Parameter.KEYWORD_ONLY}
        return inspect.Signature(
            [
                inspect.Parameter(
                    f.name, kinds[f.kw_only], default=inspect.Parameter.empty if f.default is MISSING else f.default
                )
                for f in cls._fields.values()
            ]
        )


@dataclass_transform(field_specifiers=(keyword,))
class Declared:
    """Base of everything that is configured by named arguments and saved as JSON."""

    _fields: ClassVar[dict[str, Field]] = {}
    _keras_module: ClassVar[str] = "keras"
    _validator: ClassVar[Any] = None
    _trailing_positional: ClassVar[bool] = False  # True: family fields may also be given by position
    _hints: ClassVar[Mapping[str, str]] = {}  # what to do about arguments that Keras takes and we do not
    _former: ClassVar[Mapping[str, str]] = {}  # former names of arguments, which are taken with a warning

    __signature__ = _Signature()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        inherited: dict[str, Field] = {}
        for base in cls.__mro__[1:]:  # the nearest base says what a field is, and where it stands
            for name, field in base.__dict__.get("_fields", {}).items():
                inherited.setdefault(name, field)
        own = {}
        for name, annotation in cls.__annotations__.items():
            if name.startswith("_") or _is_classvar(annotation):
                continue
            default = cls.__dict__.get(name, MISSING)
            kw_only = isinstance(default, Keyword)
            if kw_only:
                default = default.default
            computed = any(isinstance(base.__dict__.get(name), property) for base in cls.__mro__[1:])
            if default is MISSING or computed:  # a property of a base class keeps answering
                if name in cls.__dict__:
                    delattr(cls, name)
            else:
                setattr(cls, name, default)
            own[name] = Field(name, default, kw_only)
        for name in inherited.keys() & cls.__dict__.keys() - own.keys():  # a subclass gives a new default
            inherited[name] = Field(name, cls.__dict__[name], inherited[name].kw_only)
        fields = {**{name: field for name, field in inherited.items() if name not in own}, **own}
        cls._fields = {f.name: f for f in sorted(fields.values(), key=lambda f: f.kw_only)}
        cls._validator = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)
        self.__dict__["_given"] = (args, kwargs)
        return self

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name, value in bind(type(self), args, kwargs).items():
            setattr(self, name, value)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Set up what follows from the fields; called once they are all set."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that rebuild this object, as JSON-ready values.

        A class with a constructor of its own and no ``get_config`` gets the arguments it was
        called with.
        """
        if type(self).__init__ is not _family_init(type(self)):
            return {**_family_config(self), **_given_config(self)}
        return {name: serialize(getattr(self, name)) for name in _config_order(type(self))}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Rebuild an object from ``config``, as ``get_config`` returned it."""
        return cls(**config)

    def __repr__(self) -> str:
        shown = (
            f"{name}={getattr(self, name)!r}"
            for name, field in self._fields.items()
            if not _same(getattr(self, name, field.default), field.default)
        )
        return f"{type(self).__name__}({', '.join(shown)})"


def serialize(value: Any) -> Any:
    """Return ``value`` as JSON-ready data, in the dialect Keras reads.

    A declared object becomes ``{"module", "class_name", "config", "registered_name"}``, a function
    of ours its name, any other function a dict with its name, an array a nested list.

    Raises:
        ArgumentError: a lambda, which has no name.
    """
    if isinstance(value, Declared):
        ours, name = _is_ours(type(value)), type(value).__name__
        return {
            "module": value._keras_module if ours else None,
            "class_name": name,
            "config": value.get_config(),
            "registered_name": None if ours else get_registered_name(type(value)),
        }
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return {"class_name": "__numpy__", "config": {"value": value.tolist(), "dtype": value.dtype.name}}
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, Mapping):
        return {key: serialize(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [serialize(entry) for entry in value]
    if callable(value):
        name = getattr(value, "__name__", type(value).__name__)
        if _is_ours(value):
            return name
        if name == "<lambda>":
            code = value.__code__
            raise ArgumentError(
                f"The lambda at {code.co_filename}:{code.co_firstlineno} has no name to be saved by. "
                "Write a function with def, and pass it in custom_objects when loading."
            )
        return function_config(get_registered_name(value) if hasattr(value, "__name__") else name)
    return value


def function_config(name: str) -> dict[str, Any]:
    """Return a function as Keras writes it where a name alone could be a class."""
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}


def _is_ours(value: Any) -> bool:
    """Whether a class or function is part of the library; what is not can only be found by who made it."""
    return str(getattr(value, "__module__", "")).split(".")[0] == __name__.split(".")[0]


def _is_classvar(annotation: Any) -> bool:
    return (
        annotation.lstrip().startswith(("ClassVar", "typing.ClassVar"))
        if isinstance(annotation, str)
        else get_origin(annotation) is ClassVar
    )


def _family_init(cls: type[Declared]) -> Any:
    """The constructor that the declarations stand for: the one nearest to ``Declared``."""
    return next(
        base.__dict__["__init__"]
        for base in reversed(cls.__mro__)
        if issubclass(base, Declared) and "__init__" in base.__dict__
    )


def _config_order(cls: type[Declared]) -> list[str]:
    return [f.name for f in sorted(cls._fields.values(), key=lambda f: not f.kw_only)]


def _family_config(self: Declared) -> dict[str, Any]:
    return {
        name: serialize(getattr(self, name))
        for name, field in self._fields.items()
        if field.kw_only and hasattr(self, name)
    }


def _given_config(self: Declared) -> dict[str, Any]:
    import inspect

    args, kwargs = self._given  # type: ignore[attr-defined]
    bound = inspect.signature(type(self).__init__).bind(self, *args, **kwargs)
    bound.apply_defaults()
    given = dict(list(bound.arguments.items())[1:])
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            given.update(given.pop(name))
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL and not given[name]:
            del given[name]
    return {name: serialize(value) for name, value in given.items() if name not in _family_config(self)}


def _same(a: Any, b: Any) -> bool:
    try:
        return a is b or bool(a == b)
    except ValueError:  # arrays
        return False
