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

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, dataclass_transform, get_origin

import numpy as np
from annotated_types import Ge, Gt, Interval

from denselite.errors import ArgumentError, DenseliteError, suggestion

if TYPE_CHECKING:
    import inspect

__all__ = ["Declared", "Fraction", "NonNegative", "Positive", "PositiveInt", "Resolves", "keyword", "serialize"]

PositiveInt = Annotated[int, Gt(0)]
Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Fraction = Annotated[float, Interval(ge=0, le=1)]

MISSING: Any = type("MISSING", (), {"__repr__": lambda self: "<required>"})()


class Resolves:
    """Annotation of a field whose value goes through ``get``: a string or config becomes a part."""

    def __init__(self, get: Callable[[Any], Any]) -> None:
        self.get = get

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.get)


class _Keyword:
    def __init__(self, default: Any) -> None:
        self.default = default


def keyword(*, default: Any = MISSING, kw_only: bool = True) -> Any:
    """Declare a keyword-only field; it follows the fields of every subclass."""
    return _Keyword(default)


class _Field:
    """One declared argument: its name, its default and whether it is keyword-only."""

    __slots__ = ("default", "kw_only", "name")

    def __init__(self, name: str, default: Any, kw_only: bool) -> None:
        self.name, self.default, self.kw_only = name, default, kw_only


@dataclass_transform(field_specifiers=(keyword,))
class Declared:
    """Base of everything that is configured by named arguments and saved as JSON."""

    _fields: ClassVar[dict[str, _Field]] = {}
    _keras_module: ClassVar[str] = "keras"
    _validator: ClassVar[Any] = None
    _trailing_positional: ClassVar[bool] = False  # True: family fields may also be given by position

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        inherited = {
            name: field
            for base in reversed(cls.__mro__[1:])
            for name, field in base.__dict__.get("_fields", {}).items()
        }
        own = {}
        for name, annotation in cls.__dict__.get("__annotations__", {}).items():
            if name.startswith("_") or _is_classvar(annotation):
                continue
            default = cls.__dict__.get(name, MISSING)
            kw_only = isinstance(default, _Keyword)
            if kw_only:
                default = default.default
            computed = any(isinstance(base.__dict__.get(name), property) for base in cls.__mro__[1:])
            if default is MISSING or computed:  # a property of a base class keeps answering
                if name in cls.__dict__:
                    delattr(cls, name)
            else:
                setattr(cls, name, default)
            own[name] = _Field(name, default, kw_only)
        for name in inherited.keys() & cls.__dict__.keys() - own.keys():  # a subclass gives a new default
            inherited[name] = _Field(name, cls.__dict__[name], inherited[name].kw_only)
        fields = {**{name: field for name, field in inherited.items() if name not in own}, **own}
        cls._fields = {f.name: f for f in sorted(fields.values(), key=lambda f: f.kw_only)}
        cls._validator = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)
        object.__setattr__(self, "_given", (args, kwargs))
        return self

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name, value in _bind(type(self), args, kwargs).items():
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
        """Rebuild an object from what ``get_config`` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        shown = (
            f"{name}={getattr(self, name)!r}"
            for name, field in self._fields.items()
            if not _same(getattr(self, name, field.default), field.default)
        )
        return f"{type(self).__name__}({', '.join(shown)})"

    @classmethod
    def signature(cls) -> inspect.Signature:
        """Return the constructor's signature, as ``inspect`` and editors show it."""
        import inspect

        if cls.__init__ is not _family_init(cls):
            return inspect.signature(cls.__init__)
        kinds = {False: inspect.Parameter.POSITIONAL_OR_KEYWORD, True: inspect.Parameter.KEYWORD_ONLY}
        return inspect.Signature(
            [
                inspect.Parameter(
                    f.name, kinds[f.kw_only], default=inspect.Parameter.empty if f.default is MISSING else f.default
                )
                for f in cls._fields.values()
            ]
        )


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
            "registered_name": None if ours else name,
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
                f"The lambda at {code.co_filename}:{code.co_firstlineno} has no name to be saved by. Write a function with "
                "def, and pass it in custom_objects when loading."
            )
        return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
    return value


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
    return {name: serialize(value) for name, value in given.items() if name not in _family_config(self)}


def _same(a: Any, b: Any) -> bool:
    try:
        return a is b or bool(a == b)
    except ValueError:  # arrays
        return False


def _bind(cls: type[Declared], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Match arguments to fields and validate them: one error tells everything that is wrong."""
    positional = [f.name for f in cls._fields.values() if cls._trailing_positional or not f.kw_only]
    if len(args) > len(positional):
        raise ArgumentError(
            f"{cls.__name__}() takes at most {len(positional)} positional arguments ({', '.join(positional)}), got {len(args)}."
        )
    given = dict(zip(positional, args, strict=False))
    problems = [f"got {name!r} twice, by position and by name" for name in kwargs if name in given]
    unknown = [name for name in kwargs if name not in cls._fields]
    problems += [f"does not take an argument {name!r}.{suggestion(name, cls._fields)}" for name in unknown]
    given.update({name: value for name, value in kwargs.items() if name in cls._fields})
    problems += [
        f"needs the argument {f.name!r}" for f in cls._fields.values() if f.default is MISSING and f.name not in given
    ]
    if problems:
        raise ArgumentError(f"{cls.__name__}() {'; '.join(problems)}. Its arguments are: {', '.join(cls._fields)}.")
    return _validate(cls, {**{f.name: f.default for f in cls._fields.values()}, **given})


_building = threading.Lock()


def _validate(cls: type[Declared], values: dict[str, Any]) -> dict[str, Any]:
    from pydantic import ValidationError

    if cls.__dict__.get("_validator") is None:
        with _building:
            cls._validator = _make_validator(cls)
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in values.items()}
    try:
        model = cls._validator(**{f"{name}_": value for name, value in plain.items()})
    except ValidationError as error:
        raise _as_argument_error(cls, error) from None
    return {name: getattr(model, f"{name}_") for name in values}


def _make_validator(cls: type[Declared]) -> Any:
    """A pydantic model of the fields (a trailing ``_`` keeps names clear of pydantic's own)."""
    from typing import get_type_hints

    from pydantic import ConfigDict, create_model

    hints = {
        name: hint
        for base in reversed(cls.__mro__)
        if base is not object
        for name, hint in get_type_hints(base, include_extras=True).items()
    }
    fields: Any = {f"{name}_": (hints.get(name, Any), ...) for name in cls._fields}
    return create_model(cls.__name__, __config__=ConfigDict(arbitrary_types_allowed=True, strict=True), **fields)


def _as_argument_error(cls: type[Declared], error: Any) -> DenseliteError:
    problems = error.errors(include_url=False)
    for problem in problems:
        cause = problem.get("ctx", {}).get("error")
        if isinstance(cause, DenseliteError):  # a resolver already said it well
            return type(cause)(f"{cls.__name__}() argument {problem['loc'][0][:-1]!r}: {cause}")
    lines: dict[str, str] = {}
    for problem in problems:  # a union reports one line per member: the first is enough
        name = str(problem["loc"][0])[:-1]
        message = problem["msg"].removeprefix("Input ").removeprefix("Value error, ")
        lines.setdefault(name, f"argument {name!r} {message}, got {problem['input']!r}")
    return ArgumentError(f"{cls.__name__}() {'; '.join(lines.values())}.")
