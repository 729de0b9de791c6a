"""Normalization layers: outputs, gradients, moving statistics and weights are Keras'."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(31)
FLAT = RNG.normal(1.0, 2.0, (6, 4))
CUBE = RNG.normal(1.0, 2.0, (6, 3, 4))
IMAGE = RNG.normal(1.0, 2.0, (6, 2, 3, 4))

# name -> input, the layer
LAYERS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "batch": (FLAT, lambda lib: lib.layers.BatchNormalization()),
    "batch-plain": (FLAT, lambda lib: lib.layers.BatchNormalization(center=False, scale=False)),
    "batch-scale": (FLAT, lambda lib: lib.layers.BatchNormalization(center=False, momentum=0.5, epsilon=0.1)),
    "batch-positional": (FLAT, lambda lib: lib.layers.BatchNormalization(-1, 0.9, 0.01, True, False, "ones")),
    "batch-penalized": (
        FLAT,
        lambda lib: lib.layers.BatchNormalization(
            beta_regularizer="l1", gamma_regularizer="l2", beta_constraint="non_neg", gamma_constraint="unit_norm"
        ),
    ),
    "batch-sequence": (CUBE, lambda lib: lib.layers.BatchNormalization()),
    "batch-image": (IMAGE, lambda lib: lib.layers.BatchNormalization(momentum=0.0)),
    "batch-axis-1": (IMAGE, lambda lib: lib.layers.BatchNormalization(axis=1)),
    "layer": (FLAT, lambda lib: lib.layers.LayerNormalization()),
    "layer-plain": (FLAT, lambda lib: lib.layers.LayerNormalization(center=False, scale=False)),
    "layer-positional": (FLAT, lambda lib: lib.layers.LayerNormalization(-1, 0.01, False)),
    "layer-sequence": (CUBE, lambda lib: lib.layers.LayerNormalization()),
    "layer-axes": (IMAGE, lambda lib: lib.layers.LayerNormalization(axis=[1, 2, 3])),
    "layer-axes-apart": (IMAGE, lambda lib: lib.layers.LayerNormalization(axis=(3, 1))),
    "layer-axes-of-both-signs": (IMAGE, lambda lib: lib.layers.LayerNormalization(axis=(1, -1))),
    "layer-inner-axis": (CUBE, lambda lib: lib.layers.LayerNormalization(axis=1)),
    "group": (FLAT, lambda lib: lib.layers.GroupNormalization(2)),
    "group-image": (IMAGE, lambda lib: lib.layers.GroupNormalization(2, epsilon=0.1)),
    "group-axis-1": (IMAGE, lambda lib: lib.layers.GroupNormalization(2, 1, scale=False)),
    "group-axis-minus-2": (IMAGE, lambda lib: lib.layers.GroupNormalization(3, axis=-2)),
    "group-each": (IMAGE, lambda lib: lib.layers.GroupNormalization(-1, center=False)),
    "rms": (FLAT, lambda lib: lib.layers.RMSNormalization()),
    "rms-axes": (IMAGE, lambda lib: lib.layers.RMSNormalization([-1, -2], 0.1)),
    "unit": (FLAT, lambda lib: lib.layers.UnitNormalization()),
    "unit-axes": (CUBE, lambda lib: lib.layers.UnitNormalization(axis=[1, 2])),
}


@pytest.mark.parametrize("case", LAYERS)
def test_normalization_trains_and_predicts_like_keras(twins: Any, case: str) -> None:
    x, make = LAYERS[case]

    def build(lib: Any) -> Any:
        layers = [lib.Input(x.shape[1:]), lib.layers.Dense(4), make(lib), lib.layers.Dense(2)]
        rate = lib.optimizers.SGD(0.01)  # a larger one amplifies the noise of the float32 numbers that Keras mixes in
        return twins.compile(lib, lib.Sequential(layers), optimizer=rate)

    def run(model: Any) -> Any:
        y = RNG.normal(size=(len(x), *model.output_shape[1:])) * 0 + 1.0
        steps = [model.train_on_batch(x, y) for _ in range(3)]
        return [steps, model.evaluate(x, y, verbose=0), model.predict(x, verbose=0)]

    theirs, ours = twins.models(build)
    for model in (theirs, ours):  # a variance is not negative
        model.set_weights([abs(weight) for weight in model.get_weights()])
    twins.compare(run(theirs), run(ours))
    twins.compare(theirs.get_weights(), ours.get_weights())


@pytest.mark.parametrize("case", ["batch", "batch-image", "layer", "group-image", "rms", "unit"])
def test_normalization_trains_like_keras_in_float32(twins32: Any, case: str) -> None:
    test_normalization_trains_and_predicts_like_keras(twins32, case)


@pytest.mark.parametrize("case", LAYERS)
def test_weights_have_keras_names_shapes_and_order(twins: Any, case: str) -> None:
    x, make = LAYERS[case]

    def recipe(lib: Any) -> Any:
        layer = make(lib)
        layer.build((None, *x.shape[1:]))
        rows = [[w.path.split("/")[-1], list(w.shape), w.trainable, str(w.dtype)] for w in layer.weights]
        return [
            layer.supports_masking,
            rows,
            layer.get_weights(),
            list(layer.compute_output_shape((None, *x.shape[1:]))),
        ]

    twins.same(lambda lib: str(recipe(lib)))


def make_config(lib: Any, case: str, built: bool) -> dict[str, Any]:
    x, make = LAYERS[case]
    layer = make(lib)
    layer.name = "given"
    if built:
        layer.build((None, *x.shape[1:]))
    config: dict[str, Any] = layer.get_config()
    return config


@pytest.mark.parametrize("built", [False, True], ids=["new", "built"])
@pytest.mark.parametrize("case", LAYERS)
def test_config_has_keras_keys_in_order_and_builds_the_layer_in_both(twins: Any, case: str, built: bool) -> None:
    twins.same(lambda lib: make_config(lib, case, built))
    keras, denselite = twins.libs
    for writer, reader in ((keras, denselite), (denselite, keras)):
        config = make_config(writer, case, built)
        cls = getattr(reader.layers, type(LAYERS[case][1](reader)).__name__)
        twins.compare(make_config(writer, case, built), cls.from_config(config).get_config())


def frozen(lib: Any) -> Any:
    norm = lib.layers.BatchNormalization()
    model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(4), norm, lib.layers.Dense(2)])
    norm.trainable = False
    return model


def shared(lib: Any) -> Any:
    x, norm = lib.Input((4,)), lib.layers.BatchNormalization(momentum=0.8)
    dense = lib.layers.Dense(4)
    return lib.Model(x, lib.layers.Dense(2)(norm(dense(norm(dense(x))))))


def first(lib: Any) -> Any:
    return lib.Sequential([lib.Input((4,)), lib.layers.BatchNormalization(), lib.layers.Dense(2)])


def frozen_part(lib: Any) -> Any:
    part = lib.Sequential([lib.Input((4,)), lib.layers.Dense(4), lib.layers.BatchNormalization()])
    part.trainable = False
    x = lib.Input((4,))
    return lib.Model(x, lib.layers.Dense(2)(part(x)))


@pytest.mark.parametrize(
    "make", [frozen, shared, first, frozen_part],
    ids=lambda make: make.__name__,
)  # fmt: skip
def test_moving_statistics_move_when_keras_moves_them(twins: Any, make: Callable[[Any], Any]) -> None:
    theirs, ours = twins.models(lambda lib: twins.compile(lib, make(lib)))
    for model in (theirs, ours):
        model.set_weights([abs(weight) for weight in model.get_weights()])

    def run(model: Any) -> Any:
        history = model.fit(FLAT, np.ones((6, 2)), batch_size=4, epochs=2, shuffle=False, verbose=0).history
        after = [model.predict(FLAT, verbose=0), np.asarray(model(FLAT, training=True))]
        return [history, model.evaluate(FLAT, np.ones((6, 2)), verbose=0), after]

    twins.compare(run(theirs), run(ours))
    twins.compare(theirs.get_weights(), ours.get_weights())


@pytest.mark.parametrize("trainable", [True, False])
def test_layer_called_on_arrays_moves_its_statistics_like_keras(twins: Any, trainable: bool) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.BatchNormalization(trainable=trainable)
        calls = [np.asarray(layer(CUBE, training=training)) for training in (False, True, None)]
        return [calls, layer.get_weights()]

    twins.same(recipe)


@pytest.mark.parametrize("mask", [[[1, 1, 0]] * 6, [[1, 1, 1], [1, 0, 0]] * 3, [[0, 0, 0]] * 6], ids=str)
def test_masked_entries_do_not_count_for_the_statistics(twins: Any, mask: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.BatchNormalization(momentum=0.5)
        outputs = layer(CUBE, training=True, mask=np.array(mask, bool))
        return [np.asarray(outputs), layer.get_weights()]

    twins.same(recipe)


def test_mask_of_the_input_reaches_the_statistics_and_the_gradient(twins: Any) -> None:
    x = CUBE.copy()
    x[1, 1:], x[2, 2] = 0.0, 0.0

    def build(lib: Any) -> Any:
        layers = [lib.layers.Masking(), lib.layers.BatchNormalization(momentum=0.5), lib.layers.LayerNormalization()]
        return twins.compile(lib, lib.Sequential([lib.Input((3, 4)), *layers]))

    theirs, ours = twins.models(build)
    for model in (theirs, ours):
        model.set_weights([abs(weight) for weight in model.get_weights()])
    twins.compare(*([model.train_on_batch(x, np.ones((6, 3, 4))) for _ in range(2)] for model in (theirs, ours)))
    twins.compare(theirs.get_weights(), ours.get_weights())


@pytest.mark.filterwarnings("ignore:You passed `rms_scaling")
def test_rms_scaling_is_what_keras_calls_so(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.LayerNormalization(rms_scaling=True, scale=False, name="given")
        outputs = np.asarray(layer(FLAT))
        return [outputs, layer.get_weights(), layer.get_config()]

    twins.same(recipe)


def test_row_of_zeros_stays_one(twins: Any) -> None:
    twins.same(
        lambda lib: np.asarray(lib.layers.UnitNormalization()(np.array([[0.0, 0.0], [3e-13, 4e-13], [0.0, 2.0]])))
    )


@pytest.mark.parametrize("name", ["BatchNormalization", "LayerNormalization", "RMSNormalization"])
def test_integers_are_normalized_as_numbers(twins: Any, name: str) -> None:
    x = np.array([[1, 2, 5], [3, 4, 0]])

    def recipe(lib: Any) -> Any:
        return np.asarray(getattr(lib.layers, name)()(x.astype(float) if lib.__name__ == "keras" else x))

    twins.same(recipe)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "axis of no number": lambda lib: lib.layers.BatchNormalization(axis="features"),
    "axes of a batch": lambda lib: lib.layers.BatchNormalization(axis=[1, 2]),
    "synchronized": lambda lib: lib.layers.BatchNormalization(synchronized=True),
    "axis not there": lambda lib: lib.layers.BatchNormalization(axis=2).build((None, 4)),
    "unknown size": lambda lib: lib.layers.BatchNormalization().build((None, 3, None)),
    "other features": lambda lib: lib.Sequential([lib.Input((4,)), lib.layers.BatchNormalization()])(np.ones((2, 5))),
    "mask of another rank": lambda lib: lib.layers.BatchNormalization()(FLAT, mask=np.ones((6, 4), bool)),
    "layer axis of no number": lambda lib: lib.layers.LayerNormalization(axis="features"),
    "layer axis not there": lambda lib: lib.layers.LayerNormalization(axis=[1, 5])(FLAT),
    "layer axis twice": lambda lib: lib.layers.LayerNormalization(axis=[1, 1])(FLAT),
    "no groups": lambda lib: lib.layers.GroupNormalization(0),
    "groups of no number": lambda lib: lib.layers.GroupNormalization(2.0),
    "more groups than channels": lambda lib: lib.layers.GroupNormalization()(FLAT),
    "groups that do not divide": lambda lib: lib.layers.GroupNormalization(3)(FLAT),
    "unit axis of no number": lambda lib: lib.layers.UnitNormalization(axis=None),
    "unit axis not there": lambda lib: lib.layers.UnitNormalization(axis=3)(FLAT),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_keras_refuses_is_refused(twins: Any, case: str) -> None:
    for lib in twins.libs:
        with pytest.raises((ValueError, TypeError, IndexError, NotImplementedError)):
            REFUSED[case](lib)


@pytest.mark.parametrize("case", ["batch", "layer-axes-apart", "group-each", "rms-axes"])
def test_model_written_by_keras_is_read_with_its_weights(twins: Any, case: str, tmp_path: Path) -> None:
    x, make = LAYERS[case]
    theirs, ours = twins.models(lambda lib: lib.Sequential([lib.Input(x.shape[1:]), make(lib)], name="net"))
    for model in (theirs, ours):
        model.set_weights([abs(weight) for weight in model.get_weights()])
    again = twins.libs[1].models.model_from_json(theirs.to_json())
    again.set_weights(theirs.get_weights())
    twins.compare(theirs.predict(x, verbose=0), again.predict(x, verbose=0))
    ours.save(tmp_path / "m.json")
    twins.compare(
        theirs.predict(x, verbose=0), twins.libs[1].models.load_model(tmp_path / "m.json").predict(x, verbose=0)
    )


def spectral(lib: Any, **options: Any) -> Any:
    return lib.layers.SpectralNormalization(lib.layers.Dense(3, name="inner"), name="outer", **options)


@pytest.mark.parametrize("iterations", [1, 3])
def test_spectral_normalization_trains_and_predicts_like_keras(twins: Any, iterations: int) -> None:
    def build(lib: Any) -> Any:
        layers = [spectral(lib, power_iterations=iterations), lib.layers.Dense(2)]
        return twins.compile(lib, lib.Sequential([lib.Input((4,)), *layers]), optimizer=lib.optimizers.SGD(0.01))

    def run(model: Any) -> Any:
        losses = [model.train_on_batch(FLAT, np.ones((6, 2))) for _ in range(3)]
        return [losses, model.evaluate(FLAT, np.ones((6, 2)), verbose=0), model.predict(FLAT, verbose=0)]

    twins.train(build, run)


@pytest.mark.parametrize("penalty", ["l1", "l2"])
def test_penalty_of_a_spectrally_normalized_kernel_is_of_what_the_layer_runs_with(twins: Any, penalty: str) -> None:
    def build(lib: Any) -> Any:
        layer = lib.layers.SpectralNormalization(lib.layers.Dense(3, kernel_regularizer=penalty))
        return twins.compile(lib, lib.Sequential([lib.Input((4,)), layer]))

    def run(model: Any) -> Any:
        losses = [model.train_on_batch(FLAT, np.ones((6, 3))) for _ in range(2)]
        return [losses, model.evaluate(FLAT, np.ones((6, 3)), verbose=0)]

    twins.train(build, run)


@pytest.mark.parametrize("kernel", [np.arange(12.0).reshape(4, 3) - 3.0, np.zeros((4, 3))], ids=["full", "zeros"])
def test_spectral_normalization_on_arrays_keeps_the_normalized_kernel(twins: Any, kernel: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = spectral(lib)
        layer.build((None, 4))
        layer.set_weights([kernel, np.ones((1, 3)), np.ones(3)])
        calls = [np.asarray(layer(FLAT, training=training)) for training in (False, True, False)]
        return [calls, layer.get_weights(), [w.path for w in layer.weights], len(layer.trainable_weights)]

    twins.same(recipe)


@pytest.mark.parametrize("built", [False, True])
def test_spectral_normalization_has_keras_config(twins: Any, built: bool) -> None:
    def recipe(lib: Any) -> Any:
        layer = spectral(lib, power_iterations=2)
        if built:
            layer.build((None, 4))
        config = layer.get_config()
        return [
            list(config),
            config["power_iterations"],
            config["layer"]["class_name"],
            config["layer"]["config"]["units"],
        ]

    twins.same(recipe)
    keras, denselite = twins.libs
    assert denselite.layers.SpectralNormalization.from_config(spectral(keras).get_config()).layer.units == 3
    assert keras.layers.SpectralNormalization.from_config(spectral(denselite).get_config()).layer.units == 3


@pytest.mark.parametrize(
    "make",
    [
        lambda lib: lib.layers.SpectralNormalization("dense"),
        lambda lib: spectral(lib, power_iterations=0),
        lambda lib: lib.layers.SpectralNormalization(lib.layers.Flatten()).build((None, 4)),
    ],
)
def test_spectral_normalization_refuses_what_keras_refuses(twins: Any, make: Callable[[Any], Any]) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError, match=r"."):
            make(lib)
