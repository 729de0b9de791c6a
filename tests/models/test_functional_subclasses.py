"""Subclasses that give their inputs and outputs to ``super().__init__``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import Model, layers
from denselite.errors import ArgumentError, UncoveredError
from denselite.models import Functional, load_model

X = np.linspace(-1, 1, 24, dtype="float32").reshape(6, 4)


def graph(units: int = 3) -> Any:
    x = dl.Input((4,))
    return x, layers.Dense(1)(layers.Dense(units, "tanh", name="hidden")(x))


class Sized(Model):
    """Made of a number, as the config says."""

    def __init__(self, units: int = 2, **options: Any) -> None:
        self.hidden = layers.Dense(units, "tanh", name="hidden")
        x = dl.Input((4,))
        super().__init__(inputs=x, outputs=layers.Dense(1)(self.hidden(x)), **options)
        self.units = units

    def look(self) -> int:
        return self.units


class Told(Sized):
    def get_config(self) -> dict[str, Any]:
        return {"units": self.units, "name": self.name}


class Handed(Model):
    def __init__(self, inputs: Any, outputs: Any, **options: Any) -> None:
        super().__init__(inputs=inputs, outputs=outputs, **options)


class Doubling(Model):
    def double(self, x: Any) -> Any:
        return 2 * self.predict(x, verbose=0)


class Stack(dl.Sequential):
    def __init__(self, units: int = 2, **options: Any) -> None:
        super().__init__([dl.Input((4,)), layers.Dense(units), layers.Dense(1)], **options)
        self.units = units


MODELS: dict[str, Any] = {
    "own-arguments": lambda: Sized(5, name="own"),
    "own-config": lambda: Told(5, name="own"),
    "inputs-and-outputs": lambda: Handed(*graph(5), name="own"),
    "inherited": lambda: Doubling(*graph(5), name="own"),
    "inherited-by-name": lambda: Doubling(**dict(zip(("inputs", "outputs"), graph(5), strict=True)), name="own"),
    "sequential": lambda: Stack(5, name="own"),
}


@pytest.mark.parametrize("case", MODELS)
def test_model_trains_is_saved_and_loaded_as_what_it_is(case: str, tmp_path: Path) -> None:
    model = MODELS[case]()
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    assert isinstance(model, Functional)
    assert model.output_shape == (None, 1)
    model.save(tmp_path / "m.npz")
    loaded = load_model(tmp_path / "m.npz", custom_objects={type(model).__name__: type(model)})
    assert type(loaded) is type(model)
    assert (loaded.name, getattr(loaded, "units", 5)) == ("own", 5)
    assert np.array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))
    for again in (model, loaded):
        again.fit(X, X[:, :1], verbose=0)
    assert all(map(np.array_equal, model.get_weights(), loaded.get_weights()))


def test_layers_are_those_of_the_graph_then_others_in_attributes() -> None:
    model = Sized()
    assert [layer.name for layer in model.layers][1] == "hidden"
    assert len(model.weights) == 4
    model.spare = layers.Dense(1, name="spare")
    assert [layer.name for layer in model.layers][-1] == "spare"


def test_subclass_of_such_a_class_is_functional_too() -> None:
    assert issubclass(Told, Functional) or isinstance(Told(), Functional)
    assert Told(4).look() == 4


def test_class_with_a_call_stays_as_it_is() -> None:
    class Calling(Model):
        def call(self, x: Any) -> Any:
            return x * 2

    assert np.array_equal(Calling().predict(X, verbose=0), X * 2)
    assert not issubclass(Calling, Functional)


def test_argument_that_no_model_takes_is_told() -> None:
    class Own(Model):
        pass

    with pytest.raises(ArgumentError, match=r"Own\(\) does not take an argument 'unit'"):
        Own(unit=3)


@pytest.mark.parametrize(
    ("method", "instead"),
    [("train_step", r"a loop over train_on_batch\(\)"), ("compute_loss", r"give compile\(\) a loss of your own")],
)
def test_what_keras_would_call_and_nobody_here_is_refused(method: str, instead: str) -> None:
    with pytest.raises(
        UncoveredError, match=rf"^Own\.{method}\(\) would be Keras', and is not called here: .*{instead}"
    ):
        type("Own", (Model,), {method: lambda self, data: None})
