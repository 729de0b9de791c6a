"""Parts of the user's own, in plain NumPy: differentiated, planned, saved and loaded like built-in ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import layers
from denselite.errors import GradientError, StateError, UncoveredError
from denselite.models import load_model

X = np.linspace(-1, 1, 24, dtype="float32").reshape(8, 3)
Y = np.abs(X[:, :1])


class Plain(layers.Layer):
    """Dense in Keras' style."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight((input_shape[-1], self.units), dl.initializers.GlorotUniform(seed=1), name="w")
        self.b = self.add_weight((self.units,), "zeros", name="b")

    def call(self, x: Any, training: bool = False) -> Any:
        return np.tanh(x @ self.w + self.b)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


class Adding(layers.Layer):
    def call(self, x: Any) -> Any:
        self.add_loss(0.1 * np.mean(x**2))
        return x


def bent(x: Any) -> Any:
    return np.where(x > 0, x, 0.1 * np.expm1(x))


def cubic(y_true: Any, y_pred: Any) -> Any:
    return np.mean(np.abs(y_true - y_pred) ** 3, axis=-1)


class Pinball(dl.losses.Loss):
    def __init__(self, quantile: float = 0.5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.quantile = quantile

    def call(self, y_true: Any, y_pred: Any) -> Any:
        error = y_true - y_pred
        return np.mean(np.maximum(self.quantile * error, (self.quantile - 1) * error), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "quantile": self.quantile}


class Largest(dl.metrics.Metric):
    def __init__(self, name: str = "largest", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.most = self.add_weight(name="most", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.most.assign(np.maximum(self.most, np.max(np.abs(y_true - y_pred))))

    def result(self) -> Any:
        return self.most.value


class Fixed(dl.initializers.Initializer):
    def __init__(self, value: float = 0.5) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return np.full(shape, self.value, dtype)

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}


class Quartic(dl.regularizers.Regularizer):
    def __init__(self, strength: float = 0.01) -> None:
        self.strength = strength

    def __call__(self, x: Any) -> Any:
        return self.strength * np.sum(x**4)

    def get_config(self) -> dict[str, Any]:
        return {"strength": self.strength}


class Box(dl.constraints.Constraint):
    def __init__(self, size: float = 0.3) -> None:
        self.size = size

    def __call__(self, w: Any) -> Any:
        return np.clip(w, -self.size, self.size)

    def get_config(self) -> dict[str, Any]:
        return {"size": self.size}


class SignSGD(dl.optimizers.Optimizer):
    learning_rate: float = 0.01

    def update(self, w: Any, g: Any, lr: Any, step: Any) -> Any:
        return {"w": w - lr * np.sign(g)}


class Halving(dl.optimizers.schedules.LearningRateSchedule):
    def __init__(self, start: float = 0.1) -> None:
        self.start = start

    def __call__(self, step: Any) -> Any:
        return self.start * 0.5 ** (step / 4)

    def get_config(self) -> dict[str, Any]:
        return {"start": self.start}


def net(*stack: Any, **arguments: Any) -> Any:
    model = dl.Sequential([dl.Input((3,)), *(stack or (layers.Dense(2, "tanh"),)), layers.Dense(1)])
    model.compile(**{"optimizer": "adam", "loss": "mse", **arguments})
    return model


PARTS: dict[str, tuple[Callable[[], Any], Any]] = {
    "layer": (lambda: net(Plain(4)), Plain),
    "added-loss": (lambda: net(layers.Dense(2), Adding()), Adding),
    "activation": (lambda: net(layers.Dense(2, bent)), bent),
    "loss-function": (lambda: net(loss=cubic), cubic),
    "loss": (lambda: net(loss=Pinball(0.7)), Pinball),
    "metric-function": (lambda: net(metrics=[cubic]), cubic),
    "metric": (lambda: net(metrics=[Largest()]), Largest),
    "initializer": (lambda: net(layers.Dense(2, kernel_initializer=Fixed(0.2))), Fixed),
    "regularizer": (lambda: net(layers.Dense(2, kernel_regularizer=Quartic(0.1))), Quartic),
    "constraint": (lambda: net(layers.Dense(2, kernel_constraint=Box(0.2))), Box),
    "optimizer": (lambda: net(optimizer=SignSGD(0.02)), SignSGD),
    "schedule": (lambda: net(optimizer=dl.optimizers.SGD(Halving(0.2))), Halving),
}


@pytest.mark.parametrize("part", PARTS)
def test_part_trains_is_saved_and_trains_on_from_the_file(part: str, tmp_path: Path) -> None:
    make, custom = PARTS[part]
    model = make()
    before = model.get_weights()
    logs = model.fit(X, Y, batch_size=3, epochs=2, verbose=0).history
    assert all(np.isfinite(values).all() for values in logs.values())
    assert not any(map(np.array_equal, before, model.get_weights()))
    assert "runs in" not in str(model.listing(X, Y))  # no Python in a step
    model.save(tmp_path / "m.npz")
    loaded = load_model(tmp_path / "m.npz", custom_objects={custom.__name__: custom})
    histories = [again.fit(X, Y, batch_size=3, verbose=0).history for again in (model, loaded)]
    assert histories[0] == histories[1]
    assert all(map(np.array_equal, model.get_weights(), loaded.get_weights()))
    assert loaded.to_json() == model.to_json()


def test_dense_in_plain_numpy_has_the_instructions_of_dense() -> None:
    def rows(layer: Any) -> Any:
        listing = net(layer).listing(X, Y)
        return [(r.op, r.phase, r.shape, r.dtype, r.home, r.buffer, r.calls) for r in listing.instructions]

    assert rows(Plain(4)) == rows(layers.Dense(4, "tanh"))


def constraint_holds() -> Any:
    model = PARTS["constraint"][0]()
    model.fit(X, Y, epochs=3, verbose=0)
    return np.abs(model.get_weights()[0]).max()


def test_constraint_of_ones_own_limits_weights() -> None:
    assert constraint_holds() <= np.float32(0.2)


def calling(function: Callable[[Any], Any]) -> Callable[[], Any]:
    class Own(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return function(inputs)

    return lambda: dl.Sequential([dl.Input((3,)), Own(name="own")])


def write_into(x: Any) -> Any:
    x[:, 0] = 0.0
    return x


def index_by(x: Any) -> Any:
    return np.arange(3.0)[np.argmax(x, axis=-1)]


MISTAKES: dict[str, tuple[Callable[[Any], Any], type[Exception], str, bool]] = {
    "none": (lambda x: None, StateError, r"Own 'own': call\(\) \(.*test_custom_parts\.py:\d+\) returned None\. Return the output\.", False),
    "write": (write_into, StateError, r"cannot be written into\. Build the new value with np\.where", True),
    "uncovered": (lambda x: np.fft.fft(x), UncoveredError, r"numpy\.fft cannot be recorded on a tensor", True),
    "out": (lambda x: np.add(x, 1, out=x), UncoveredError, r"numpy\.add\(out=\.\.\.\) would write into a tensor", True),
    "index": (index_by, StateError, r"has no value yet, so an array cannot be had.* ops\.take\(array, it, axis=0\)", True),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_in_a_call_is_one_error_that_names_layer_and_line(mistake: str) -> None:
    function, kind, message, located = MISTAKES[mistake]
    with pytest.raises(kind, match=message) as error:
        calling(function)().predict(X, verbose=0)
    notes = " ".join(getattr(error.value, "__notes__", []))
    assert "Own 'own'" in f"{error.value} {notes}"
    assert (f"{Path(__file__).name}:" in notes) is located


GENERATOR = np.random.default_rng(0)

DRAWS: dict[str, Callable[[Any], Any]] = {
    "global": lambda x: x * np.random.uniform(),
    "generator": lambda x: x * GENERATOR.uniform(),
    "generator-array": lambda x: x + GENERATOR.normal(size=3),
    "generator-batch": lambda x: x + GENERATOR.normal(size=x.shape),
    "generator-made-anew": lambda x: x + np.random.default_rng().normal(size=(1, 3)),
    "python": lambda x: x * random.random(),
}


@pytest.mark.parametrize("draw", DRAWS)
def test_draw_without_a_key_is_refused_with_layer_line_and_what_to_use(draw: str) -> None:
    model = calling(DRAWS[draw])()
    message = r"^Layer '.*/own' \(.*test_custom_parts\.py:\d+\) drew .* while it was traced.*SeedGenerator"
    with pytest.raises(StateError, match=message):
        model.predict(X, verbose=0)


def weighing(function: Callable[[Any, Any], Any], **arguments: Any) -> Any:
    class Own(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight((3, 3), name="w", **arguments)

        def call(self, inputs: Any) -> Any:
            return function(inputs, self.w)

    return net(Own(name="own"))


BLOCKED: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "argmax": (lambda x, w: x * np.argmax(x @ w, axis=-1)[:, None], "argmax"),
    "comparison": (lambda x, w: np.astype(x @ w > 0, "float32"), "greater"),
    "where": (lambda x, w: np.where(x @ w > 0, x, -x), "greater"),
}


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("case", BLOCKED)
def test_weight_behind_an_operation_without_gradient_is_told_with_layer_and_line(case: str, eager: bool) -> None:
    function, op = BLOCKED[case]
    model = weighing(function)
    model.run_eagerly = eager
    before = model.get_weights()
    with pytest.raises(
        GradientError,
        match=rf"own/w' reaches the loss only through '{op}' in layer '.*/own' \(.*test_custom_parts\.py:\d+\)",
    ):
        model.fit(X, Y, verbose=0)
    assert all(map(np.array_equal, before, model.get_weights()))


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (lambda x, w: np.where(x @ w > 0, x @ w, 0.1 * (x @ w)), {}),  # another way has a gradient
        (lambda x, w: x * dl.ops.sum(dl.ops.stop_gradient(w) > 0.0), {}),  # meant
        (lambda x, w: np.where(x @ w > 0, x, -x), {"trainable": False}),
    ],
    ids=["other-way", "stop-gradient", "frozen"],
)
def test_weight_that_is_not_to_have_a_gradient_that_way_trains(function: Any, arguments: Any) -> None:
    weighing(function, **arguments).fit(X, Y, verbose=0)


def test_keras_rule_of_an_optimizer_is_refused_with_what_to_write() -> None:
    with pytest.raises(
        UncoveredError, match=r"Own\.update_step\(\) is how Keras' .* Write update\(self, w, g, lr, step"
    ):
        type("Own", (dl.optimizers.Optimizer,), {"update_step": lambda self, g, v, lr: None})


def test_methods_of_arrays_are_those_of_numpy() -> None:
    def call(x: Any) -> Any:
        x = x.clip(-0.5, 0.5).swapaxes(0, 1).swapaxes(0, 1) + x.std(axis=-1, keepdims=True) * x.argmax(axis=-1)[:, None]
        return x.repeat(2, axis=-1).cumsum(axis=-1) + x.var() + x.prod(axis=-1, keepdims=True) + x.dot(np.ones((3, 1)))

    np.testing.assert_allclose(calling(call)().predict(X, batch_size=8, verbose=0), call(X), rtol=1e-5)
