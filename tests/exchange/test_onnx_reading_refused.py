"""ONNX files that are refused: what has no form here, and what hostile files claim."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from denselite import Input, Model, layers
from denselite.errors import ArgumentError, FormatError, MissingPackageError, UncoveredError
from denselite.exchange import load_onnx
from denselite.exchange.onnx import contents as onnx_contents
from denselite.exchange.onnx import load as onnx_reading
from denselite.exchange.onnx import names as onnx_names
from denselite.exchange.onnx import parsing as onnx_parsing
from tests.exchange.onnx_protos import draw, info, ints, mlp, proto_of, saved
from tests.saving.hostile import alone, frugal


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_all_that_has_no_form_is_named_at_once() -> None:
    proto = mlp()
    proto.graph.node.extend(
        [
            helper.make_node("LSTM", ["y"], ["a"]),
            helper.make_node("Inverse", ["y"], ["b"], domain="com.microsoft"),
            helper.make_node("Conv", ["x"], ["c"], name="odd", activation="Relu"),
            helper.make_node("If", ["y"], ["d"], then_branch=proto.graph, else_branch=proto.graph),
        ]
    )
    with pytest.raises(UncoveredError) as caught:
        load_onnx(saved(proto))
    assert str(caught.value) == (
        "m.onnx cannot be read: LSTM has no form here; com.microsoft.Inverse is no operator of ONNX' own; "
        "Conv 'odd' has an attribute 'activation' that is not read; If has no form here."
    )


def test_what_operators_do_that_has_no_form_is_named_at_once() -> None:
    nodes = [
        ("MaxPool", ["x"], ["a", "places"], {"kernel_shape": [2, 2], "name": "pool"}),
        ("Conv", ["a", "w"], ["b"], {"strides": [2, 1], "dilations": [1, 2], "name": "conv"}),
        ("Tanh", ["b"], ["c"], {}),
        ("Conv", ["c", "x"], ["d"], {}),
        ("Pad", ["x", "pads"], ["e"], {"mode": "wrong"}),
        ("Conv", ["x", "x"], ["y"], {}),
    ]
    weights = {"w": draw(2, 2, 2, 2), "pads": ints(0, 0, 1, 0, 0, 0, 0, 0)}
    with pytest.raises(UncoveredError) as caught:
        load_onnx(saved(proto_of(nodes, weights, [info("x", "N", 2, 6, 6)], [info("y", "N", 2, 1, 1)])))
    assert str(caught.value) == (
        "m.onnx cannot be read: MaxPool 'pool' makes places, which is not made here; Pad has mode 'wrong'; "
        "Conv needs a kernel in the file, of sequences or images."
    )


def bent(change: Callable[[Any], Any]) -> Any:
    proto = mlp()
    change(proto)
    return proto


def external(proto: Any) -> None:
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "other file": (external, "the weight '0.weight' lies in another file, and no other file is opened"),
    "strings": (lambda p: setattr(p.graph.initializer[0], "data_type", 8), "'0.weight' holds numbers of type STRING"),
    "bfloat16": (lambda p: setattr(p.graph.initializer[0], "data_type", 16), "numbers of type BFLOAT16"),
    "dtype nobody knows": (lambda p: setattr(p.graph.initializer[0], "data_type", 99), "numbers of type 99"),
    "operator set of old": (lambda p: setattr(p.opset_import[0], "version", 6), "it has operator set 6, and 7 to"),
    "operator set of later": (lambda p: setattr(p.opset_import[0], "version", 99), "it has operator set 99"),
    "other domain": (lambda p: setattr(p.opset_import[0], "domain", "ai.onnx.ml"), "it has no operator set of ONNX' own, and 7"),
    "functions": (lambda p: p.functions.add(name="f"), "it has functions of its own"),
    "sparse weights": (lambda p: p.graph.sparse_initializer.add(), "it has sparse weights"),
    "sequence": (lambda p: p.graph.input[0].type.sequence_type.SetInParent(), "the input 'x' is no tensor of at least"),
    "no axes": (lambda p: p.graph.input[0].type.tensor_type.shape.ClearField("dim"), "the input 'x' is no tensor of"),
    "string input": (lambda p: setattr(p.graph.input[0].type.tensor_type, "elem_type", 8), "'x' holds numbers of type"),
    "constant output": (lambda p: p.graph.output.append(info("0.bias", 5)), "the output '0.bias' follows from no input"),
    "reference": (lambda p: setattr(p.graph.node[0].attribute[0], "ref_attr_name", "a"), "has an attribute 'transB'"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_form_is_refused(what: str) -> None:
    change, message = REFUSED[what]
    path = saved(bent(change))
    with alone(path), pytest.raises(UncoveredError) as caught:
        load_onnx(path)
    assert message in str(caught.value)


def test_large_constant_that_no_layer_holds_is_refused_by_name() -> None:
    proto = proto_of([("Add", ["x", "big"], ["y"], {})], {"big": draw(300, 300)}, [info("x", "N", 300)], [info("y")])
    with pytest.raises(
        UncoveredError, match=r"Add needs big of shape \(300, 300\) in the model's JSON, which takes ar"
    ):
        load_onnx(saved(proto))


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(mlp())
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'denselite\[onnx\]'\.$"):
        load_onnx(path)


def test_other_ending_is_an_error() -> None:
    with pytest.raises(ArgumentError, match=r"^The name of an ONNX file ends in '\.onnx', got 'm\.pb'\.$"):
        load_onnx("m.pb")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_loaded_when_asked_for(value: float) -> None:
    proto = mlp()
    proto.graph.initializer[1].CopyFrom(numpy_helper.from_array(np.full(5, value, "float32"), "0.bias"))
    path = saved(proto)
    with pytest.raises(
        FormatError, match=r"weight '0\.bias': it holds NaN or infinite values\. .*allow_nonfinite=True"
    ):
        load_onnx(path)
    assert not np.isfinite(load_onnx(path, allow_nonfinite=True).get_layer("0").get_weights()[1]).any()


def test_weight_that_is_a_constant_is_looked_at_too() -> None:
    nodes = [
        ("Constant", [], ["w"], {"value": numpy_helper.from_array(np.full((4, 2), np.nan, "float32"))}),
        ("MatMul", ["x", "w"], ["y"], {}),
    ]
    path = saved(proto_of(nodes, {}, [info("x", "N", 4)], [info("y", "N", 2)]))
    with pytest.raises(FormatError, match=r"MatMul: a weight holds NaN or infinite values\."):
        load_onnx(path)
    assert np.isnan(load_onnx(path, allow_nonfinite=True).get_weights()[0]).all()


def test_problems_of_weights_and_of_operators_are_told_together() -> None:
    proto = mlp()
    external(proto)
    proto.graph.node.append(helper.make_node("LSTM", ["y"], ["a"]))
    with pytest.raises(
        UncoveredError, match=r"the weight '0\.weight' lies in another file.*; LSTM has no form here\.$"
    ):
        load_onnx(saved(proto))


# Hostile files.


def first_tensor(**fields: Any) -> Callable[[Any], Any]:
    def change(proto: Any) -> None:
        tensor = proto.graph.initializer[0]
        for name, value in fields.items():
            if name == "dims":
                tensor.ClearField("dims")
                tensor.dims.extend(value)
            elif isinstance(value, list):
                getattr(tensor, name).extend(value)
            else:
                setattr(tensor, name, value)

    return change


def node(*args: Any, **options: Any) -> Callable[[Any], Any]:
    return lambda proto: proto.graph.node.insert(0, helper.make_node(*args, **options))


def large(kind: str, *reads: str, **attrs: Any) -> Callable[[Any], Any]:
    """Let a node make a large constant of small ones."""

    def change(proto: Any) -> None:
        proto.graph.initializer.extend(
            [
                numpy_helper.from_array(ints(2**40, 2**20), "huge"),
                numpy_helper.from_array(np.asarray(2**40, np.int64), "many"),
                numpy_helper.from_array(np.ones((1, 1), np.int64), "one"),
                numpy_helper.from_array(np.asarray(0, np.int64), "zero"),
                numpy_helper.from_array(ints(0, 0, 2**40, 2**40), "around"),
                numpy_helper.from_array(np.ones((40_000, 1), np.float32), "column"),
                numpy_helper.from_array(np.ones((1, 40_000), np.float32), "row"),
                numpy_helper.from_array(np.ones(2, np.float32), "values"),
                numpy_helper.from_array(np.ones((1, 1, 2, 2), np.float32), "image"),
                numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "kernel"),
            ]
        )
        proto.graph.node.insert(0, helper.make_node(kind, list(reads), ["grown"], **attrs))

    return change


DAMAGED: dict[str, Callable[[Any], Any]] = {
    "more numbers than bytes": first_tensor(dims=[10**9, 10**9]),
    "fewer numbers than bytes": first_tensor(dims=[1]),
    "negative size": first_tensor(dims=[-4, -5]),
    "sizes that overflow": first_tensor(dims=[2**62, 4]),
    "bytes and numbers": first_tensor(float_data=[1.0] * 20),
    "numbers of another type": first_tensor(raw_data=b"", int64_data=[1] * 20),
    "segment": lambda p: p.graph.initializer[0].segment.SetInParent(),
    "weight without a name": first_tensor(name=""),
    "two weights of one name": first_tensor(name="2.weight"),
    "nothing that is returned": lambda p: setattr(p.graph.output[0], "name", "nowhere"),
    "input twice": lambda p: p.graph.input.append(info("x", "N", 4)),
    "input of negative size": lambda p: setattr(p.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", -4),
    "input that does not fit": lambda p: setattr(p.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", 2**62),
    "nodes in the wrong order": node("Tanh", ["y"], ["z"]),
    "made twice": node("Tanh", ["x"], ["y"]),
    "node without operands": node("Tanh", [], ["z"]),
    "node of too many operands": node("Tanh", ["x", "x", "x"], ["z"]),
    "attribute of another type": node("Softmax", ["x"], ["z"], axis="last"),
    "attribute that is no text": node("Gelu", ["x"], ["z"], approximate=b"\xff\xfe"),
    "axis that is not there": node("Concat", ["x", "x"], ["z"], axis=2**40),
    "text that is no subscripts": node("Einsum", ["x"], ["z"], equation="a" * 1000),
}
GROWN: dict[str, Callable[[Any], Any]] = {
    "ConstantOfShape": large("ConstantOfShape", "huge"),
    "Expand": large("Expand", "one", "huge"),
    "Tile": large("Tile", "one", "huge"),
    "Range": large("Range", "zero", "many", "one"),
    "Pad": large("Pad", "one", "around"),
    "MatMul": large("MatMul", "column", "row"),
    "Add": large("Add", "column", "row"),
    "OneHot": large("OneHot", "one", "many", "values"),
    "Conv": large("Conv", "image", "kernel", pads=[2**14] * 4),
    "Einsum": large("Einsum", "column", "row", equation="ab,cd->abcd"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_damaged_file_is_told_as_one(what: str) -> None:
    path = saved(bent(DAMAGED[what]))
    with frugal(path), alone(path), pytest.raises(FormatError, match=r"^m\.onnx"):
        load_onnx(path)


@pytest.mark.parametrize("what", GROWN)
def test_constant_that_would_be_large_is_not_made(what: str) -> None:
    path = saved(bent(GROWN[what]))
    with frugal(path), alone(path), pytest.raises((FormatError, UncoveredError), match=r"^m\.onnx"):
        load_onnx(path)


def test_pool_whose_padding_is_huge_is_refused() -> None:
    attrs = {"kernel_shape": [3, 3], "pads": [1, 10**6, 1, 2**31]}
    path = saved(proto_of([("AveragePool", ["x"], ["y"], attrs)], {}, [info("x", "N", 2, 6, 5)], [info("y")]))
    with frugal(path), pytest.raises(FormatError, match="more than a file may ask for"):
        load_onnx(path)


@pytest.mark.parametrize("data", [b"", b"\0", b"\x08", b"\xff" * 100, b"ONNX", b"\x3a\x05abc", b"PK\3\4"])
def test_file_that_is_no_onnx_is_told_as_one(data: bytes) -> None:
    Path("m.onnx").write_bytes(data)
    with (
        frugal("m.onnx"),
        alone("m.onnx"),
        pytest.raises(FormatError, match=r"^m\.onnx (is no ONNX|cannot be read as)"),
    ):
        load_onnx("m.onnx")


def test_missing_file_is_an_error() -> None:
    with pytest.raises(FormatError, match=r"^nowhere\.onnx cannot be read as ONNX: .*No such file"):
        load_onnx("nowhere.onnx")


def test_file_of_very_many_parts_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    # A node of nothing is two bytes here, and some hundred where it is parsed.
    monkeypatch.setattr(onnx_parsing, "PARTS", 1000)
    nodes = b"\x0a\x00" * 1000
    Path("m.onnx").write_bytes(b"\x3a" + bytes([len(nodes) & 127 | 128, len(nodes) >> 7]) + nodes)
    with pytest.raises(FormatError, match=r"^m\.onnx consists of more than 1,000 parts, which is no model\.$"):
        load_onnx("m.onnx")


def test_integers_that_are_packed_count_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_parsing, "PARTS", 200)
    proto = mlp()
    load_onnx(saved(proto))
    proto.graph.initializer.append(helper.make_tensor("i", TensorProto.INT64, [10_000], [1] * 10_000))
    with pytest.raises(FormatError, match="consists of more than 200 parts"):
        load_onnx(saved(proto))


def test_too_many_nodes_and_layers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(mlp())
    monkeypatch.setattr(onnx_names, "MOST", 2)
    with pytest.raises(FormatError, match="the model would have more than 2 layers"):
        load_onnx(path)
    monkeypatch.setattr(onnx_contents, "NODES", 2)
    with pytest.raises(FormatError, match=r"^m\.onnx has 3 nodes, at most 2 are read\.$"):
        load_onnx(path)


def test_kernel_that_is_used_often_takes_no_more_room_than_the_file_has() -> None:
    proto = proto_of([], {"w": draw(1000, 1000)}, [info("x0", "N", 1000)], [info("x9", "N", 1000)])
    for k in range(9):
        proto.graph.initializer.append(numpy_helper.from_array(draw(1000, seed=k), f"b{k}"))
        proto.graph.node.append(helper.make_node("Gemm", [f"x{k}", "w", f"b{k}"], [f"x{k + 1}"]))
    path = saved(proto)
    with frugal(path), pytest.raises(FormatError, match="takes 4000000 bytes, and the file holds"):
        load_onnx(path)


def wide() -> Model:
    """A model whose file has a bit of everything."""
    given = Input((6, 6, 2), name="x")
    x = layers.Conv2D(3, 3, padding="same", activation="relu")(given)
    x = layers.MaxPooling2D(2)(layers.DepthwiseConv2D(2, padding="same")(x))
    x = layers.Flatten()(layers.LayerNormalization()(layers.UpSampling2D(2)(x)))
    ids = Input((3,), dtype="int32", name="ids")
    y = layers.GlobalAveragePooling1D()(layers.Embedding(5, 4, mask_zero=True)(ids))
    return Model([given, ids], layers.Dense(2, "softmax")(layers.concatenate([x, layers.Dense(3, "gelu")(y)])))


def flipped(data: bytes, rng: Random) -> bytes:
    """Change bytes, mostly where the description is, which is at the front and behind the weights."""
    found = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4])):
        how, at = rng.randrange(4), rng.randrange(len(found))
        if how == 0:
            found[at] = rng.randrange(256)
        elif how == 1:
            found[at] ^= 1 << rng.randrange(8)
        elif how == 2:
            del found[at : at + rng.choice([1, 2, 8])]
        else:
            found[at:at] = found[at : at + rng.choice([1, 2, 8])]
    return bytes(found)


ODD = [0, 1, -1, 2, 3, 7, 2**15, 65_537, 10**6, 2**31 - 1, 2**40, 2**62, -(2**63)]


def bent_fields(data: bytes, rng: Random) -> bytes:
    """Change operators, attributes, weights, inputs and wires, so that what lies behind the first checks is reached."""
    proto = onnx.load_from_string(data)
    graph = proto.graph
    some = rng.choice(graph.node)
    names = [name for step in graph.node for name in (*step.input, *step.output)]
    for how in rng.sample(["operator", "attribute", "weight", "input", "wire", "version"], rng.choice([1, 1, 2])):
        if how == "operator":
            some.op_type = rng.choice(sorted(onnx_reading.READERS))
        elif how == "attribute" and some.attribute:
            attribute = rng.choice(some.attribute)
            attribute.i = rng.choice(ODD)
            attribute.ints[:] = [rng.choice(ODD) if rng.random() < 0.3 else entry for entry in attribute.ints]
        elif how == "weight":
            tensor = rng.choice(graph.initializer)
            array = numpy_helper.to_array(tensor)
            array = array.T if array.dtype.kind == "f" else np.full_like(array, rng.choice(ODD) % 2**31)
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), tensor.name))
        elif how == "input":
            rng.choice(rng.choice(graph.input).type.tensor_type.shape.dim).dim_value = rng.choice(ODD)
        elif how == "wire" and some.input:
            some.input[rng.randrange(len(some.input))] = rng.choice([*names, ""])
        elif how == "version":
            proto.opset_import[0].version = rng.choice(onnx_contents.OPSETS)
    return bytes(proto.SerializeToString())


@pytest.mark.parametrize("change", [flipped, bent_fields])
@pytest.mark.parametrize("seed", range(4))
def test_file_that_is_changed_is_a_model_or_an_error_of_ours(seed: int, change: Any) -> None:
    wide().export("good.onnx")
    good = [Path("good.onnx").read_bytes(), mlp().SerializeToString()]
    rng = Random(seed)
    outcomes = set()
    for _ in range(60):
        Path("m.onnx").write_bytes(change(rng.choice(good), rng))
        try:
            with frugal("m.onnx"), alone("m.onnx"):
                model = load_onnx("m.onnx", allow_nonfinite=rng.random() < 0.5)
            outcomes.add("model")
            assert isinstance(model, Model)
        except (FormatError, UncoveredError):
            outcomes.add("error")
    assert outcomes == {"model", "error"}
