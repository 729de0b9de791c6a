"""The public names of the library, and what their docstrings tell."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import denselite

# The classes that users derive from and train with: their methods are documented like functions.
OPEN = ("Callback", "Layer", "Loss", "Metric", "Model", "Optimizer", "Sequential")
VARIADIC = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def modules() -> list[ModuleType]:
    """``denselite``, and every module that the ``__all__`` of one of these names."""
    found = [denselite]
    for module in found:  # grows while it is walked
        named = [getattr(module, name) for name in getattr(module, "__all__", ())]
        found += [value for value in named if inspect.ismodule(value) and value not in found]
    return found


def names_of(module: ModuleType) -> list[str]:
    return [name for name in getattr(module, "__all__", vars(module)) if not name.startswith("_")]


def public() -> dict[str, Any]:
    """Every class and function that a user reaches by name, under the shortest of its names."""
    found: dict[int, tuple[str, Any]] = {}
    for module in modules():
        for name in names_of(module):
            value = getattr(module, name)
            if is_ours(value):
                found.setdefault(id(value), (f"{module.__name__}.{name}", value))
    return dict(sorted(found.values(), key=lambda pair: pair[0]))


def is_ours(value: Any) -> bool:
    code = inspect.isclass(value) or inspect.isfunction(value)
    return code and value.__module__.split(".")[0] == denselite.__name__


def methods() -> Iterator[tuple[str, type, str]]:
    """Every public method of the open classes: a label, the class, the method's name."""
    for name in OPEN:
        cls = getattr(denselite, name)
        for method, _ in inspect.getmembers(cls, inspect.isroutine):
            if not method.startswith("_"):
                yield f"{name}.{method}", cls, method


def parameters(value: Any) -> Mapping[str, inspect.Parameter]:
    found = inspect.signature(value).parameters
    return {name: p for name, p in found.items() if name not in ("self", "cls") and not name.startswith("_")}


def entries(text: str | None) -> set[str]:
    """The names that a docstring's section of arguments explains."""
    section = re.search(r"^Args:\n((?:    .*\n?|\n)*)", inspect.cleandoc(text or ""), re.M)
    found: set[str] = set()
    for line in section[1].splitlines() if section else ():
        if entry := re.match(r"    (\*{0,2}\w[\w, *]*):", line):
            found |= {name.strip(" *") for name in entry[1].split(",")}
    return found


def untold(value: Any, *texts: str | None) -> list[str]:
    """The arguments that no text explains: in a section or, of a function, in ``code`` of a sentence."""
    told: set[str] = set().union(*map(entries, texts))
    if not inspect.isclass(value):
        code = re.findall("``([^`]*)``", "\n".join(text or "" for text in texts))
        told |= set(re.findall(r"\w+", " ".join(code)))
    return [name for name, p in parameters(value).items() if p.kind not in VARIADIC and name not in told]


def lead(text: str | None) -> str:
    """What a docstring says before its sections."""
    return re.split(r"^\w+:(?:\n|$| )", inspect.cleandoc(text or ""), maxsplit=1, flags=re.M)[0]
