"""`.keras` and `.weights.h5`: each library loads what the other wrote, predicts the same and trains on alike."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contracts.test_layers import CASES as LAYERS
from tests.parity.test_parity_json import CASES as MODELS

RNG = np.random.default_rng(83)
X = RNG.normal(size=(12, 4))
Y = RNG.normal(size=(12, 3))
DIRECTIONS = ("ours-to-keras", "keras-to-ours")


def both(twins: Any, direction: str) -> Any:
    """The library that writes and the one that reads."""
    return twins.libs[::-1] if direction == DIRECTIONS[0] else twins.libs


def computed(model: Any, x: Any) -> Any:
    return [np.asarray(y) for y in model(x)] if isinstance(x, list) else np.asarray(model(x))


def moved(model: Any) -> Any:
    """Give every weight a value that no initializer gives."""
    model.set_weights([RNG.uniform(0.5, 1.0, w.shape).astype(w.dtype) for w in model.get_weights()])
    return model


# Every layer: side by side in one model, as compiling one for each would take Keras a minute.


def plain_layer(lib: Any, case: str) -> Any:
    name, arguments, *_ = LAYERS[case]
    if isinstance(arguments.get("layer"), dict):
        arguments = {"layer": lib.layers.Dense(**arguments["layer"]["config"])}
    return getattr(lib.layers, name)(**arguments, name=case)


FEW = ["batch-normalization", "conv-2d", "embedding", "group-normalization", "prelu-shared", "separable-conv-1d",
       "spectral-normalization", "time-distributed"]  # fmt: skip
# Keras takes two minutes for all of them.
SETS = [pytest.param(FEW, id="few"), pytest.param(list(LAYERS), id="all", marks=pytest.mark.slow)]


def side_by_side(lib: Any, cases: list[str]) -> Any:
    inputs: list[Any] = []
    outputs = []
    for case in cases:
        fed = [lib.Input(shape) for shape in LAYERS[case][2]]
        outputs.append(plain_layer(lib, case)(fed if len(fed) > 1 else fed[0]))
        inputs += fed
    return lib.Model(inputs, outputs)


def fed_layers(cases: list[str]) -> list[Any]:
    rows = []
    for case in cases:
        draw = (lambda size: RNG.integers(0, 5, size)) if case == "embedding" else (lambda size: RNG.normal(size=size))
        rows += [draw((3, *shape)).astype("float32") for shape in LAYERS[case][2]]
    return rows


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("cases", SETS)
def test_layers_that_both_have_predict_the_same(twins32: Any, cases: list[str], direction: str, tmp_path: Path) -> None:
    writer, reader = both(twins32, direction)
    x = fed_layers(cases)
    model = moved(side_by_side(writer, cases))
    model.save(tmp_path / "m.keras")
    read = reader.models.load_model(tmp_path / "m.keras")
    for case, theirs, ours in zip(cases, computed(model, x), computed(read, x), strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-6, err_msg=case)
    model.save_weights(tmp_path / "m.weights.h5")
    for file in ("m.weights.h5", "m.keras"):
        moved(read).load_weights(tmp_path / file)
        for theirs, ours in zip(model.get_weights(), read.get_weights(), strict=True):
            np.testing.assert_array_equal(theirs, ours)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("case", MODELS)
def test_every_kind_of_model_predicts_the_same(twins: Any, case: str, direction: str, tmp_path: Path) -> None:
    make, x, _ = MODELS[case]
    writer, reader = both(twins, direction)
    model = moved(make(writer))
    model.save(tmp_path / "m.keras")
    read = reader.models.load_model(tmp_path / "m.keras")
    twins.compare(model.predict(x, verbose=0), read.predict(x, verbose=0), atol=1e-6)
    assert [layer.name for layer in read.layers] == [layer.name for layer in model.layers]


def subclass(lib: Any) -> Any:
    class Block(lib.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.z, self._hidden = lib.layers.Dense(3), lib.layers.Dense(3)
            self.many = [lib.layers.Dense(3), lib.layers.LayerNormalization()]
            self.by_name = {"q": lib.layers.Dense(3), "a": lib.layers.Dense(3)}

        def build(self, shape: Any) -> None:
            for layer in self.inside():
                layer.build((None, 3))
            self.fixed = self.add_weight((3,), trainable=False, name="fixed")
            self.own = self.add_weight((3,), name="own")

        def inside(self) -> list[Any]:
            return [self.z, self._hidden, *self.many, *self.by_name.values()]

        def call(self, x: Any) -> Any:
            for layer in self.inside():
                x = layer(x)
            return x * self.own + self.fixed

    class Mine(lib.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first = self.alias = lib.layers.Dense(3)  # the first name in the alphabet counts
            self.block, self.block_2 = Block(), Block()
            self.tail = lib.layers.BatchNormalization()  # behind "layers" in the alphabet
            self.tails = [lib.layers.Dense(3), lib.layers.Dense(3)]

        def call(self, x: Any) -> Any:
            x = self.tail(self.block_2(self.block(self.first(x))))
            for layer in self.tails:
                x = layer(x)
            return x

    model = Mine()
    model(np.zeros((2, 4)))
    return model


def paths(path: Path) -> dict[str, Any]:
    h5py = pytest.importorskip("h5py")
    found = {}
    data = zipfile.ZipFile(path).read("model.weights.h5") if path.suffix == ".keras" else path.read_bytes()
    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(
            lambda name, part: found.update({name: [str(getattr(part, "dtype", "")), getattr(part, "shape", None)]})
        )
    return found


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_weights_of_a_subclass_travel_under_keras_paths(twins: Any, direction: str, tmp_path: Path) -> None:
    writer, reader = both(twins, direction)
    written, read = moved(subclass(writer)), moved(subclass(reader))
    written.save_weights(tmp_path / "m.weights.h5")
    read.save_weights(tmp_path / "n.weights.h5")
    assert paths(tmp_path / "m.weights.h5") == paths(tmp_path / "n.weights.h5")
    read.load_weights(tmp_path / "m.weights.h5")
    # 1/n of a mean is float32 in Keras (see conftest.py), and five layers in a row enlarge it.
    np.testing.assert_allclose(np.asarray(read(X)), np.asarray(written(X)), rtol=1e-5)


def test_paths_and_types_in_a_file_are_keras(twins32: Any, tmp_path: Path) -> None:
    found = []
    for k, lib in enumerate(twins32.libs):
        model = trained(lib, lib.optimizers.Adam())
        model.save(tmp_path / f"{k}.keras")
        found.append(paths(tmp_path / f"{k}.keras"))
    assert found[0] == found[1]


# Training on.

OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda lib: lib.optimizers.SGD(0.05),
    "SGD-momentum": lambda lib: lib.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "RMSprop": lambda lib: lib.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "Adam": lambda lib: lib.optimizers.Adam(0.01, amsgrad=True),
    "AdamW": lambda lib: lib.optimizers.AdamW(0.01),
    "Adamax": lambda lib: lib.optimizers.Adamax(0.01),
    "Nadam": lambda lib: lib.optimizers.Nadam(0.01),
    "Adagrad": lambda lib: lib.optimizers.Adagrad(0.01),
    "Adadelta": lambda lib: lib.optimizers.Adadelta(1.0),
    "Ftrl": lambda lib: lib.optimizers.Ftrl(0.1, l1_regularization_strength=0.01),
    "Lion": lambda lib: lib.optimizers.Lion(0.01),
    "Lamb": lambda lib: lib.optimizers.Lamb(0.01),
    "Adafactor": lambda lib: lib.optimizers.Adafactor(0.05),
    "Muon": lambda lib: lib.optimizers.Muon(0.05),
    "ScheduleFreeAdamW": lambda lib: lib.optimizers.ScheduleFreeAdamW(0.05, warmup_steps=5),
    "schedule": lambda lib: lib.optimizers.Adam(lib.optimizers.schedules.ExponentialDecay(0.05, 2, 0.5)),
    "averages": lambda lib: lib.optimizers.Adam(0.01, use_ema=True, ema_overwrite_frequency=4, clipnorm=0.5),
    "accumulation": lambda lib: lib.optimizers.SGD(0.1, momentum=0.5, gradient_accumulation_steps=2),
}


def trained(lib: Any, optimizer: Any) -> Any:
    layers = [lib.Input((4,)), lib.layers.Dense(5, activation="tanh"), lib.layers.BatchNormalization()]
    model = lib.Sequential([*layers, lib.layers.Dense(3, name="last")])
    model.compile(optimizer=optimizer, loss="mse", metrics=["mae"])
    moved(model)
    steps(lib, model, 3)
    return model


def steps(lib: Any, model: Any, count: int) -> list[float]:
    if lib.__name__ == "keras":
        model.jit_compile = False  # a program for so few steps takes longer than they do
    return [float(model.train_on_batch(X, Y)[0]) for _ in range(count)]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_in_the_other_library(twins: Any, name: str, direction: str, tmp_path: Path) -> None:
    writer, reader = both(twins, direction)
    model = trained(writer, OPTIMIZERS[name](writer))
    model.save(tmp_path / "m.keras")
    read = reader.models.load_model(tmp_path / "m.keras")
    assert int(read.optimizer.iterations) == int(model.optimizer.iterations) > 0
    state = [[np.asarray(v.numpy(), "float64") for v in m.optimizer.variables] for m in (model, read)]
    twins.compare(*state)
    np.testing.assert_allclose(steps(writer, model, 5), steps(reader, read, 5), rtol=1e-5)


def test_optimizer_within_keras_loss_scaling_goes_on_here(twins: Any, tmp_path: Path) -> None:
    keras, ours = twins.libs
    model = trained(keras, keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)))
    model.save(tmp_path / "m.keras")
    read = ours.models.load_model(tmp_path / "m.keras")
    assert int(read.optimizer.iterations) == 3
    np.testing.assert_allclose(steps(keras, model, 5), steps(ours, read, 5), rtol=1e-5)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_rate_that_was_changed_and_steps_travel_with_weights_alone(twins: Any, direction: str, tmp_path: Path) -> None:
    writer, reader = both(twins, direction)
    model, other = (trained(lib, lib.optimizers.Adam(0.01)) for lib in (writer, reader))
    model.optimizer.learning_rate = 0.125
    model.save_weights(tmp_path / "m.weights.h5")
    other.load_weights(tmp_path / "m.weights.h5")
    assert float(other.optimizer.learning_rate) == 0.125
    np.testing.assert_allclose(steps(writer, model, 5), steps(reader, other, 5), rtol=1e-5)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_bins_and_a_normalization_that_was_adapted_travel(twins: Any, direction: str, tmp_path: Path) -> None:
    writer, reader = both(twins, direction)
    norm, bins = writer.layers.Normalization(), writer.layers.Discretization([-0.5, 0.5])  # Keras adapts bins with TF
    norm.adapt(X)
    a = writer.Input((4,))
    model = writer.Model(a, [norm(a), bins(a)])
    model.save(tmp_path / "m.keras")
    read = reader.models.load_model(tmp_path / "m.keras")
    for theirs, ours in zip(model(X), read(X), strict=True):
        twins.compare(np.asarray(theirs), np.asarray(ours))


def test_model_of_mixed_precision_that_was_not_compiled_travels(twins32: Any, tmp_path: Path) -> None:
    for direction in DIRECTIONS:
        writer, reader = both(twins32, direction)
        layers = [
            writer.Input((4,)),
            writer.layers.Dense(3, dtype="mixed_float16"),
            writer.layers.Dense(2, dtype="float64"),
        ]
        model = moved(writer.Sequential(layers))
        model.save(tmp_path / "m.keras")
        read = reader.models.load_model(tmp_path / "m.keras")
        twins32.compare(np.asarray(model(X), "float64"), np.asarray(read(X), "float64"), atol=1e-2)
        assert [w.dtype for w in read.get_weights()] == [w.dtype for w in model.get_weights()]
