"""The examples do what their first lines promise."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"

# Keras downloads MNIST and takes no path; denselite reads the file it is given.
READ_THE_GIVEN_FILE = """\
import sys
from keras.src.datasets import mnist
mnist.get_file = lambda *_, **__: sys.argv[1]
"""


needs_matplotlib = pytest.mark.skipif(not find_spec("matplotlib"), reason="matplotlib, which draws, is not installed")


def lines(script: Path, *arguments: str | Path, cwd: Path, **variables: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent), "MPLBACKEND": "Agg", **variables}
    command = [sys.executable, script, *arguments]
    run = subprocess.run(command, cwd=cwd, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return run.stdout.splitlines()


def last_line(script: Path, *arguments: str | Path, cwd: Path, **variables: str) -> str:
    return lines(script, *arguments, cwd=cwd, **variables)[-1]


def drawn(cwd: Path) -> list[str]:
    return sorted(path.name for path in cwd.iterdir() if path.stat().st_size)


def accuracy(line: str) -> float:
    match = re.fullmatch(r"test accuracy: ([01]\.\d{4})", line)
    assert match, line
    return float(match[1])


@pytest.mark.skipif(not find_spec("sklearn"), reason="scikit-learn, which has the digits, is not installed")
def test_digits_example_ends_above_97_percent_and_leaves_its_files(tmp_path: Path) -> None:
    assert accuracy(last_line(EXAMPLES / "digits.py", cwd=tmp_path)) >= 0.97
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits.csv", "digits.json", "digits.npz"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_mnist_example_reaches_98_3_percent(seed: int, data_dir: Path, tmp_path: Path) -> None:
    line = last_line(EXAMPLES / "mnist_mlp.py", data_dir / "mnist.npz", "--seed", str(seed), cwd=tmp_path)
    assert accuracy(line) >= 0.983


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("keras"), reason="Keras is not installed")
def test_mnist_example_runs_on_keras_by_its_import_line(data_dir: Path, tmp_path: Path) -> None:
    source = (EXAMPLES / "mnist_mlp.py").read_text("utf-8").replace("import denselite as keras", "import keras")
    on_keras = tmp_path / "mnist_keras.py"
    on_keras.write_text(READ_THE_GIVEN_FILE + source, "utf-8")
    line = last_line(on_keras, data_dir / "mnist.npz", "--epochs", "1", cwd=tmp_path, KERAS_BACKEND="jax")
    assert accuracy(line) >= 0.95


@pytest.fixture(scope="module")
def digits() -> dict[str, np.ndarray]:
    """Ten patterns with noise, in the shapes of MNIST: 600 to train on and 100 to test on."""
    generator = np.random.default_rng(0)
    patterns = generator.integers(0, 256, (10, 28, 28))
    made = {}
    for part, count in (("train", 600), ("test", 100)):
        labels = np.arange(count, dtype=np.uint8) % 10
        noisy = patterns[labels] + generator.normal(0, 40, (count, 28, 28))
        made |= {f"x_{part}": noisy.clip(0, 255).astype(np.uint8), f"y_{part}": labels}
    return made


@pytest.fixture
def digits_file(digits: dict[str, np.ndarray], tmp_path: Path) -> Path:
    path = tmp_path / "given" / "mnist.npz"
    path.parent.mkdir()
    np.savez(path, **digits)
    return path


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    """An empty folder to run in."""
    folder = tmp_path / "cwd"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_example_can_be_read_at_one_sitting(script: Path) -> None:
    assert len(script.read_text("utf-8").splitlines()) < 80


@needs_matplotlib
def test_sigmoid_example_prints_the_worked_forward_pass_and_draws(digits_file: Path, cwd: Path) -> None:
    told = lines(EXAMPLES / "sigmoid_mlp.py", digits_file, "--epochs", "1", cwd=cwd)
    assert told[0] == (
        "input [-5  1] hidden [0.68126834 0.23135006 0.8239967  0.63583708] output [0.44701103 0.55298897]"
    )
    assert re.fullmatch(r"validation accuracy after epoch 1: [01]\.\d{4}, the text has 0\.85", told[-1])
    assert drawn(cwd) == ["sigmoid_mlp.png"]


@pytest.mark.slow
@needs_matplotlib
def test_sigmoid_example_is_no_worse_than_its_text(data_dir: Path, cwd: Path) -> None:
    told = lines(EXAMPLES / "sigmoid_mlp.py", data_dir / "mnist.npz", cwd=cwd)[-2:]
    first, last = (float(line.split(": ")[1].split(",")[0]) for line in told)
    assert first >= 0.85
    assert last >= 0.93


@needs_matplotlib
def test_linear_example_finds_the_line_of_least_squares(cwd: Path) -> None:
    learned, best = (
        [float(number) for number in re.findall(r"\d+\.\d+", line)]
        for line in lines(EXAMPLES / "linear_regression.py", cwd=cwd)
    )
    # Batches of 20 at a constant rate leave the weights swaying about the best ones.
    assert learned == pytest.approx(best, rel=0.03)
    assert drawn(cwd) == ["linear_regression.png"]


@needs_matplotlib
def test_cnn_example_prints_shapes_and_parameters_and_changes_a_gradient(digits_file: Path, cwd: Path) -> None:
    told = lines(EXAMPLES / "cnn.py", digits_file, "--epochs", "1", cwd=cwd)
    forward, backward = told[1:7], told[7:13]
    assert [line.split(" -> ")[1] for line in forward] == [
        "(28, 28, 32)", "(28, 28, 32)", "(14, 14, 32)", "(6272,)", "(128,)", "(10,)",
    ]  # fmt: skip
    for there, back in zip(forward, reversed(backward), strict=True):
        name, taken, made = re.split(": | -> ", there)
        assert back == f"{name}: {made} -> {taken}"
    assert [line.split("gradient times ")[1][:4] for line in told[13:21]] == ["2.00"] * 6 + ["1.00"] * 2
    assert told[21] == "parameters: 813,802"
    assert accuracy(told[-1]) >= 0.9  # the patterns are far apart
    assert drawn(cwd) == ["cnn.png"]


@pytest.mark.slow
@needs_matplotlib
def test_cnn_example_reaches_98_8_percent(data_dir: Path, cwd: Path) -> None:
    assert accuracy(last_line(EXAMPLES / "cnn.py", data_dir / "mnist.npz", cwd=cwd)) >= 0.988


@needs_matplotlib
def test_three_layers_example_reads_idx_files_checks_its_gradients_and_learns(
    digits: dict[str, np.ndarray], tmp_path: Path, cwd: Path
) -> None:
    names = {
        "x_train": "train-images-idx3",
        "y_train": "train-labels-idx1",
        "x_test": "t10k-images-idx3",
        "y_test": "t10k-labels-idx1",
    }
    for part, array in digits.items():
        head = np.array([0x800 + array.ndim, *array.shape], ">u4")
        (tmp_path / f"{names[part]}-ubyte").write_bytes(head.tobytes() + array.tobytes())
    told = lines(EXAMPLES / "three_layers.py", tmp_path, "--iterations", "250", cwd=cwd)
    (error,) = [line for line in told if line.startswith("worst relative error of a gradient: ")]
    assert float(error.split(": ")[1]) < 1e-5
    assert accuracy(told[-1]) >= 0.9
    assert drawn(cwd) == ["three_layers.png"]


@pytest.mark.slow
@needs_matplotlib
def test_three_layers_example_reaches_93_percent(data_dir: Path, cwd: Path) -> None:
    assert accuracy(last_line(EXAMPLES / "three_layers.py", data_dir / "mnist.npz", cwd=cwd)) >= 0.93


@needs_matplotlib
def test_dataflow_example_prints_the_worked_graphs_and_draws(tmp_path: Path, cwd: Path) -> None:
    generator = np.random.default_rng(0)
    np.savez(tmp_path / "homes.npz", x=generator.normal(size=(55, 13)), y=generator.normal(22, 1, 55))
    told = lines(EXAMPLES / "dataflow.py", tmp_path / "homes.npz", "--epochs", "1", cwd=cwd)
    assert told[told.index("x·y·z = 200") + 1 :][:9] == [
        "  x", "  y", "  multiply     x y", "  z", "  multiply_1   multiply z", "  sum          multiply_1",
        "  dx = [50.]", "  dy = [40.]", "  dz = [20.]",
    ]  # fmt: skip
    assert "linear = 16" in told
    assert told[told.index("mean squared error = 2.4999499") + 11 :][:4] == [
        "  dX = [[-3.34017280e-05, -5.01025919e-05], [-6.68040138e-05, -1.00206021e-04]]",
        "  dW = [[5.01028709e-05], [1.00205742e-04]]",
        "  db = [-5.01028709e-05]",
        "  dy = [[0.9999833], [1.9999833]]",
    ]
    assert drawn(cwd) == ["dataflow.png", "dataflow_graph.svg"]


@pytest.mark.slow
@needs_matplotlib
def test_dataflow_example_ends_below_20(data_dir: Path, cwd: Path) -> None:
    line = last_line(EXAMPLES / "dataflow.py", data_dir / "boston_housing.npz", cwd=cwd)
    assert float(line.removeprefix("mean loss of epoch 10: ")) < 20


@needs_matplotlib
def test_four_points_example_trains_with_every_activation(cwd: Path) -> None:
    told = [line.split() for line in lines(EXAMPLES / "four_points.py", cwd=cwd)]
    found = {words[0]: (float(words[2]), float(words[7]), float(words[12])) for words in told}
    assert list(found) == ["relu", "leaky_relu", "softmax", "sigmoid", "tanh", "linear"]
    for activation, (loss, seven, eight) in found.items():
        assert loss < 0.001, activation
        assert (seven, eight) == (pytest.approx(7, abs=0.15), pytest.approx(8, abs=0.15)), activation
    assert drawn(cwd) == ["four_points.png"]
