"""Every layer, written as ONNX and read: the model that comes back predicts the same, is saved, and keeps its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, config, layers, ops, tree
from denselite.exchange import load_onnx
from denselite.models import load_model
from tests.contracts.test_layers import CASES, feed, make, model_of
from tests.exchange.test_onnx_layers import PREPROCESSING, with_weights

TOLERANCE = {"float32": 1e-6, "float64": 1e-12}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.onnx"


def assert_comes_back(model: Any, path: Path, x: Any, tolerance: float = 1e-6) -> Any:
    """Write a model, read it and compare at two batch sizes; save what was read and compare that too."""
    model.export(path)
    again = load_onnx(path)
    again.save(path.with_suffix(".npz"))
    loaded = load_model(path.with_suffix(".npz"))
    for rows in (x, [part[:2] for part in x] if isinstance(x, list) else x[:2]):
        expected, found = model.predict(rows, verbose=0), again.predict(rows, verbose=0)
        for ours, read in zip(tree.flatten(expected)[0], tree.flatten(found)[0], strict=True):
            assert (read.shape, read.dtype) == (ours.shape, ours.dtype)
            np.testing.assert_allclose(read, ours, rtol=tolerance, atol=tolerance)
        for again_read, read in zip(
            *(tree.flatten(part)[0] for part in (loaded.predict(rows, verbose=0), found)), strict=True
        ):
            np.testing.assert_array_equal(again_read, read)
    return again


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES)
def test_layer_comes_back(case: str, dtype: str, path: Path) -> None:
    if dtype == "float64" and "layer" in CASES[case][1]:
        pytest.skip("the layer inside has a dtype of its own")
    model = with_weights(model_of(case, make(case, dtype=dtype), dtype))
    assert_comes_back(model, path, feed(case, dtype), TOLERANCE[dtype])


@pytest.mark.parametrize(("layer", "x"), PREPROCESSING, ids=lambda part: "")
def test_preprocessing_comes_back(layer: Any, x: Any, path: Path) -> None:
    array = np.asarray(x, "int64" if isinstance(x[0][0], int) else "float32")
    given = Input(array.shape[1:], dtype=array.dtype.name)
    assert_comes_back(Model(given, layer()(given)), path, array)


# name -> layers that come back as they are, and the rows they are fed
KEPT: dict[str, tuple[Any, tuple[int, ...]]] = {
    "dense": (lambda: [layers.Dense(4, "relu"), layers.Dense(2, use_bias=False), layers.Dense(3, "softmax")], (5,)),
    "images": (
        lambda: [
            layers.Conv2D(4, 3, padding="same", activation="relu"), layers.MaxPooling2D(2),
            layers.Conv2D(6, (2, 1), strides=2, use_bias=False), layers.Conv2DTranspose(3, 3, strides=2, padding="same"),
            layers.Flatten(), layers.Dense(2),
        ],
        (8, 8, 2),
    ),
    "sequences": (
        lambda: [
            layers.Conv1D(4, 3, padding="causal", activation="tanh"), layers.Conv1D(4, 2, dilation_rate=2, groups=2),
            layers.MaxPooling1D(2, padding="same"), layers.Conv1DTranspose(2, 4, strides=2), layers.Dense(3, "sigmoid"),
        ],
        (9, 2),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_layers_come_back_with_their_names_and_weights(name: str, path: Path) -> None:
    made, shape = KEPT[name]
    model = with_weights(Sequential([Input(shape, name="given"), *made()]))
    again = assert_comes_back(model, path, np.random.default_rng(2).normal(size=(3, *shape)).astype("float32"), 1e-5)
    assert [(layer.name, type(layer)) for layer in again.layers[1:]] == [
        (layer.name, type(layer)) for layer in model.layers
    ]
    assert (again.input_names, again.output_names) == (["given"], model.output_names)
    assert [f"{model.name}/{weight.path}" for weight in again.trainable_weights] == [
        weight.path for weight in model.trainable_weights
    ]
    for read, ours in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(read, ours)


def test_embedding_comes_back_as_one(path: Path) -> None:
    model = with_weights(Sequential([Input((3,), dtype="int32"), layers.Embedding(7, 2, name="e"), layers.Flatten()]))
    again = assert_comes_back(model, path, np.arange(9, dtype="int32").reshape(3, 3) % 7)
    assert type(again.get_layer("e")) is layers.Embedding
    np.testing.assert_array_equal(again.get_layer("e").get_weights()[0], model.get_weights()[0])


def test_shared_and_nested_layers_several_inputs_and_outputs_come_back(path: Path) -> None:
    a, b = Input((4,), name="a"), Input((3,), name="b")
    shared = layers.Dense(3, "tanh", name="shared")
    left, right = shared(layers.Dense(3, name="left")(a)), shared(b)
    nested = Sequential([Input((3,)), layers.Dense(2, name="inner")], name="nested")
    model = Model([a, b], {"sum": nested(left + right), "right": nested(right)}, name="towers")
    rng = np.random.default_rng(3)
    again = assert_comes_back(model, path, [rng.normal(size=(5, n)).astype("float32") for n in (4, 3)], 1e-5)
    assert again.name == "towers"
    assert again.count_params() == model.count_params()
    assert {layer.name for layer in again.layers if layer.weights} == {"left", "shared", "nested_inner"}


def test_sizes_that_follow_from_the_batch_come_back(path: Path) -> None:
    x = Input((4,))
    rows = ops.reshape(ops.concatenate([x, ops.flip(x, 0)], axis=0), (2, -1, 4))
    whole = ops.mean(x) + ops.sum(ops.pad(ops.matmul(x, ops.transpose(x)), ((0, 0), (0, 1))), axis=1, keepdims=True)
    model = Model(x, rows[1] + whole)
    assert_comes_back(model, path, np.random.default_rng(4).normal(size=(5, 4)).astype("float32"), 1e-5)


def test_half_precision_comes_back(path: Path) -> None:
    given = Input((4,))
    x = layers.Dense(16, "gelu", dtype="mixed_float16")(given)
    model = with_weights(Model(given, layers.Dense(2, dtype="mixed_float16")(x)))
    assert_comes_back(model, path, np.random.default_rng(4).normal(size=(5, 4)).astype("float32"), 4e-3)


def test_data_format_that_is_configured_changes_nothing(path: Path) -> None:
    made, shape = KEPT["images"]
    x = np.random.default_rng(2).normal(size=(3, *shape)).astype("float32")
    model = with_weights(Sequential([Input(shape), *made()]))
    model.export(path)
    config.set_image_data_format("channels_first")
    try:
        again = load_onnx(path)
    finally:
        config.set_image_data_format("channels_last")
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5, atol=1e-5)
