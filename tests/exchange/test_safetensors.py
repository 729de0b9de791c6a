"""Files of tensors: what comes back, what is refused, and what a failure leaves behind."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import denselite as dl
from denselite.errors import ArgumentError, FormatError, MissingPackageError
from denselite.exchange import load_safetensors, save_safetensors, to_state_dict
from denselite.exchange.safetensors_files import read_tensors

pytest.importorskip("safetensors")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make() -> Any:
    return dl.Sequential([dl.Input((2,)), dl.layers.Dense(3, "relu"), dl.layers.BatchNormalization()], name="m")


def packed(header: Any, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def tensor(dtype: str, shape: list[int], start: int, end: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def test_weights_come_back(in_folder: Path) -> None:
    model, other = make(), make()
    save_safetensors(model, "m.safetensors")
    save_safetensors(model, in_folder / "m.safetensors")
    load_safetensors(other, "m.safetensors")
    assert all(map(np.array_equal, other.get_weights(), model.get_weights()))
    assert [path.name for path in in_folder.iterdir()] == ["m.safetensors"]


def test_torch_reads_what_is_written_and_is_read() -> None:
    torch = pytest.importorskip("torch")
    files = pytest.importorskip("safetensors.torch")
    model = make()
    save_safetensors(model, "m.safetensors")
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.BatchNorm1d(3, eps=1e-3)).eval()
    module.load_state_dict(files.load_file("m.safetensors"))
    x = np.linspace(-1, 1, 8, dtype="float32").reshape(4, 2)
    with torch.no_grad():
        np.testing.assert_allclose(module(torch.from_numpy(x)).numpy(), model.predict(x, verbose=0), atol=1e-6)

    changed = {name: array + 1 for name, array in module.state_dict().items()}
    files.save_file(changed, "changed.safetensors")
    load_safetensors(model, "changed.safetensors")
    assert np.array_equal(to_state_dict(model)["0.weight"], changed["0.weight"].numpy())


def test_file_is_the_bytes_that_the_format_says() -> None:
    model = dl.Sequential([dl.Input((1,)), dl.layers.Dense(1, kernel_initializer="ones")])
    save_safetensors(model, "m.safetensors")
    data = Path("m.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert header["__metadata__"] == {"format": "pt"}
    assert {name: header[name]["shape"] for name in ("0.weight", "0.bias")} == {"0.weight": [1, 1], "0.bias": [1]}
    assert sorted(np.frombuffer(data[8 + length :], "<f4").tolist()) == [0.0, 1.0]


def test_another_ending_or_a_file_in_the_way_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"ends in '.safetensors', got 'm.npz'"):
        save_safetensors(make(), "m.npz")
    with pytest.raises(ArgumentError, match=r"ends in '.safetensors', got 'm.bin'"):
        load_safetensors(make(), "m.bin")
    save_safetensors(make(), "m.safetensors")
    with pytest.raises(ArgumentError, match=r"m.safetensors exists already. Pass overwrite=True"):
        save_safetensors(make(), "m.safetensors", overwrite=False)


def test_model_that_torch_cannot_have_writes_no_file(in_folder: Path) -> None:
    model = dl.Sequential([dl.Input((2,)), dl.layers.GaussianNoise(0.1, name="g")])
    with pytest.raises(ArgumentError, match=r"torch.nn has nothing that is GaussianNoise 'g'"):
        save_safetensors(model, "m.safetensors")
    with pytest.raises(ArgumentError, match=r"torch.nn has nothing that is GaussianNoise 'g'"):
        load_safetensors(model, "m.safetensors")
    assert not list(in_folder.iterdir())


def test_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "safetensors", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'denselite\[safetensors\]'"):
        load_safetensors(make(), "m.safetensors")


def test_nan_is_taken_only_when_asked_for() -> None:
    model, other = make(), make()
    model.layers[0].bias.assign([np.nan, 0.0, np.inf])
    save_safetensors(model, "m.safetensors")
    before = other.get_weights()
    with pytest.raises(
        FormatError, match=r"m.safetensors: 0.bias holds NaN or infinite values. .* allow_nonfinite=True"
    ):
        load_safetensors(other, "m.safetensors")
    assert all(map(np.array_equal, other.get_weights(), before))
    load_safetensors(other, "m.safetensors", allow_nonfinite=True)
    assert np.isnan(other.layers[0].bias.numpy()[0])


ONE = tensor("F32", [1], 0, 4)
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "has 0 bytes and claims a header"),
    "a header beyond the end": (b"\xff" * 8, "claims a header of 18446744073709551615"),
    "a header of the largest size": ((100_000_000).to_bytes(8, "little") + b"{}", "claims a header of 100000000"),
    "no JSON": (packed(b"{nonsense"), "cannot be read"),
    "a list": (packed([]), "cannot be read"),
    "deep JSON": (packed(b"[" * 100_000), "cannot be read"),
    "bytes that are nobody's": (packed({"a": ONE}, b"12345678"), "cannot be read"),
    "a hole": (packed({"a": tensor("F32", [1], 4, 8)}, b"12345678"), "cannot be read"),
    "two in one place": (packed({"a": ONE, "b": ONE}, b"1234"), "cannot be read"),
    "a tensor beyond the end": (packed({"a": tensor("F32", [2], 0, 8)}, b"1234"), "cannot be read"),
    "a shape of 10¹⁵": (packed({"a": tensor("F32", [10**15], 0, 4)}, b"1234"), "cannot be read"),
    "a shape beyond 64 bits": (packed({"a": tensor("F32", [2**63, 2**63], 0, 4)}, b"1234"), "cannot be read"),
    "another dtype": (packed({"a": tensor("BF16", [2], 0, 4)}, b"1234"), r"holds a \(BF16\); tensors of dtype F16, F32"),
    "an unknown dtype": (packed({"a": tensor("O", [1], 0, 4)}, b"1234"), "cannot be read"),
    "another model": (packed({"a": ONE}, b"1234"), "a is no tensor of the model"),
    "empty axes": (packed({"a": tensor("F32", [0, 10**15], 0, 0)}), "a is no tensor of the model"),
    "a name twice": (packed(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', b"12345678"), "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_file_made_to_do_harm_is_refused(kind: str) -> None:
    data, message = HOSTILE[kind]
    Path("m.safetensors").write_bytes(data)
    with pytest.raises(FormatError, match=message):
        load_safetensors(make(), "m.safetensors")


def test_file_that_is_not_there_is_told() -> None:
    with pytest.raises(FormatError, match=r"m.safetensors cannot be read"):
        load_safetensors(make(), "m.safetensors")
    Path("m.safetensors").mkdir()
    with pytest.raises(FormatError, match=r"m.safetensors cannot be read"):
        load_safetensors(make(), "m.safetensors")


@given(st.data())
@settings(max_examples=100)
def test_changed_file_is_tensors_or_a_format_error(
    tmp_path_factory: pytest.TempPathFactory, choices: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.safetensors"
    save_safetensors(make(), path)
    data = bytearray(path.read_bytes())
    for _ in range(choices.draw(st.integers(1, 4))):
        data[choices.draw(st.integers(0, len(data) - 1))] = choices.draw(st.integers(0, 255))
    path.write_bytes(data[: choices.draw(st.integers(0, len(data)))] if choices.draw(st.booleans()) else data)
    with suppress(FormatError):
        assert sum(array.nbytes for array in read_tensors(path).values()) < len(data)
