"""Models and weights in files: what comes back, what is refused, and what a failure leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite.errors import ArgumentError, FormatError, StateError
from denselite.models import load_model, model_from_json
from denselite.tensor import keys

RNG = np.random.default_rng(3)
X = RNG.normal(size=(64, 4)).astype("float32")
Y = (X[:, :1] - X[:, 1:2]).astype("float32")


def make(optimizer: Any = "adam", **arguments: Any) -> Any:
    model = dl.Sequential(
        [
            dl.Input((4,)),
            dl.layers.Dense(8, "relu", kernel_regularizer=dl.regularizers.L2(0.01)),
            dl.layers.Dropout(0.3),
            dl.layers.Dense(1, kernel_initializer=dl.initializers.HeNormal(seed=5)),
        ],
        name="m",
    )
    model.compile(optimizer, "mse", **{"metrics": ["mae"], **arguments})
    return model


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def same_arrays(a: list[Any], b: list[Any]) -> bool:
    return len(a) == len(b) and all(np.array_equal(left, right) for left, right in zip(a, b, strict=True))


def rewrite(path: str, change: Any) -> None:
    """Write an archive anew, its members as ``change(name, bytes)`` gives them; None leaves one out."""
    with zipfile.ZipFile(path) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members:
            changed = change(name, data)
            if changed is not None:
                archive.writestr(name, changed)


def edit_json(path: str, edit: Any, member: str = "model.json") -> None:
    def change(name: str, data: bytes) -> bytes:
        if name != member:
            return data
        value = json.loads(data)
        edit(value)
        return json.dumps(value).encode()

    rewrite(path, change)


# What comes back.


@pytest.mark.parametrize("given", ["m.npz", "m.json"])
@pytest.mark.parametrize("read", ["m.npz", "m.json"])
def test_model_comes_back_by_either_name(given: str, read: str) -> None:
    model = make()
    model.fit(X, Y, epochs=2, verbose=0)
    model.save(given)
    assert sorted(os.listdir()) == ["m.json", "m.npz"]
    loaded = load_model(read)
    assert type(loaded) is dl.Sequential
    assert loaded.name == "m"
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in model.layers]
    assert same_arrays(loaded.get_weights(), model.get_weights())
    assert np.array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))
    assert loaded.to_json() == model.to_json()


@pytest.mark.parametrize(
    "optimizer",
    [
        dl.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        dl.optimizers.RMSprop(centered=True, momentum=0.5),
        dl.optimizers.Adam(amsgrad=True, clipnorm=1.0),
        dl.optimizers.AdamW(dl.optimizers.schedules.ExponentialDecay(0.01, 5, 0.9)),
    ],
    ids=lambda optimizer: type(optimizer).__name__,
)
def test_training_goes_on_bit_for_bit_after_loading(optimizer: Any) -> None:
    described = dl.optimizers.serialize(optimizer)
    dl.utils.set_random_seed(11)
    straight = make(dl.optimizers.deserialize(described))
    straight_logs = straight.fit(X, Y, epochs=5, batch_size=24, verbose=0).history

    dl.utils.set_random_seed(11)
    first = make(dl.optimizers.deserialize(described))
    first.fit(X, Y, epochs=3, batch_size=24, verbose=0)
    first.save("m.npz")
    dl.utils.set_random_seed(99)  # nothing may follow from the present state of the library's seeds
    second = load_model("m.npz")
    logs = second.fit(X, Y, epochs=5, initial_epoch=3, batch_size=24, verbose=0).history

    assert logs == {name: values[3:] for name, values in straight_logs.items()}
    assert same_arrays(second.get_weights(), straight.get_weights())
    assert same_arrays(
        [v.numpy() for v in second.optimizer.variables], [v.numpy() for v in straight.optimizer.variables]
    )


def test_a_model_that_was_never_trained_goes_on_from_the_seeds_of_the_present() -> None:
    make().save("m.npz")
    state = json.loads(Path("m.json").read_text())["denselite"]["training"]
    assert (state["steps"], state["epochs"], state["seed"]) == (0, 0, None)
    load_model("m.npz").fit(X, Y, verbose=0)


def test_saving_and_loading_draw_no_seed_for_the_saved_model() -> None:
    model = make()
    given = keys._sequence.given
    model.save("m.npz")
    model.load_weights("m.npz")
    assert keys._sequence.given == given


def test_optimizer_state_of_a_weight_frozen_since_comes_back() -> None:
    model = make()
    model.fit(X, Y, verbose=0)
    model.layers[0].trainable = False
    model.save("m.npz")
    loaded = load_model("m.npz")
    assert [layer.trainable for layer in loaded.layers] == [False, True, True]
    assert same_arrays([v.numpy() for v in loaded.optimizer.variables], [v.numpy() for v in model.optimizer.variables])


def test_compile_false_leaves_the_model_uncompiled() -> None:
    model = make()
    model.save("m.npz")
    loaded = load_model("m.npz", compile=False)
    assert not loaded.compiled
    assert same_arrays(loaded.get_weights(), model.get_weights())


def test_model_that_is_not_compiled_is_saved_without_compile_arguments() -> None:
    dl.Sequential([dl.Input((2,)), dl.layers.Dense(1)]).save("m.npz")
    assert json.loads(Path("m.json").read_text())["compile_config"] == {}
    assert not load_model("m.npz").compiled


def test_unbuilt_model_is_saved_as_its_layers() -> None:
    dl.Sequential([dl.layers.Dense(1)], name="later").save("m.npz")
    loaded = load_model("m.npz")
    assert not loaded.built
    assert [layer.units for layer in loaded.layers] == [1]


def functional() -> Any:
    a, b = dl.Input((4,), name="a"), dl.Input((4,), name="b")
    shared = dl.layers.Dense(3, name="shared")
    inner = dl.Sequential([dl.Input((3,)), dl.layers.Dense(3, "tanh")], name="inner")
    total = inner(shared(a)) + shared(b) * 2.0
    return dl.Model({"a": a, "b": b}, {"sum": total, "part": dl.layers.Dense(1, name="part")(total[:, :2])}, name="f")


def test_functional_model_with_several_inputs_and_outputs_comes_back() -> None:
    model = functional()
    model.compile(
        "sgd", {"sum": "mse", "part": "mae"}, loss_weights={"sum": 0.5, "part": 2.0}, metrics={"part": ["mse"]}
    )
    x = {"a": X, "b": X[::-1].copy()}
    y = {"sum": X[:, :3], "part": Y}
    model.fit(x, y, epochs=2, verbose=0)
    model.save("f.npz")
    loaded = load_model("f.npz")
    logs = [m.fit(x, y, epochs=4, initial_epoch=2, verbose=0).history for m in (model, loaded)]
    assert logs[0] == logs[1]
    assert same_arrays(loaded.get_weights(), model.get_weights())


def test_names_do_not_matter_for_loading_weights() -> None:
    model = make()
    model.save_weights("m.weights.npz")
    again = make()
    again.name = "other"
    assert [v.path for v in again.weights] != [v.path for v in model.weights]
    again.load_weights("m.weights.npz")
    assert same_arrays(again.get_weights(), model.get_weights())


def test_weights_are_read_from_a_whole_model_too() -> None:
    model, other = make(), make()
    model.save("m.npz")
    for name in ("m.npz", "m.json"):
        other.set_weights([np.zeros_like(w) for w in other.get_weights()])
        other.load_weights(name)
        assert same_arrays(other.get_weights(), model.get_weights())


# The files themselves.


def test_members_are_what_the_specification_says() -> None:
    model = make("sgd")
    model.fit(X, Y, verbose=0)
    model.save("m.npz")
    with zipfile.ZipFile("m.npz") as archive:
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
        text = archive.read("model.json")
    beside = json.loads(Path("m.json").read_bytes())
    assert beside["denselite"].pop("sha256") == hashlib.sha256(Path("m.npz").read_bytes()).hexdigest()
    assert beside == json.loads(text)
    with np.load("m.npz", allow_pickle=False) as arrays:
        assert sorted(arrays) == [
            "layers/dense/vars/0",
            "layers/dense/vars/1",
            "layers/dense_1/vars/0",
            "layers/dense_1/vars/1",
            "model.json",
            "optimizer/vars/0",
            "optimizer/vars/1",
            "probe/0",
        ]
        assert np.array_equal(arrays["layers/dense_1/vars/0"], model.get_weights()[2])
        assert int(arrays["optimizer/vars/0"]) == 2
    contents = json.loads(text)["denselite"]
    name = model.weights[0].path
    assert contents["members"]["layers/dense/vars/0"] == {"shape": [4, 8], "dtype": "float32", "name": name}
    assert contents["updates"] == [f"layers/{layer}/vars/{k}" for layer in ("dense", "dense_1") for k in (0, 1)]


def test_the_same_model_gives_the_same_bytes() -> None:
    model = make()
    model.save("a.npz")
    model.save("b.npz")
    assert Path("a.npz").read_bytes() == Path("b.npz").read_bytes()


def test_json_beside_the_archive_is_read_as_a_model_of_new_weights() -> None:
    model = make()
    model.save("m.npz")
    loaded = model_from_json(Path("m.json").read_text())
    assert loaded.to_json() == model.to_json()


def test_path_objects_are_names_too(in_folder: Path) -> None:
    make().save(in_folder / "m.npz")
    load_model(in_folder / "m.json").load_weights(in_folder / "m.npz")


# What is refused.


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("m.h5", r"got 'm.h5'. Whole models in .h5 are of Keras 2."),
        ("m.pkl", r"ends in '.npz', '.json' or '.keras', got 'm.pkl'.$"),
        ("m", r"got 'm'.$"),
        ("m.weights.npz", r"means weights alone: use save_weights\(\) and load_weights\(\)"),
    ],
)
def test_other_endings_are_refused_for_models(path: str, message: str) -> None:
    model = make()
    with pytest.raises(ArgumentError, match=message):
        model.save(path)
    with pytest.raises(ArgumentError, match=message):
        load_model(path)
    assert os.listdir() == []


@pytest.mark.parametrize("path", ["m.npz", "m.keras", "m.weights"])
def test_other_endings_are_refused_for_weights(path: str) -> None:
    with pytest.raises(ArgumentError, match=r"a file of weights ends in '.weights.npz' or '.weights.h5', got"):
        make().save_weights(path)
    assert os.listdir() == []


def test_other_endings_are_refused_when_weights_are_loaded() -> None:
    with pytest.raises(
        ArgumentError, match=r"'.weights.h5', or is that of a model's file in '.npz', '.json' or '.keras', got 'm.h5'"
    ):
        make().load_weights("m.h5")


@pytest.mark.parametrize("there", ["m.npz", "m.json"])
def test_overwrite_false_refuses_when_either_file_is_there(there: str) -> None:
    Path(there).write_text("precious")
    with pytest.raises(ArgumentError, match=f"{there} exists already. Pass overwrite=True"):
        make().save("m.npz", overwrite=False)
    assert Path(there).read_text() == "precious"
    assert os.listdir() == [there]


def test_overwrite_false_refuses_for_weights() -> None:
    make().save_weights("m.weights.npz", overwrite=False)
    with pytest.raises(ArgumentError, match=r"m.weights.npz exists already"):
        make().save_weights("m.weights.npz", overwrite=False)


def test_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(ArgumentError, match=r"Cannot write no/m.npz: there is no folder .*no. Make it first"):
        make().save("no/m.npz")


def test_missing_file_is_named() -> None:
    with pytest.raises(FormatError, match=r"There is no file m.npz."):
        load_model("m.json")
    Path("m.json").write_text("{}")
    with pytest.raises(FormatError, match=r"m.json is there and m.npz, which holds the weights, is not beside it"):
        load_model("m.json")


def test_unbuilt_model_has_no_weights_to_save_or_load() -> None:
    model = dl.Sequential([dl.layers.Dense(1)], name="later")
    with pytest.raises(StateError, match=r"save_weights\(\): Sequential 'later' is not built"):
        model.save_weights("m.weights.npz")
    make().save_weights("m.weights.npz")
    with pytest.raises(StateError, match=r"load_weights\(\): Sequential 'later' is not built"):
        model.load_weights("m.weights.npz")


def test_all_that_does_not_fit_is_listed_and_nothing_is_set() -> None:
    make().save_weights("m.weights.npz")
    layers = [dl.Input((4,)), dl.layers.Dense(9), dl.layers.Dense(1), dl.layers.Dense(1, use_bias=False)]
    model = dl.Sequential(layers, name="other")
    before = model.get_weights()
    with pytest.raises(FormatError) as caught:
        model.load_weights("m.weights.npz")
    message = str(caught.value)
    assert message.startswith("m.weights.npz does not fit Sequential 'other'. The file has no layers/dense_2/vars/0 (")
    assert "layers/dense/vars/0 (" in message
    assert "has shape (4, 9) and dtype float32, the file (4, 8) and float32" in message
    assert message.endswith("No weight was changed. load_weights(..., skip_mismatch=True) loads those that fit.")
    assert same_arrays(model.get_weights(), before)


def test_skip_mismatch_loads_what_fits_and_warns() -> None:
    source = make()
    source.save_weights("m.weights.npz")
    model = dl.Sequential([dl.Input((4,)), dl.layers.Dense(8), dl.layers.Dense(2)])
    kept = model.get_weights()[2:]
    with pytest.warns(UserWarning, match=r"layers/dense_1/vars/0 .* These weights were left as they are"):
        model.load_weights("m.weights.npz", skip_mismatch=True)
    assert same_arrays(model.get_weights()[:2], source.get_weights()[:2])
    assert same_arrays(model.get_weights()[2:], kept)


def test_weights_of_another_float_type_are_cast() -> None:
    model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1)])
    model.save_weights("m.weights.npz")
    wide = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1, dtype="float64")])
    wide.load_weights("m.weights.npz")
    assert [w.dtype for w in wide.get_weights()] == [np.float64, np.float64]
    assert same_arrays(wide.get_weights(), model.get_weights())


def test_layer_in_two_places_cannot_be_saved() -> None:
    x = dl.Input((4,))
    shared = dl.layers.Dense(4, name="s")
    inner = dl.Sequential([dl.Input((4,)), shared], name="inner")
    model = dl.Model(x, inner(shared(x)), name="outer")
    with pytest.raises(
        StateError,
        match=r"Dense 's' is in Functional 'outer' twice, as layers/dense and as layers/sequential/layers/dense",
    ):
        model.save("m.npz")
    assert os.listdir() == []


# Damage.


def test_every_difference_from_the_table_is_listed() -> None:
    make().save("m.npz")

    def change(name: str, data: bytes) -> bytes | None:
        return None if name == "layers/dense/vars/1.npy" else data

    rewrite("m.npz", change)
    with zipfile.ZipFile("m.npz", "a") as archive:
        archive.writestr("evil.npy", b"x")
    edit_json("m.npz", lambda value: value["denselite"]["members"]["layers/dense/vars/0"].update(shape=[8, 4]))
    with pytest.raises(FormatError) as caught:
        load_model("m.npz")
    assert str(caught.value) == (
        "m.npz does not hold what its model.json says. not in its table: evil.npy; missing: layers/dense/vars/1.npy; "
        "layers/dense/vars/0.npy has shape (4, 8) and dtype float32, expected (8, 4) and float32."
    )


def bend(edit: Any) -> Any:
    return lambda: edit_json("m.npz", lambda value: edit(value["denselite"]))


DAMAGE = {
    "no zip": (lambda: Path("m.npz").write_bytes(b"nothing"), r"m.npz is not an archive that can be read"),
    "cut off": (lambda: Path("m.npz").write_bytes(Path("m.npz").read_bytes()[:-30]), r"m.npz is not an archive"),
    "no json": (lambda: rewrite("m.npz", lambda n, d: None if n == "model.json" else d), r"m.npz holds no model.json"),
    "bad json": (
        lambda: rewrite("m.npz", lambda n, d: b"{" if n == "model.json" else d),
        r"m.npz: model.json is not valid JSON",
    ),
    "not text": (
        lambda: rewrite("m.npz", lambda n, d: b"\xff" if n == "model.json" else d),
        r"model.json is not UTF-8 text",
    ),
    "no array": (
        lambda: rewrite("m.npz", lambda n, d: b"x" if n == "optimizer/vars/0.npy" else d),
        r"optimizer/vars/0.npy cannot be read \(",
    ),
    "trailing bytes": (
        lambda: rewrite("m.npz", lambda n, d: d + b"x" if n == "optimizer/vars/0.npy" else d),
        r"optimizer/vars/0.npy has 137 bytes, expected 136",
    ),
    "newer": (
        bend(lambda c: c.update(version=3)),
        r"has version 3 of the format, this denselite reads up to version 2",
    ),
    "no version": (bend(lambda c: c.update(version=0)), r"version: input should be greater than or equal to 1"),
    "unit of a weight": (
        bend(lambda c: c["members"]["layers/dense/vars/0"].update(unit=0.5)),
        r"members.layers/dense/vars/0.unit: what is no variable of an optimizer has none",
    ),
    "unit of nothing": (
        bend(lambda c: c["members"]["optimizer/vars/2"].update(unit=0.0)),
        r"members.optimizer/vars/2.unit: input should be greater than 0",
    ),
    "foreign": (bend(lambda c: c.update(format="other")), r"does not say that it is a denselite file"),
    "unknown entry": (bend(lambda c: c.update(more=1)), r"m.npz is damaged. more: extra inputs are not permitted"),
    "negative steps": (bend(lambda c: c["training"].update(steps=-1)), r"training.steps: input should be greater than"),
    "bad dtype": (
        bend(lambda c: c["members"]["layers/dense/vars/0"].update(dtype="object")),
        r"members.layers/dense/vars/0.dtype: input should be",
    ),
    "unknown slots": (bend(lambda c: c.update(updates=["layers/x/vars/0"])), r"has slots for layers/x/vars/0"),
    "fewer slots": (bend(lambda c: c["updates"].pop()), r"the state of Adam\(.*\) does not fit it: optimizer/vars/"),
    "other streams": (
        bend(lambda c: c["training"].update(streams={})),
        r"differ in what draws at random: layers/dropout/seeds/0",
    ),
    "another model": (
        lambda: edit_json("m.npz", lambda v: v["config"]["layers"].pop()),
        r"m.npz does not fit Sequential 'm'. The model has no layers/dense_1/vars/0, layers/dense_1/vars/1",
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_file_is_a_format_error(kind: str) -> None:
    model = make()
    model.fit(X, Y, verbose=0)
    model.save("m.npz")
    damage, message = DAMAGE[kind]
    damage()
    with pytest.raises(FormatError, match=message):
        load_model("m.npz")


def test_changed_byte_is_found() -> None:
    model = make()
    model.save("m.npz")
    data = bytearray(Path("m.npz").read_bytes())
    place = data.find(model.get_weights()[0].tobytes())
    data[place] ^= 1
    Path("m.npz").write_bytes(data)
    with pytest.raises(FormatError, match=r"layers/dense/vars/0.npy cannot be read \(Bad CRC-32"):
        load_model("m.npz")


def test_packed_member_is_refused() -> None:
    make().save("m.npz")
    with zipfile.ZipFile("m.npz") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile("m.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(FormatError, match=r"m.npz holds members that are compressed or encrypted: model.json"):
        load_model("m.npz")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_member_that_is_there_twice_is_refused() -> None:
    make().save("m.npz")
    with zipfile.ZipFile("m.npz", "a") as archive:
        archive.writestr("layers/dense/vars/0.npy", b"x")
    with pytest.raises(FormatError, match=r"m.npz holds layers/dense/vars/0.npy more than once"):
        load_model("m.npz")


def test_plain_archive_of_arrays_is_refused() -> None:
    np.savez("a.weights.npz", a=np.zeros(2))
    with pytest.raises(FormatError, match=r"a.weights.npz holds no weights.json or model.json"):
        make().load_weights("a.weights.npz")


# Failures while writing.


@pytest.mark.parametrize("name", ["m.npz", "m.weights.npz"])
@pytest.mark.parametrize("broken", ["os.replace", "os.fsync"])
def test_failure_while_writing_leaves_the_old_file_and_no_other(
    name: str, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make()

    def save() -> None:
        model.save(name) if name == "m.npz" else model.save_weights(name)

    save()
    old = {file: Path(file).read_bytes() for file in os.listdir()}
    model.fit(X, Y, verbose=0)
    with monkeypatch.context() as patch:
        patch.setattr(broken, lambda *args: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            save()
    assert {file: Path(file).read_bytes() for file in os.listdir()} == old
    save()
    assert sorted(os.listdir()) == sorted(old)


def test_failure_between_the_two_files_leaves_the_new_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make()
    model.save("m.npz")
    model.fit(X, Y, verbose=0)
    replace = os.replace

    def fail_at_json(source: str, target: str) -> None:
        if target.endswith(".json"):
            raise OSError("gone")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail_at_json)
        with pytest.raises(OSError, match="gone"):
            model.save("m.npz")
    assert same_arrays(load_model("m.json").get_weights(), model.get_weights())
    assert sorted(os.listdir()) == ["m.json", "m.npz"]


def test_model_that_cannot_be_described_leaves_the_old_file() -> None:
    make().save("m.npz")
    old = Path("m.npz").read_bytes()
    model = make(metrics=[lambda y_true, y_pred: y_pred])
    with pytest.raises(ArgumentError, match=r"The lambda at .*test_model_files.py:\d+ has no name to be saved by"):
        model.save("m.npz")
    assert Path("m.npz").read_bytes() == old
    assert sorted(os.listdir()) == ["m.json", "m.npz"]


def test_infinity_in_a_config_cannot_be_written() -> None:
    model = dl.Sequential([dl.Input((2,)), dl.layers.Rescaling(float("inf"))], name="m")
    with pytest.raises(ArgumentError, match=r"The config of model 'm' cannot be written as JSON: Out of range"):
        model.save("m.npz")


def test_checkpoint_writes_files_that_load(in_folder: Path) -> None:
    model = make()
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[dl.callbacks.ModelCheckpoint("c-{epoch}.npz")])
    assert same_arrays(load_model("c-2.npz").get_weights(), model.get_weights())
