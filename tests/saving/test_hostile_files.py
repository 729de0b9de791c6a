"""Files made to do harm: each is a FormatError, runs nothing, opens nothing else, and takes little memory."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite.errors import FormatError
from tests.saving.hostile import Members, edited, load, members, npy, write, zipped

X = np.arange(24, dtype="float32").reshape(6, 4) / 24
KERNEL = "layers/dense/vars/0.npy"
HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }"
HUGE = 10**15
MANY = 2 * 10**7  # which can be had, but take more than is promised
EITHER = "a model, or a FormatError"  # what is asked for is harmless


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def good() -> Members:
    """The members of a model that was trained: layers, weights, slots, a metric, a dropout's stream."""
    x = dl.Input((4,), name="x")
    h = dl.layers.Dropout(0.2)(dl.layers.Dense(3, "relu")(x))
    model = dl.Model(x, dl.layers.Dense(1)(h * 2.0), name="m")
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, X[:, :1], verbose=0)
    model.save("good.npz")
    load("good.npz")
    return members("good.npz")


def changed(contents: Members, name: str, data: bytes) -> Members:
    return [(member, data if member == name else old) for member, old in contents]


def refused(message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load("m.npz")


# The archive.

only = lambda **fields: lambda name: fields if name == KERNEL else {}  # noqa: E731

ARCHIVES: dict[str, tuple[dict[str, Any], str]] = {
    "bytes before it": ({"before": b"#!/bin/sh\n"}, "does not lie behind the member before it"),
    "bytes behind it": ({"after": b"PK"}, "does not end as a zip file does"),
    "bytes between members and directory": ({"between": b"x"}, "something between its members and its directory"),
    "a comment": ({"end": {"comment": b"hello"}}, "does not end as a zip file does"),
    "another disk": ({"end": {"disk": 1}}, "its directory is not at its end"),
    "more members than there are": ({"end": {"count": 60_000}}, "it claims to hold 60000 members"),
    "fewer members than there are": ({"end": {"count": 2}}, "its directory is damaged"),
    "a directory elsewhere": ({"end": {"start": 0}}, "its directory is not at its end"),
    "an encrypted member": ({"local": only(flags=1), "central": only(flags=1)}, f"compressed or encrypted: {KERNEL}"),
    "a size that follows later": ({"local": only(flags=8), "central": only(flags=8)}, "compressed or encrypted"),
    "a packed member": ({"local": only(method=8), "central": only(method=8)}, "compressed or encrypted"),
    "a packed member only at itself": ({"local": only(method=8)}, "not what the directory says of it"),
    "two names": ({"local": only(name=b"layers/dense/vars/9.npy")}, "not what the directory says of it"),
    "two sizes": ({"local": only(size=1, stored=1)}, "not what the directory says of it"),
    "two checksums": ({"local": only(crc=1)}, "not what the directory says of it"),
    "a size beyond the file": ({"local": only(size=1 << 31, stored=1 << 31), "central": only(size=1 << 31, stored=1 << 31)}, "does not lie behind|cut off"),
    "members on one another": ({"central": lambda name: {"at": 0}}, "not what the directory says of it|does not lie behind"),
    "an extra field": ({"central": only(extra=b"\x75\x70\x00\x00")}, "an extra field that is not known"),
    "a name that is no text": ({"central": only(name=b"\xff")}, "is not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ARCHIVES)
def test_archive_that_says_two_things_is_refused(kind: str, good: Members) -> None:
    write("m.npz", good)
    load("m.npz")
    options, message = ARCHIVES[kind]
    write("m.npz", good, **options)
    refused(message)


def test_two_members_of_one_name_are_refused(good: Members) -> None:
    write("m.npz", [*good, (KERNEL, b"x")])
    refused(f"holds {KERNEL} more than once")


# CVE-2025-12060: members were unpacked to where their names say. Nothing is unpacked here.
@pytest.mark.parametrize("name", ["../../evil.npy", "/etc/evil.npy", "layers/dense/vars/0.npy/", "a\\b.npy"])
def test_member_that_is_not_in_the_table_is_refused_and_never_written(name: str, good: Members) -> None:
    write("m.npz", [*good, (name, b"x")])
    refused("not in its table")


def test_directory_of_very_many_members_is_refused_before_it_is_read() -> None:
    Path("m.npz").write_bytes(zipped([(f"{k:05}", b"") for k in range(4_000)]))
    refused("holds no model.json")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_file_that_is_cut_off_is_refused(share: float, good: Members) -> None:
    data = zipped(good)
    Path("m.npz").write_bytes(data[: int(share * len(data))])
    refused("is not an archive")


@pytest.mark.parametrize(
    "data", [b"", b"PK\5\6", b"PK\5\6" + bytes(18), pickle.dumps([1]), b"\x89HDF\r\n\x1a\n" + bytes(64)]
)
def test_file_of_another_kind_is_refused(data: bytes) -> None:
    Path("m.npz").write_bytes(data)
    refused("is not an archive|holds no model.json")


# Arrays.

DATA = bytes(48)
ARRAYS = {
    # CVE-2026-0897: a shape that promises more than there is took that memory at once
    "a shape of 4 EB": (npy(HEADER.replace("4, 3", f"{HUGE}, 1000"), DATA), "has shape"),
    "a shape out of range": (npy(HEADER.replace("4, 3", "9" * 30), DATA), "its shape is out of range"),
    "a shape of no elements and 10³⁰ rows": (npy(HEADER.replace("4, 3", f"0, {HUGE}, {HUGE}"), b""), "has shape"),
    "33 axes": (npy(HEADER.replace("4, 3", "1, " * 33)), "its shape is out of range"),
    "objects": (npy(HEADER.replace("<f4", "|O"), pickle.dumps(print)), r"holds '\|O' in C order"),
    "a structure": (npy(HEADER.replace("'<f4'", "[('a', '<f4')]"), DATA), "its header is not as numpy.save writes it"),
    "strings": (npy(HEADER.replace("<f4", "<U1"), DATA), "holds '<U1' in C order"),
    "complex numbers": (npy(HEADER.replace("<f4", "<c8"), DATA + DATA), "holds '<c8' in C order"),
    "big-endian numbers": (npy(HEADER.replace("<f4", ">f4"), DATA), "holds '>f4' in C order"),
    "Fortran's order": (npy(HEADER.replace("False", "True"), DATA), "in Fortran order"),
    "code in the header": (npy(HEADER.replace("(4, 3)", "__import__('os').system('true')"), DATA), "its header is not"),
    "a header nested without end": (npy("(" * 4000), "its header is not"),
    "a header beyond the member": (b"\x93NUMPY\x01\x00\xff\xff", "its header is too long"),
    "another version": (b"\x93NUMPY\x03\x00" + npy(HEADER, DATA)[8:], "does not begin as an array does"),
    "a pickle": (pickle.dumps(np.zeros(3)), "does not begin as an array does"),
    "nothing": (b"", "does not begin as an array does"),
    "trailing bytes": (npy(HEADER, DATA + b"x"), "bytes, expected"),
    "missing bytes": (npy(HEADER, DATA[:-1]), "bytes, expected"),
    "another dtype": (npy(HEADER.replace("<f4", "<f8"), DATA + DATA), "dtype float64, expected"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ARRAYS)
def test_array_that_is_not_the_one_expected_is_refused(kind: str, good: Members) -> None:
    data, message = ARRAYS[kind]
    write("m.npz", changed(good, KERNEL, npy(HEADER, DATA)))
    load("m.npz")
    write("m.npz", changed(good, KERNEL, data))
    refused(message)


def test_table_that_agrees_with_a_wrong_array_does_not_help(good: Members) -> None:
    def shrink(value: Any) -> None:
        value["denselite"]["members"]["layers/dense/vars/0"].update(shape=[0, HUGE, HUGE, HUGE])

    write("m.npz", edited(changed(good, KERNEL, npy(HEADER.replace("4, 3", f"0, {HUGE}, {HUGE}, {HUGE}"))), shrink))
    refused("which no array can have")

    def widen(value: Any) -> None:
        value["denselite"]["members"]["layers/dense/vars/0"].update(dtype="float64")

    write("m.npz", edited(changed(good, KERNEL, npy(HEADER.replace("<f4", "<f8"), DATA + DATA)), widen))
    refused("the file .* and float64")


def test_bool_that_is_neither_true_nor_false_is_refused(good: Members) -> None:
    def as_bool(value: Any) -> None:
        value["denselite"]["members"]["layers/dense/vars/0"].update(dtype="bool")

    array = npy(HEADER.replace("<f4", "|b1"), bytes([2] * 12))
    write("m.npz", edited(changed(good, KERNEL, array), as_bool))
    refused("neither true nor false")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_loaded_only_when_asked_for(value: float, good: Members) -> None:
    data = np.full((4, 3), value, "float32")
    write("m.npz", changed(good, KERNEL, npy(HEADER, data.tobytes())))
    refused(
        r"layers/dense/vars/0.npy \(.*kernel\) holds NaN or infinite values. If you want them, pass allow_nonfinite"
    )
    loaded = dl.models.load_model("m.npz", allow_nonfinite=True)
    assert np.array_equal(loaded.get_weights()[0], data, equal_nan=True)
    with pytest.raises(FormatError, match="NaN or infinite"):
        loaded.load_weights("m.npz")
    loaded.load_weights("m.npz", allow_nonfinite=True)


# What the JSON describes.


def layer(value: Any, name: str) -> Any:
    return next(spec for spec in value["config"]["layers"] if spec["class_name"] == name)


def put(class_name: str, **config: Any) -> Callable[[Any], None]:
    """Put another layer in the place of the dropout."""

    def edit(value: Any) -> None:
        spec = layer(value, "Dropout")
        spec.update(class_name=class_name, config={"name": "dropout", **config})
        spec.pop("build_config", None)
        value["denselite"]["training"]["streams"] = {}

    return edit


def at(*path: Any, to: Any) -> Callable[[Any], None]:
    def edit(value: Any) -> None:
        for key in path[:-1]:
            value = layer(value, key) if key in ("Dense", "InputLayer", "Dropout", "Multiply") else value[key]
        value[path[-1]] = to

    return edit


def code(name: str = "system", module: str = "os") -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


DESCRIPTIONS: dict[str, tuple[Callable[[Any], Any], str]] = {
    # Names of modules and functions were imported and called (CVE-2025-1550, CVE-2025-8747, CVE-2025-9906).
    "a module to import": (at("Dense", "module", to="os"), "not denselite's own"),
    "a module that nobody has imported": (at("Dense", "module", to="antigravity"), "not denselite's own"),
    "a module as registered name": (at("Dense", "registered_name", to="antigravity>Dense"), EITHER),
    "a class of another package": (lambda v: layer(v, "Dense").update(module="subprocess", class_name="Popen"), "not denselite's own"),
    "a function as activation": (at("Dense", "config", "activation", to=code()), "'system', which is not denselite's own"),
    "a builtin as activation": (at("Dense", "config", "activation", to=code("eval", "builtins")), "'eval', which is not"),
    "a function that downloads": (at("Dense", "config", "kernel_initializer", to=code("get_file", "keras.utils")), "'get_file'"),
    "a setting that turns safety off": (at("Dense", "config", "activation", to=code("enable_unsafe_deserialization", "keras.config")), "not denselite's own"),
    "a dotted name": (at("Dense", "config", "activation", to="os.system"), "describes no model that can be made"),
    "an attribute of Python's": (at("Dense", "class_name", to="__class__"), "describes no model that can be made"),
    "a function as loss": (at("compile_config", "loss", to=code()), "not denselite's own"),
    "a class as optimizer": (at("compile_config", "optimizer", to={"module": "os", "class_name": "system", "config": {}}), "not denselite's own"),
    "a function as schedule": (at("compile_config", "optimizer", "config", "learning_rate", to=code()), "not denselite's own"),
    "a model within that is compiled with code": (at("Dropout", "compile_config", to={"loss": code()}), EITHER),
    # CVE-2024-3660, CVE-2025-9905: code in Lambda layers, in old files whatever safe_mode said.
    "code in a Lambda": (put("Lambda", function={"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}), "nothing is run that a file holds"),
    "code in a Lambda, as Keras 2 wrote it": (put("Lambda", function=["4wEAAAA=", None, None]), EITHER),
    "a function in a Lambda": (put("Lambda", function=code()), "nothing is run that a file holds"),
    # CVE-2025-49655, CVE-2026-1462: layers that load programs of other frameworks.
    "a module of torch": (put("TorchModuleWrapper", module="gANjb3MKc3lzdGVtCg=="), "TorchModuleWrapper"),
    "a saved model of TensorFlow": (put("TFSMLayer", filepath="http://evil.example/m"), "TFSMLayer"),
    # CVE-2025-12058: a vocabulary's path was read, from disk or from the net.
    "a vocabulary in a file": (put("StringLookup", vocabulary="/etc/passwd"), "reads no file"),
    "a vocabulary on the net": (put("StringLookup", vocabulary="http://169.254.169.254/"), "reads no file"),
    "integers in a file": (put("IntegerLookup", vocabulary="/etc/passwd"), "reads no file"),
    "a vocabulary in a file, for text": (put("TextVectorization", vocabulary="/etc/passwd"), EITHER),
    # CVE-2026-1669: weights that lie in other files.
    "weights elsewhere": (lambda v: v["denselite"]["members"]["layers/dense/vars/0"].update(external="/etc/passwd"), "extra inputs are not permitted"),
    # Sizes.
    "a layer of 10¹⁵ units": (at("Dense", "config", "units", to=HUGE), "and the file holds"),
    "a layer of 10³⁹ units": (at("Dense", "config", "units", to=10**39), EITHER),
    "an input of 10¹⁵ features": (at("InputLayer", "config", "batch_shape", to=[None, HUGE]), "and the file holds|has shape"),
    "a table of 10¹² rows": (put("Embedding", input_dim=10**12, output_dim=64), "and the file holds"),
    "a normalization of 10¹² axes": (put("Normalization", axis=[10**12]), EITHER),
    "rows of 10¹⁵ places": (put("CategoryEncoding", num_tokens=HUGE), EITHER),
    "a vocabulary of 10¹⁵ rows": (put("StringLookup", vocabulary=["a"], output_mode="one_hot", max_tokens=HUGE, pad_to_max_tokens=True), EITHER),
    "unknown tokens without end": (put("IntegerLookup", vocabulary=[1], num_oov_indices=MANY), EITHER),
    "weights of unknown tokens without end": (put("IntegerLookup", vocabulary=[1], idf_weights=[1.0], output_mode="tf_idf", num_oov_indices=MANY), EITHER),
    "weights of tokens that are padding": (put("IntegerLookup", vocabulary=[1], idf_weights=[1.0], output_mode="tf_idf", max_tokens=MANY, pad_to_max_tokens=True), EITHER),
    "a repetition of 10¹²": (put("RepeatVector", n=10**12), EITHER),
    "a shape of 10¹⁵": (put("Reshape", target_shape=[HUGE, -1]), EITHER),
    "padding of 10¹⁵": (put("ZeroPadding1D", padding=HUGE), EITHER),
    "a picture of 10¹⁵ pixels": (put("UpSampling2D", size=10**7, interpolation="bilinear"), EITHER),
    "thresholds without end": (at("compile_config", "metrics", to=[{"class_name": "AUC", "config": {"num_thresholds": 10**9}}]), "and the file holds"),
    "classes without end": (at("compile_config", "metrics", to=[{"class_name": "MeanIoU", "config": {"num_classes": 10**9}}]), "and the file holds"),
    "an array of long strings": (at("Multiply", "inbound_nodes", 0, "args", 1, to={"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "U999999999"}}), "array of dtype U999999999"),
    "a dtype that is Python": (at("InputLayer", "config", "dtype", to="(2,)f4"), "is not a dtype"),
    "a dtype that is a number": (at("InputLayer", "config", "dtype", to="0"), "is not a dtype"),
    "an array of objects": (at("Multiply", "inbound_nodes", 0, "args", 1, to={"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}}), "array of dtype object"),
    # Things that are not what they should be.
    "no layers": (at("config", "layers", to=[]), EITHER),
    "layers that need each other": (at("Dense", "inbound_nodes", 0, "args", 0, "config", "keras_history", 0, to="dropout"), "need each other"),
    "a config that is a list": (at("Dense", "config", to=[]), "needs 'config' of type dict"),
    "a number as name": (at("Dense", "config", "name", to=7), EITHER),
    "a list as class": (at("Dense", "class_name", to=["Dense"]), "needs 'class_name' of type str"),
    "a layer as the model": (lambda v: (layer(v, "Dense"), v.update(class_name="Dense", module="keras.layers", config={"units": 3})), "this describes the layer"),
    "slots for a weight twice": (lambda v: v["denselite"]["updates"].extend(v["denselite"]["updates"]), EITHER),
    "a step beyond 64 bits": (lambda v: v["denselite"]["training"].update(steps=10**30), "training.steps: input should be less than"),
    "half a step": (lambda v: v["denselite"]["training"].update(steps=0.5), "training.steps"),
    "a stream that is no pair": (lambda v: v["denselite"]["training"].update(streams={"layers/dropout/seeds/0": [1]}), "streams"),
    "an unknown key": (lambda v: v.update(payload="x"), "payload: extra inputs are not permitted"),
    "an optimizer that keeps more": (at("compile_config", "optimizer", "config", "amsgrad", to=True), "does not fit it"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DESCRIPTIONS)
def test_description_made_to_do_harm_is_refused(kind: str, good: Members) -> None:
    edit, message = DESCRIPTIONS[kind]
    write("m.npz", edited(good, edit))
    if message == EITHER:
        with suppress(FormatError):
            load("m.npz")
    else:
        refused(message)
    assert "antigravity" not in sys.modules


def raw(text: bytes, good: Members) -> None:
    write("m.npz", changed(good, "model.json", text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[" * 1_000_000, "more than 200 lists and objects in one another"),
        (b"[" + b"[]," * 300_000 + b"[]]", "more than 30000 lists and objects"),
        pytest.param(b"[" + b"1.5," * 1_100_000 + b"1]", "or 1000000 entries", marks=pytest.mark.slow),
        (b" " * (33 << 20), "at most 33554432 are read"),
        (b'{"a": ' + b"9" * 100_000 + b"}", "an integer has 100000 digits"),
        (b'{"a": 1e999}', "1e999"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"config": {}, "config": {}}', "a key is there twice"),
        (b'"\xed\xa0\x80"', "is not UTF-8"),
        (b"null", "does not say that it is a denselite file"),
        (b"[]", "does not say that it is a denselite file"),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else "",
)
def test_text_made_to_do_harm_is_refused(text: bytes, message: str, good: Members) -> None:
    raw(text, good)
    refused(message)


def test_long_chain_of_tiny_layers_is_refused(good: Members) -> None:
    start = {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [None, 2]}}
    specs = [{"module": "keras.layers", "class_name": "Identity", "config": {"name": str(k)}} for k in range(16_000)]
    state = {"steps": 0, "epochs": 0, "seed": None, "streams": {}}
    value = json.loads(dict(good)["model.json"])
    value.update(module="keras", class_name="Sequential", config={"layers": [start, *specs]}, compile_config={})
    value.pop("build_config", None)
    value["denselite"].update(members={}, updates=[], training=state)
    write("m.npz", [("model.json", json.dumps(value).encode())])
    refused("more than 30000 lists and objects")


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_large_model_takes_at_most_three_times_its_file(optimizer: str) -> None:
    model = dl.Sequential([dl.Input((1000,)), dl.layers.Dense(1000), dl.layers.Dense(1000)])
    model.compile(optimizer, "mse")
    model.optimizer.build(model.trainable_weights)
    model.save("m.npz")
    load("m.npz", within=2_000_000)


def test_image_is_not_averaged_beyond_all_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Windows that reach into the padding have fewer entries, which are counted while the shapes are worked out.
    monkeypatch.chdir(tmp_path)
    dl.Sequential([dl.Input((4, 1)), dl.layers.AveragePooling1D(3, padding="same")]).save("m.npz")

    def enlarge(spec: Any) -> None:
        spec["config"]["layers"][0]["config"]["batch_shape"] = [None, 10**9, 1]

    write("m.npz", edited(members("m.npz"), enlarge))
    with pytest.raises(FormatError, match="more than a file may ask for"):
        load("m.npz")


def test_image_is_not_enlarged_beyond_all_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = dl.Sequential([dl.Input((3, 3, 1)), dl.layers.UpSampling2D(2, interpolation="bilinear")])
    model.save("m.npz")

    def enlarge(spec: Any) -> None:
        spec["config"]["layers"][-1]["config"]["size"] = 10**7

    write("m.npz", edited(members("m.npz"), enlarge))
    with pytest.raises(FormatError, match="more than a file may ask for"):
        load("m.npz")
