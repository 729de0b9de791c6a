"""Every public name says what it is for, what each argument means, and shows it in an example where it can be used."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from denselite import Loss, Metric, Model, Optimizer, activations
from denselite.models import Functional
from tests.contracts.docstrings import entries, lead, methods, parameters, public, untold

PUBLIC = public()
CLASSES = [name for name, value in PUBLIC.items() if inspect.isclass(value)]
METHODS = {label: (cls, name) for label, cls, name in methods()}
OPTIMIZERS = [name for name in CLASSES if issubclass(PUBLIC[name], Optimizer) and PUBLIC[name] is not Optimizer]
BASES = (Loss, Metric, Optimizer)
RULES = [name for name in CLASSES if issubclass(PUBLIC[name], BASES) and PUBLIC[name] not in BASES] + [
    name
    for name, value in PUBLIC.items()
    if name.startswith(f"{activations.__name__}.") and not name.endswith(("get", "serialize"))
]
FORMULA = r"``[^`]*(?:[=·*+/²<>|←±-]|\w[(\[])[^`]*``|^Return ``"  # code that computes, not a name


def docs_of_bases(value: Any) -> list[str | None]:
    return [base.__doc__ for base in value.__mro__[1:-1]] if inspect.isclass(value) else []


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_has_a_docstring_of_its_own(name: str) -> None:
    text = PUBLIC[name].__doc__
    assert text
    assert text.strip().splitlines()[0].strip().endswith((".", ":"))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_argument_is_explained_and_no_other(name: str) -> None:
    value = PUBLIC[name]
    assert untold(value, value.__doc__, *docs_of_bases(value)) == []
    made = Functional if value is Model else value  # what Model(inputs, outputs) returns
    assert entries(value.__doc__) - parameters(made).keys() == set()


@pytest.mark.parametrize("name", METHODS)
def test_every_argument_of_a_method_is_explained_and_no_other(name: str) -> None:
    cls, method = METHODS[name]
    function = inspect.unwrap(getattr(cls, method))
    texts = [vars(base)[method].__doc__ for base in cls.__mro__ if method in vars(base)]
    assert any(texts)
    assert untold(function, *texts, lead(cls.__doc__)) == []
    assert entries(texts[0]) - parameters(function).keys() == set()


@pytest.mark.parametrize("name", CLASSES)
def test_class_shows_an_example(name: str) -> None:
    assert "Example:" in PUBLIC[name].__doc__


@pytest.mark.parametrize("name", RULES)
def test_activation_loss_metric_and_optimizer_state_their_formula(name: str) -> None:
    assert re.search(FORMULA, lead(PUBLIC[name].__doc__))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_names_its_source(name: str) -> None:
    assert "Source:" in PUBLIC[name].__doc__


def test_a_missing_and_an_invented_argument_are_found() -> None:
    def scale(x: Any, factor: float, *rest: Any, offset: float = 0.0) -> None:
        """Return ``x`` scaled.

        Args:
            factor: a number.
            of_old: there is none.
        """

    assert untold(scale, scale.__doc__) == ["offset"]
    assert entries(scale.__doc__) - parameters(scale).keys() == {"of_old"}
