"""Models as ONNX files: what onnxruntime computes is what predict computes, and what cannot be written is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from denselite import Input, InputSpec, KerasTensor, Model, Sequential, Variable, layers, ops, random
from denselite.errors import ArgumentError, MissingPackageError, StateError, UncoveredError
from denselite.exchange.onnx import export as onnx_export
from denselite.layers import Layer
from tests.exchange.onnx_runs import assert_exported, onnx


def draw(*shape: int, seed: int = 1, dtype: str = "float32") -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.onnx"


def two_towers() -> Model:
    a, b = Input((4,), name="a"), Input((3,), name="b")
    shared = layers.Dense(3, "tanh", name="shared")
    left, right = shared(layers.Dense(3, name="left")(a)), shared(b)
    nested = Sequential([Input((3,)), layers.Dense(2, name="inner")], name="nested")
    return Model([a, b], {"sum": nested(left + right), "right": nested(right)}, name="towers")


def test_several_inputs_and_outputs_shared_and_nested_layers(path: Path) -> None:
    model = two_towers()
    session = assert_exported(model, path, [draw(5, 4), draw(5, 3)], [draw(1, 4), draw(1, 3)])
    assert [given.name for given in session.get_inputs()] == ["a", "b"]
    assert [(made.name, made.shape) for made in session.get_outputs()] == [
        ("right", ["batch", 2]),
        ("sum", ["batch", 2]),
    ]


def test_weights_have_their_paths_and_nodes_their_layers(path: Path) -> None:
    two_towers().export(path)
    graph = onnx.load(path).graph
    weights = {tensor.name for tensor in graph.initializer}
    assert {f"{layer}/{name}" for layer in ("shared", "left", "nested/inner") for name in ("kernel", "bias")} <= weights
    assert [node.name for node in graph.node if node.op_type == "Tanh"] == [
        "towers/shared/Tanh",
        "towers/shared/Tanh_1",
    ]
    assert graph.name == "towers"


def test_file_says_who_made_it_and_which_operators_it_needs(path: Path) -> None:
    two_towers().export(path)
    model = onnx.load(path)
    assert (model.producer_name, model.ir_version) == ("denselite", 8)
    assert [(used.domain, used.version) for used in model.opset_import] == [("", 18)]


def test_trained_convolutional_model(path: Path) -> None:
    model = Sequential(
        [
            Input((8, 8, 2)), layers.Conv2D(4, 3, padding="same", use_bias=False), layers.BatchNormalization(),
            layers.Activation("relu"), layers.MaxPooling2D(2), layers.DepthwiseConv2D(2, padding="same"),
            layers.Conv2DTranspose(3, 3, strides=2, padding="same"), layers.AveragePooling2D(3, padding="same"),
            layers.Dropout(0.5), layers.Flatten(), layers.Dense(3, "softmax"),
        ]
    )  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(draw(16, 8, 8, 2), np.arange(16) % 3, epochs=2, batch_size=8, verbose=0)
    assert_exported(model, path, draw(7, 8, 8, 2), draw(1, 8, 8, 2))
    kinds = [node.op_type for node in onnx.load(path).graph.node]
    assert kinds.count("Conv") == 2
    assert {"ConvTranspose", "MaxPool", "AveragePool"} <= set(kinds)


def test_mask_goes_along(path: Path) -> None:
    ids = Input((5,), dtype="int32", name="ids")
    x = layers.Embedding(6, 3, mask_zero=True)(ids)
    model = Model(ids, layers.GlobalAveragePooling1D()(layers.Dense(2)(x)))
    assert_exported(model, path, np.asarray([[1, 2, 0, 0, 0], [5, 4, 3, 2, 1]], "int32"), np.zeros((1, 5), "int32"))


@pytest.mark.parametrize("policy", ["mixed_float16", "float64"])
def test_policy_of_the_layers_is_kept(policy: str, path: Path) -> None:
    given = Input((4,), dtype="float64" if policy == "float64" else "float32")
    x = given
    for _ in range(4):
        x = layers.LayerNormalization(dtype=policy)(layers.Dense(16, "gelu", dtype=policy)(x))
    model = Model(given, layers.Dense(2, dtype=policy)(x))
    tolerance = 1e-12 if policy == "float64" else 4e-3
    assert_exported(model, path, draw(6, 4, dtype=given.dtype.name), tolerance=tolerance)


def test_what_float16_rounds_is_rounded(path: Path) -> None:
    # 2049 is no float16: rounded to even it is 2048, of which the next layer computes 0.
    given = Input((1,))
    x = layers.Lambda(lambda x: x * 1.0, dtype="mixed_float16")(given)
    model = Model(given, layers.Lambda(lambda x: x - 2048.0, dtype="mixed_float16")(x))
    session = assert_exported(model, path, np.asarray([[2049.0], [2051.0]], "float32"), tolerance=0.0)
    assert session.run(None, {given.name: np.asarray([[2049.0]], "float32")})[0].tolist() == [[0.0]]


class Shifted(Layer):
    """Plain NumPy, with weights, constants, and numbers that follow the batch."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(shape=(input_shape[-1],), name="scale", initializer="ones")

    def call(self, inputs: Any) -> Any:
        x = np.abs(inputs) * self.scale + np.arange(inputs.shape[-1], dtype="float32")
        x = x / inputs.shape[0] + np.mean(inputs, axis=0) + np.sum(inputs) / 100.0
        return np.where(x > 1.0, np.log(x), np.cumsum(x, axis=-1))[:, ::-1]


