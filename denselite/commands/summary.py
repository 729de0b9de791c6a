"""``summary FILE``: the layers of a model, or the names and shapes of weights."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from typing import Any

from denselite.commands.files import WEIGHTS, check_source, ending_of, read_architecture, read_model
from denselite.exchange.keras.hdf5 import read_hdf5
from denselite.exchange.safetensors_files import read_tensors
from denselite.models.summary import describe, summarize
from denselite.saving.contents import WEIGHTS as WEIGHTS_JSON
from denselite.saving.files import model_paths
from denselite.saving.reading import read_archive
from denselite.utils.tables import text_table

__all__ = ["add_to"]

_MOST = 1 << 32  # bytes of weights of a model that is described and no more
_ABOUT = "Print the layers of a model with their output shapes and numbers of parameters, or the shapes of weights."


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("summary", help="print what is in a file", description=_ABOUT)
    parser.add_argument("file", metavar="FILE", help="a model, or weights")
    parser.add_argument("--architecture", metavar="FILE", help="the model that weights are of, to print its layers")
    parser.add_argument("--arguments", action="store_true", help="print the arguments of layers and of compile(), too")
    parser.set_defaults(run=_run)


def _run(given: Namespace) -> None:
    path = given.file
    check_source(path, given.architecture)
    if given.architecture is None and ending_of(path) in WEIGHTS:
        sys.stdout.write(f"{_listed(path)}\n")
        return
    if path.endswith(".json") and not os.path.exists(model_paths(path)[0]):
        model = read_architecture(path, _MOST)
    else:
        model = read_model(path, given.architecture, allow_nonfinite=True)
    sys.stdout.write(f"{(describe if given.arguments else summarize)(model)}\n")


def _listed(path: str) -> str:
    """Return a table of weights."""
    if path.endswith(".safetensors"):
        arrays = read_tensors(path)
    elif path.endswith(".h5"):
        with open(path, "rb") as file:
            arrays = read_hdf5(file.read(), path)
    else:
        arrays = read_archive(path, (WEIGHTS_JSON,), allow_nonfinite=True)[2]
    rows = [(name, str(array.shape), array.dtype.name, f"{array.size:,}") for name, array in arrays.items()]
    table = text_table(("Weight", "Shape", "Dtype", "Numbers"), rows)
    return "\n".join([*table, f" Total: {sum(array.size for array in arrays.values()):,}"])
