"""The probe in a model's file: what it is of, where there is none, and that saving is not disturbed by it."""

from __future__ import annotations

import json
import sys
import zipfile
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import layers
from denselite.errors import FormatError
from denselite.saving.probe import difference, make_probe, probe_rows
from tests.saving.hostile import edited, members, write


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def chain(*stack: Any, **arguments: Any) -> Any:
    return dl.Sequential(stack, name="m", **arguments)


def small() -> Any:
    return chain(dl.Input((4,)), layers.Dense(3, "tanh"), layers.Dropout(0.5), layers.Dense(2))


def contents(path: str) -> Any:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("model.json"))["denselite"]


def found(path: str) -> float:
    """How far a loaded model is off its probe."""
    with np.load(path) as arrays:
        kept = {key: arrays[key] for key in arrays if key != "model.json"}
    return difference(dl.models.load_model(path), contents(path)["probe"], kept, path)


def test_probe_is_what_predict_returns_for_rows_by_the_rule_in_the_docs() -> None:
    model = small()
    model.save("m.npz")
    assert contents("m.npz")["probe"] == [{"shape": [2, 4], "dtype": "float32", "below": None}]
    by_rule = [2 * (k * 0.6180339887498949 - floor(k * 0.6180339887498949)) - 1 for k in range(1, 9)]
    expected = model.predict(np.array(by_rule, "float32").reshape(2, 4), verbose=0)
    with np.load("m.npz") as arrays:
        np.testing.assert_allclose(arrays["probe/0"], expected.ravel(), rtol=1e-6)  # another batch, other products
    assert found("m.npz") == 0.0


def test_rows_go_on_from_one_input_to_the_next() -> None:
    rows = probe_rows(
        [{"shape": [2, 2], "dtype": "float64", "below": None}, {"shape": [2, 1], "dtype": "int32", "below": 100}]
    )
    golden = 0.6180339887498949
    assert rows[0].ravel().tolist() == [2 * (k * golden % 1) - 1 for k in (1, 2, 3, 4)]
    assert rows[1].ravel().tolist() == [floor(5 * golden % 1 * 100), floor(6 * golden % 1 * 100)] == [9, 70]


def several() -> Any:
    a, b = dl.Input((3,), name="a"), dl.Input((2,), dtype="int32", name="b")
    table = layers.Flatten()(layers.Embedding(5, 2)(b))
    both = layers.Concatenate()([a, table])
    return dl.Model({"a": a, "b": b}, {"sum": layers.Dense(1)(both), "wide": layers.Dense(2000)(both)})


