"""Slots held as sums: they are read, assigned and kept in files as the means that they stand for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite.optimizers import Adam, AdamW
from denselite.tensor.variable import Variable
from tests.saving.hostile import edited, members, write

GRADIENTS = [np.array([1.0, -2.0, 0.5]), np.array([0.25, 4.0, -1.0]), np.array([0.0, 1.0, 3.0])]


def textbook(count: int, rate: float = 0.125, beta_1: float = 0.9, beta_2: float = 0.999) -> tuple[Any, Any, Any]:
    """Weights, first and second moments by the formulas of the paper."""
    w, m, v = np.zeros(3), np.zeros(3), np.zeros(3)
    for t, g in enumerate(GRADIENTS[:count], start=1):
        m, v = m + (1 - beta_1) * (g - m), v + (1 - beta_2) * (g**2 - v)
        w = w - rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (np.sqrt(v) + 1e-7)
    return w, m, v


def after(count: int, dtype: str = "float64", **options: Any) -> tuple[Adam, Variable]:
    optimizer, w = Adam(0.125, **options), Variable(np.zeros(3, dtype), name="w")
    for g in GRADIENTS[:count]:
        optimizer.apply([g], [w])
    return optimizer, w


@pytest.mark.parametrize("count", [1, 3])
def test_variables_are_the_means_of_the_paper(count: int) -> None:
    optimizer, w = after(count)
    m, v = optimizer.variables[2:]
    for found, expected in zip((w, m, v), textbook(count), strict=True):
        for read in (found.numpy(), np.asarray(found), found.value, found[:], found * 1.0):
            np.testing.assert_allclose(read, expected, rtol=1e-12)


def test_largest_mean_square_is_read_as_such_too() -> None:
    optimizer, _ = after(3, amsgrad=True)
    m, v, largest = (slot.numpy() for slot in optimizer.variables[2:])
    np.testing.assert_allclose([m, v], textbook(3)[1:], rtol=1e-12)
    np.testing.assert_allclose(largest, np.max([textbook(k)[2] for k in (1, 2, 3)], axis=0), rtol=1e-12)


def test_means_that_are_assigned_are_gone_on_from() -> None:
    straight, w = after(3)
    optimizer, again = after(1)
    other, v = Adam(0.125), Variable(again.numpy())
    other.build([v])
    for mine, its in zip(other.variables, optimizer.variables, strict=True):
        mine.assign(its)
    for g in GRADIENTS[1:]:
        other.apply([g], [v])
    np.testing.assert_allclose(v.numpy(), w.numpy(), rtol=1e-12)
    np.testing.assert_allclose(other.variables[3].numpy(), straight.variables[3].numpy(), rtol=1e-12)


def test_means_stay_when_a_decay_is_changed() -> None:
    optimizer, w = after(2)
    m, v = textbook(2)[1:]
    optimizer.beta_1, optimizer.beta_2 = 0.5, 0.9
    optimizer.apply([GRADIENTS[2]], [w])
    expected = (m + 0.5 * (GRADIENTS[2] - m), v + 0.1 * (GRADIENTS[2] ** 2 - v))
    for slot, mean in zip(optimizer.variables[2:], expected, strict=True):
        np.testing.assert_allclose(slot.numpy(), mean, rtol=1e-12)


def test_step_that_was_planned_before_finds_the_means_when_a_decay_is_set_back() -> None:
    def trained(anew: bool) -> Any:
        model = dl.Sequential([dl.Input((3,)), dl.layers.Dense(1, kernel_initializer="ones")])
        model.compile(Adam(0.01), "mse")
        for beta in (0.9, 0.5, 0.9):
            model.optimizer.beta_1 = beta
            if anew:
                model.__dict__.pop("_t_steps", None)
            model.fit(X, Y, epochs=2, shuffle=False, verbose=0)
        return model.get_weights()[0]

    np.testing.assert_array_equal(trained(anew=False), trained(anew=True))


def test_float16_has_no_room_for_sums() -> None:
    optimizer, w = Adam(0.1), Variable(np.zeros(2, "float16"))
    for _ in range(3):
        optimizer.apply([np.array([100.0, -100.0])], [w])
    assert np.isfinite(w.numpy()).all()
    assert w.numpy()[0] < 0
    np.testing.assert_array_equal(optimizer.variables[3].numpy(), optimizer.variables[3].storage)


def test_rule_of_a_subclass_gets_the_means() -> None:
    class Plain(Adam):
        def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Any:
            return {"w": w - slots["momentum"], "momentum": slots["momentum"]}

    optimizer, w = Plain(0.1), Variable(np.zeros(3))
    optimizer.build([w])
    optimizer.variables[2].assign([1.0, 2.0, 3.0])
    optimizer.apply([np.ones(3)], [w])
    np.testing.assert_array_equal(w.numpy(), [-1.0, -2.0, -3.0])


def test_update_of_values_leaves_the_state_to_the_bit() -> None:
    optimizer, w = after(2, "float32")
    before = [v.storage.copy() for v in optimizer.variables]
    optimizer.stateless_apply([v.numpy() for v in optimizer.variables], [GRADIENTS[2]], [w.numpy()])
    for v, stored in zip(optimizer.variables, before, strict=True):
        np.testing.assert_array_equal(v.storage, stored)


# Files.

X = np.random.default_rng(2).normal(size=(12, 3)).astype("float32")
Y = X[:, :1]


def trained() -> Any:
    model = dl.Sequential([dl.Input((3,)), dl.layers.Dense(2), dl.layers.Dense(1)])
    model.compile(AdamW(0.01), "mse")
    model.fit(X, Y, epochs=3, verbose=0)
    return model


def test_training_goes_on_from_a_file_to_the_bit(tmp_path: Path) -> None:
    model = trained()
    model.save(tmp_path / "m.npz")
    read = dl.models.load_model(tmp_path / "m.npz")
    logs = [m.fit(X, Y, epochs=3, verbose=0).history for m in (model, read)]
    assert logs[0] == logs[1]
    for ours, its in zip(model.optimizer.variables, read.optimizer.variables, strict=True):
        np.testing.assert_array_equal(ours.storage, its.storage)


def test_file_says_the_units_and_is_read_in_others(tmp_path: Path) -> None:
    model = trained()
    model.save(tmp_path / "m.npz")
    contents = members(str(tmp_path / "m.npz"))
    entries = json.loads(dict(contents)["model.json"])["denselite"]["members"]
    units = {key: entry["unit"] for key, entry in entries.items() if "unit" in entry}
    assert units["optimizer/vars/2"] == pytest.approx(0.1)
    assert units["optimizer/vars/3"] == pytest.approx(0.001)
    assert len(units) == 8

    def without(value: Any) -> None:
        value["denselite"]["version"] = 1
        for entry in value["denselite"]["members"].values():
            entry.pop("unit", None)

    def halved(value: Any) -> None:
        value["denselite"]["members"]["optimizer/vars/2"]["unit"] /= 2

    for edit, factor in ((without, 10.0), (halved, 0.5)):
        write(str(tmp_path / "n.npz"), edited(contents, edit))
        read = dl.models.load_model(tmp_path / "n.npz")
        expected = factor * model.optimizer.variables[2].numpy()
        np.testing.assert_allclose(read.optimizer.variables[2].numpy(), expected, rtol=1e-6)


def test_keras_files_hold_the_means(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="Keras' files are written with h5py: pip install h5py")
    model = trained()
    model.save_weights(tmp_path / "m.weights.h5")
    with h5py.File(tmp_path / "m.weights.h5") as file:
        np.testing.assert_array_equal(file["optimizer/vars/3"][()], model.optimizer.variables[3].numpy())
    read = trained()
    read.load_weights(tmp_path / "m.weights.h5")
    for ours, its in zip(model.optimizer.variables, read.optimizer.variables, strict=True):
        np.testing.assert_allclose(ours.numpy(), its.numpy(), rtol=1e-6)
