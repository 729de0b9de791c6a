"""The examples do what their first lines promise."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"

# Keras downloads MNIST and takes no path; denselite reads the file it is given.
READ_THE_GIVEN_FILE = """\
import sys
from keras.src.datasets import mnist
mnist.get_file = lambda *_, **__: sys.argv[1]
"""


def last_line(script: Path, *arguments: str | Path, cwd: Path, **variables: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent), **variables}
    command = [sys.executable, script, *arguments]
    run = subprocess.run(command, cwd=cwd, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return run.stdout.splitlines()[-1]


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
