"""`to_json`: Keras reads what denselite writes, and the other way round, and both then compute and train alike."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(59)
X = RNG.normal(size=(5, 4))
B = RNG.normal(size=(5, 4))
Y = RNG.normal(size=(5, 3))


def sequential(lib: Any) -> Any:
    return lib.Sequential(
        [
            lib.Input((4,), name="i"),
            lib.layers.Rescaling(0.5, offset=0.1, name="r"),
            lib.layers.Dense(6, activation="relu", kernel_regularizer=lib.regularizers.L2(0.1), name="h"),
            lib.layers.Dropout(0.0, name="dr"),
            lib.layers.Reshape((2, 3), name="re"),
            lib.layers.Activation("tanh", name="ac"),
            lib.layers.Flatten(name="fl"),
            lib.layers.Dense(3, name="o", bias_initializer=lib.initializers.Constant(0.5)),
        ],
        name="m",
    )


def deferred(lib: Any) -> Any:
    model = lib.Sequential([lib.layers.Dense(3, activation="tanh", name="h"), lib.layers.Dense(3, name="o")], name="m")
    model.build((None, 4))
    return model


def functional(lib: Any) -> Any:
    a, b = lib.Input((4,), name="a"), lib.Input((4,), name="b")
    shared = lib.layers.Dense(3, activation="tanh", name="shared")
    left, right = shared(a), shared(b)
    joined = lib.layers.Concatenate(name="c")([lib.layers.Add(name="s")([left, right]), right])
    return lib.Model([a, b], lib.layers.Dense(3, name="o")(joined), name="m")


def nested(lib: Any) -> Any:
    i = lib.Input((4,), name="i")
    inner = lib.Model(i, lib.layers.Dense(3, activation="relu", name="d")(i), name="inner")
    queue = lib.Sequential([lib.Input((3,), name="qi"), lib.layers.Dense(3, name="q")], name="queue")
    a, b = lib.Input((4,), name="a"), lib.Input((4,), name="b")
    return lib.Model([a, b], queue(lib.layers.Add(name="s")([inner(a), inner(b)])), name="m")


def dict_inputs(lib: Any) -> Any:
    z, b = lib.Input((4,), name="z"), lib.Input((4,), name="b")
    joined = lib.layers.Concatenate(name="c")([lib.layers.Dense(3, name="h")(z), b])
    return lib.Model({"z": z, "b": b}, {"out": lib.layers.Dense(3, name="o")(joined)}, name="m")


def frozen(lib: Any) -> Any:
    layers = [lib.Input((4,), name="i"), lib.layers.Dense(3, trainable=False, name="h"), lib.layers.Dense(3, name="o")]
    return lib.Sequential(layers, name="m")


CASES: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "sequential": (sequential, X, Y),
    "deferred": (deferred, X, Y),
    "functional": (functional, [X, B], Y),
    "nested": (nested, [X, B], Y),
    "dict-inputs": (dict_inputs, {"z": X, "b": B}, {"out": Y}),
    "frozen": (frozen, X, Y),
}


@pytest.mark.parametrize("direction", ["ours-to-keras", "keras-to-ours"])
@pytest.mark.parametrize("case", CASES)
def test_json_of_one_library_is_the_same_model_in_the_other(twins: Any, case: str, direction: str) -> None:
    make, x, y = CASES[case]
    writer, reader = twins.libs[::-1] if direction == "ours-to-keras" else twins.libs
    written = make(writer)
    read = reader.models.model_from_json(written.to_json())
    assert read.name == written.name
    assert [layer.name for layer in read.layers] == [layer.name for layer in written.layers]
    rng = np.random.default_rng(1)
    weights = [rng.normal(0.0, 0.5, weight.shape) for weight in written.get_weights()]
    results = []
    for lib, model in ((writer, written), (reader, read)):
        model.set_weights(weights)
        twins.compile(lib, model)
        results.append([model.predict(x, verbose=0), model.train_on_batch(x, y), model.get_weights()])
    twins.compare(*results)


def normal(value: Any) -> Any:
    """Sort the keys, and take the running number off an input layer that named itself."""
    if isinstance(value, dict):
        return {key: normal(value[key]) for key in sorted(value)}
    if isinstance(value, str):
        return re.sub(r"^input_layer_\d+$", "input_layer", value)
    return [normal(entry) for entry in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", CASES)
def test_json_text_is_keras(twins: Any, case: str) -> None:
    make = CASES[case][0]
    twins.same(lambda lib: normal(json.loads(make(lib).to_json())))


def compile_fully(lib: Any, model: Any) -> None:
    rate = lib.optimizers.schedules.ExponentialDecay(0.1, 4, 0.5)
    optimizer = lib.optimizers.Adam(rate, beta_1=0.8, clipnorm=1.0, name="adam")
    metrics = ["mae", lib.metrics.MeanSquaredError(name="squares")]
    model.compile(optimizer=optimizer, loss=lib.losses.MeanAbsoluteError(reduction="sum"), metrics=metrics)


@pytest.mark.parametrize("direction", ["ours-to-keras", "keras-to-ours"])
def test_compile_arguments_travel_in_the_json(twins: Any, direction: str) -> None:
    writer, reader = twins.libs[::-1] if direction == "ours-to-keras" else twins.libs
    written = sequential(writer)
    compile_fully(writer, written)
    read = reader.models.model_from_json(written.to_json())
    draw = np.random.default_rng(3)  # always the same: at some weights Adam enlarges what rounding leaves of a gradient
    weights = [draw.uniform(-0.8, 0.8, w.shape).astype(w.dtype) for w in written.get_weights()]
    for model in (written, read):
        model.set_weights(weights)
    logs = [model.fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0).history for model in (written, read)]
    twins.compare(*logs)
    twins.compare(written.get_weights(), read.get_weights())


def test_compile_config_in_the_json_is_keras(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        model = sequential(lib)
        compile_fully(lib, model)
        config = json.loads(model.to_json())["compile_config"]
        config.pop("jit_compile", None)  # how Keras runs its program, not what it computes
        return normal(config)

    twins.same(recipe)


@pytest.mark.parametrize("case", CASES)
def test_from_config_makes_the_same_model(twins: Any, case: str) -> None:
    make, x, _ = CASES[case]

    def build(lib: Any) -> Any:
        model = make(lib)
        return type(model).from_config(model.get_config())

    twins.train(build, lambda model: model.predict(x, verbose=0))
