from __future__ import annotations

import copy
import inspect
import pickle
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pytest

from denselite.declared import Declared, PositiveInt, Resolves, keyword, serialize
from denselite.errors import ArgumentError, DTypeError, UnknownNameError


def known(value: Any) -> Any:
    if value == "bad":
        raise UnknownNameError("Unknown part 'bad'. Did you mean 'good'?")
    if value == "typed":
        raise DTypeError("that is not a dtype.")
    return value


class Family(Declared):
    name: str | None = keyword(default=None, kw_only=True)


class Part(Family):
    size: PositiveInt
    rate: float = 0.5
    kind: Annotated[Any, Resolves(known)] = "good"
    mode: Literal["a", "b"] = "a"
    axes: list[int] | None = None
    counted: ClassVar[int] = 0
    _hidden: int = 3


class Own(Family):
    def __init__(self, first: int, *, second: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first = first


def test_fields_are_the_signature_with_family_fields_last() -> None:
    parameters = inspect.signature(Part).parameters
    assert list(parameters) == ["size", "rate", "kind", "mode", "axes", "name"]
    assert parameters["name"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["size"].default is inspect.Parameter.empty


def test_arguments_by_position_and_by_name_are_the_attributes() -> None:
    part = Part(2, 0.25, name="p")
    assert (part.size, part.rate, part.kind, part.mode, part.axes, part.name) == (2, 0.25, "good", "a", None, "p")


def test_integer_serves_as_a_float_and_a_numpy_scalar_as_a_number() -> None:
    part = Part(np.int64(3), np.float32(0.5))
    assert (part.size, part.rate) == (3, 0.5)
    assert type(part.size) is int
    assert Part(1, rate=1).rate == 1.0


def test_config_has_family_fields_first_and_goes_round() -> None:
    config = Part(2, axes=[0, 1]).get_config()
    assert config == {"name": None, "size": 2, "rate": 0.5, "kind": "good", "mode": "a", "axes": [0, 1]}
    assert next(iter(config)) == "name"
    assert Part.from_config(config).get_config() == config


def test_repr_shows_what_differs_from_the_defaults() -> None:
    assert repr(Part(2, mode="b")) == "Part(size=2, mode='b')"


def test_subclass_gives_a_new_default_and_adds_fields_after_the_inherited() -> None:
    class Wider(Part):
        rate = 0.75
        extra: int = 1

    assert list(inspect.signature(Wider).parameters) == ["size", "rate", "kind", "mode", "axes", "extra", "name"]
    assert (Wider(1).rate, Part(1).rate) == (0.75, 0.5)


def test_own_constructor_without_get_config_saves_what_it_was_given() -> None:
    assert Own(1, name="o").get_config() == {"name": "o", "first": 1, "second": 2}
    assert Own.from_config(Own(1).get_config()).first == 1
    assert list(inspect.signature(Own).parameters) == ["first", "second", "kwargs"]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda part: pickle.loads(pickle.dumps(part))])  # noqa: S301
def test_copies_and_pickles_are_equal_in_config(again: Any) -> None:
    assert again(Part(2, name="p")).get_config() == Part(2, name="p").get_config()


def test_serialized_values_are_json() -> None:
    assert serialize({"a": np.float32(0.5), "b": (np.int64(1), None), "c": np.dtype("int8")}) == {
        "a": 0.5, "b": [1, None], "c": "int8",
    }  # fmt: skip
    array = {"class_name": "__numpy__", "config": {"value": [1.0], "dtype": "float64"}}
    assert serialize(np.array([1.0])) == array
    assert serialize(Part(1))["registered_name"] == "Part"  # not the library's own
    assert serialize(known)["config"] == "known"


def test_lambda_cannot_be_saved_and_the_error_says_where_it_is() -> None:
    with pytest.raises(
        ArgumentError, match=r"^The lambda at .*test_declared\.py:\d+ has no name to be saved by\. Write"
    ):
        serialize(lambda x: x)


ARGUMENTS = r"Its arguments are: size, rate, kind, mode, axes, name\.$"


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, rf"^Part\(\) needs the argument 'size'\. {ARGUMENTS}"),
        ((1, 2, 3, 4, 5, 6), {}, r"^Part\(\) takes at most 5 positional arguments \(size, rate, kind, mode, axes\), got 6\."),
        ((1,), {"size": 2}, rf"^Part\(\) got 'size' twice, by position and by name\. {ARGUMENTS}"),
        ((1,), {"zzz": 2}, rf"^Part\(\) does not take an argument 'zzz'\. {ARGUMENTS}"),
        ((1,), {"raet": 2}, r"does not take an argument 'raet' \(Did you mean 'rate'\?\)\. "),
        ((), {"sise": 1}, r"'sise' \(Did you mean 'size'\?\); needs the argument 'size'\. "),
        ((0,), {}, r"^Part\(\) argument 'size' should be greater than 0, got 0\.$"),
        (("1",), {}, r"'size' should be an integer greater than 0, got '1'\.$"),
        ((True,), {}, r"'size' should be an integer greater than 0, got True\.$"),
        ((1, "x"), {}, r"'rate' should be a number, got 'x'\.$"),
        ((1,), {"mode": "c"}, r"'mode' should be 'a' or 'b', got 'c'\.$"),
        ((1,), {"axes": 3}, r"'axes' should be a list of which each entry is an integer or None, got 3\.$"),
        ((1,), {"axes": [1, "x"]}, r"'axes' should be a list of which each entry is an integer or None, got \[1, 'x'\]\.$"),
        ((0, "x"), {"name": 5}, r"'size' should .*; argument 'rate' should .*; argument 'name' should be a string or None, got 5\.$"),
        ((1,), {"kind": "bad"}, r"^Part\(\) argument 'kind': Unknown part 'bad'\. Did you mean 'good'\?$"),
        ((1,), {"kind": "typed"}, r"^Part\(\) argument 'kind': that is not a dtype\.$"),
    ],
)  # fmt: skip
def test_mistake_is_one_error_that_tells_everything(args: Any, kwargs: Any, message: str) -> None:
    with pytest.raises((ArgumentError, DTypeError), match=message):
        Part(*args, **kwargs)


def test_resolvers_error_keeps_its_kind() -> None:
    with pytest.raises(UnknownNameError):
        Part(1, kind="bad")
    with pytest.raises(DTypeError):
        Part(1, kind="typed")
