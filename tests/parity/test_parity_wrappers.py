"""Layers around layers and functions: TimeDistributed, Wrapper and Lambda."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(41)
STEPS = RNG.normal(size=(4, 3, 2))
STEPS[0, 2] = STEPS[2, 0] = 0.0
GRIDS = RNG.normal(size=(4, 3, 2, 5))

INSIDE: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "dense": (STEPS, lambda lib: lib.layers.Dense(3, "tanh")),
    "dense-on-grids": (GRIDS, lambda lib: lib.layers.Dense(3)),
    "flatten": (GRIDS, lambda lib: lib.layers.Flatten()),
    "reshape": (GRIDS, lambda lib: lib.layers.Reshape((5, 2))),
    "batch-normalization": (STEPS, lambda lib: lib.layers.BatchNormalization(momentum=0.5)),
    "model": (STEPS, lambda lib: lib.Sequential([lib.Input((2,)), lib.layers.Dense(3, "tanh"), lib.layers.Dense(2)])),
    "penalised-model": (STEPS, lambda lib: lib.Sequential([lib.layers.Dense(3, activity_regularizer="l2")])),
    "nested": (GRIDS, lambda lib: lib.layers.TimeDistributed(lib.layers.Dense(2))),
}


@pytest.mark.parametrize("inside", INSIDE)
def test_time_distributed_predicts_and_trains_like_keras(twins: Any, inside: str) -> None:
    x, layer = INSIDE[inside]
    twins.train_layers(x, lambda lib: [lib.layers.TimeDistributed(layer(lib)), lib.layers.Dense(2)])


def test_time_distributed_has_keras_weights_shapes_and_config(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.TimeDistributed(lib.layers.Dense(2, name="d"), name="t")
        before = layer.get_config()
        shapes = [list(layer.compute_output_shape(shape)) for shape in [(4, 3, 2), (None, 3, 2)]]
        layer.build((None, 3, 2))
        again = lib.layers.TimeDistributed.from_config(dict(before))
        return [
            before,
            layer.get_config(),
            str(shapes),
            [weight.path for weight in layer.weights],
            [layer.layer.built, again.layer.built, again.layer.units, layer.supports_masking],
        ]

    twins.same(recipe)


def test_time_distributed_takes_sequences_of_any_length(twins: Any) -> None:
    def build(lib: Any) -> Any:
        return lib.Sequential([lib.Input((None, 2)), lib.layers.TimeDistributed(lib.layers.Dense(3))])

    theirs, ours = twins.models(build)
    assert ours.output_shape == theirs.output_shape == (None, None, 3)
    twins.compare(*(model.predict(STEPS[:, :2], verbose=0) for model in (theirs, ours)))


def test_time_distributed_gives_each_step_its_mask(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        class Told(lib.layers.Layer):  # type: ignore[misc]
            def call(self, inputs: Any, mask: Any = None) -> Any:
                return inputs * 0.0 - 1.0 if mask is None else inputs * 0.0 + lib.ops.cast(mask, inputs.dtype)[:, None]

            def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
                return mask

        masked = lib.layers.Masking()(STEPS)
        layer = lib.layers.TimeDistributed(Told())
        after = lib.layers.TimeDistributed(lib.layers.Dense(2, kernel_initializer="ones"))(masked)
        return [
            np.asarray(layer(STEPS)),
            np.asarray(layer(masked)),
            np.asarray(layer(STEPS, mask=STEPS[:, :, 0] > 0)),
            float(lib.losses.MeanSquaredError()(STEPS, after)),
        ]

    twins.same(recipe)


WRAPPING_MISTAKES: dict[str, Callable[[Any], Any]] = {
    "no-layer": lambda lib: lib.layers.Wrapper(5),
    "a-class": lambda lib: lib.layers.TimeDistributed(lib.layers.Dense),
    "no-steps": lambda lib: lib.layers.TimeDistributed(lib.layers.Dense(2))(STEPS[:, 0]),
    "mask-of-rows": lambda lib: lib.layers.TimeDistributed(lib.layers.Dense(2))(STEPS, mask=np.ones(4, bool)),
    "mask-of-other-steps": lambda lib: lib.layers.TimeDistributed(lib.layers.Dense(2))(
        STEPS, mask=np.ones((4, 2), bool)
    ),
}


@pytest.mark.parametrize("mistake", WRAPPING_MISTAKES)
def test_wrapping_mistake_raises(twins: Any, mistake: str) -> None:
    for lib in twins.libs:
        with pytest.raises((ValueError, TypeError)):
            WRAPPING_MISTAKES[mistake](lib)


def test_wrapper_of_ones_own_trains_and_freezes_the_layer_inside(twins: Any) -> None:
    def build(lib: Any) -> Any:
        class Twice(lib.layers.Wrapper):  # type: ignore[misc]
            def call(self, inputs: Any) -> Any:
                return self.layer(self.layer(inputs))

        frozen = lib.layers.Dense(2, trainable=False)
        layers = [lib.Input((2,)), Twice(lib.layers.Dense(2, "tanh")), Twice(frozen), lib.layers.Dense(1)]
        return twins.compile(lib, lib.Sequential(layers))

    def run(model: Any) -> Any:
        counts = [len(model.trainable_weights), len(model.weights), model.layers[0].trainable]
        return [counts, model.train_on_batch(STEPS[:, 0], STEPS[:, 0, :1])]

    twins.train(build, run)


def doubled(x: Any) -> Any:
    return x * 2.0


def scaled(x: Any, factor: float, power: int = 1) -> Any:
    return factor * x**power


def told(x: Any, mask: Any = None, training: bool = False) -> Any:
    return x * (3.0 if training else 1.0) * (1.0 if mask is None else 2.0)


LAMBDAS: dict[str, Callable[[Any], Any]] = {
    "function": lambda lib: lib.layers.Lambda(doubled),
    "lambda": lambda lib: lib.layers.Lambda(lambda x: x[:, :1] - x[:, 1:]),
    "op": lambda lib: lib.layers.Lambda(lib.ops.tanh),
    "activation": lambda lib: lib.layers.Lambda(lib.activations.silu),
    "arguments": lambda lib: lib.layers.Lambda(scaled, arguments={"factor": 0.5, "power": 3}),
    "training": lambda lib: lib.layers.Lambda(told),
    "output-shape": lambda lib: lib.layers.Lambda(doubled, output_shape=(2,)),
}


@pytest.mark.parametrize("case", LAMBDAS)
def test_lambda_predicts_and_trains_like_keras(twins: Any, case: str) -> None:
    twins.train_layers(STEPS[:, 0], lambda lib: [lib.layers.Dense(2), LAMBDAS[case](lib), lib.layers.Dense(2)])


def test_lambda_of_several_inputs(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        inputs = [lib.Input((2,)), lib.Input((2,))]
        model = lib.Model(inputs, lib.layers.Lambda(lambda pair: pair[0] * pair[1])(inputs))
        return model.predict([STEPS[:, 0], STEPS[:, 1]], verbose=0)

    twins.same(recipe)


@pytest.mark.parametrize("case", ["function", "op", "activation", "arguments", "output-shape"])
def test_lambda_has_keras_config(twins: Any, case: str) -> None:
    twins.same(lambda lib: json.loads(json.dumps({**LAMBDAS[case](lib).get_config(), "name": "l"})))


def test_lambda_says_its_output_shape_and_mask(twins: Any) -> None:
    mask = np.array([[True, False, True]] * 4)

    def recipe(lib: Any) -> Any:
        shaped = lib.layers.Lambda(doubled, output_shape=lambda shape: (shape[0], 7))
        plain = lib.layers.Lambda(lambda x: x[..., :1])
        layers = [
            lib.layers.Lambda(doubled),
            lib.layers.Lambda(doubled, mask=mask),
            lib.layers.Lambda(doubled, mask=lambda inputs, mask: mask),
        ]
        loss, masked = lib.losses.MeanSquaredError(), lib.layers.Masking()(STEPS)
        return [
            str(shaped.compute_output_shape((None, 3))),
            str(plain.compute_output_shape((4, 3))),
            [layer.supports_masking for layer in layers],
            [float(loss(STEPS * 0.0, layer(masked))) for layer in layers[1:]],
            np.asarray(lib.layers.Lambda(told, mask=mask)(lib.layers.Masking()(STEPS))),
        ]

    twins.same(recipe)


def test_lambda_is_loaded_with_the_function_that_is_given(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((2,), name="x"), lib.layers.Lambda(doubled, name="l")], name="s")
        text = model.to_json()
        with pytest.raises((ValueError, TypeError)):
            lib.models.model_from_json(text)
        again = lib.models.model_from_json(text, custom_objects={"doubled": doubled})
        return [json.loads(text)["config"], again.predict(STEPS[:, 0], verbose=0)]

    twins.same(recipe)


def test_model_of_wrappers_goes_from_one_library_to_the_other(twins: Any) -> None:
    def build(lib: Any) -> Any:
        inner = lib.Sequential([lib.Input((2,), name="y"), lib.layers.Dense(3, name="d")], name="inner")
        x = lib.Input((3, 2), name="x")
        outputs = lib.layers.TimeDistributed(inner, name="t")(lib.layers.Masking(name="m")(x))
        return lib.Model(x, outputs, name="net")

    theirs, ours = twins.models(build)
    keras, denselite = twins.libs
    there = keras.models.model_from_json(ours.to_json())
    here = denselite.models.model_from_json(theirs.to_json())
    for model in (there, here):
        model.set_weights(theirs.get_weights())
    twins.compare(theirs.predict(STEPS, verbose=0), here.predict(STEPS, verbose=0))
    twins.compare(there.predict(STEPS, verbose=0), ours.predict(STEPS, verbose=0))
