from __future__ import annotations

from typing import Any

import pytest

from denselite.declared import Declared
from denselite.errors import ArgumentError, UncoveredError, UncoveredNameError, UnknownNameError
from denselite.registry import Registry, snake_case


class Ripe(Declared):
    days: int = 1


def peel(x: Any) -> Any:
    return x


@pytest.fixture
def fruits() -> Registry[Any]:
    fruits: Registry[Any] = Registry("apple", absent=("Mango",))
    fruits.register("ready")(Ripe)
    fruits.add(peel, "skin")
    return fruits


@pytest.mark.parametrize("name", ["Ripe", "ripe", "ready"])
def test_class_is_found_by_all_its_names_and_made(fruits: Registry[Any], name: str) -> None:
    assert fruits.find(name) is Ripe
    assert fruits.get(name).days == 1


def test_function_is_given_as_it_is(fruits: Registry[Any]) -> None:
    assert fruits.get("skin") is fruits.get(peel) is fruits.get({"class_name": "function", "config": "peel"}) is peel


def test_objects_classes_and_configs_are_resolved_and_none_stays(fruits: Registry[Any]) -> None:
    made = Ripe(3)
    assert fruits.get(made) is made
    assert fruits.get(Ripe).days == 1
    assert fruits.get({"class_name": "Ripe", "config": {"days": 4}}).days == 4
    assert fruits.get({"class_name": "Ripe"}).days == 1
    assert fruits.get(None) is None


def test_case_is_folded_only_where_it_is_said() -> None:
    folding: Registry[Any] = Registry("apple", absent=("Mango",), fold_case=True)
    folding.add(Ripe)
    assert folding.find("RIPE") is Ripe
    with pytest.raises(UncoveredError):
        folding.find("mAnGo")


@pytest.mark.parametrize(
    ("identifier", "error", "message"),
    [
        ("reddy", UnknownNameError, r"^Unknown apple 'reddy'\. Did you mean 'ready'\? Known: Ripe, peel, ready, ripe, skin\.$"),
        ("zzz", UnknownNameError, r"^Unknown apple 'zzz'\. Known: "),
        ("Mango", UncoveredError, r"^apple 'Mango' exists in Keras and not yet in denselite\. Known: "),
        (5, ArgumentError, r"^An apple is a name, an object, a callable or None, got 5\.$"),
        ({}, ArgumentError, r"^An apple config is a dict with the name of a class as 'class_name', got \{\}\.$"),
        ({"class_name": 5}, ArgumentError, "with the name of a class as 'class_name', got {'class_name': 5}"),
        ({"class_name": "Ripe", "config": 5}, ArgumentError, "has the arguments of a class as 'config', got"),
        ({"class_name": "peel", "config": {}}, ArgumentError, "has the arguments of a class as 'config', got"),
        ({"class_name": "Rip"}, UnknownNameError, "Did you mean 'ripe'"),
        ({"class_name": "Ripe", "config": {"dayz": 1}}, ArgumentError, r"^Ripe\(\) does not take an argument 'dayz'"),
    ],
)  # fmt: skip
def test_what_cannot_be_resolved_is_one_clear_error(
    fruits: Registry[Any], identifier: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        fruits.get(identifier)


def test_module_attribute_that_is_missing_says_whose_it_is(fruits: Registry[Any]) -> None:
    with pytest.raises(UncoveredNameError, match=r"^orchard\.Mango exists in Keras and not yet in denselite\.$"):
        fruits.refuse("orchard", "Mango")
    with pytest.raises(AttributeError, match=r"^module 'orchard' has no attribute 'Rype'\. Did you mean 'Ripe'\?$"):
        fruits.refuse("orchard", "Rype")
    with pytest.raises(AttributeError, match=r"^module 'orchard' has no attribute '__path__'\.$"):
        fruits.refuse("orchard", "__path__")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Dense", "dense"), ("AdamW", "adam_w"), ("SGD", "sgd"), ("IoU", "io_u"), ("L1L2", "l1l2")],
)
def test_snake_case_is_keras(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_class_of_somebody_elses_is_no_part() -> None:
    with pytest.raises(ArgumentError, match=r"is an object or a function, got the class int\. Write int\(\.\.\.\)"):
        Registry("fruit").get(int)
