"""The format as it is promised: golden files keep loading, the schema is the one in docs, and docs are right."""

from __future__ import annotations

import json
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pydantic
import pytest
from pydantic import ValidationError

import denselite as dl
from denselite.errors import FormatError
from denselite.saving.contents import BACKUP, BESIDE, MODEL, WEIGHTS, spec
from denselite.saving.schema import schema

GOLDEN = Path(__file__).parent / "golden"
DOCS = Path(__file__).parents[2] / "docs"
X = np.linspace(-1, 1, 48, dtype="float32").reshape(12, 4)


def test_model_of_version_0_1_is_read_and_goes_on() -> None:
    model = dl.models.load_model(GOLDEN / "model-0.1.npz")
    assert [layer.name for layer in model.layers][:4] == ["x", "hidden", "normal", "dropout"]
    # Its predictions as they were, and the losses that today's masks lead to; another BLAS rounds products differently.
    np.testing.assert_allclose(model.predict(X, verbose=0), np.load(GOLDEN / "predictions-0.1.npy"), rtol=1e-5)
    logs = model.fit(X, np.arange(12) % 2, batch_size=5, epochs=5, initial_epoch=3, verbose=0).history
    assert logs["loss"] == pytest.approx([1.298347217341264, 0.5742057263851166], rel=1e-5)


def test_weights_of_version_0_1_are_read() -> None:
    model = dl.models.load_model(GOLDEN / "model-0.1.npz")
    expected = model.get_weights()
    model.set_weights([np.zeros_like(w) for w in expected])
    model.load_weights(GOLDEN / "weights-0.1.weights.npz")
    assert all(map(np.array_equal, model.get_weights(), expected))


@pytest.mark.skipif(pydantic.VERSION < "2.1", reason="pydantic 2.0 describes the same in other words")
def test_schema_in_docs_is_what_the_command_writes() -> None:
    assert json.loads((DOCS / "format.schema.json").read_text()) == schema()


def test_schema_knows_the_json_of_each_kind_of_file() -> None:
    with zipfile.ZipFile(GOLDEN / "model-0.1.npz") as archive:
        spec(MODEL).model_validate_json(archive.read("model.json"))
    with zipfile.ZipFile(GOLDEN / "weights-0.1.weights.npz") as archive:
        spec(WEIGHTS).model_validate_json(archive.read("weights.json"))
    beside = (GOLDEN / "model-0.1.json").read_text()
    spec(BESIDE).model_validate_json(beside)
    for kind in (MODEL, WEIGHTS, BACKUP):
        with pytest.raises(ValidationError):
            spec(kind).model_validate_json(beside)


def test_docs_name_every_key_and_every_dtype() -> None:
    text = (DOCS / "format.md").read_text()
    named = set(re.findall(r"`([^`\n]+)`", text))

    def keys(value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(keys, value))
        if not isinstance(value, dict):
            return set()
        own = set(value.get("properties", ())) if isinstance(value.get("properties"), dict) else set()
        own |= set(value["enum"]) if isinstance(value.get("enum"), list) else set()
        return own.union(*map(keys, value.values()))

    assert keys(schema()) - named == set()


def by_the_book(path: Path) -> tuple[Any, dict[str, np.ndarray]]:
    """A reader of its own, written from docs/format.md: it walks the members from the first byte on."""
    data, place, text, arrays = path.read_bytes(), 0, None, {}
    codes = {"|b1": "?", "<i8": "q", "<f4": "f"}
    while data[place : place + 4] == b"PK\3\4":
        size, names, extra = (
            *struct.unpack_from("<I", data, place + 22),
            *struct.unpack_from("<2H", data, place + 26)[:1],
            struct.unpack_from("<H", data, place + 28)[0],
        )
        name = data[place + 30 : place + 30 + names].decode()
        body = data[place + 30 + names + extra : place + 30 + names + extra + size]
        if name.endswith(".json"):
            text = json.loads(body)
        else:
            start = 10 + struct.unpack_from("<H", body, 8)[0]
            found = re.match(
                r"\{'descr': '(...)', 'fortran_order': False, 'shape': \(([^)]*)\), \}", body[10:start].decode()
            )
            assert found is not None
            shape = [int(axis) for axis in found[2].split(",") if axis.strip()]
            values = struct.unpack(f"<{int(np.prod(shape))}{codes[found[1]]}", body[start:])
            arrays[name.removesuffix(".npy")] = np.array(values).reshape(shape)
        place += 30 + names + extra + size
    return text, arrays


def test_reader_written_from_the_docs_reads_the_golden_file() -> None:
    text, arrays = by_the_book(GOLDEN / "model-0.1.npz")
    model = dl.models.load_model(GOLDEN / "model-0.1.npz")
    assert arrays.keys() == text["denselite"]["members"].keys()
    kernel = model.get_layer("hidden").get_weights()[0]
    assert np.array_equal(arrays["layers/dense/vars/0"].astype("float32"), kernel)
    assert arrays["optimizer/vars/0"] == 9


def test_newer_version_says_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(GOLDEN / "model-0.1.npz") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    value = json.loads(members["model.json"])
    value["denselite"].update(version=3, news=True)
    with zipfile.ZipFile(tmp_path / "m.npz", "w") as archive:
        for name, data in {**members, "model.json": json.dumps(value)}.items():
            archive.writestr(name, data)
    with pytest.raises(
        FormatError, match=r"has version 3 of the format, this denselite reads up to version 2. Install a newer"
    ):
        dl.models.load_model(tmp_path / "m.npz")