class Batched(Layer):
    """Sizes that follow the batch in every place."""

    def call(self, inputs: Any) -> Any:
        rows, width = inputs.shape
        twice = np.concatenate([inputs, inputs[::-1]], axis=0)
        pairs = np.reshape(twice, (2, rows, width))[1]
        flat = np.reshape(pairs, (rows * width,))
        gram = np.matmul(inputs, np.transpose(inputs))
        padded = np.pad(gram, ((0, 0), (0, 1)))[:, :rows]
        last = np.broadcast_to(inputs[rows - 1], (rows, width))
        return np.reshape(flat, (-1, width)) + np.sum(padded, axis=1, keepdims=True) + last + inputs[-1:]


@pytest.mark.parametrize("layer", [Shifted, Batched])
def test_custom_layer_in_plain_numpy(layer: Any, path: Path) -> None:
    model = Sequential([Input((4,)), layers.Dense(4), layer()])
    assert_exported(model, path, draw(5, 4), draw(2, 4), draw(1, 4))


class Pair(Model):
    def __init__(self) -> None:
        super().__init__(name="pair")
        self.dense = layers.Dense(3)

    def call(self, inputs: Any) -> Any:
        return {"total": self.dense(inputs["u"]) + inputs["v"], "same": ops.cast(inputs["v"], "int64")}


def test_model_with_a_call_of_its_own(path: Path) -> None:
    model = Pair()
    x = {"u": draw(4, 2), "v": np.ones((4, 3), "int32")}
    model.predict(x, verbose=0)
    session = assert_exported(model, path, x, {name: rows[:1] for name, rows in x.items()})
    assert [given.name for given in session.get_inputs()] == ["u", "v"]
    assert [made.name for made in session.get_outputs()] == ["same", "total"]


def test_model_that_nobody_has_called_takes_a_signature(path: Path) -> None:
    model = Pair()
    with pytest.raises(
        StateError, match=r"^Pair 'pair' is not built\. Call it on data, or give export\(\) an input_signature\.$"
    ):
        model.export(path)
    signature = {"u": InputSpec(shape=(None, 2)), "v": InputSpec(shape=(None, 3), dtype="int32")}
    x = {"u": draw(4, 2), "v": np.ones((4, 3), "int32")}
    assert_exported(model, path, x, input_signature=signature)


class Plain(Model):
    def call(self, x: Any) -> Any:
        return [x + 1.0, [x * 2.0]]


@pytest.mark.parametrize(
    "signature", [InputSpec(shape=(None, 2)), [KerasTensor((None, 2), np.dtype("float32"), "k")], draw(3, 2)]
)
def test_signature_is_a_spec_a_placeholder_or_an_array(signature: Any, path: Path) -> None:
    session = assert_exported(Plain(), path, draw(3, 2), draw(1, 2), input_signature=signature)
    assert [given.name for given in session.get_inputs()] == ["x"]
    assert [made.name for made in session.get_outputs()] == ["output_0", "output_1_0"]


