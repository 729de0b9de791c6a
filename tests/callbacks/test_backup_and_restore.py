"""A training that is killed and started again comes out as one that was not, to the bit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import denselite as dl
from denselite.callbacks import BackupAndRestore
from denselite.errors import ArgumentError, DataError, FormatError
from tests.callbacks import resume

ROOT = Path(__file__).parents[2]


@contextmanager
def folder() -> Iterator[Path]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        try:
            yield Path(name)
        finally:
            os.chdir(before)


@pytest.fixture
def in_folder() -> Iterator[Path]:
    with folder() as path:
        yield path


@st.composite
def cases(draw: Any) -> dict[str, Any]:
    optimizer = draw(st.sampled_from(sorted(resume.OPTIMIZERS)))
    known = sorted(resume.CALLBACKS.keys() - {"plateau", "scheduler", "swap"})
    known += ["swap"] if optimizer == "ema" else []
    known += ["plateau", "scheduler"] if optimizer != "schedule" else []
    return {
        "optimizer": optimizer,
        "callbacks": draw(st.lists(st.sampled_from(known), unique=True, max_size=4)),
        "kind": draw(st.sampled_from(["arrays", "steps", "unshuffled", "batches"])),
        "save_freq": draw(st.sampled_from(["epoch", 1, 3])),
    }


AFTER = st.lists(st.integers(1, resume.EPOCHS * resume.BATCHES), min_size=1, max_size=2)


def straight(case: dict[str, Any]) -> dict[str, Any]:
    with folder():
        return resume.train(**{**case, "save_freq": None})


@settings(max_examples=8)
@given(cases(), AFTER)
def test_interrupted_training_comes_out_as_one_that_was_not(case: dict[str, Any], after: list[int]) -> None:
    expected = straight(case)
    with folder():
        for batches in after:
            try:
                resume.train(**case, after=batches)
            except ConnectionError:
                continue
            return  # it ended before
        assert resume.train(**case) == expected


def killed(case: dict[str, Any], after: list[int]) -> dict[str, Any] | None:
    """What comes out of a training that is killed after so many batches, again and again; None if it ended before."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.callbacks.resume"]
    for batches in [*after, 0]:
        told = json.dumps({**case, "after": batches, "how": "kill"})
        run = subprocess.run([*command, told], env=environment, text=True, capture_output=True)
        if batches and run.returncode == 0:
            return None
        assert run.returncode == (-signal.SIGKILL if batches else 0), run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_killed_training_comes_out_as_one_that_was_not(in_folder: Path) -> None:
    case = {"optimizer": "adam", "callbacks": ["stop", "csv", "plateau", "best"], "kind": "arrays", "save_freq": 1}
    assert killed(case, [6, 3]) == straight(case)


@pytest.mark.slow
@settings(max_examples=60)
@given(cases(), AFTER)
def test_killed_training_comes_out_as_one_that_was_not_for_many(case: dict[str, Any], after: list[int]) -> None:
    with folder():
        found = killed(case, after)
    assert found in (None, straight(case))


def test_backups_are_removed_unless_they_are_wanted(in_folder: Path) -> None:
    model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((8, 2)), np.ones((8, 1))
    model.fit(x, y, verbose=0, callbacks=[BackupAndRestore("a")])
    assert os.listdir() == []
    model.fit(
        x, y, epochs=2, verbose=0, callbacks=[BackupAndRestore("a", double_checkpoint=True, delete_checkpoint=False)]
    )
    assert sorted(os.listdir("a")) == ["latest.npz", "previous.npz"]


def test_finished_training_that_kept_its_backup_is_not_made_again(in_folder: Path) -> None:
    def fit(epochs: int) -> Any:
        model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1)], name="m")
        model.compile("sgd", "mse")
        callback = BackupAndRestore("a", delete_checkpoint=False)
        return model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=epochs, verbose=0, callbacks=[callback])

    first = fit(2).history
    assert fit(2).history == first
    longer = fit(3)
    assert longer.epoch == [0, 1, 2]
    assert longer.history["loss"][:2] == first["loss"]


def interrupted(save_freq: Any, x: Any, double: bool = False) -> Any:
    model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1)], name="m")
    model.compile("sgd", "mse")
    callbacks = [BackupAndRestore("a", save_freq, double_checkpoint=double), resume.Kill(5, "raise")]
    return model, lambda: model.fit(x, epochs=3, verbose=0, callbacks=callbacks)


def batch_of(value: float = 1.0) -> Any:
    return np.full((4, 2), value), np.ones((4, 1))


def test_generator_is_refused_within_an_epoch(in_folder: Path) -> None:
    for _ in range(2):
        model, fit = interrupted(2, (batch_of() for _ in range(12)))
        before = model.get_weights()
        with pytest.raises((ConnectionError, DataError)) as caught:
            fit()
    assert "x is a generator, which cannot be skipped forward to batch 4" in str(caught.value)
    assert before is not None


def test_backup_that_cannot_be_read_gives_way_to_the_one_before(in_folder: Path) -> None:
    with pytest.raises(ConnectionError):
        interrupted("epoch", resume.Batches([batch_of(), batch_of(2.0)]), double=True)[1]()
    Path("a/latest.npz").write_bytes(b"torn")
    callback = BackupAndRestore("a")
    found = callback.find()
    assert found is not None
    assert found.position.epoch == 1
    shutil.copy("a/latest.npz", "a/previous.npz")
    with pytest.raises(FormatError, match=r"previous.npz is not an archive that can be read"):
        callback.find()


def test_backup_of_another_model_is_refused(in_folder: Path) -> None:
    with pytest.raises(ConnectionError):
        interrupted("epoch", resume.Batches([batch_of(), batch_of(2.0)]))[1]()
    model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(3), dl.layers.Dense(1)], name="m")
    model.compile("sgd", "mse")
    with pytest.raises(FormatError, match=r"latest.npz does not fit Sequential 'm'"):
        model.fit(*batch_of(), verbose=0, callbacks=[BackupAndRestore("a")])


def test_values_that_json_lacks_come_back(in_folder: Path) -> None:
    class Odd(dl.callbacks.Callback):
        seen: Any = None

        def get_state(self) -> dict[str, Any]:
            return {"best": float("-inf"), "worst": [float("nan")], "weights": np.eye(2), "count": np.int64(3)}

        def set_state(self, state: Any) -> None:
            self.seen = state

    model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1)], name="m")
    model.compile("sgd", "mse")
    odd = Odd()
    model.fit(*batch_of(), verbose=0, callbacks=[odd, BackupAndRestore("a", delete_checkpoint=False)])
    model.fit(*batch_of(), verbose=0, callbacks=[odd, BackupAndRestore("a")])
    assert odd.seen["best"] == float("-inf")
    assert np.isnan(odd.seen["worst"][0])
    assert np.array_equal(odd.seen["weights"], np.eye(2))
    assert odd.seen["count"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("",), "expects backup_dir to be the path of a folder"), (("a", 0), "'epoch' or a positive number of batches")],
)
def test_wrong_arguments_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        BackupAndRestore(*arguments)
