"""Write the logs of each epoch to a CSV file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any

from denselite.callbacks.callback import Callback, Logs
from denselite.declared import Declared, Resolves
from denselite.errors import ArgumentError

__all__ = ["CSVLogger"]


def _one_character(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 1:
        raise ArgumentError(f"A separator is one character, got {value!r}.")
    return value


class CSVLogger(Declared, Callback):
    """Writes one row an epoch, so that it can be read while training goes on.

    The columns are ``epoch``, counted from 0, and the names of the first epoch's logs in order. When
    none of those is from validation, columns with ``val_`` are made anyway. What an epoch does not
    log is written as ``NA``.

    Args:
        filename: the file to write.
        separator: one character between values.
        append: go on at the end of an existing file instead of replacing it.

    Example:
        >>> CSVLogger("log.csv", separator=";")
        CSVLogger(filename='log.csv', separator=';')
    """

    filename: str | os.PathLike[str]
    separator: Annotated[str, Resolves(_one_character)] = ","
    append: bool = False

    def __post_init__(self) -> None:
        self.filename = os.fspath(self.filename)
        self._columns: list[str] = []
        self._file: Any = None
        self._size = 0
        self._keep: int | None = None  # how much of the file stays, until the rest is cut off

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._release()
        self._columns = []
        self._file = open(self.filename, "a", newline="", encoding="utf-8")  # noqa: SIM115 (closed by _release)
        self._keep = self._size = self._file.tell() if self.append else 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._cut()  # not before: a training that goes on keeps what it has written

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._cut()
        logs = logs or {}
        if not self._columns:
            self._columns = _columns(logs)
        if self._file.tell() == 0:
            self._write(["epoch", *self._columns])
        self._write([epoch, *(logs.get(name, "NA") for name in self._columns)])
        self._file.flush()
        self._size = self._file.tell()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._release()

    def get_state(self) -> dict[str, Any]:
        return {"columns": self._columns, "size": self._size}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self._columns, self._keep, self._size = list(state["columns"]), state["size"], state["size"]

    def _cut(self) -> None:
        if self._keep is not None:
            self._file.seek(self._file.truncate(min(self._keep, self._file.seek(0, os.SEEK_END))))
            self._keep = None

    def _write(self, row: list[Any]) -> None:
        import csv

        csv.writer(self._file, delimiter=self.separator).writerow(row)

    def _release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _columns(logs: Mapping[str, Any]) -> list[str]:
    names = sorted(logs)
    if any(name.startswith("val_") for name in names):
        return names
    return names + [f"val_{name}" for name in names]
