"""Reading ONNX files: whole models as others write them, their names, and training them on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from denselite import Input, Sequential, layers
from denselite.exchange import load_onnx
from denselite.exchange.onnx import load
from denselite.models import load_model
from denselite.optimizers import Adam
from tests.exchange.onnx_protos import draw, info, ints, mlp, proto_of, saved
from tests.exchange.onnx_runs import run, session_of


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def assert_read(proto: Any, *batches: Any, tolerance: float = 1e-5) -> Any:
    """Read a model, compare it with onnxruntime on every batch, and save it."""
    model = load_onnx(saved(proto))
    session = session_of(proto.SerializeToString())
    for x in batches:
        arrays = x if isinstance(x, list) else [x]
        found = model.predict(x, batch_size=1000, verbose=0)
        for ours, theirs in zip(found if isinstance(found, list) else [found], run(session, arrays), strict=True):
            assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
            np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
    model.save("m.npz")
    np.testing.assert_array_equal(
        load_model("m.npz").predict(batches[0], verbose=0), model.predict(batches[0], verbose=0)
    )
    return model


# Whole models.


def test_layers_are_called_as_weights_and_outputs_as_in_the_file() -> None:
    model = assert_read(mlp(), draw(3, 4), draw(1, 4))
    assert [(layer.name, type(layer).__name__) for layer in model.layers] == [
        ("x", "InputLayer"), ("0", "Dense"), ("2", "Dense"), ("y", "Identity"),
    ]  # fmt: skip
    assert (model.name, model.input_names, model.output_names) == ("g", ["x"], ["y"])
    assert model.get_layer("0").get_config()["activation"] == "relu"
    assert model.count_params() == 4 * 5 + 5 + 5 * 2 + 2


@pytest.mark.parametrize("size", [1, 3])
def test_batch_size_that_the_file_fixes_is_open_where_that_can_be(size: int) -> None:
    model = load_onnx(saved(mlp(size)))
    assert model.input_shape == (None, 4)
    np.testing.assert_allclose(
        model.predict(draw(7, 4)[:size], verbose=0), run(session_of("m.onnx"), [draw(7, 4)[:size]])[0], rtol=1e-5
    )
    assert model.predict(draw(7, 4), verbose=0).shape == (7, 2)


@pytest.mark.parametrize("wanted", [[1, -1], [1, 12], [-1, 12]])
def test_reshape_to_the_fixed_batch_size_is_one_to_any(wanted: Any) -> None:
    nodes = [("Relu", ["x"], ["h"], {}), ("Reshape", ["h", "shape"], ["y"], {})]
    proto = proto_of(nodes, {"shape": ints(*wanted)}, [info("x", 1, 3, 4)], [info("y", 1, 12)])
    model = assert_read(proto, draw(1, 3, 4))
    assert model.output_shape == (None, 12)
    x = draw(5, 3, 4)
    np.testing.assert_array_equal(model.predict(x, verbose=0), np.maximum(x, 0).reshape(5, 12))


def test_batch_size_that_is_needed_stays() -> None:
    # Of (3, 4) come two rows of six, whose rows are no rows of the batch.
    proto = proto_of(
        [("Reshape", ["x", "shape"], ["y"], {})], {"shape": ints(2, 6)}, [info("x", 3, 4)], [info("y", 2, 6)]
    )
    model = load_onnx(saved(proto))
    assert (model.input_shape, model.output_shape) == ((3, 4), (2, 6))
    np.testing.assert_array_equal(np.asarray(model(draw(3, 4))), draw(3, 4).reshape(2, 6))


def test_attention_of_a_fixed_batch_size_is_not_guessed() -> None:
    # torch puts the batch behind the steps and makes one axis of it and the heads: (5, 1, 8) -> (5, 2, 4). At other
    # batch sizes that could be (5, 2·batch, 4) or (5·batch, 2, 4).
    nodes = [
        ("Transpose", ["x"], ["t"], {"perm": [1, 0, 2]}),
        ("Reshape", ["t", "heads"], ["h"], {}),
        ("Transpose", ["h"], ["u"], {"perm": [1, 0, 2]}),
        ("Reshape", ["u", "whole"], ["y"], {}),
    ]
    proto = proto_of(nodes, {"heads": ints(5, 2, 4), "whole": ints(1, 40)}, [info("x", 1, 5, 8)], [info("y", 1, 40)])
    model = assert_read(proto, draw(1, 5, 8))
    assert model.input_shape == (1, 5, 8)


def test_shape_that_is_computed_from_the_input_is_followed() -> None:
    # x.view(x.size(0), -1), y.view(-1, x.size(1) * 2) and a mask of ones, as torch traces them.
    nodes = [
        ("Relu", ["x"], ["h"], {}),
        ("Shape", ["h"], ["shape"], {}),
        ("Gather", ["shape", "zero"], ["n"], {}),
        ("Gather", ["shape", "one"], ["c"], {}),
        ("Unsqueeze", ["n", "first"], ["n1"], {}),
        ("Concat", ["n1", "rest"], ["wanted"], {"axis": 0}),
        ("Reshape", ["h", "wanted"], ["flat"], {}),
        ("Mul", ["c", "two"], ["width"], {}),
        ("Unsqueeze", ["width", "first"], ["w1"], {}),
        ("Concat", ["rest", "w1"], ["pairs"], {"axis": 0}),
        ("Reshape", ["h", "pairs"], ["p"], {}),
        ("Concat", ["n1", "twelve"], ["again"], {"axis": 0}),
        ("Reshape", ["p", "again"], ["q"], {}),
        ("ConstantOfShape", ["again"], ["ones"], {"value": helper.make_tensor("v", 1, [1], [0.5])}),
        ("Add", ["flat", "q"], ["sum"], {}),
        ("Mul", ["sum", "ones"], ["y"], {}),
    ]
    weights = {
        "zero": np.asarray(0, np.int64), "one": np.asarray(1, np.int64), "two": np.asarray(2, np.int64), "first": ints(0),
        "rest": ints(-1), "twelve": ints(12),
    }  # fmt: skip
    proto = proto_of(nodes, weights, [info("x", "N", 3, 4)], [info("y", "N", 12)])
    model = assert_read(proto, draw(3, 3, 4), draw(1, 3, 4))
    assert model.output_shape == (None, 12)


def test_numbers_that_follow_from_the_batch_are_computed_from_it() -> None:
    nodes = [
        ("Shape", ["x"], ["n"], {"start": 0, "end": 1}),
        ("Cast", ["n"], ["count"], {"to": TensorProto.FLOAT}),
        ("Div", ["x", "count"], ["d"], {}),
        ("Squeeze", ["n"], ["limit"], {}),
        ("Range", ["zero", "limit", "one"], ["places"], {}),
        ("Cast", ["places"], ["floats"], {"to": TensorProto.FLOAT}),
        ("Unsqueeze", ["floats", "last"], ["column"], {}),
        ("Expand", ["row", "rows"], ["e"], {}),
        ("Add", ["d", "column"], ["s"], {}),
        ("Add", ["s", "e"], ["y"], {}),
    ]
    nodes.insert(7, ("Concat", ["n", "four"], ["rows"], {"axis": 0}))
    weights = {
        "zero": np.asarray(0, np.int64), "one": np.asarray(1, np.int64), "last": ints(1), "four": ints(4), "row": draw(1, 4),
    }  # fmt: skip
    assert_read(proto_of(nodes, weights, [info("x", "N", 4)], [info("y", "N", 4)]), draw(3, 4), draw(1, 4))


def test_open_sizes_that_are_not_the_batchs_stay_open() -> None:
    nodes = [
        ("Conv", ["x", "w"], ["h"], {"pads": [1, 1]}),
        ("ReduceMax", ["h", "last"], ["y"], {"keepdims": 0}),
    ]
    proto = proto_of(nodes, {"w": draw(4, 2, 3), "last": ints(2)}, [info("x", "N", 2, "T")], [info("y", "N", 4)])
    model = assert_read(proto, draw(3, 2, 9), draw(2, 2, 5))
    assert model.input_shape == (None, 2, None)


def test_images_with_channels_first_are_read_by_layers_that_take_them_so() -> None:
    nodes = [
        ("Conv", ["x", "c.weight", "c.bias"], ["a"], {"pads": [1, 1, 1, 1], "name": "/c/Conv"}),
        (
            "BatchNormalization",
            ["a", "b.weight", "b.bias", "b.running_mean", "b.running_var"],
            ["b"],
            {"name": "/b/BN"},
        ),
        ("Relu", ["b"], ["r"], {"name": "/r/Relu"}),
        ("MaxPool", ["r"], ["p"], {"kernel_shape": [2, 2], "strides": [2, 2], "name": "/p/MaxPool"}),
        ("GlobalAveragePool", ["p"], ["g"], {"name": "/g/GlobalAveragePool"}),
        ("Flatten", ["g"], ["f"], {"name": "/f/Flatten"}),
        ("Gemm", ["f", "l.weight", "l.bias"], ["y"], {"transB": 1, "name": "/l/Gemm"}),
    ]
    weights = {
        "c.weight": draw(4, 2, 3, 3), "c.bias": draw(4), "b.weight": draw(4), "b.bias": draw(4), "b.running_mean": draw(4),
        "b.running_var": np.abs(draw(4)), "l.weight": draw(3, 4), "l.bias": draw(3),
    }  # fmt: skip
    model = assert_read(proto_of(nodes, weights, [info("x", "N", 2, 6, 6)], [info("y", "N", 3)]), draw(3, 2, 6, 6))
    assert [type(layer) for layer in model.layers] == [
        layers.InputLayer, layers.Conv2D, layers.BatchNormalization, layers.Activation, layers.MaxPooling2D,
        layers.GlobalAveragePooling2D, layers.Flatten, layers.Dense, layers.Identity,
    ]  # fmt: skip
    assert [layer.name for layer in model.layers if layer.weights] == ["c", "b", "l"]


def test_initializers_among_the_inputs_are_weights() -> None:
    # Before IR version 4 every weight is an input, too.
    proto = mlp()
    proto.graph.input.extend([info(tensor.name, *tensor.dims) for tensor in proto.graph.initializer])
    assert assert_read(proto, draw(3, 4)).input_names == ["x"]


def test_constants_are_computed_while_reading() -> None:
    nodes = [
        ("Constant", [], ["a"], {"value_floats": [1.0, 2.0]}),
        ("Constant", [], ["b"], {"value_float": 3.0}),
        ("Constant", [], ["c"], {"value_ints": [1, 1]}),
        ("Constant", [], ["d"], {"value": numpy_helper.from_array(draw(2, 3))}),
        ("Mul", ["a", "b"], ["ab"], {}),
        ("Cast", ["c"], ["cf"], {"to": TensorProto.FLOAT}),
        ("Add", ["ab", "cf"], ["row"], {}),
        ("Add", ["x", "row"], ["s"], {}),
        ("MatMul", ["s", "d"], ["y"], {}),
    ]
    model = assert_read(proto_of(nodes, {}, [info("x", "N", 2)], [info("y", "N", 3)]), draw(3, 2))
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Operation", "Dense", "Identity"]


def test_weights_that_are_used_twice_are_one_layer() -> None:
    nodes = [
        ("Gemm", ["x", "w", "b"], ["h"], {"transB": 1}),
        ("Gemm", ["h", "w", "b"], ["i"], {"transB": 1}),
        ("Gemm", ["i", "w", "b"], ["y"], {}),
    ]
    model = assert_read(
        proto_of(nodes, {"w": draw(4, 4), "b": draw(4)}, [info("x", "N", 4)], [info("y", "N", 4)]), draw(3, 4)
    )
    assert [layer.name for layer in model.layers if layer.weights] == ["dense", "dense_1"]  # one of them is turned


def test_value_that_is_read_twice_keeps_its_activation_to_itself() -> None:
    nodes = [
        ("MatMul", ["x", "w"], ["h"], {}),
        ("Relu", ["h"], ["r"], {}),
        ("Add", ["h", "b"], ["s"], {}),
        ("Sub", ["r", "s"], ["y"], {}),
    ]
    proto = proto_of(
        nodes, {"w": draw(4, 3), "b": draw(3)}, [info("x", "N", 4)], [info("y", "N", 3), info("h", "N", 3)]
    )
    assert_read(proto, draw(5, 4))


def test_outputs_that_are_inputs_or_the_same_are_there() -> None:
    nodes = [("Identity", ["x"], ["a"], {}), ("Tanh", ["x"], ["b"], {}), ("Identity", ["b"], ["c"], {})]
    proto = proto_of(nodes, {}, [info("x", "N", 4)], [info(name, "N", 4) for name in "abc"])
    assert assert_read(proto, draw(3, 4)).output_names == ["a", "b", "c"]


def test_names_that_no_layer_can_have_are_made_legal() -> None:
    proto = proto_of([("Tanh", ["/in/x:0"], ["/out"], {})], {}, [info("/in/x:0", "N", 4)], [info("/out", "N", 4)])
    model = assert_read(proto, draw(3, 4))
    assert (model.input_names, model.output_names) == (["in_x_0"], ["out"])


def test_model_is_exported_again_under_the_same_names() -> None:
    model = load_onnx(saved(mlp()))
    model.export("again.onnx")
    session = session_of("again.onnx")
    assert ([x.name for x in session.get_inputs()], [y.name for y in session.get_outputs()]) == (["x"], ["y"])
    np.testing.assert_allclose(run(session, [draw(3, 4)])[0], model.predict(draw(3, 4), verbose=0), rtol=1e-5)


def test_training_goes_on() -> None:
    x = draw(64, 4)
    y = np.stack([x[:, 0] * x[:, 1], np.abs(x[:, 2])], axis=1)
    model = load_onnx(saved(mlp()))
    model.compile(Adam(0.03), "mse")
    losses = model.fit(x, y, epochs=20, batch_size=16, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    assert len(model.trainable_weights) == 4


def test_trained_model_is_the_same_after_a_round() -> None:
    model = Sequential([Input((4,)), layers.Dense(8, "gelu"), layers.BatchNormalization(), layers.Dense(1)], name="m")
    model.compile("adam", "mse")
    model.fit(draw(32, 4), draw(32, 1), verbose=0)
    model.export("m.onnx")
    np.testing.assert_allclose(
        load_onnx("m.onnx").predict(draw(5, 4), verbose=0), model.predict(draw(5, 4), verbose=0), rtol=1e-5, atol=1e-6
    )


# What torch writes.


def perceptron(nn: Any) -> tuple[Any, tuple[int, ...]]:
    return nn.Sequential(nn.Linear(4, 8), nn.ELU(), nn.Dropout(0.3), nn.Linear(8, 3), nn.Softmax(-1)), (4,)


def convolutional(nn: Any) -> tuple[Any, tuple[int, ...]]:
    body = [nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(3, 2, 1, ceil_mode=True)]
    return nn.Sequential(*body, nn.Conv2d(4, 6, 3, stride=2, padding=1), nn.Flatten(), nn.Linear(24, 3)), (2, 7, 7)


def enlarging(nn: Any) -> tuple[Any, tuple[int, ...]]:
    body = [nn.ConvTranspose2d(2, 4, 4, stride=2, padding=1), nn.LeakyReLU(0.1), nn.InstanceNorm2d(4, affine=True)]
    return nn.Sequential(*body, nn.AvgPool2d(2), nn.Hardswish(), nn.PReLU(4), nn.Upsample(scale_factor=2)), (2, 5, 5)


def sequence(nn: Any) -> tuple[Any, tuple[int, ...]]:
    return nn.Sequential(nn.Conv1d(3, 4, 3), nn.GELU(), nn.Flatten(2), nn.Linear(6, 6), nn.LayerNorm(6)), (3, 8)


@pytest.mark.filterwarnings("ignore")  # torch warns of its own exporter
@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("made", [perceptron, convolutional, enlarging, sequence])
def test_module_of_torch_comes_over(made: Any, dynamic: bool) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module, shape = made(torch.nn)
    module.eval()
    axes = {"x": {0: "batch"}, "y": {0: "batch"}} if dynamic else None
    torch.onnx.export(
        module,
        (torch.zeros(1, *shape),),
        "m.onnx",
        dynamo=False,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes=axes,
    )
    x = draw(3, *shape)
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    model = load_onnx("m.onnx")
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-5, atol=1e-5)
    assert model.output_names == ["y"]
    assert len(model.trainable_weights) == len(list(module.parameters())) - 2 * (made is convolutional)  # a folded norm


def test_operators_that_are_written_are_read() -> None:
    """What a file may hold that was written here has a reader."""
    folder = Path(load.__file__).parent
    source = "".join(path.read_text() for path in [folder / "graph.py", *folder.glob("write_*.py")])
    known = {schema.name for schema in onnx.defs.get_all_schemas()}
    written = {word for word in known if f'"{word}"' in source}
    assert len(written) > 60
    assert written <= set(load.READERS)
