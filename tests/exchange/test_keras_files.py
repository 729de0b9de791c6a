"""`.keras` and `.weights.h5` without Keras: what goes round, what is refused, and before what."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import denselite as dl
from denselite.errors import ArgumentError, FormatError, MissingPackageError, StateError
from denselite.exchange.keras.hdf5 import read_hdf5
from denselite.exchange.keras.hdf5_writing import write_hdf5
from denselite.layers.vocabulary import Vocabulary
from denselite.models import load_model
from denselite.tensor.room import room
from tests.saving.hostile import Members, load, members, write
from tests.saving.mutations import flipped, mutated

pytest.importorskip("h5py", reason="Keras' files are written with h5py: pip install h5py")

X = np.arange(24, dtype="float32").reshape(6, 4) / 24
Y = X[:, :1]
WEIGHTS = "model.weights.h5"


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make(optimizer: Any = "adam") -> Any:
    x = dl.Input((4,), name="x")
    h = dl.layers.BatchNormalization()(dl.layers.Dense(3, "relu", name="h")(x))
    model = dl.Model(x, dl.layers.Dense(1, name="o")(h * 2.0), name="m")
    model.compile(optimizer, "mse", metrics=["mae"])
    return model


def trained(optimizer: Any = "adam") -> Any:
    model = make(optimizer)
    model.fit(X, Y, shuffle=False, verbose=0)
    return model


def losses(model: Any) -> Any:
    return model.fit(X, Y, epochs=3, batch_size=2, shuffle=False, verbose=0).history


def go_on_alike(model: Any, read: Any) -> None:
    """To rounding: Adam's means are held as sums, and Keras' files hold the means."""
    ours, theirs = losses(model), losses(read)
    for name in ours:
        assert theirs[name] == pytest.approx(ours[name], rel=1e-5)


def test_model_and_its_training_go_round() -> None:
    dl.utils.set_random_seed(1)  # Adam enlarges what rounding leaves of a gradient near 0
    model = trained(dl.optimizers.Adam(dl.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5), use_ema=True))
    model.save("m.keras")
    read = load("m.keras")
    np.testing.assert_array_equal(model.predict(X, verbose=0), read.predict(X, verbose=0))
    go_on_alike(model, read)


def test_same_model_gives_the_same_file() -> None:
    model = trained()
    model.save("a.keras")
    model.save("b.keras")
    assert Path("a.keras").read_bytes() == Path("b.keras").read_bytes()


def test_model_that_was_never_trained_goes_round() -> None:
    model = make()
    model.save("m.keras")
    read = load("m.keras")
    assert losses(model) == losses(read)


def test_model_that_is_not_to_be_compiled_comes_without_optimizer() -> None:
    trained().save("m.keras")
    assert not load_model("m.keras", compile=False).compiled


@pytest.mark.parametrize("name", ["m.keras", "m.weights.h5"])
def test_weights_go_round_with_the_state_of_the_optimizer(name: str) -> None:
    dl.utils.set_random_seed(1)
    model, other = trained(), trained()
    model.save(name) if name == "m.keras" else model.save_weights(name)
    other.load_weights(name)
    go_on_alike(model, other)


def test_optimizer_of_another_kind_is_left_as_it_is_and_told() -> None:
    trained().save_weights("m.weights.h5")
    other = trained("sgd")
    with pytest.warns(UserWarning, match=r"holds 14 variables of an optimizer, which SGD.* with its 2 does not take"):
        other.load_weights("m.weights.h5")
    assert int(other.optimizer.iterations) == 1


def test_weights_that_do_not_fit_change_nothing_unless_they_are_to_be_skipped() -> None:
    trained().save_weights("m.weights.h5")
    other = dl.Sequential([dl.Input((4,)), dl.layers.Dense(3), dl.layers.Dense(2)])
    before = other.get_weights()
    with pytest.raises(FormatError, match=r"The model has no layers/batch_normalization/vars/0.*layers/dense_1/vars/0"):
        other.load_weights("m.weights.h5")
    for old, new in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    with pytest.warns(UserWarning, match="left as they are"):
        other.load_weights("m.weights.h5", skip_mismatch=True)
    assert not np.array_equal(before[0], other.get_weights()[0])


def test_checkpoints_are_written_in_keras_files() -> None:
    model = make()
    keep = [
        dl.callbacks.ModelCheckpoint("{epoch}.keras"),
        dl.callbacks.ModelCheckpoint("{epoch}.weights.h5", save_weights_only=True),
    ]
    model.fit(X, Y, epochs=2, verbose=0, callbacks=keep)
    assert sorted(os.listdir()) == ["1.keras", "1.weights.h5", "2.keras", "2.weights.h5"]
    np.testing.assert_array_equal(load_model("2.keras").predict(X, verbose=0), model.predict(X, verbose=0))


def test_custom_layer_comes_back_with_custom_objects() -> None:
    class Twice(dl.layers.Layer):
        def call(self, x: Any) -> Any:
            return x * 2.0

    model = dl.Sequential([dl.Input((4,)), Twice()])
    model.save("m.keras")
    with pytest.raises(FormatError, match=r"Pass it when loading: custom_objects=\{'Twice': Twice\}"):
        load_model("m.keras")
    assert type(load_model("m.keras", custom_objects={"Twice": Twice}).layers[0]) is Twice


def test_keras_is_told_not_to_scale_the_loss_where_it_would() -> None:
    model = dl.Sequential([dl.Input((4,)), dl.layers.Dense(1)])
    model.dtype_policy = dl.DTypePolicy("mixed_float16")
    model.compile("sgd", "mse")
    model.save("m.keras")
    assert json.loads(dict(members("m.keras"))["config.json"])["compile_config"]["auto_scale_loss"] is False


# Vocabularies.


def lookup(**options: Any) -> Any:
    layer = dl.layers.IntegerLookup(**options)
    layer.adapt(np.array([[5, 7], [5, 9]]))
    return dl.Sequential([dl.Input((2,), dtype="int64"), layer])


@pytest.mark.parametrize("options", [{}, {"mask_token": 0, "num_oov_indices": 2}, {"output_mode": "tf_idf"}])
def test_vocabulary_goes_round_as_lines(options: dict[str, Any]) -> None:
    model = lookup(**options)
    model.save("m.keras")
    specials = {0: "-1\n", 1: "0\n-1\n-1\n"}["mask_token" in options]
    text = dict(members("m.keras"))["assets/layers/integer_lookup/vocabulary.txt"]
    assert text.decode() == f"{specials}5\n9\n7"
    x = np.array([[5, 0], [9, 8]])
    np.testing.assert_array_equal(model.predict(x, verbose=0), load("m.keras").predict(x, verbose=0))


def test_lookup_that_has_no_vocabulary_yet_goes_round() -> None:
    dl.Sequential([dl.Input((2,), dtype="int64"), dl.layers.IntegerLookup()]).save("m.keras")
    assert load("m.keras").layers[0].get_vocabulary() == [-1]


# What is refused, before anything is written.


def with_asset() -> Any:
    class Notes(dl.layers.Layer):
        asset = {"note": 1}  # noqa: RUF012

        def call(self, x: Any) -> Any:
            return x

    return dl.Sequential([dl.Input((4,)), Notes(name="n")])


def frozen_later() -> Any:
    model = trained()
    model.get_layer("h").trainable = False
    return model


def long_trained() -> Any:
    model = trained()
    model.optimizer.variables[0].assign(2**31)
    return model


def shared_layer() -> Any:
    inner = dl.Sequential([dl.Input((4,)), dl.layers.Dense(4)])
    x = dl.Input((4,))
    return dl.Model(x, inner.layers[0](inner(x)))


def without_name() -> Any:
    model = make()
    model.compile("sgd", lambda y, p: (y - p) ** 2)
    return model


def with_truths() -> Any:
    class Gate(dl.layers.Layer):
        def build(self, shape: Any) -> None:
            self.open = self.add_weight((), "zeros", "bool", trainable=False, name="open")

        def call(self, x: Any) -> Any:
            return x

    return dl.Sequential([dl.Input((4,)), Gate(name="gate")])


def foreign_letters() -> Any:
    class Größe(dl.layers.Layer):
        def call(self, x: Any) -> Any:
            return x

    return dl.Sequential([dl.Input((4,)), Größe()])


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "data beside weights": (with_asset, ArgumentError, r"Notes 'n' keeps data beside its weights \(asset\)"),
    "slots of what is not trained": (
        frozen_later,
        ArgumentError,
        r"this has changed for h/kernel, h/bias\. compile\(\)",
    ),
    "too many steps": (long_trained, ArgumentError, "the optimizer has made 2147483648"),
    "a layer in two places": (shared_layer, StateError, "twice"),
    "a loss without a name": (without_name, ArgumentError, "lambda"),
    "truths": (with_truths, ArgumentError, "gate/open are true or false"),
    "other letters": (foreign_letters, ArgumentError, "ASCII names, got layers/größe"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_keras_files_have_no_place_for_is_refused_before_anything_is_written(name: str) -> None:
    make_it, error, message = REFUSED[name]
    model = make_it()
    with pytest.raises(error, match=message):
        model.save("m.keras")
    assert os.listdir() == []


def test_tokens_with_line_breaks_are_refused_before_anything_is_written() -> None:
    class Mine(dl.Model):
        def __init__(self) -> None:
            super().__init__()
            self.words = dl.layers.StringLookup(name="w")
            self.words.adapt(["a\u2028b", "c"])

        def call(self, x: Any) -> Any:
            return x * 1.0

    model = Mine()
    model(X)
    with pytest.raises(ArgumentError, match=r"StringLookup 'w' has the tokens \['a\\u2028b'\]"):
        model.save("m.keras")
    assert os.listdir() == []


def test_missing_h5py_is_told_before_anything_is_written_and_reading_needs_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = trained()
    model.save("m.keras")
    model.save_weights("m.weights.h5")
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    for save in (lambda: model.save("n.keras"), lambda: model.save_weights("n.weights.h5")):
        with pytest.raises(MissingPackageError, match=r"pip install 'denselite\[keras-files\]'"):
            save()
    assert sorted(os.listdir()) == ["m.keras", "m.weights.h5"]
    load("m.keras").load_weights("m.weights.h5")


def test_file_that_is_there_is_kept_if_wanted() -> None:
    for name in ("m.keras", "m.weights.h5"):
        Path(name).write_text("precious")
        with pytest.raises(ArgumentError, match=f"{name} exists already"):
            make().save(name, overwrite=False) if name == "m.keras" else make().save_weights(name, overwrite=False)


def test_missing_file_is_told() -> None:
    for name in ("m.keras", "m.weights.h5"):
        with pytest.raises(FormatError, match=f"There is no file {name}"):
            make().load_weights(name)
    with pytest.raises(FormatError, match=r"There is no file m\.keras"):
        load_model("m.keras")


# Hostile files. What an archive, a description and HDF5 can do has tests of its own.


@pytest.fixture
def good() -> Members:
    trained().save("good.keras")
    return members("good.keras")


def described(contents: Members, edit: Callable[[Any], Any]) -> Members:
    found = dict(contents)
    spec = json.loads(found["config.json"])
    edit(spec)
    return list({**found, "config.json": json.dumps(spec).encode()}.items())


def stored(contents: Members, edit: Callable[[dict[str, Any]], Any]) -> Members:
    found = dict(contents)
    arrays = dict(read_hdf5(found[WEIGHTS], "good"))
    edit(arrays)
    return list({**found, WEIGHTS: write_hdf5({}, arrays)}.items())


KERNEL = "layers/dense/vars/0"

HOSTILE: dict[str, tuple[Callable[[Members], Members], str]] = {
    "no description": (lambda m: m[:1] + m[2:], r"it lacks config\.json"),
    "no weights": (lambda m: m[:2], r"it lacks model\.weights\.h5"),
    "another member": (lambda m: [*m, ("../x", b"")], r"it holds \.\./x"),
    "an asset for nobody": (lambda m: [*m, ("assets/../../x", b"")], r"holds assets/\.\./\.\./x, and the model has no layer"),
    "a module to import": (
        lambda m: described(m, lambda s: s["config"]["layers"][1].update(module="os", class_name="system")),
        "of a class that is not denselite's own",
    ),
    "a function to call": (
        lambda m: described(m, lambda s: s["compile_config"].update(loss={"class_name": "function", "config": "eval"})),
        "eval",
    ),
    "a lambda": (
        lambda m: described(m, lambda s: s["config"]["layers"][1].update(class_name="Lambda", config={"function": {
            "class_name": "__lambda__", "config": {"code": "4wAAAA==", "defaults": None, "closure": None}}})),
        "nothing is run that a file holds",
    ),
    "a layer that is too large": (
        lambda m: described(m, lambda s: s["config"]["layers"][1]["config"].update(units=10**12)), "the file holds",
    ),
    "an optimizer within nothing": (
        lambda m: described(m, lambda s: s["compile_config"]["optimizer"].update(class_name="LossScaleOptimizer")),
        "needs 'inner_optimizer'",
    ),
    "a description that is a list": (lambda m: [*m[:1], ("config.json", b"[]"), *m[2:]], "JSON object"),
    "a weight too many": (lambda m: stored(m, lambda a: a.update({"layers/dense/vars/2": np.ones(3)})), "The model has no"),
    "a weight too few": (lambda m: stored(m, lambda a: a.pop(KERNEL)), f"The file has no {KERNEL}"),
    "a weight of another shape": (lambda m: stored(m, lambda a: a.update({KERNEL: np.ones((3, 4), "f4")})), f"{KERNEL} .* has shape"),
    "a weight of another type": (lambda m: stored(m, lambda a: a.update({KERNEL: np.ones((4, 3))})), f"{KERNEL} .* has shape"),
    "a slot too few": (lambda m: stored(m, lambda a: a.pop("optimizer/vars/5")), "does not fit it: optimizer/vars/5"),
    "a slot of another shape": (
        lambda m: stored(m, lambda a: a.update({"optimizer/vars/2": np.ones(1, "f4")})), "does not fit it: optimizer/vars/2",
    ),
    "NaN": (lambda m: stored(m, lambda a: a.update({KERNEL: np.full((4, 3), np.nan, "f4")})), f"NaN or infinite values in {KERNEL}"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_file_is_refused(good: Members, kind: str) -> None:
    bend, message = HOSTILE[kind]
    write("m.keras", bend(good))
    with pytest.raises(FormatError, match=message):
        load("m.keras")


def test_nan_is_loaded_if_wanted(good: Members) -> None:
    write("m.keras", stored(good, lambda a: a.update({KERNEL: np.full((4, 3), np.nan, "f4")})))
    assert np.isnan(load_model("m.keras", allow_nonfinite=True).get_weights()[0]).all()


VOCABULARIES = {
    "of another kind": (b"\xff", "is not UTF-8"),
    "no numbers": (b"-1\nx", "describes no model that can be made"),
    "long numbers": (b"-1\n" + b"9" * 30, "lines that are no integers"),
    "other breaks": (b"-1\r5\r6", "line breaks of other kinds"),
    "too many": (b"\n" * 1_000_000 + b"1", "more than 1000000 tokens"),
    "tokens twice": (b"-1\n5\n5", "holds each token once"),
}


@pytest.mark.parametrize("kind", VOCABULARIES)
def test_vocabulary_that_is_none_is_refused(kind: str) -> None:
    text, message = VOCABULARIES[kind]
    lookup().save("good.keras")
    write("m.keras", list({**dict(members("good.keras")), "assets/layers/integer_lookup/vocabulary.txt": text}.items()))
    with pytest.raises(FormatError, match=message):
        load("m.keras")


def test_unknown_tokens_without_end_take_no_memory() -> None:
    lookup().save("good.keras")
    write(
        "m.keras",
        described(
            members("good.keras"), lambda s: s["config"]["layers"][1]["config"].update(num_oov_indices=2 * 10**7)
        ),
    )
    assert load("m.keras").layers[0].get_vocabulary(include_special_tokens=False) == []


def test_long_token_does_not_take_its_length_for_all_the_others() -> None:
    tokens = ["a" * 20_000, *map(str, range(20_000))]  # 1.6 GB as an array
    with (
        pytest.raises(FormatError, match=r"A vocabulary of shape \(20001, 20000\) takes 3200160000 bytes"),
        room(10**7),
    ):
        Vocabulary(tokens, str)


# Files changed at random.


def settled(seed: int) -> None:
    trained().save("seed.keras")
    good = Path("seed.keras").read_bytes()
    Path("m.keras").write_bytes(mutated(good, Random(seed), flipped, [good]))
    with suppress(FormatError):  # and no other
        load("m.keras")


HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=25, suppress_health_check=HEALTH)
@given(st.integers(0, 2**63))
def test_changed_file_is_a_model_or_a_format_error(seed: int) -> None:
    settled(seed)


@pytest.mark.slow
@settings(max_examples=int(os.environ.get("DENSELITE_FUZZ", "3000")), suppress_health_check=HEALTH)
@given(st.integers(0, 2**63))
def test_changed_file_is_a_model_or_a_format_error_for_long(seed: int) -> None:
    settled(seed)
