"""``verify FILE``: whether a file is whole, and a model still returns what it did."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from denselite.commands.files import MODELS, WEIGHTS, check_source, ending_of, read_model, read_text
from denselite.errors import FormatError
from denselite.exchange.safetensors_files import read_tensors
from denselite.models import load_model
from denselite.ops.op import Array
from denselite.saving.contents import BACKUP, MODEL
from denselite.saving.contents import WEIGHTS as WEIGHTS_JSON
from denselite.saving.files import existing, model_paths
from denselite.saving.probe import difference
from denselite.saving.reading import read_archive
from denselite.saving.text import parse

__all__ = ["add_to"]

_ABOUT = """\
Check a file: checksums, members, shapes and dtypes, that a model can be made of it, that no weight is NaN, and, where
the file has a probe, that the model returns for it what it returned when it was saved. Weights alone are checked
against a model with --architecture.
"""


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("verify", help="check a file", description=_ABOUT)
    parser.add_argument("file", metavar="FILE", help="a model, weights, or a backup of BackupAndRestore")
    parser.add_argument("--architecture", metavar="FILE", help="the model that weights are of")
    parser.add_argument("--allow-nonfinite", action="store_true", help="let NaN and infinite weights pass")
    parser.set_defaults(run=_run)


def _run(given: Namespace) -> None:
    check_source(given.file, given.architecture, (*MODELS, *WEIGHTS))  # ONNX has no checksums
    for line in _checks(given):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write("ok\n")


def _checks(given: Namespace) -> Iterator[str]:
    """Check a file and yield what was found to be right."""
    path, infinite = given.file, given.allow_nonfinite
    if path.endswith((".npz", ".json")):
        path = path if path.endswith(".weights.npz") else existing(model_paths(path)[0], path)
        spec, contents, arrays = read_archive(path, (MODEL, WEIGHTS_JSON, BACKUP), infinite)
        yield f"{path}: {len(arrays)} arrays with the checksums, shapes and dtypes that it says"
        if "denselite" in spec:
            yield from _model_checks(path, contents, arrays, infinite)
    elif path.endswith(".safetensors") and given.architecture is None:
        yield f"{path}: {len(read_tensors(path))} tensors that fill it to the byte"
    if ending_of(path) == ".keras" or given.architecture is not None:
        model = read_model(path, given.architecture, infinite)
        yield f"{path}: {model.count_params():,} weights that are those of the model"


def _model_checks(path: str, contents: Mapping[str, Any], arrays: Mapping[str, Array], infinite: bool) -> Iterator[str]:
    yield _checked_hash(path)
    model = load_model(path, allow_nonfinite=infinite)
    yield f"{path}: {model.count_params():,} weights that are those of the model"
    if "probe" not in contents:
        yield "no probe in it: what the model computes was not checked"
        return
    farthest = difference(model, contents["probe"], arrays, path)
    told = f"but for rounding (by {farthest:.1g})" if farthest else "to the bit"
    yield f"the model returns for its probe what it returned when it was saved, {told}"


def _checked_hash(path: str) -> str:
    """Compare an archive with the checksum in the JSON beside it."""
    import hashlib

    beside = model_paths(path)[1]
    if not os.path.exists(beside):
        return f"no {beside} with a checksum beside it"
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        told = parse(read_text(beside), beside)["denselite"]["sha256"]
    except (KeyError, TypeError):
        raise FormatError(f"{beside} holds no checksum.") from None
    if told != found:
        raise FormatError(
            f"{beside} has the checksum of another file than {path}, which is the model and whole; the next save mends "
            "that."
        )
    return f"{path}: the sha256 that {beside} says"
