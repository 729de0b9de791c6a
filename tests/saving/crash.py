"""Saves that are killed, or fail, at every call that touches a file; run by ``test_crashes.py`` in a process of its own.

    python -m tests.saving.crash <saver> <first|over> <kill|ENOSPC|EACCES|EINTR|interrupt> <every nth point>

A profiler sees each call of a function written in C. A first save counts those that touch files; then one is made for
each of them, in a fork that kills itself there, or with an error raised there.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

import denselite as dl

TOUCHING = {
    "write", "flush", "fsync", "replace", "rename", "remove", "unlink", "truncate", "close", "flock", "open", "mkdir",
    "rmdir", "readinto", "listdir",
}  # fmt: skip

NEW, OLD = 2.0, 1.0


def make(value: float) -> Any:
    model = dl.Sequential([dl.Input((40,)), dl.layers.Dense(70), dl.layers.Dense(1)])
    model.compile(dl.optimizers.SGD(momentum=0.9), "mse")
    model.optimizer.build(model.trainable_weights)
    fill(model, value)
    return model


def fill(model: Any, value: float) -> None:
    for v in [*model.weights, *model.optimizer.variables[2:]]:
        v.assign(np.full(v.shape, value))


def whole(model: Any, slots: bool = True) -> float:
    """The one value that all weights and slots have."""
    found = {float(x) for v in model.weights for x in np.unique(v.numpy())}
    if slots:
        found |= {float(x) for v in model.optimizer.variables[2:] for x in np.unique(v.numpy())}
    assert len(found) == 1, f"a mix of {found}"
    return found.pop()


def checkpoint(model: Any) -> None:
    checkpoint_in(model, "npz")


def checkpoint_in(model: Any, ending: str) -> None:
    callback = dl.callbacks.ModelCheckpoint(f"folder/c.{ending}")
    callback.set_model(model)
    callback.on_epoch_end(0, {})


def backup(model: Any, double: bool = False) -> None:
    callback = dl.callbacks.BackupAndRestore("folder", double_checkpoint=double)
    callback.set_model(model)
    source: Any = type("Source", (), {"underway": (0, 0)})
    callback._meet([callback], source)
    callback.on_epoch_end(0, {})


def from_backup() -> Any:
    found = dl.callbacks.BackupAndRestore("folder").find()
    if found is None:
        return None
    model = make(0.0)
    found.restore_model(model)
    return whole(model)


def from_weights(ending: str = "npz") -> Any:
    if not os.path.exists(f"m.weights.{ending}"):
        return None
    model = make(0.0)
    model.load_weights(f"m.weights.{ending}")
    return whole(model, slots=ending == "h5")


def from_model(path: str) -> Any:
    return whole(dl.models.load_model(path)) if os.path.exists(path) else None


SAVERS: dict[str, tuple[Callable[[Any], Any], Callable[[], Any], list[str]]] = {
    "save": (lambda model: model.save("m.npz"), lambda: from_model("m.npz"), ["m.json", "m.npz"]),
    "save_weights": (lambda model: model.save_weights("m.weights.npz"), from_weights, ["m.weights.npz"]),
    "checkpoint": (checkpoint, lambda: from_model("folder/c.npz"), ["folder/c.json", "folder/c.npz"]),
    "keras": (lambda model: model.save("m.keras"), lambda: from_model("m.keras"), ["m.keras"]),
    "h5": (lambda model: model.save_weights("m.weights.h5"), lambda: from_weights("h5"), ["m.weights.h5"]),
    "checkpoint_keras": (
        lambda model: checkpoint_in(model, "keras"), lambda: from_model("folder/c.keras"), ["folder/c.keras"],
    ),
    "backup": (backup, from_backup, ["folder/latest.npz"]),
    "double": (lambda model: backup(model, True), from_backup, ["folder/latest.npz", "folder/previous.npz"]),
}  # fmt: skip


def files() -> list[str]:
    return sorted(os.path.relpath(os.path.join(at, name), ".") for at, _, names in os.walk(".") for name in names)


def touches(function: Any) -> bool:
    name = getattr(function, "__name__", "")
    return name in TOUCHING or (name == "__exit__" and hasattr(getattr(function, "__self__", None), "fileno"))


def at_point(number: int, act: Callable[[], None]) -> Callable[[], int]:
    """Let ``act`` happen at a point; what is returned says how many there were."""
    seen = 0

    def profile(frame: Any, event: str, function: Any) -> None:
        nonlocal seen
        if event == "c_call" and touches(function):
            seen += 1
            if seen == number:
                act()

    sys.setprofile(profile)

    def stop() -> int:
        sys.setprofile(None)
        return seen

    return stop


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def failing(kind: str) -> Callable[[], None]:
    def fail() -> None:
        if kind == "interrupt":
            raise KeyboardInterrupt
        raise OSError(getattr(errno, kind), kind)

    return fail


def attempt(save: Callable[[Any], Any], kind: str, number: int) -> bool:
    """Save, with something happening at a point; True if the save said that it succeeded."""
    model = make(NEW)
    if kind != "kill":
        stop = at_point(number, failing(kind))
        try:
            save(model)
        except (KeyboardInterrupt, OSError):
            return False
        finally:
            stop()
        return True
    child = os.fork()
    if not child:
        at_point(number, kill)
        save(model)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def main(saver: str, start: str, kind: str, every: int) -> dict[str, int]:
    save, read, expected = SAVERS[saver]
    os.chdir(tempfile.mkdtemp())
    save(make(OLD))
    save(make(OLD))  # what is imported on the way is imported
    stop = at_point(0, kill)
    model = make(NEW)
    save(model)
    points = stop()
    told = {"points": points, "old": 0, "new": 0}
    for number in range(1, points + 2, every):
        os.chdir(tempfile.mkdtemp())
        if start == "over":
            save(make(OLD))
        succeeded = attempt(save, kind, number)
        found = read()
        assert found in ((OLD, NEW) if start == "over" else (None, NEW)), f"point {number}: {found}"
        assert found == NEW or not succeeded, f"point {number}: told that it was saved, and it was not"
        told["new" if found == NEW else "old"] += 1
        fill(model, 3.0)
        save(model)
        assert read() == 3.0
        save(model)
        assert files() == expected, f"point {number}: {files()}"
    return told


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))))