def test_sequential_without_input_takes_a_signature(path: Path) -> None:
    assert_exported(Sequential([layers.Dense(2)]), path, draw(3, 5), input_signature=[InputSpec(shape=(None, 5))])


def test_open_size_needs_a_signature(path: Path) -> None:
    given = Input((None, 2), name="steps")
    model = Model(given, layers.GlobalMaxPooling1D()(given), name="m")
    with pytest.raises(ArgumentError) as caught:
        model.export(path)
    assert str(caught.value) == (
        "Functional 'm': ONNX export takes inputs whose sizes are known but for the batch's, and 'steps' is of shape "
        "(None, None, 2). Give them: input_signature=InputSpec(shape=...)."
    )
    assert_exported(model, path, draw(3, 4, 2), input_signature=InputSpec(shape=(None, 4, 2)))


def test_signature_of_too_many_inputs_is_an_error(path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"^Sequential 'm' has 1 inputs, input_signature holds 2\.$"):
        Sequential([Input((2,)), layers.Dense(1)], name="m").export(path, input_signature=[draw(1, 2), draw(1, 2)])


def test_signature_of_something_else_is_an_error(path: Path) -> None:
    expected = r"^Plain 'm': input_signature holds InputSpec\(shape=\.\.\.\), placeholders or arrays, got 'float32'\.$"
    with pytest.raises(ArgumentError, match=expected):
        Plain(name="m").export(path, input_signature="float32")


class Turned(Layer):
    def call(self, inputs: Any) -> Any:
        return np.matmul(np.eye(inputs.shape[0], dtype="float32"), inputs)


def test_batch_whose_sizes_cannot_be_told_is_refused_unless_it_is_fixed(path: Path) -> None:
    model = Sequential([Input((2,)), Turned()], name="m")
    with pytest.raises(UncoveredError) as caught:
        model.export(path)
    assert str(caught.value) == (
        "Sequential 'm' cannot be exported to ONNX for every batch size: a constant array depends on the batch size. "
        "Fix the size of a batch with input_signature=InputSpec(shape=...)."
    )
    assert not path.exists()
    session = assert_exported(model, path, draw(4, 2), input_signature=InputSpec(shape=(4, 2)))
    assert session.get_inputs()[0].shape == [4, 2]


def test_batch_size_of_the_input_is_kept(path: Path) -> None:
    session = assert_exported(Sequential([Input((2,), batch_size=3), layers.Dense(1)]), path)
    assert session.get_inputs()[0].shape == [3, 2]


# What is refused.


