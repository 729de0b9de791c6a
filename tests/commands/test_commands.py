"""The command line: what it prints, which files it writes, its exit codes, and errors of one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite.commands.main import main
from denselite.exchange import to_state_dict
from tests.saving.hostile import edited, members, write

GOLDEN = Path(__file__).parents[1] / "saving" / "golden"
X = np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4)

Run = Callable[..., str]


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def model() -> Any:
    """A compiled model, in ``m.npz`` and its description in ``a.json``."""
    made = dl.Sequential(
        [dl.Input((4,)), dl.layers.Dense(3, "relu", name="hidden"), dl.layers.Dense(2, name="out")], name="m"
    )
    made.compile("adam", "mse")
    made.save("m.npz")
    Path("a.json").write_text(made.to_json())
    return made


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that succeeds, and return what it prints."""

    def runs(*arguments: Any) -> str:
        assert main(list(map(str, arguments))) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return runs


@pytest.fixture
def fails(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run a command that fails, and return its exit code and its one line."""

    def runs(*arguments: Any) -> tuple[int, str]:
        try:
            code = main(list(map(str, arguments)))
        except SystemExit as left:
            code = int(left.code or 0)
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        assert err.endswith("\n")
        return code, err.strip()

    return runs


# summary


def test_summary_of_a_model_is_what_summary_prints(model: Any, run: Run) -> None:
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    assert run("summary", "m.npz") == f"{lines[0]}\n"
    assert run("summary", "m.json") == f"{lines[0]}\n"
    assert "activation" in run("summary", "m.npz", "--arguments")


def test_summary_of_a_description_alone(model: Any, run: Run) -> None:
    assert "hidden (Dense)" in run("summary", "a.json")


def test_summary_of_weights_lists_them(model: Any, run: Run) -> None:
    model.save_weights("w.weights.npz")
    out = run("summary", "w.weights.npz")
    assert "layers/dense/vars/0" in out
    assert "(4, 3)" in out
    assert out.endswith(" Total: 23\n")
    assert "hidden (Dense)" in run("summary", "w.weights.npz", "--architecture", "a.json")


def test_summary_of_tensors_lists_them(model: Any, run: Run) -> None:
    pytest.importorskip("safetensors")
    run("convert", "m.npz", "t.safetensors")
    assert "2.weight" in run("summary", "t.safetensors")


# convert


@pytest.mark.parametrize(("target", "package"), [("n.json", "json"), ("n.keras", "h5py"), ("n.npz", "json")])
def test_model_is_converted_there_and_back(target: str, package: str, model: Any, run: Run) -> None:
    pytest.importorskip(package)
    run("convert", "m.npz", target)
    assert run("convert", target, "back.npz") == f"{target} -> back.npz and back.json\n"
    back = dl.models.load_model("back.npz")
    assert np.array_equal(back.predict(X, verbose=0), model.predict(X, verbose=0))
    assert back.optimizer.get_config() == model.optimizer.get_config()


@pytest.mark.parametrize(
    ("target", "package"), [("n.weights.npz", "json"), ("n.weights.h5", "h5py"), ("n.safetensors", "safetensors")]
)
@pytest.mark.parametrize("architecture", ["a.json", "m.npz"])
def test_weights_are_converted_there_and_back(
    target: str, package: str, architecture: str, model: Any, run: Run
) -> None:
    pytest.importorskip(package)
    assert run("convert", "m.npz", target) == f"m.npz -> {target}\n"
    run("convert", target, "back.npz", "--architecture", architecture)
    back = dl.models.load_model("back.npz")
    assert all(map(np.array_equal, back.get_weights(), model.get_weights()))


@pytest.mark.parametrize(
    ("target", "package"),
    [("n.npz", "json"), ("n.keras", "h5py"), ("n.onnx", "onnx"), ("n.safetensors", "safetensors")],
)
def test_model_is_converted_to_onnx_and_back(target: str, package: str, model: Any, run: Run) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip(package)
    assert run("convert", "m.npz", "m.onnx") == "m.npz -> m.onnx\n"
    assert "hidden (Dense)" in run("summary", "m.onnx")
    run("convert", "m.onnx", target)
    architecture = ["--architecture", "a.json"] if target == "n.safetensors" else []
    run("convert", target, "back.npz", *architecture)
    back = dl.models.load_model("back.npz")
    assert all(map(np.array_equal, back.get_weights(), model.get_weights()))


def test_what_onnx_has_and_denselite_has_not_is_told_in_a_line(fails: Any) -> None:
    onnx = pytest.importorskip("onnx")
    node = onnx.helper.make_node("LSTM", ["x"], ["y"])
    told = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["N", 2]) for name in "xy"]
    Path("m.onnx").write_bytes(
        onnx.helper.make_model(
            onnx.helper.make_graph([node], "g", told[:1], told[1:]), opset_imports=[onnx.helper.make_opsetid("", 18)]
        ).SerializeToString()
    )
    assert fails("convert", "m.onnx", "m.npz") == (1, "denselite: m.onnx cannot be read: LSTM has no form here")


def test_what_torch_has_not_is_refused_by_name(in_folder: Path, fails: Any) -> None:
    dl.Sequential([dl.Input((3,)), dl.layers.UnitNormalization(name="u")], name="m").save("m.npz")
    code, line = fails("convert", "m.npz", "t.safetensors")
    assert code == 1
    assert "Sequential 'm' cannot be an nn.Sequential: torch.nn has nothing that is UnitNormalization 'u'" in line
    assert sorted(path.name for path in in_folder.iterdir()) == ["m.json", "m.npz"]


def test_file_in_the_way_is_replaced_when_asked_for(model: Any, run: Run, fails: Any) -> None:
    assert fails("convert", "m.npz", "m.json") == (
        2,
        "denselite: m.npz exists already; pass --overwrite to replace it",
    )
    run("convert", "m.npz", "w.weights.npz")
    assert fails("convert", "m.npz", "w.weights.npz")[0] == 2
    run("convert", "m.npz", "w.weights.npz", "--overwrite")


def test_nan_is_converted_when_asked_for(model: Any, run: Run, fails: Any) -> None:
    model.layers[0].bias.assign([np.nan, 0, 0])
    model.save("m.npz")
    code, line = fails("convert", "m.npz", "n.npz")
    assert code == 1
    assert "holds NaN or infinite values" in line
    run("convert", "m.npz", "n.npz", "--allow-nonfinite")


# verify


def test_whole_model_is_verified(model: Any, run: Run) -> None:
    assert run("verify", "m.json") == (
        "m.npz: 7 arrays with the checksums, shapes and dtypes that it says\n"
        "m.npz: the sha256 that m.json says\n"
        "m.npz: 23 weights that are those of the model\n"
        "the model returns for its probe what it returned when it was saved, to the bit\n"
        "ok\n"
    )


def test_old_file_has_no_probe_and_passes(run: Run) -> None:
    out = run("verify", GOLDEN / "model-0.1.npz")
    assert "no probe in it: what the model computes was not checked\nok\n" in out


def test_model_without_json_beside_it_passes(model: Any, run: Run) -> None:
    Path("m.json").unlink()
    assert "no m.json with a checksum beside it" in run("verify", "m.npz")


def test_weights_and_backups_are_verified(model: Any, run: Run) -> None:
    model.save_weights("w.weights.npz")
    assert run("verify", "w.weights.npz") == (
        "w.weights.npz: 4 arrays with the checksums, shapes and dtypes that it says\nok\n"
    )
    assert "23 weights that are those of the model" in run("verify", "w.weights.npz", "--architecture", "a.json")
    model.fit(X, X[:, :2], verbose=0, callbacks=[dl.callbacks.BackupAndRestore("folder", delete_checkpoint=False)])
    assert "arrays with the checksums" in run("verify", "folder/latest.npz")


def test_tensors_are_verified(model: Any, run: Run, fails: Any) -> None:
    pytest.importorskip("safetensors")
    run("convert", "m.npz", "t.safetensors")
    assert run("verify", "t.safetensors") == "t.safetensors: 4 tensors that fill it to the byte\nok\n"
    run("verify", "t.safetensors", "--architecture", "a.json")
    Path("t.safetensors").write_bytes(Path("t.safetensors").read_bytes()[:-1])
    assert fails("verify", "t.safetensors")[0] == 1


def test_changed_weight_is_told_by_the_probe(model: Any, run: Run, fails: Any) -> None:
    change = [
        (name, data[:-4] + np.float32(3).tobytes() if name == "layers/dense_1/vars/1.npy" else data)
        for name, data in members("m.npz")
    ]
    write("m.npz", change)
    code, line = fails("verify", "m.npz")
    assert code == 1
    assert "m.json has the checksum of another file than m.npz, which is the model and whole" in line
    Path("m.json").unlink()
    code, line = fails("verify", "m.npz")
    assert code == 1
    assert "the model returns other numbers for its probe than when it was saved, by up to" in line


@pytest.mark.parametrize("beside", ["[]", "{}", "no JSON", '{"denselite": {}}'])
def test_json_beside_without_a_checksum_fails(beside: str, model: Any, fails: Any) -> None:
    Path("m.json").write_text(beside)
    assert fails("verify", "m.npz")[0] == 1


def test_changed_byte_anywhere_fails(model: Any, fails: Any) -> None:
    data = Path("m.npz").read_bytes()
    for place in range(0, len(data), 997):
        Path("m.npz").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert fails("verify", "m.npz")[0] == 1


def test_model_of_another_shape_fails(model: Any, fails: Any) -> None:
    pytest.importorskip("safetensors")
    dl.Sequential([dl.Input((4,)), dl.layers.Dense(5)]).save("other.npz")
    main(["convert", "m.npz", "t.safetensors"])
    code, line = fails("verify", "t.safetensors", "--architecture", "other.npz")
    assert code == 1
    assert "2.weight is no tensor of the model" in line


# Errors.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "denselite: the following arguments are required: COMMAND. See denselite --help."),
        (["train"], "denselite: argument COMMAND: invalid choice: 'train'"),
        (["summary"], "denselite summary: the following arguments are required: FILE. See denselite summary --help."),
        (["summary", "m.txt"], "denselite: m.txt does not end in .npz, .json, .keras, .weights.npz"),
        (["convert", "m.npz", "m.pt"], "denselite: m.pt does not end in .npz"),
        (["verify", "m.onnx"], "denselite: m.onnx does not end in .npz, .json, .keras, .weights.npz"),
        (["summary", "m.onnx", "--architecture", "a.json"], "m.onnx says itself which model it is"),
        (["convert", "t.safetensors", "n.npz"], "t.safetensors holds weights alone; say which model they are of: --architecture FILE"),
        (["verify", "m.npz", "--architecture", "a.json"], "m.npz says itself which model it is; --architecture is for weights alone"),
        (["verify", "w.weights.npz", "--architecture", "a.txt"], "a.txt does not end in .npz, .json, .keras"),
    ],
)  # fmt: skip
def test_wrong_use_is_told_in_a_line(arguments: list[str], message: str, fails: Any) -> None:
    code, line = fails(*arguments)
    assert code == 2
    assert message in line


@pytest.mark.parametrize("command", ["summary", "verify"])
@pytest.mark.parametrize("name", ["m.npz", "m.json", "m.keras", "w.weights.npz", "w.weights.h5", "t.safetensors"])
@pytest.mark.parametrize("data", [None, b"", b"nonsense", b"PK\5\6" + bytes(18), b"\x89HDF\r\n\x1a\n", b"\xff" * 100])
def test_bad_file_is_told_in_a_line(command: str, name: str, data: bytes | None, fails: Any) -> None:
    pytest.importorskip("safetensors")
    if data is not None:
        Path(name).write_bytes(data)
    extra = ["--architecture", "a.json"] if (command, name) == ("verify", "w.weights.h5") else []
    if extra:
        Path("a.json").write_text(dl.Sequential([dl.Input((1,)), dl.layers.Dense(1)]).to_json())
    code, line = fails(command, name, *extra)
    assert code == 1
    assert name.split(".")[0] in line


@pytest.mark.parametrize("text", ["{}", "[" * 1000, '{"class_name": "Dense", "config": {"units": "x"}}', "\udc80"])
def test_bad_description_is_told_in_a_line(text: str, fails: Any) -> None:
    Path("a.json").write_text(text, errors="surrogateescape")
    assert fails("summary", "a.json")[0] == 1


def test_description_of_more_than_the_weights_is_refused(fails: Any) -> None:
    pytest.importorskip("safetensors")
    small = dl.Sequential([dl.Input((4,)), dl.layers.Dense(1)])
    small.save("m.npz")
    main(["convert", "m.npz", "t.safetensors"])
    Path("a.json").write_text(small.to_json().replace('"units": 1,', '"units": 1000000000000,'))
    code, line = fails("convert", "t.safetensors", "n.npz", "--architecture", "a.json")
    assert code == 1
    assert "takes 16000000000000 bytes" in line


def test_class_of_ones_own_is_told(fails: Any, model: Any) -> None:
    write("m.npz", edited(members("m.npz"), lambda v: v["config"]["layers"][1].update(module="own", class_name="Own")))
    code, line = fails("summary", "m.npz")
    assert code == 1
    assert "is of a class that is not denselite's own" in line


def test_missing_package_is_wrong_use(model: Any, fails: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    code, line = fails("convert", "m.npz", "t.safetensors")
    assert code == 2
    assert line.startswith("denselite: Files of safetensors need the package safetensors. Install it with: pip install")


@pytest.mark.parametrize("arguments", [["--help"], ["summary", "--help"], ["convert", "--help"], ["verify", "--help"]])
def test_help_is_there(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 0
    assert "usage: denselite" in capsys.readouterr().out


def test_python_runs_the_package(model: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "denselite", "verify", "m.npz"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, "ok", "")
    done = subprocess.run(
        [sys.executable, "-m", "denselite", "verify", "no.npz"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "denselite: There is no file no.npz\n")


def test_state_dict_of_a_converted_file_is_that_of_the_model(model: Any, run: Run) -> None:
    numpy = pytest.importorskip("safetensors.numpy")
    run("convert", "m.npz", "t.safetensors")
    loaded = numpy.load_file("t.safetensors")
    assert all(np.array_equal(loaded[name], array) for name, array in to_state_dict(model).items())
