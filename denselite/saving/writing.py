"""Writing an archive of a model's variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from denselite.ops.op import Array
from denselite.optimizers.scaled import unit_of
from denselite.saving.archive import table, write_archive
from denselite.saving.contents import FORMAT, VERSION
from denselite.tensor.variable import Variable

__all__ = ["contents_of", "write_hashed"]


def contents_of(
    variables: Mapping[str, Variable], assets: Mapping[str, Array] | None = None
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return what is written of variables: the arrays by key, and what the archive says of them.

    Args:
        variables: the variables by key.
        assets: further arrays by key.
    """
    assets = assets or {}
    arrays = {**{key: variable.storage for key, variable in variables.items()}, **assets}
    names = {**{key: key for key in assets}, **{key: variable.path for key, variable in variables.items()}}
    units = {key: unit_of(variable) for key, variable in variables.items() if unit_of(variable) != 1}
    members = table(arrays, names, units)
    return arrays, {"format": FORMAT, "version": VERSION, "members": members}


def write_hashed(file: IO[bytes], text_name: str, text: str, arrays: Mapping[str, Array]) -> str:
    """Write an archive and return its checksum."""
    import hashlib

    write_archive(file, text_name, text, arrays)
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
