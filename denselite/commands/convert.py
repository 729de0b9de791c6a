"""``convert IN OUT``: a model from one kind of file to another."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentError, Namespace
from typing import Any

from denselite.commands.files import KINDS, check_ending, check_source, ending_of, read_model, write_model

__all__ = ["add_to"]

_ABOUT = """\
Read a model from one file and write it to another; the endings say which kinds they are. What the second kind has no
place for is refused by name, and nothing is written: layers that torch or ONNX have not, operators of ONNX that
denselite has not. Weights alone leave out the architecture, what was compiled and the optimizer's state; ONNX leaves
out the latter two.
"""


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("convert", help="write a model to another kind of file", description=_ABOUT)
    parser.add_argument("source", metavar="IN", help=f"a file in {', '.join(KINDS)}")
    parser.add_argument("target", metavar="OUT", help=f"a file in {', '.join(KINDS)}")
    parser.add_argument("--architecture", metavar="FILE", help="the model that weights in IN are of")
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it is there")
    parser.add_argument("--allow-nonfinite", action="store_true", help="take NaN and infinite weights too")
    parser.set_defaults(run=_run)


def _run(given: Namespace) -> None:
    check_source(given.source, given.architecture)
    check_ending(given.target, KINDS)
    stem = os.path.splitext(given.target)[0]
    written = [f"{stem}.npz", f"{stem}.json"] if ending_of(given.target) in (".npz", ".json") else [given.target]
    for path in written:
        if os.path.exists(path) and not given.overwrite:
            raise ArgumentError(None, f"{path} exists already; pass --overwrite to replace it")
    model = read_model(given.source, given.architecture, given.allow_nonfinite)
    write_model(model, given.target)
    sys.stdout.write(f"{given.source} -> {' and '.join(written)}\n")
