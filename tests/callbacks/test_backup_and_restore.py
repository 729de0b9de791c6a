"""A training that is killed and started again comes out as one that was not, to the bit."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import ThreadpoolController

import denselite as dl
from denselite.callbacks import BackupAndRestore
from denselite.errors import ArgumentError, DataError, FormatError
from tests.callbacks import resume
from tests.saving import hostile


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


DRAWS = int(os.environ.get("DENSELITE_RESUMES", "4"))  # for each optimizer


@st.composite
def cases(draw: Any, optimizers: Sequence[str] = sorted(resume.OPTIMIZERS)) -> dict[str, Any]:
    optimizer = draw(st.sampled_from(optimizers))
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


def killed(where: Path, case: dict[str, Any], after: list[int]) -> dict[str, Any] | None:
    """What comes out of a training that is killed after so many batches, again and again; None if it ended before.

    Every part of it is a process of its own, forked from one that has done nothing but import.
    """
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["tests.callbacks.resume"])
    for batches in [*after, 0]:
        process = server.Process(target=resume.tell, args=(str(where), {**case, "after": batches, "how": "kill"}))
        process.start()
        process.join()
        if batches and process.exitcode == 0:
            return None
        assert process.exitcode == (-signal.SIGKILL if batches else 0)
    found: dict[str, Any] = json.loads(Path(f"{where}.json").read_text())
    return found


def test_killed_training_comes_out_as_one_that_was_not(in_folder: Path) -> None:
    case = {"optimizer": "adam", "callbacks": ["stop", "csv", "plateau", "best"], "kind": "arrays", "save_freq": 1}
    assert killed(in_folder / "a", case, [6, 3]) == straight(case)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", resume.OPTIMIZERS)
@settings(max_examples=DRAWS)
@given(st.data())
def test_killed_training_comes_out_as_one_that_was_not_for_many(optimizer: str, data: st.DataObject) -> None:
    case, after = data.draw(cases([optimizer])), data.draw(AFTER)
    with folder() as path:
        found = killed(path / "a", case, after)
    assert found in (None, straight(case))


def test_cases_reach_every_optimizer() -> None:
    made = {type(make()) for make in resume.OPTIMIZERS.values()}
    public = {getattr(dl.optimizers, name) for name in dl.optimizers.__all__}
    assert made == {part for part in public if isinstance(part, type)} - {dl.optimizers.Optimizer}


def test_blas_has_the_threads_that_it_had(in_folder: Path, blas: ThreadpoolController) -> None:
    seen = []

    class See(dl.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            seen.append({library["num_threads"] for library in blas.info() if library["user_api"] == "blas"})

    def fit(threads: int) -> None:
        model = dl.Sequential([dl.Input((1024,)), dl.layers.Dense(64)], name="m")  # more than one thread is for small
        model.compile("sgd", "mse")
        callbacks = [See(), BackupAndRestore("a", delete_checkpoint=False)]
        with blas.limit(limits=threads, user_api="blas"):
            model.fit(np.ones((64, 1024)), np.ones((64, 64)), 64, len(seen) + 1, verbose=0, callbacks=callbacks)

    fit(3)
    fit(1)
    assert seen == [{3}, {3}]


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


@pytest.mark.parametrize("state", [{}, {"best": {"__float__": "x"}}, {"best": {"__array__": []}}, {"best_weights": 3}])
def test_state_that_its_callback_does_not_take_is_a_format_error(state: dict[str, Any], in_folder: Path) -> None:
    def fit() -> None:
        model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1)], name="m")
        model.compile("sgd", "mse")
        callbacks = [dl.callbacks.EarlyStopping("loss"), BackupAndRestore("a", delete_checkpoint=False)]
        model.fit(*batch_of(), verbose=0, callbacks=callbacks)

    fit()
    contents = dict(hostile.members("a/latest.npz"))
    value = json.loads(contents["backup.json"])
    saved = next(entry for entry in value["callbacks"] if entry["class_name"] == "EarlyStopping")
    saved["state"] = {**saved["state"], **state} if state else {}
    hostile.write("a/latest.npz", [*{**contents, "backup.json": json.dumps(value).encode()}.items()])
    with pytest.raises(FormatError, match=r"latest.npz: the state of EarlyStopping cannot be restored: \w+Error: "):
        fit()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("",), "expects backup_dir to be the path of a folder"), (("a", 0), "'epoch' or a positive number of batches")],
)
def test_wrong_arguments_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        BackupAndRestore(*arguments)
