"""Names for what is the user's own: registered, in a scope, or handed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite.errors import ArgumentError, FormatError
from denselite.models import model_from_json
from denselite.saving import custom_object_scope, get_custom_objects, get_registered_object


class Half(dl.layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs / 2


class Third(dl.layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs / 3


@pytest.fixture
def registered() -> Iterator[None]:
    dl.saving.register_keras_serializable("mine", "Part")(Half)
    yield
    get_custom_objects().clear()
    dl.custom_objects._names.clear()


def text() -> str:
    return dl.Sequential([dl.Input((2,)), Half(name="h")]).to_json()


def kind(text: str, **arguments: Any) -> type:
    return type(model_from_json(text, **arguments).layers[0])


@pytest.mark.usefixtures("registered")
def test_registered_class_needs_no_custom_objects() -> None:
    assert '"mine>Part"' in text()
    assert kind(text()) is Half


@pytest.mark.usefixtures("registered")
def test_scope_comes_before_what_is_registered_and_that_before_the_argument() -> None:
    assert kind(text(), custom_objects={"mine>Part": Third}) is Half
    with custom_object_scope({"mine>Part": Third}):
        assert kind(text()) is Third
    assert kind(text()) is Half


def test_scope_serves_loading_and_names_and_ends() -> None:
    described = text()
    with custom_object_scope({"Half": Half}), custom_object_scope({"double": lambda x: 2 * x}):
        assert kind(described) is Half
        assert np.array_equal(dl.layers.Dense(1, activation="double").activation(np.ones(1)), [2.0])
    with pytest.raises(FormatError, match="custom_objects="):
        model_from_json(described)
    assert get_registered_object("Half") is None


def test_class_without_a_config_is_not_registered() -> None:
    with pytest.raises(ArgumentError, match=r"Plain cannot be registered: a class that is saved has a get_config"):
        dl.saving.register_keras_serializable()(type("Plain", (), {}))