MODELS: dict[str, Any] = {
    "several inputs and outputs": several,
    "ids": lambda: chain(dl.Input((3,), dtype="int64"), layers.Embedding(4, 2), layers.Flatten(), layers.Dense(1)),
    "ids as floats": lambda: chain(dl.Input((3,)), layers.Embedding(4, 2)),
    "ids of a model within": lambda: chain(dl.Input((None,)), chain(layers.Embedding(4, 2)), layers.GlobalMaxPooling1D()),
    "categories": lambda: chain(dl.Input((3,), dtype="int64"), layers.CategoryEncoding(4)),
    "truths": lambda: chain(dl.Input((3,), dtype="bool"), layers.Dense(2)),
    "images": lambda: chain(dl.Input((8, None, 1)), layers.Conv2D(2, 3), layers.GlobalAveragePooling2D()),
    "half precision": lambda: chain(dl.Input((3,)), layers.Dense(2, dtype="mixed_float16")),
    "double precision": lambda: chain(dl.Input((3,), dtype="float64"), layers.Dense(2, dtype="float64")),
    "noise in training": lambda: chain(dl.Input((3,)), layers.GaussianNoise(1.0), layers.BatchNormalization()),
    "whole numbers out": lambda: chain(dl.Input((3,), dtype="int32"), layers.Discretization([1.0], dtype="int32")),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_loaded_model_returns_its_probe(name: str) -> None:
    model = MODELS[name]()
    model.save("m.npz")
    assert len(contents("m.npz")["probe"]) == len(model.inputs)
    assert found("m.npz") == 0.0
    other = MODELS[name]()
    other.load_weights("m.npz")
    assert all(map(np.array_equal, other.get_weights(), model.get_weights()))


def test_long_output_is_kept_in_part() -> None:
    several().save("m.npz")
    with np.load("m.npz") as arrays:
        assert (arrays["probe/0"].shape, arrays["probe/1"].shape) == ((2,), (1024,))


# Saving is not disturbed.


def hooked() -> Any:
    model = small()
    model.layers[0].register_forward_hook(pytest.fail)
    return model


class Own(layers.Layer):
    def call(self, inputs: Any) -> Any:
        if not hasattr(inputs, "op"):
            pytest.fail("a layer was run on numbers")
        return inputs


class OwnModel(dl.Model):
    def call(self, inputs: Any) -> Any:
        return inputs


def nan() -> Any:
    model = small()
    model.layers[0].bias.assign([np.nan, 0, 0])
    return model


NONE: dict[str, Any] = {
    "hooks": hooked,
    "layers of one's own": lambda: chain(dl.Input((3,)), Own()),
    "a function of one's own": lambda: chain(dl.Input((3,)), layers.Lambda(np.negative)),
    "a model of one's own": OwnModel,
    "no weights yet": lambda: chain(layers.Dense(2)),
    "NaN": nan,
    "sizes for which it is too small": lambda: chain(dl.Input((None, None, 1)), layers.Conv2D(2, 9)),
    "infinite outputs": lambda: chain(dl.Input((3,)), layers.Rescaling(1e38), layers.Rescaling(1e38)),
    "much to compute": lambda: chain(dl.Input((300, 300, 3)), layers.Conv2D(16, 5), layers.GlobalMaxPooling2D()),
    "much to take in": lambda: chain(dl.Input((10**7, 1)), layers.GlobalMaxPooling1D()),
    "much to hold": lambda: chain(dl.Input((3,)), layers.RepeatVector(10**7)),
}  # fmt: skip


@pytest.mark.parametrize("name", NONE)
def test_model_has_no_probe(name: str) -> None:
    assert make_probe(NONE[name](), 10**6) == ([], {})


def test_nan_weights_are_saved_and_come_back_when_asked_for() -> None:
    nan().save("m.npz")
    assert "probe" not in contents("m.npz")
    assert np.isnan(dl.models.load_model("m.npz", allow_nonfinite=True).layers[0].bias.numpy()[0])


def test_saving_leaves_seeds_losses_weights_and_programs_as_they_were() -> None:
    def trained(save: bool) -> Any:
        dl.utils.set_random_seed(1)
        regular = layers.Dense(3, "tanh", activity_regularizer="l2")
        model = chain(dl.Input((4,)), regular, layers.Dropout(0.5), layers.BatchNormalization(), layers.Dense(1))
        model.compile("adam", "mse")
        x = np.linspace(-1, 1, 48, dtype="float32").reshape(12, 4)
        model(x)
        losses = [float(loss) for loss in model.losses]
        for _ in range(2):
            if save:
                model.save("m.npz")
                assert [float(loss) for loss in model.losses] == losses
            model.fit(x, x[:, :1], epochs=2, batch_size=5, verbose=0)
            losses = [float(loss) for loss in model.losses]
        return model.get_weights()

    assert all(map(np.array_equal, trained(True), trained(False)))


# Reading.


def changed(edit: Any) -> None:
    small().save("m.npz")
    write("m.npz", edited(members("m.npz"), edit))


def test_change_of_a_weight_is_noticed() -> None:
    small().save("m.npz")
    contents_before = members("m.npz")
    change = [
        (name, data[:-4] + np.float32(3.0).tobytes() if name == "layers/dense_1/vars/0.npy" else data)
        for name, data in contents_before
    ]
    write("m.npz", change)
    with pytest.raises(
        FormatError, match=r"m.npz, output 0: the model returns other numbers .* by up to .* is rounding"
    ):
        found("m.npz")


@pytest.mark.parametrize(
    "edit",
    [
        lambda v: v["denselite"]["probe"].clear(),
        lambda v: v["denselite"]["probe"].append(v["denselite"]["probe"][0]),
        lambda v: v["denselite"]["probe"][0].update(shape=[2, 5]),
        lambda v: v["denselite"]["probe"][0].update(shape=[4]),
        lambda v: v["denselite"]["probe"][0].update(shape=[10**12, 4]),
        lambda v: v["denselite"]["probe"][0].update(dtype="float64"),
    ],
    ids=["none", "two", "columns", "axes", "rows", "dtype"],
)
def test_probe_of_another_model_is_refused(edit: Any) -> None:
    changed(edit)
    dl.models.load_model("m.npz")  # nothing that is loaded depends on it
    with pytest.raises(FormatError, match=r"m.npz has a probe that is none for its model"):
        found("m.npz")


def test_probe_of_another_number_of_rows_is_refused() -> None:
    changed(lambda v: v["denselite"]["probe"][0].update(shape=[1, 4]))
    with pytest.raises(FormatError, match=r"m.npz: the model returns outputs of other shapes than when it was saved"):
        found("m.npz")


def test_probe_that_the_model_cannot_compute_is_refused() -> None:
    MODELS["ids"]().save("m.npz")
    write("m.npz", edited(members("m.npz"), lambda v: v["denselite"]["probe"][0].update(below=100)))
    with pytest.raises(FormatError, match=r"m.npz: the model cannot be computed: DataError: Embedding .* has rows for"):
        found("m.npz")


def test_bound_that_no_number_reaches_is_refused() -> None:
    MODELS["ids"]().save("m.npz")
    write("m.npz", edited(members("m.npz"), lambda v: v["denselite"]["probe"][0].update(below=2**63 - 1)))
    with pytest.raises(FormatError, match=r"m.npz: the model cannot be computed"):
        found("m.npz")


def test_model_that_is_made_large_is_not_computed() -> None:
    chain(dl.Input((3,)), layers.RepeatVector(2)).save("m.npz")
    repeat = lambda v: v["config"]["layers"][1]["config"].update(n=10**12)  # noqa: E731
    write("m.npz", edited(members("m.npz"), repeat))
    with pytest.raises(FormatError, match=r"m.npz has a probe that is none for its model"):
        found("m.npz")


def test_array_of_a_probe_without_one_is_refused() -> None:
    changed(lambda v: v["denselite"].pop("probe"))
    with pytest.raises(FormatError, match="The model has no probe/0"):
        dl.models.load_model("m.npz")


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        [{"shape": [2, 4]}],
        [{"shape": [2, 4], "dtype": "O", "below": None}],
        [{"shape": [-1], "dtype": "int8", "below": 1}],
    ],
)
def test_probe_that_is_none_is_refused(told: Any) -> None:
    changed(lambda v: v["denselite"].update(probe=told))
    with pytest.raises(FormatError, match=r"m.npz is damaged. probe"):
        dl.models.load_model("m.npz")


def test_probe_takes_saving_few_calls() -> None:
    model = small()
    make_probe(model, 10**6)
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        make_probe(model, 10**6)
    finally:
        sys.setprofile(None)
    assert calls < 2500  # of three layers; saving itself makes some 15,000
