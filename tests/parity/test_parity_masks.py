"""Masks: where they come from, which layers pass them on, and what losses and metrics make of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(31)
STEPS = RNG.normal(size=(4, 3, 2))
STEPS[0, 2] = STEPS[1, 0] = STEPS[3, 1] = STEPS[3, 2] = 0.0  # padding, not the same in every row
OTHER = RNG.normal(size=(4, 3, 2))
OTHER[0, 2] = OTHER[2, 1] = 0.0
TARGETS = RNG.normal(size=(4, 3, 2))
WEIGHTS = RNG.uniform(0.5, 2.0, size=(4, 3))


def told(lib: Any) -> Any:
    """A layer that returns the mask it was given as numbers; -1 where it was given none."""

    class Told(lib.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any, mask: Any = None) -> Any:
            return inputs[..., 0] * 0.0 + (-1.0 if mask is None else lib.ops.cast(mask, inputs.dtype))

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return None

    return Told()


# What happens to a mask on its way: the layers between Masking and the one that looks at it.
WAYS: dict[str, Callable[[Any], list[Any]]] = {
    "nothing": lambda lib: [],
    "dense": lambda lib: [lib.layers.Dense(2, "tanh")],
    "activation": lambda lib: [lib.layers.Activation("tanh")],
    "dropout": lambda lib: [lib.layers.Dropout(0.5)],
    "rescaling": lambda lib: [lib.layers.Rescaling(2.0)],
    "several": lambda lib: [lib.layers.Dense(2), lib.layers.Dropout(0.5), lib.layers.Dense(2)],
    "masking-again": lambda lib: [lib.layers.Dense(2), lib.layers.Masking(7.0)],
    "sequential-inside": lambda lib: [lib.Sequential([lib.Input((3, 2)), lib.layers.Dense(2)])],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore:Layer 'sequential")  # Keras says so, and passes the mask nevertheless
def test_mask_reaches_the_layer_that_takes_it(twins: Any, way: str) -> None:
    def build(lib: Any) -> Any:
        return lib.Sequential([lib.Input((3, 2)), lib.layers.Masking(), *WAYS[way](lib), told(lib)])

    theirs, ours = twins.models(build)
    twins.compare(np.asarray(theirs(STEPS)), np.asarray(ours(STEPS)))
    twins.compare(theirs.predict(STEPS, verbose=0), ours.predict(STEPS, verbose=0))


def test_mask_goes_from_layer_to_layer_outside_of_a_model(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        masked = lib.layers.Masking()(STEPS)
        return [
            np.asarray(told(lib)(value))
            for value in (STEPS, masked, lib.layers.Activation("relu")(masked), lib.ops.tanh(masked))
        ]

    twins.same(recipe)


@pytest.mark.parametrize("mask_value", [0.0, -1.0, 2])
def test_masking_zeroes_what_it_masks(twins: Any, mask_value: float) -> None:
    x = np.array([[[2.0, 2.0], [0.0, 0.0], [2.0, 0.0], [-1.0, -1.0]]])

    def recipe(lib: Any) -> Any:
        layer = lib.layers.Masking(mask_value)
        return [np.asarray(layer(x)), np.asarray(layer.compute_mask(x)).tolist(), layer.get_config()["mask_value"]]

    twins.same(recipe)


MERGED: dict[str, Callable[[Any], Any]] = {
    "add": lambda lib: lib.layers.Add(),
    "multiply": lambda lib: lib.layers.Multiply(),
    "maximum": lambda lib: lib.layers.Maximum(),
    "concatenate": lambda lib: lib.layers.Concatenate(),
    "concatenate-steps": lambda lib: lib.layers.Concatenate(axis=1),
}


@pytest.mark.parametrize("masked", [(True, True), (True, False), (False, False)], ids=str)
@pytest.mark.parametrize("merge", MERGED)
def test_merged_mask_is_keras(twins: Any, merge: str, masked: tuple[bool, bool]) -> None:
    def recipe(lib: Any) -> Any:
        inputs = [lib.Input((3, 2)), lib.Input((3, 2))]
        parts = [lib.layers.Masking()(x) if hidden else x for x, hidden in zip(inputs, masked, strict=True)]
        model = lib.Model(inputs, told(lib)(MERGED[merge](lib)(parts)))
        return model.predict([STEPS, OTHER], verbose=0)

    twins.same(recipe)


def test_layer_of_several_inputs_gets_a_mask_for_each(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        class Which(lib.layers.Layer):  # type: ignore[misc]
            def call(self, inputs: Any, mask: Any = None) -> Any:
                self.seen = [entry is not None for entry in mask]
                return inputs[0] + inputs[1]

            def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
                return mask[0]

        layer = Which()
        out = layer([lib.layers.Masking()(STEPS), OTHER])
        return [layer.seen, np.asarray(told(lib)(out))]

    twins.same(recipe)


def test_named_arguments_get_masks_of_their_own(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        class Pair(lib.layers.Layer):  # type: ignore[misc]
            def call(self, query: Any, value: Any, query_mask: Any = None, value_mask: Any = None) -> Any:
                self.seen = [query_mask is not None, value_mask is not None]
                return query + value

            def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
                return None

        layer, masked, found = Pair(), lib.layers.Masking()(STEPS), []
        for args, kwargs in [
            ((masked, OTHER), {}),
            ((OTHER, masked), {}),
            ((masked,), {"value": masked}),
            ((OTHER, OTHER), {"value_mask": STEPS[:, :, 0] > 0}),
        ]:
            layer(*args, **kwargs)
            found.append(layer.seen)
        return found

    twins.same(recipe)


def test_mask_that_is_given_wins(twins: Any) -> None:
    mask = np.array([[True, False, False]] * 4)

    def recipe(lib: Any) -> Any:
        masked = lib.layers.Masking()(STEPS)
        inner = lib.Sequential([lib.Input((3, 2)), lib.layers.Activation("tanh"), told(lib)])
        x, given = lib.Input((3, 2)), lib.Input((3,), dtype="bool")
        model = lib.Model([x, given], told(lib)(x, mask=given))
        return [
            np.asarray(told(lib)(masked, mask=mask)),
            np.asarray(inner(STEPS, mask=mask)),
            model.predict([STEPS, mask], verbose=0),
        ]

    twins.same(recipe)


def test_supports_masking_is_as_in_keras(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        class Plain(lib.layers.Layer):  # type: ignore[misc]
            def call(self, inputs: Any) -> Any:
                return inputs

        class Own(Plain):
            def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
                return mask

        layers = [Plain(), Own(), lib.layers.Dense(2), lib.layers.Flatten(), lib.layers.Reshape((6,))]
        layers += [lib.layers.Masking(), lib.layers.Concatenate(), lib.layers.Dropout(0.1), lib.Sequential()]
        changed = Plain()
        changed.supports_masking = True
        return [bool(layer.supports_masking) for layer in [*layers, changed]]

    twins.same(recipe)


@pytest.mark.parametrize("declared", [True, False])
def test_layer_that_destroys_a_mask_warns(twins: Any, declared: bool) -> None:
    for lib in twins.libs:
        masked = lib.layers.Masking()(lib.Input((3, 2)) if declared else STEPS)
        with pytest.warns(UserWarning, match="does not support masking"):
            lib.layers.Flatten()(masked)


LOSSES: dict[str, Callable[[Any], Any]] = {
    "mse": lambda lib: "mse",
    "mean": lambda lib: lib.losses.MeanAbsoluteError(reduction="mean"),
    "sum": lambda lib: lib.losses.MeanSquaredError(reduction="sum"),
    "weighted-mean": lambda lib: lib.losses.MeanSquaredError(reduction="mean_with_sample_weight"),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
def test_loss_and_metrics_leave_out_what_is_masked(twins: Any, loss: str, weighted: bool) -> None:
    def build(lib: Any) -> Any:
        layers = [lib.Input((3, 2)), lib.layers.Masking(), lib.layers.Dense(2)]
        metrics = {"metrics": ["mae", lib.metrics.MeanSquaredError(name="error")], "weighted_metrics": ["mse"]}
        return twins.compile(lib, lib.Sequential(layers), loss=LOSSES[loss](lib), **metrics)

    weights = WEIGHTS if weighted else None

    def run(model: Any) -> Any:
        # The metrics of a training step lose the mask in Keras on JAX (on PyTorch they have it, as in evaluate).
        loss, *_ = model.train_on_batch(STEPS, TARGETS, sample_weight=weights)
        return [loss, model.evaluate(STEPS, TARGETS, sample_weight=weights, verbose=0)]

    twins.train(build, run)


def test_loss_called_on_masked_predictions(twins: Any) -> None:
    classes = np.array([[0, 1, 1], [1, 0, 0], [0, 0, 1], [1, 1, 0]])

    def recipe(lib: Any) -> Any:
        masked = lib.layers.Masking()(STEPS)
        sparse = lib.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1)
        accuracy = lib.metrics.SparseCategoricalAccuracy()
        return [
            float(lib.losses.MeanSquaredError()(TARGETS, masked)),
            float(lib.losses.MeanSquaredError()(TARGETS, masked, WEIGHTS)),
            np.asarray(lib.losses.MeanSquaredError(reduction=None)(TARGETS, masked)),
            float(sparse(classes, masked)),
            float(accuracy(classes, masked)),
            float(lib.losses.MeanSquaredError()(TARGETS, lib.layers.Masking()(STEPS * 0.0))),
        ]

    twins.same(recipe)


def test_call_of_a_layer_that_takes_a_mask_is_written_as_keras_does(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        x = lib.Input((3, 2), name="x")
        h = lib.layers.BatchNormalization(name="b")(x)
        h = lib.layers.BatchNormalization(name="c")(h, training=False)
        h = lib.layers.TimeDistributed(lib.layers.Dense(2, name="d"), name="t")(h)
        inner = lib.Sequential([lib.Input((3, 2), name="y"), lib.layers.Activation("relu", name="a")], name="s")
        model = lib.Model(x, inner(h), name="m")
        return [layer["inbound_nodes"] for layer in model.get_config()["layers"]]

    twins.same(recipe)


def test_models_with_masks_have_keras_configs(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layers = [lib.Input((3, 2), name="x"), lib.layers.Masking(name="m"), lib.layers.Dense(1, name="d")]
        return lib.Sequential(layers, name="s").get_config()

    twins.same(recipe)
