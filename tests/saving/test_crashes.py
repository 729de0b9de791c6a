"""Savers that are killed, fail, or work at the same time: the file is the old one or the new one, whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import denselite as dl
from denselite.saving.unfinished import new_file, remove_leftovers
from tests.saving import crash

ROOT = Path(__file__).parents[2]
OF_KERAS = ("keras", "checkpoint_keras", "h5")  # savers of files that h5py writes

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork to be killed in")


def python(*arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, *arguments], env=environment, text=True, stdout=-1, stderr=-1)


def crashes(*arguments: str) -> Any:
    process = python("-m", "tests.saving.crash", *arguments)
    told, errors = process.communicate()
    assert process.returncode == 0, errors
    return json.loads(told)


@pytest.mark.parametrize(
    "arguments",
    [
        "save over kill 7",
        "backup first kill 7",
        "double over kill 7",
        "save_weights over ENOSPC 7",
        "checkpoint over interrupt 7",
        "keras over kill 2",
        "h5 over kill 1",
    ],
)
def test_save_that_does_not_end_leaves_the_old_file_or_the_new_one(arguments: str) -> None:
    if arguments.startswith(OF_KERAS):
        pytest.importorskip("h5py")
    told = crashes(*arguments.split())
    assert told["old"] > 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["kill", "ENOSPC", "EACCES", "EINTR", "interrupt"])
@pytest.mark.parametrize("start", ["first", "over"])
@pytest.mark.parametrize("saver", crash.SAVERS)
def test_save_that_does_not_end_at_any_point_leaves_the_old_file_or_the_new_one(
    saver: str, start: str, kind: str
) -> None:
    if saver in OF_KERAS:
        pytest.importorskip("h5py")
    told = crashes(saver, start, kind, "1")
    assert told["old"] > (3 if saver in OF_KERAS else 30)  # those write with fewer calls
    assert told["new"] >= 2


FULL = """
import os, resource, signal
from tests.saving import crash
crash.make(crash.OLD).save("m.npz")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
model = crash.make(crash.NEW)
for limit in range(0, os.path.getsize("m.npz"), 997):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        model.save("m.npz")
    except OSError:
        pass
    else:
        raise AssertionError(f"it was written within {limit} bytes")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert crash.from_model("m.npz") == crash.OLD
    assert crash.files() == ["m.json", "m.npz"]
"""


def test_disk_that_is_full_in_the_middle_of_a_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    process = python("-c", FULL)
    _, errors = process.communicate()
    assert process.returncode == 0, errors


SAVER = """
import sys
from tests.saving import crash
model = crash.make(float(sys.argv[1]))
print("ready", flush=True)
for _ in range(40):
    model.save("m.npz")
"""


def test_two_savers_of_one_name_leave_one_whole_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    crash.make(1.0).save("m.npz")
    savers = [python("-c", SAVER, value) for value in ("1.0", "2.0")]
    for saver in savers:
        assert saver.stdout is not None
        saver.stdout.readline()
    found = set()
    while any(saver.poll() is None for saver in savers):
        found.add(crash.whole(dl.models.load_model("m.npz")))
    for saver in savers:
        _, errors = saver.communicate()
        assert saver.returncode == 0, errors
    assert found <= {1.0, 2.0}
    assert sorted(os.listdir()) == ["m.json", "m.npz"]


def test_file_that_another_saver_is_writing_is_not_removed(tmp_path: Path) -> None:
    with new_file(str(tmp_path), "m.npz") as (path, file):
        remove_leftovers(str(tmp_path))
        assert os.path.exists(path)
        file.write(b"x")
    assert os.path.exists(path)  # neither finished nor failed: as a killed writer leaves it
    remove_leftovers(str(tmp_path))
    assert os.listdir(tmp_path) == []


def test_file_that_was_taken_for_a_leftover_is_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from denselite.saving import unfinished

    lock, taken = unfinished._lock, []

    def remove_first(file: Any) -> None:
        if not taken:
            taken.append(file.name)
            remove_leftovers(str(tmp_path))
        lock(file)

    monkeypatch.setattr(unfinished, "_lock", remove_first)
    with new_file(str(tmp_path), "m.npz") as (path, _):
        assert path != taken[0]
        assert os.listdir(tmp_path) == [os.path.basename(path)]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    names = [".m.npz.tmp", "m.npz.0123456789abcdef.tmp", ".m.txt.0123456789abcdef.tmp", ".m.npz.0123456789ABCDEF.tmp"]
    for name in names:
        (tmp_path / name).write_text("precious")
    remove_leftovers(str(tmp_path))
    assert sorted(os.listdir(tmp_path)) == sorted(names)


def test_where_there_are_no_locks_a_leftover_is_a_day_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from denselite.saving import unfinished

    monkeypatch.setattr(unfinished, "fcntl", None)
    old, young = (tmp_path / f".m.npz.{digit * 16}.tmp" for digit in "01")
    for path in (old, young):
        path.write_text("x")
    os.utime(old, (1.0, 1.0))
    remove_leftovers(str(tmp_path))
    assert os.listdir(tmp_path) == [young.name]
    model = crash.make(2.0)
    model.save(tmp_path / "m.npz")
    assert crash.whole(dl.models.load_model(tmp_path / "m.npz")) == 2.0


def test_json_that_is_out_of_date_does_not_count_and_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    crash.make(1.0).save("m.npz")
    Path("m.json").write_text("{}")
    loaded = dl.models.load_model("m.json")
    assert crash.whole(loaded) == 1.0
    loaded.save("m.json")
    assert json.loads(Path("m.json").read_text())["class_name"] == "Sequential"
