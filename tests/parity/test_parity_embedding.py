"""`Embedding`: what is looked up, its gradient, its mask and its config are Keras'."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

IDS = np.array([[1, 2, 0], [3, 3, 1], [4, 0, 0], [2, 1, 2]])
TABLE = np.linspace(-1.0, 1.0, 10).reshape(5, 2)

# name -> the layer
LAYERS: dict[str, Callable[[Any], Any]] = {
    "plain": lambda lib: lib.layers.Embedding(5, 2, name="given"),
    "positional": lambda lib: lib.layers.Embedding(5, 2, "ones", "l2", "unit_norm", True, name="given"),
    "named": lambda lib: lib.layers.Embedding(
        input_dim=5, output_dim=2, embeddings_initializer="zeros", embeddings_regularizer="l2",
        embeddings_constraint="non_neg", mask_zero=False, name="given",
    ),
    "weights": lambda lib: lib.layers.Embedding(5, 2, weights=TABLE, name="given"),
    "weights-in-a-list": lambda lib: lib.layers.Embedding(5, 2, weights=[TABLE], mask_zero=True, name="given"),
    "activity": lambda lib: lib.layers.Embedding(5, 2, activity_regularizer="l2", name="given"),
}  # fmt: skip
each = pytest.mark.parametrize("case", LAYERS)


@pytest.mark.filterwarnings("ignore:.*does not support masking")
@each
def test_embedding_trains_and_predicts_like_keras(twins: Any, case: str) -> None:
    def build(lib: Any) -> Any:
        layers = [LAYERS[case](lib), lib.layers.Flatten(), lib.layers.Dense(1)]
        model = lib.Sequential([lib.Input((3,), dtype="int32"), *layers])
        return twins.compile(lib, model, optimizer=lib.optimizers.SGD(0.05))

    def run(model: Any) -> Any:
        losses = [model.train_on_batch(IDS, np.ones((4, 1))) for _ in range(3)]
        return [losses, model.evaluate(IDS, np.ones((4, 1)), verbose=0), model.predict(IDS, verbose=0)]

    twins.train(build, run)


def written(config: dict[str, Any]) -> list[Any]:
    return [list(config), json.dumps(config, sort_keys=True)]


@each
def test_config_has_keras_keys_in_order_and_builds_the_layer_in_both(twins: Any, case: str) -> None:
    twins.same(lambda lib: written(LAYERS[case](lib).get_config()))
    keras, denselite = twins.libs
    for writer, reader in ((keras, denselite), (denselite, keras)):
        config = LAYERS[case](writer).get_config()
        again = reader.layers.Embedding.from_config(config).get_config()
        assert written(again) == written(LAYERS[case](writer).get_config())


@each
def test_weights_and_shapes_are_keras(twins: Any, case: str) -> None:
    def recipe(lib: Any) -> Any:
        layer = LAYERS[case](lib)
        before = [layer.built, layer.supports_masking, len(layer.weights)]
        layer.build((None, 3))
        rows = [[w.name, w.path, list(w.shape), w.trainable, str(w.dtype)] for w in layer.weights]
        values = [] if "weights" not in case else layer.get_weights()
        return [before, rows, values, [str(layer.compute_output_shape(shape)) for shape in [(None, 3), (None,)]]]

    twins.same(recipe)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "float32", "float64"])
def test_ids_of_any_dtype_are_looked_up(twins: Any, dtype: str) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.Embedding(5, 2, weights=TABLE)
        model = lib.Sequential([lib.Input((3,)), layer])
        return [np.asarray(layer(IDS.astype(dtype))), model.predict(IDS.astype(dtype), verbose=0)]

    twins.same(recipe)


def test_fractions_of_ids_are_dropped(twins: Any) -> None:
    twins.same(lambda lib: np.asarray(lib.layers.Embedding(5, 2, weights=TABLE)(np.array([[0.9, 1.2, 3.999]]))))


@pytest.mark.parametrize("mask_zero", [True, False])
def test_id_0_is_masked_where_it_is_padding(twins: Any, mask_zero: bool) -> None:
    def recipe(lib: Any) -> Any:
        mask = lib.layers.Embedding(5, 2, mask_zero=mask_zero).compute_mask(IDS)
        return None if mask is None else np.asarray(mask)

    twins.same(recipe)


def test_mask_reaches_the_loss(twins: Any) -> None:
    def build(lib: Any) -> Any:
        layers = [lib.layers.Embedding(5, 2, mask_zero=True), lib.layers.LayerNormalization()]
        return twins.compile(lib, lib.Sequential([lib.Input((3,)), *layers]), optimizer=lib.optimizers.SGD(0.01))

    twins.train(build, lambda model: [model.train_on_batch(IDS, np.ones((4, 3, 2))) for _ in range(2)])


def test_embedding_shared_by_two_inputs_gets_both_gradients(twins: Any) -> None:
    def build(lib: Any) -> Any:
        a, b = lib.Input((3,), dtype="int32"), lib.Input((3,), dtype="int32")
        embed = lib.layers.Embedding(5, 2)
        model = lib.Model([a, b], lib.layers.Add()([embed(a), embed(b)]))
        return twins.compile(lib, model)

    twins.train(build, lambda model: [model.train_on_batch([IDS, IDS[::-1]], np.ones((4, 3, 2))) for _ in range(2)])


@pytest.mark.parametrize(
    "make",
    [
        lambda lib: lib.layers.Embedding(0, 2),
        lambda lib: lib.layers.Embedding(5, -1),
        lambda lib: lib.layers.Embedding(5.0, 2),
        lambda lib: lib.layers.Embedding(True, 2),
        lambda lib: lib.layers.Embedding(5, 2, weights=np.ones((4, 2))),
        lambda lib: lib.layers.Embedding(5, 2, nonsense=1),
    ],
)
def test_what_keras_refuses_is_refused(twins: Any, make: Callable[[Any], Any]) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError, match=r"."):
            make(lib)


def test_model_written_by_keras_is_read(twins: Any, tmp_path: Path) -> None:
    def build(lib: Any) -> Any:
        return lib.Sequential([lib.Input((3,), dtype="int32"), lib.layers.Embedding(5, 2, mask_zero=True)], name="net")

    theirs, ours = twins.models(build)
    again = twins.libs[1].models.model_from_json(theirs.to_json())
    again.set_weights(theirs.get_weights())
    ours.save(tmp_path / "m.json")
    for model in (again, twins.libs[1].models.load_model(tmp_path / "m.json")):
        twins.compare(theirs.predict(IDS, verbose=0), model.predict(IDS, verbose=0))