class Noisy(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs + random.normal(inputs.shape)


class Counting(Layer):
    def build(self, input_shape: Any) -> None:
        self.seen = self.add_weight(shape=(), name="seen", initializer="zeros", trainable=False)

    def call(self, inputs: Any) -> Any:
        self.seen.assign(self.seen + 1.0)
        return inputs * self.seen


class Slope(Layer):
    def call(self, inputs: Any) -> Any:
        from denselite import grad

        return grad(lambda x: np.sum(np.max(x[:, 1:], axis=1)))(inputs)


def test_random_draw_state_python_and_gradients_are_refused_all_at_once(path: Path) -> None:
    path.write_bytes(b"as it was")
    model = Sequential(
        [Input((4,)), Noisy(name="noisy"), Counting(name="counting"), layers.Dense(4, name="hooked")], name="m"
    )
    model.layers[2].register_forward_hook(lambda layer, args, output: None)
    with pytest.raises(UncoveredError) as caught:
        model.export(path)
    assert str(caught.value) == (
        "Sequential 'm' cannot be exported to ONNX: m/counting/seen is assigned, and what ONNX runs keeps no state; "
        "random_normal in 'm/noisy' draws random numbers; python_call in 'm/hooked' calls Python."
    )
    assert path.read_bytes() == b"as it was"
    assert list(path.parent.iterdir()) == [path]


def test_op_that_has_no_form_is_refused_by_name(path: Path) -> None:
    with pytest.raises(
        UncoveredError, match=r"^Sequential 'm' cannot be exported to ONNX: unslice in 'm/slope' has no form in ONNX\.$"
    ):
        Sequential([Input((4,)), Slope(name="slope")], name="m").export(path)


class FromTheEnd(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs - inputs[-inputs.shape[0]]


def test_place_that_is_counted_from_the_end_by_the_batch_is_refused(path: Path) -> None:
    expected = r"slice in 'm/end' needs the place -1·batch to be the same for every batch size\.$"
    with pytest.raises(UncoveredError, match=expected):
        Sequential([Input((4,)), FromTheEnd(name="end")], name="m").export(path)


class Mixed(Layer):
    """A draw by a number that is given is the same at every call: a constant."""

    def call(self, inputs: Any) -> Any:
        return np.matmul(inputs, random.normal((inputs.shape[-1], 2), seed=7))


def test_draw_that_is_the_same_at_every_call_is_a_constant(path: Path) -> None:
    assert_exported(Sequential([Input((4,)), Mixed()]), path, draw(3, 4))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "tf_saved_model"}, r"^Sequential 'm': export\(\) writes format 'onnx', got 'tf_saved_model'\.$"),
        ({"filepath": "m.pb"}, r"^The name of an ONNX file ends in '\.onnx', got 'm\.pb'\.$"),
        ({"opset_version": 9}, r"^Sequential\.export\(\) does not take an argument 'opset_version'\."),
    ],
)
def test_argument_that_is_not_there_is_an_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Sequential([Input((2,)), layers.Dense(1)], name="m").export(**{"filepath": "m.onnx", **options})


def test_missing_package_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    expected = r"^Sequential 'm': writing ONNX needs the package onnx, .*: pip install 'denselite\[onnx\]'\.$"
    with pytest.raises(MissingPackageError, match=expected):
        Sequential([Input((2,)), layers.Dense(1)], name="m").export(path)
    assert not path.exists()


def test_export_says_what_it_wrote_when_asked(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = Sequential([Input((2,), name="x"), layers.Dense(1, name="y")], name="m")
    model.export(str(path))
    assert capsys.readouterr().out == ""
    model.export(path, verbose=True)
    assert capsys.readouterr().out == f"{path}: Sequential 'm', x -> y\n"


def test_output_that_is_an_input_or_is_there_twice_gets_a_name_of_its_own(path: Path) -> None:
    x = Input((2,), name="x")
    y = layers.Dense(1, name="y")(x)
    session = assert_exported(Model(x, [x, y, y]), path, draw(3, 2))
    assert [made.name for made in session.get_outputs()] == ["x_1", "y", "y_1"]


def test_weights_of_a_shared_convolution_are_there_once(path: Path) -> None:
    a, b = Input((5, 2)), Input((5, 2))
    shared = layers.Conv1D(3, 2, name="shared")
    model = Model([a, b], [shared(a), shared(b)])
    assert_exported(model, path, [draw(2, 5, 2), draw(2, 5, 2)])
    assert [t.name for t in onnx.load(path).graph.initializer if t.name.startswith("shared/")] == [
        "shared/kernel",
        "shared/bias",
    ]


def test_weights_that_one_file_cannot_hold_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_export, "LARGEST", 39)
    expected = r"^Sequential 'm' cannot be exported to ONNX: its weights take 40 bytes, and one file holds 39\.$"
    with pytest.raises(UncoveredError, match=expected):
        Sequential([Input((4,)), layers.Dense(2)], name="m").export(path)
    assert not path.exists()


def test_export_changes_nothing(path: Path) -> None:
    model = two_towers()
    model.compile("sgd", "mse")
    x = [draw(5, 4), draw(5, 3)]
    y = {"right": draw(5, 2), "sum": draw(5, 2)}
    model.fit(x, y, verbose=0)
    before, version = model.get_weights(), model.version
    model.export(path)
    assert model.version == version
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_variable_of_a_custom_layer_that_is_no_weight_is_exported(path: Path) -> None:
    table = Variable(np.asarray([1.0, 2.0], "float32"), trainable=False, name="table")
    model = Sequential([Input((2,)), layers.Lambda(lambda x: x * table)])
    assert_exported(model, path, draw(3, 2))
