"""Good files with something changed at random: a valid model or a FormatError, in little memory."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import denselite as dl
from denselite.errors import FormatError
from tests.saving.fuzz_by_hand import Reader, few, few_of_keras, written
from tests.saving.hostile import Members, alone, frugal, load, members, zipped
from tests.saving.mutations import flipped, mutated

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from([2**31, 2**63, 10**15, -1, 0.5, 1e300]),
    st.sampled_from(["", "os.system", "Dense", "relu", "float64", "é", "../x", "keras.layers", "__numpy__", "function"]),
    st.sampled_from([[], {}, [[]], [None], {"class_name": "Dense"}, {"class_name": "function", "config": "eval"}]),
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@cache
def good() -> tuple[Members, bytes]:
    x = dl.Input((4,), name="x")
    h = dl.layers.BatchNormalization()(dl.layers.Dense(3, "relu", kernel_regularizer="l2")(x))
    model = dl.Model(x, dl.layers.Dense(1)(dl.layers.Dropout(0.5)(h) * 2.0), name="m")
    model.compile(dl.optimizers.SGD(momentum=0.9), "mse", metrics=["mae", dl.metrics.AUC(num_thresholds=5)])
    model.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)
    model.save("good.npz")
    return members("good.npz"), Path("good.npz").read_bytes()


def settled(data: bytes) -> None:
    Path("m.npz").write_bytes(data)
    try:
        model = load("m.npz")
    except FormatError:  # and no other
        return
    with suppress(dl.errors.DenseliteError):  # a model, but perhaps not for this input
        model.predict(np.ones((2, 4)), verbose=0)


@st.composite
def bent_text(draw: Callable[[Any], Any]) -> bytes:
    """A file of which a value in the JSON is another, is missing, or is there twice."""
    contents = dict(good()[0])
    value = json.loads(contents["model.json"])
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        parent = waiting.pop()
        for key in list(parent) if isinstance(parent, dict) else range(len(parent)):
            places.append((parent, key))
            if isinstance(parent[key], dict | list):
                waiting.append(parent[key])
    for _ in range(draw(st.integers(1, 2))):
        parent, key = places[draw(st.integers(0, len(places) - 1))]
        what = draw(st.sampled_from(["set", "set", "drop", "copy"]))
        if what == "set":
            parent[key] = draw(ODD)
        elif isinstance(parent, dict):
            if what == "drop":
                parent.pop(key, None)
            else:
                parent[f"{key}2"] = parent.get(key)
    return zipped(list({**contents, "model.json": json.dumps(value).encode()}.items()))


@st.composite
def bent_bytes(draw: Callable[[Any], Any]) -> bytes:
    """A file of which some bytes are others, missing, or more."""
    data = bytearray(good()[1])
    for _ in range(draw(st.integers(1, 3))):
        at, size = draw(st.integers(0, len(data) - 1)), draw(st.integers(1, 8))
        data[at : at + draw(st.sampled_from([0, size]))] = draw(st.binary(max_size=size))
    return bytes(data)


HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=25, suppress_health_check=HEALTH)
@given(st.one_of(bent_text(), bent_bytes()))
def test_changed_file_is_a_model_or_a_format_error(data: bytes) -> None:
    settled(data)


@pytest.mark.parametrize("kind", ["model.npz", "alone.weights.npz", "backup.npz", "model.keras", "alone.weights.h5"])
def test_file_changed_as_the_search_by_hand_does_is_read_or_a_format_error(kind: str) -> None:
    if kind.endswith(("keras", "h5")):
        pytest.importorskip("h5py", reason="Keras' files are written with h5py: pip install h5py")
        few_of_keras(Path())
    else:
        few(Path())
    good, reader = Path(kind).read_bytes(), Reader()
    for seed in range(30):
        path = written(Path(), mutated(good, Random(seed), flipped, [good]))
        with frugal(str(path)), alone(str(path)):
            reader.read(path)


@pytest.mark.slow
@settings(max_examples=int(os.environ.get("DENSELITE_FUZZ", "3000")), suppress_health_check=HEALTH)
@given(st.one_of(bent_text(), bent_text(), bent_bytes()))
def test_changed_file_is_a_model_or_a_format_error_for_long(data: bytes) -> None:
    settled(data)
