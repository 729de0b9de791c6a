"""Every public name says what it is for, what each argument means, and shows it in an example where it can be used."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from typing import Any

import pytest

import denselite
from denselite.declared import Declared

MODULES = [
    module.name
    for module in pkgutil.iter_modules(denselite.__path__, "denselite.")
    if module.name.rsplit(".", 1)[1] in denselite.__all__
]


def public() -> dict[str, Any]:
    """Every class and function that a user reaches by name, under the shortest of its names."""
    found: dict[int, tuple[str, Any]] = {}
    for module in ("denselite", *MODULES):
        names = importlib.import_module(module)
        for name in getattr(names, "__all__", vars(names)):
            value = getattr(names, name)
            if is_ours(value) and not name.startswith("_"):
                found.setdefault(id(value), (f"{module}.{name}", value))
    return dict(sorted(found.values(), key=lambda pair: pair[0]))


def is_ours(value: Any) -> bool:
    code = inspect.isclass(value) or inspect.isfunction(value)
    return code and value.__module__.split(".")[0] == "denselite"


PUBLIC = public()
PARTS = [name for name, value in PUBLIC.items() if inspect.isclass(value) and issubclass(value, Declared)]


def arguments(value: Any) -> list[str]:
    return [
        name
        for name, parameter in inspect.signature(value).parameters.items()
        if name not in ("self", "args", "kwargs") and not name.startswith("_")
        and parameter.kind not in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    ]


def told(value: Any) -> set[str]:
    """The arguments that a docstring explains; a class' bases explain what they declare."""
    texts = [inspect.getdoc(value) or ""]
    if inspect.isclass(value):
        texts = [inspect.cleandoc(base.__doc__ or "") for base in value.__mro__ if base is not object]
    found: set[str] = set()
    for text in texts:
        section = re.search(r"^Args:\n((?:    .*\n?|\n)*)", text, re.M)
        for line in section[1].splitlines() if section else ():
            entry = re.match(r"    (\*{0,2}\w[\w, *]*):", line)
            if entry:
                found |= {name.strip(" *") for name in entry[1].split(",")}
    return found


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_has_a_docstring_of_its_own(name: str) -> None:
    text = PUBLIC[name].__doc__
    assert text
    assert text.strip().splitlines()[0].strip().endswith((".", ":"))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_argument_is_explained(name: str) -> None:
    missing = [argument for argument in arguments(PUBLIC[name]) if argument not in told(PUBLIC[name])]
    if inspect.isfunction(PUBLIC[name]):  # a formula or a sentence may name them all
        text = PUBLIC[name].__doc__ or ""
        missing = [argument for argument in missing if not re.search(rf"``[^`]*\b{argument}\b[^`]*``", text)]
    assert missing == []


@pytest.mark.parametrize("name", PARTS)
def test_part_shows_an_example(name: str) -> None:
    assert "Example:" in (PUBLIC[name].__doc__ or "")
