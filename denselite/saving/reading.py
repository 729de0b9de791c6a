"""Reading an archive: checked as a whole before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from denselite.errors import FormatError
from denselite.ops.op import Array
from denselite.saving.archive import check_arrays, read_array, read_text
from denselite.saving.contents import check_contents
from denselite.saving.text import parse
from denselite.saving.zipped import read_directory
from denselite.tensor.room import room

__all__ = ["described_by", "read_archive"]

_BESIDE = 16 << 20  # bytes that a model may take beside its weights and slots, such as metrics' totals


@contextmanager
def described_by(
    path: str, arrays: Mapping[str, Array], told: tuple[type[Exception], ...] = (FormatError,)
) -> Iterator[None]:
    """Within, a model is made from a file: in the room that the file gives, and whatever fails is the file's fault.

    Args:
        path: where it lies, for messages.
        arrays: what it holds.
        told: errors that say themselves what is wrong.
    """
    try:
        with room(2 * sum(array.nbytes for array in arrays.values()) + _BESIDE):
            yield
    except told:
        raise
    except Exception as error:
        raise FormatError(f"{path} describes no model that can be made: {type(error).__name__}: {error}") from error


def read_archive(
    path: str, text_names: tuple[str, ...], allow_nonfinite: bool
) -> tuple[Any, dict[str, Any], dict[str, Array]]:
    """Return the JSON of an archive, what it says of the archive, and the arrays.

    Args:
        path: where it lies.
        text_names: the names that its JSON may have.
        allow_nonfinite: whether NaN and infinities are values like others.

    Raises:
        FormatError: it cannot be read, or is not what it says it is.
    """
    try:
        with open(path, "rb") as file:
            members = read_directory(file, path)
            name, text = read_text(file, path, members, text_names)
            spec = parse(text, f"{path}: {name}")
            contents = check_contents(spec, path, name)
            entries = contents["members"]
            check_arrays(file, path, members, name, entries)
            arrays = {
                key: read_array(file, path, members[f"{key}.npy"], entry, allow_nonfinite)
                for key, entry in entries.items()
            }
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error}.") from None
    return spec, contents, arrays
