"""What Keras answers: asked now, or read from what it answered before.

Compiling small programs with JAX takes most of the time of these tests, so its answers are kept in `recorded/`, one
file for each file of tests, and by default most tests compare with those. A test that needs Keras itself (it hands a
file over, or looks at a model) asks it live, and so does a sample of the others.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

__all__ = ["Oracle", "Recording", "decode", "in_sample"]

RECORDED = Path(os.environ.get("ORACLE_RECORDED", Path(__file__).parent / "recorded"))  # gap.py names another
SAMPLE = 55  # one test in so many, about 60, asks Keras, so that a recording that is out of date is noticed


def in_sample(test: str) -> bool:
    """Whether a test asks Keras itself on every run."""
    return crc32(test.encode()) % SAMPLE == 0


class Recording:
    """The answers for one file of tests: `answers[test]` is a list, in the order of the questions."""

    def __init__(self, name: str, folder: Path = RECORDED) -> None:
        self.path = folder / f"{name}.json"
        self.answers: dict[str, list[Any]] = json.loads(self.path.read_text())["answers"] if self.path.exists() else {}

    def save(self, versions: dict[str, str]) -> None:
        """Write the answers, a line for each test, in an order that does not depend on the run."""
        lines = [f"{json.dumps(test)}: {json.dumps(self.answers[test])}" for test in sorted(self.answers)]
        self.path.parent.mkdir(exist_ok=True)
        body = ",\n".join(lines)
        self.path.write_text(f'{{"versions": {json.dumps(versions)},\n"answers": {{\n{body}\n}}}}\n')


class Oracle:
    """The answers to one test's questions.

    Args:
        test: the test's name.
        recording: the answers that are known for its file.
        mode: ``"recorded"``, ``"live"``, or ``"record"``, which asks Keras and keeps the answers.
    """

    def __init__(self, test: str, recording: Recording, mode: str) -> None:
        self.live = mode != "recorded" or in_sample(test) or test not in recording.answers
        self._known = iter(() if self.live else recording.answers[test])
        self._kept: list[Any] | None = [] if mode == "record" else None
        if self._kept is not None:
            recording.answers[test] = self._kept

    def __call__(self, ask: Callable[[], Any]) -> Any:
        """Return the answer to the next question: `ask()`, or what it returned when it was recorded."""
        if not self.live:
            return decode(next(self._known))
        answer = ask()
        if self._kept is not None:
            self._kept.append(_encode(answer))
        return answer


def _encode(value: Any) -> Any:
    """Nested results as JSON: an array is its shape and its numbers, to 12 digits."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, dict):
        return {"dict": [[key, _encode(entry)] for key, entry in value.items()]}
    if isinstance(value, list | tuple):
        return [_encode(entry) for entry in value]
    array = np.asarray(value)
    if array.dtype.kind not in "biufU":
        raise TypeError(f"an answer of {type(value).__name__} cannot be recorded: return numbers, text, lists or dicts")
    flat = array.reshape(-1).tolist()
    return {
        "shape": list(array.shape),
        "dtype": array.dtype.name,
        "values": [float(f"{number:.12g}") for number in flat] if array.dtype.kind == "f" else flat,
    }


def decode(value: Any) -> Any:
    if isinstance(value, list):
        return [decode(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if "dict" in value:
        return {key: decode(entry) for key, entry in value["dict"]}
    return np.array(value["values"], value["dtype"]).reshape(value["shape"])
