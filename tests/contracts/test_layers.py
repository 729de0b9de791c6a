"""The laws that every layer keeps. A layer enters by being registered; its case says what it is fed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, layers, tree
from denselite.data import make_source
from denselite.errors import ArgumentError, DTypeError, ShapeError
from denselite.layers import Layer
from denselite.models import load_model, model_from_json
from denselite.tensor.symbols import KerasTensor

# name -> class, arguments, shapes of the rows it is fed, a shape it refuses (None: it takes any)
CASES: dict[str, tuple[str, dict[str, Any], list[tuple[int, ...]], list[tuple[int, ...]] | None]] = {
    "activation": ("Activation", {"activation": "softmax"}, [(4,)], None),
    "activity-regularization": ("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, [(4,)], None),
    "add": ("Add", {}, [(3, 4), (4,)], [(3, 4), (5,)]),
    "alpha-dropout": ("AlphaDropout", {"rate": 0.5, "seed": 3}, [(4,)], None),
    "average": ("Average", {}, [(3, 4), (1, 4), (4,)], [(3, 4), (3, 5), (4,)]),
    "average-pooling-1d": ("AveragePooling1D", {"pool_size": 2, "padding": "same"}, [(5, 2)], [(5,)]),
    "average-pooling-2d": ("AveragePooling2D", {"pool_size": 2, "data_format": "channels_first"}, [(2, 4, 4)], [(5,)]),
    "batch-normalization": ("BatchNormalization", {}, [(4,)], [(5,)]),
    "batch-normalization-axis-1": ("BatchNormalization", {"axis": 1, "gamma_regularizer": "l2"}, [(3, 4)], [(5, 4)]),
    "concatenate": ("Concatenate", {}, [(3, 2), (3, 5)], [(3, 2), (2, 5)]),
    "concatenate-inner": ("Concatenate", {"axis": 1}, [(3, 2), (1, 2), (2, 2)], [(3, 2), (3, 3), (3, 2)]),
    "conv-1d": ("Conv1D", {"filters": 3, "kernel_size": 2, "padding": "causal"}, [(4, 2)], [(4, 3)]),
    "conv-1d-transpose": ("Conv1DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2}, [(4, 2)], [(4, 3)]),
    "conv-2d": (
        "Conv2D",
        {"filters": 4, "kernel_size": 2, "groups": 2, "activation": "relu"},
        [(3, 4, 2)],
        [(3, 4, 4)],
    ),
    "conv-2d-1x1": ("Conv2D", {"filters": 3, "kernel_size": 1, "kernel_regularizer": "l2"}, [(3, 4, 2)], [(3, 4, 4)]),
    "conv-2d-first": (
        "Conv2D",
        {"filters": 3, "kernel_size": (2, 3), "strides": 2, "padding": "same", "data_format": "channels_first"},
        [(2, 4, 5)],
        [(3, 4, 5)],
    ),
    "conv-2d-transpose": (
        "Conv2DTranspose",
        {"filters": 3, "kernel_size": 2, "strides": 2, "padding": "same", "data_format": "channels_first"},
        [(2, 3, 3)],
        [(3, 3, 3)],
    ),
    "cropping-1d": ("Cropping1D", {"cropping": (1, 0)}, [(3, 4)], [(1, 4)]),
    "cropping-2d": ("Cropping2D", {"cropping": ((0, 1), (1, 0))}, [(3, 4, 2)], [(1, 4, 2)]),
    "dense": ("Dense", {"units": 3, "activation": "tanh"}, [(4,)], [(5,)]),
    "dense-rank-3": ("Dense", {"units": 3, "use_bias": False, "kernel_regularizer": "l2"}, [(2, 4)], [(2, 5)]),
    "depthwise-conv-1d": ("DepthwiseConv1D", {"kernel_size": 2, "use_bias": False}, [(4, 2)], [(4, 3)]),
    "depthwise-conv-2d": (
        "DepthwiseConv2D",
        {"kernel_size": 3, "depth_multiplier": 2, "padding": "same"},
        [(4, 3, 2)],
        [(4, 3, 3)],
    ),
    "dot": ("Dot", {"axes": (1, 2), "normalize": True}, [(4, 2), (3, 4)], [(4, 2), (3, 5)]),
    "dot-rows": ("Dot", {"axes": 1}, [(4,), (4,)], [(4,), (5,)]),
    "dropout": ("Dropout", {"rate": 0.5, "seed": 3}, [(4,)], None),
    "dropout-shared": ("Dropout", {"rate": 0.5, "noise_shape": (None, 1, 4)}, [(3, 4)], None),
    "einsum-dense": ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 3)}, [(2, 4)], [(2, 5)]),
    "einsum-dense-dots": (
        "EinsumDense",
        {"equation": "...x,xy->...y", "output_shape": 3, "bias_axes": "y"},
        [(2, 4)],
        [(5,)],
    ),
    "elu": ("ELU", {"alpha": 0.5}, [(4,)], None),
    "embedding": ("Embedding", {"input_dim": 5, "output_dim": 2}, [(4,)], None),
    "flatten": ("Flatten", {}, [(3, 4)], None),
    "flatten-channels-first": ("Flatten", {"data_format": "channels_first"}, [(2, 3, 4)], None),
    "gaussian-dropout": ("GaussianDropout", {"rate": 0.5, "seed": 3}, [(4,)], None),
    "gaussian-noise": ("GaussianNoise", {"stddev": 0.5}, [(4,)], None),
    "global-average-1d": ("GlobalAveragePooling1D", {"keepdims": True}, [(3, 2)], [(5,)]),
    "global-average-2d": ("GlobalAveragePooling2D", {}, [(3, 4, 2)], [(5,)]),
    "global-max-1d": ("GlobalMaxPooling1D", {"data_format": "channels_first"}, [(3, 2)], [(5,)]),
    "global-max-2d": ("GlobalMaxPooling2D", {}, [(3, 4, 2)], [(5,)]),
    "group-normalization": ("GroupNormalization", {"groups": 2}, [(3, 4)], [(3, 6)]),
    "identity": ("Identity", {}, [(4,)], None),
    "layer-normalization": ("LayerNormalization", {}, [(4,)], [(5,)]),
    "layer-normalization-axes": ("LayerNormalization", {"axis": [-1, 1], "center": False}, [(3, 2, 4)], [(3, 2, 5)]),
    "leaky-relu": ("LeakyReLU", {"negative_slope": 0.5}, [(4,)], None),
    "masking": ("Masking", {"mask_value": 0.5}, [(3, 4)], None),
    "maximum": ("Maximum", {}, [(3, 4), (4,)], [(3, 4), (5,)]),
    "max-pooling-1d": ("MaxPooling1D", {"padding": "same"}, [(5, 2)], [(5,)]),
    "max-pooling-2d": ("MaxPooling2D", {"pool_size": (2, 3), "strides": 1}, [(4, 4, 2)], [(5,)]),
    "minimum": ("Minimum", {}, [(4,), (4,), (4,)], [(4,), (4,), (5,)]),
    "multiply": ("Multiply", {}, [(3, 4), (4,)], [(3, 4), (5,)]),
    "normalization": ("Normalization", {"mean": [1.0, 2.0], "variance": [4.0, 1.0]}, [(3, 2)], [(3, 4)]),
    "permute": ("Permute", {"dims": (2, 1)}, [(3, 4)], [(5,)]),
    "prelu": ("PReLU", {}, [(4,)], [(5,)]),
    "prelu-shared": ("PReLU", {"shared_axes": 1, "alpha_initializer": "ones"}, [(3, 4)], [(3, 5)]),
    "relu": ("ReLU", {"max_value": 1.0, "negative_slope": 0.25, "threshold": 0.5}, [(4,)], None),
    "repeat-vector": ("RepeatVector", {"n": 3}, [(4,)], [(3, 5)]),
    "rescaling": ("Rescaling", {"scale": 0.5, "offset": -1.0}, [(4,)], None),
    "rescaling-each": ("Rescaling", {"scale": [0.5, 2.0], "offset": [0.0, 1.0]}, [(3, 2)], [(3, 4)]),
    "reshape": ("Reshape", {"target_shape": (2, -1)}, [(6,)], [(5,)]),
    "rms-normalization": ("RMSNormalization", {}, [(3, 4)], [(3, 5)]),
    "separable-conv-1d": ("SeparableConv1D", {"filters": 3, "kernel_size": 2}, [(4, 2)], [(4, 3)]),
    "separable-conv-2d": (
        "SeparableConv2D",
        {"filters": 3, "kernel_size": 2, "data_format": "channels_first"},
        [(2, 4, 4)],
        [(3, 4, 4)],
    ),
    "softmax": ("Softmax", {"axis": [-1]}, [(4,)], None),
    "spatial-dropout-1d": ("SpatialDropout1D", {"rate": 0.5, "seed": 3}, [(3, 4)], [(5,)]),
    "spatial-dropout-2d": ("SpatialDropout2D", {"rate": 0.5, "data_format": "channels_first"}, [(2, 3, 4)], [(5,)]),
    "subtract": ("Subtract", {}, [(3, 4), (4,)], [(3, 4), (5,)]),
    "time-distributed": (
        "TimeDistributed",
        {"layer": {"class_name": "Dense", "config": {"units": 3}}},
        [(2, 4)],
        [(5,)],
    ),
    "up-sampling-1d": ("UpSampling1D", {"size": 3}, [(3, 4)], [(5,)]),
    "up-sampling-2d": ("UpSampling2D", {"size": (2, 1), "data_format": "channels_first"}, [(2, 3, 4)], [(5,)]),
    "up-sampling-bilinear": ("UpSampling2D", {"interpolation": "bilinear"}, [(2, 3, 4)], [(5,)]),
    "zero-padding-1d": ("ZeroPadding1D", {"padding": (1, 0)}, [(3, 4)], [(5,)]),
    "zero-padding-2d": ("ZeroPadding2D", {"padding": ((0, 1), (1, 0))}, [(2, 3, 4)], [(5,)]),
    "spectral-normalization": (
        "SpectralNormalization",
        {"layer": {"class_name": "Dense", "config": {"units": 3}}},
        [(4,)],
        None,
    ),
    "unit-normalization": ("UnitNormalization", {"axis": [1, 2]}, [(3, 4)], [(5,)]),
}
# Not layers that a user puts between others: tests/layers has theirs.
APART = {
    "CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "InputLayer", "IntegerLookup", "Lambda", "Operation",
    "StringLookup", "Wrapper",
}  # fmt: skip

# Integers become numbers of the layer's dtype here; elsewhere they stay integers, as in Keras.
COMPUTE_IN_FLOATS = {
    "AveragePooling1D", "AveragePooling2D", "BatchNormalization", "Conv1D", "Conv1DTranspose", "Conv2D",
    "Conv2DTranspose", "Dense", "DepthwiseConv1D", "DepthwiseConv2D", "Embedding", "GlobalAveragePooling1D",
    "GlobalAveragePooling2D", "GroupNormalization", "LayerNormalization", "Normalization", "RMSNormalization", "Rescaling",
    "SeparableConv1D", "SeparableConv2D", "UnitNormalization",
}  # fmt: skip

# Keras' configs of these have no key "trainable", and are refused with one.
UNTRAINED = {"SpatialDropout1D", "SpatialDropout2D"}

MOVES_ROWS = "up-sampling-bilinear"  # to another axis and back

every_case = pytest.mark.parametrize("case", CASES)
every_refusing = pytest.mark.parametrize("case", [name for name, (*_, refused) in CASES.items() if refused])
ROWS = 5


def make(case: str, **options: Any) -> Layer:
    name, arguments, *_ = CASES[case]
    return getattr(layers, name)(**arguments, **options)


def feed(case: str, dtype: str = "float32") -> Any:
    rng = np.random.default_rng(5)
    draw = (lambda size: rng.integers(0, 5, size)) if case == "embedding" else (lambda size: rng.normal(size=size))
    arrays = [draw((ROWS, *shape)).astype(dtype) for shape in CASES[case][2]]
    return arrays if len(arrays) > 1 else arrays[0]


def model_of(case: str, layer: Layer, dtype: str = "float32") -> Model:
    inputs = [Input(shape, dtype=dtype) for shape in CASES[case][2]]
    return Model(inputs if len(inputs) > 1 else inputs[0], layer(inputs if len(inputs) > 1 else inputs[0]))


def test_cases_here_reach_every_registered_layer() -> None:
    assert {name for name, *_ in CASES.values()} | APART == set(layers.layers.members)


def test_every_public_layer_is_registered() -> None:
    public = {getattr(layers, name) for name in layers.__all__}
    assert {part for part in public if isinstance(part, type)} - {layers.InputSpec, Layer} <= set(
        layers.layers.members.values()
    )


@every_case
def test_config_goes_round_through_json(case: str) -> None:
    layer = make(case, name="given", trainable=False)
    config = json.loads(json.dumps(layer.get_config()))
    again = type(layer).from_config(config)
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()
    assert (again.name, again.trainable) == ("given", CASES[case][0] in UNTRAINED)


@every_case
def test_config_begins_as_in_keras(case: str) -> None:
    expected = ["name", "trainable", "dtype"]
    if CASES[case][0] in UNTRAINED:
        expected.remove("trainable")
    assert list(make(case).get_config())[: len(expected)] == expected


@every_case
def test_model_with_the_layer_is_saved_and_loaded(case: str, tmp_path: Path) -> None:
    model = model_of(case, make(case))
    model.save(tmp_path / "m.json")
    again = load_model(tmp_path / "m.json")
    np.testing.assert_array_equal(again.predict(feed(case), verbose=0), model.predict(feed(case), verbose=0))
    assert model_from_json(model.to_json()).to_json() == model.to_json()


@every_case
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_planned_is_eager_to_the_bit(case: str, dtype: str) -> None:
    if dtype == "float64" and "layer" in CASES[case][1]:
        pytest.skip("the layer inside has a dtype of its own")
    layer = make(case, dtype=dtype)
    model = model_of(case, layer, dtype)
    planned = model.predict(feed(case, dtype), batch_size=ROWS, verbose=0)
    eager = layer(feed(case, dtype))
    assert planned.dtype == eager.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(planned, eager)


@every_case
def test_batch_is_its_rows_one_by_one(case: str) -> None:
    # BLAS may sum one row in another order than five: float64 leaves nothing of that at 1e-12.
    if "layer" in CASES[case][1]:
        pytest.skip("the layer inside has a dtype of its own")
    layer = make(case, dtype="float64")
    x = feed(case, "float64")
    whole = layer(x)
    for k in range(ROWS):
        row = [part[k : k + 1] for part in x] if isinstance(x, list) else x[k : k + 1]
        np.testing.assert_allclose(layer(row)[0], whole[k], rtol=1e-12)


@every_case
def test_rows_are_proved_to_be_treated_apart(case: str) -> None:
    model = model_of(case, make(case))
    source = make_source(feed(case))
    assert model._step("predict", source).program(ROWS).regroupable == (case != MOVES_ROWS)


@every_case
def test_output_shape_told_is_the_shape_computed(case: str) -> None:
    shapes = [(None, *shape) for shape in CASES[case][2]]
    asked = shapes if len(shapes) > 1 else shapes[0]
    layer = make(case)
    told = layer.compute_output_shape(asked)
    assert told[0] is None
    assert layer(feed(case)).shape == (ROWS, *told[1:])
    assert model_of(case, make(case)).output_shape == told
    assert layer.compute_output_shape(asked) == told  # built by now


@every_case
def test_asking_for_the_output_shape_builds_nothing(case: str) -> None:
    shapes = [(None, *shape) for shape in CASES[case][2]]
    layer = make(case)
    layer.compute_output_shape(shapes if len(shapes) > 1 else shapes[0])
    assert not layer.built
    assert layer.weights == []


@every_case
def test_batch_of_no_rows_gives_no_rows(case: str) -> None:
    x = feed(case)
    nothing = [part[:0] for part in x] if isinstance(x, list) else x[:0]
    layer = make(case)
    assert layer(nothing).shape == (0, *layer(x).shape[1:])


@every_case
def test_input_is_left_as_it_was_and_need_not_be_contiguous(case: str) -> None:
    x = feed(case)
    parts = x if isinstance(x, list) else [x]
    strided = [np.repeat(part, 2, axis=-1)[..., ::2] for part in parts]
    kept = [part.copy() for part in strided]
    layer = make(case)
    out = layer(strided if isinstance(x, list) else strided[0], training=True)
    np.testing.assert_allclose(layer(strided if isinstance(x, list) else strided[0]), layer(x), rtol=1e-6, atol=1e-6)
    assert out.shape == layer(x).shape
    for part, before in zip(strided, kept, strict=True):
        np.testing.assert_array_equal(part, before)


@every_case
@pytest.mark.parametrize("given", ["float64", "float16", "int64", "uint8"])
def test_other_dtypes_are_computed_in_the_layers_own(case: str, given: str) -> None:
    if given in ("int64", "uint8") and CASES[case][0] not in COMPUTE_IN_FLOATS:
        pytest.skip("integers that meet no weight stay integers, as in Keras")
    assert make(case)(feed(case, given)).dtype == np.float32


@every_case
def test_float32_stays_float32_in_training(case: str) -> None:
    assert make(case)(feed(case), training=True).dtype == np.float32


@every_case
def test_declared_call_returns_a_placeholder_of_the_layers_dtype(case: str) -> None:
    output = model_of(case, make(case)).output
    assert isinstance(output, KerasTensor)
    assert output.dtype == np.float32


@every_case
def test_argument_nobody_knows_is_an_error_that_lists_the_known(case: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make(case, nmae="x")
    message = str(caught.value)
    assert message.startswith(
        f"{CASES[case][0]}() does not take an argument 'nmae' (Did you mean 'name'?). Its arguments"
    )
    assert all(field in message for field in CASES[case][1])


@every_refusing
def test_shape_that_does_not_fit_is_an_error_that_names_the_layer(case: str) -> None:
    layer = make(case, name="given")
    layer(feed(case))
    wrong = [np.zeros((ROWS, *shape), "float32") for shape in CASES[case][3] or ()]
    with pytest.raises(ShapeError) as caught:
        layer(wrong if len(wrong) > 1 else wrong[0])
    assert str(caught.value).startswith(f"{CASES[case][0]} 'given' ")
    assert str((CASES[case][3] or [()])[0][-1]) in str(caught.value)  # what was received


@every_refusing
def test_shape_that_does_not_fit_is_refused_when_it_is_declared(case: str) -> None:
    layer = make(case, name="given")
    layer(feed(case))
    wrong = [Input(shape) for shape in CASES[case][3] or ()]
    with pytest.raises(ShapeError, match=f"{CASES[case][0]} 'given' .*") as caught:
        layer(wrong if len(wrong) > 1 else wrong[0])
    assert "7" not in str(caught.value).replace("given", "")  # the size of a probe is nobody's business


@every_case
@pytest.mark.parametrize("wrong", [None, 5, "text", {}, [None]], ids=repr)
def test_what_is_no_array_is_an_error_that_names_the_layer(case: str, wrong: Any) -> None:
    layer = make(case, name="given")
    layer(feed(case))
    with pytest.raises((ArgumentError, ShapeError), match=f"^{CASES[case][0]} 'given' "):
        layer(wrong)


@every_case
@pytest.mark.parametrize("dtype", ["complex64", "U3", "object"])
def test_array_of_no_numbers_is_an_error_that_names_the_layer_and_the_dtype(case: str, dtype: str) -> None:
    x = feed(case)
    wrong = [part.astype(dtype) for part in x] if isinstance(x, list) else x.astype(dtype)
    with pytest.raises(DTypeError, match=rf"^{CASES[case][0]} 'given' expects numbers, got an array of dtype "):
        make(case, name="given")(wrong)


@every_case
def test_frozen_and_thawed_layer_keeps_its_weights(case: str) -> None:
    layer = make(case)
    layer(feed(case))
    trained = len(layer.trainable_weights)
    layer.trainable = False
    assert layer.trainable_weights == []
    assert len(layer.non_trainable_weights) == len(layer.weights) >= trained
    layer.trainable = True
    assert len(layer.trainable_weights) == trained


@every_case
@pytest.mark.filterwarnings("ignore:Flatten .* does not support masking")
def test_training_step_goes_through_the_layer(case: str) -> None:
    if case == "embedding":
        pytest.skip("ids have no gradient")
    inputs = [Input(shape) for shape in CASES[case][2]]
    first = [layers.Dense(shape[-1])(symbol) for shape, symbol in zip(CASES[case][2], inputs, strict=True)]
    hidden = make(case)(first if len(first) > 1 else first[0])
    model = Model(inputs if len(inputs) > 1 else inputs[0], layers.Dense(1)(layers.Flatten()(hidden)))
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(feed(case), np.ones((ROWS, 1), "float32"), batch_size=2, epochs=2, verbose=0)
    after = model.get_weights()
    assert all(np.isfinite(weight).all() for weight in after)
    assert all(not np.array_equal(a, b) for a, b in zip(before[:1], after[:1], strict=True))


@every_case
def test_layer_called_twice_shares_its_weights(case: str) -> None:
    layer = make(case)
    shapes = CASES[case][2]
    once = [Input(shape) for shape in shapes]
    twice = [Input(shape) for shape in shapes]
    outputs = [layer(symbols if len(symbols) > 1 else symbols[0]) for symbols in (once, twice)]
    model = Model([*once, *twice], outputs)
    assert len(model.weights) == len(layer.weights)
    parts = tree.flatten(feed(case))[0]
    first, second = model.predict([*parts, *parts], verbose=0)
    np.testing.assert_array_equal(first, second)


@every_case
def test_same_config_in_a_sequential_model_is_the_same_layer(case: str) -> None:
    if len(CASES[case][2]) > 1:
        pytest.skip("several inputs")
    layer = make(case, name="given")
    model = Sequential([Input(CASES[case][2][0]), layer])
    again = Sequential.from_config(model.get_config())
    assert again.layers[0].get_config() == layer.get_config()
