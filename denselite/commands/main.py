"""The command line: which commands there are, and what becomes of an error."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from denselite.commands import convert, summary, verify
from denselite.errors import DenseliteError, MissingPackageError

__all__ = ["main"]

_ABOUT = """\
Look at files of models, convert them, verify them. Nothing in a file is run.

  .npz, .json                       a model of denselite (two files, either name will do)
  .keras                            a model of Keras 3
  .weights.npz, .weights.h5         weights alone, of denselite and of Keras
  .safetensors                      weights alone, named as torch's nn.Sequential names them
  .onnx                             what predict computes, written here or by others

Weights alone are read with --architecture FILE, which is any file of a model, or what to_json() returned.
"""
_CODES = """\
exit codes: 0 all is well; 1 a file is not what it says it is, or cannot be converted; 2 the command is not used right,
or needs a package that is not installed. An error is one line on stderr.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {_one_line(message)}. See {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: what stands behind ``python -m denselite``; the process' own when None.

    Returns:
        The exit code.
    """
    parser = _Parser(
        "denselite", description=_ABOUT, epilog=_CODES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (summary, convert, verify):
        command.add_to(commands)
    found = parser.parse_args(arguments)
    with suppress(AttributeError):  # somebody's own stdout
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # tables, where only ASCII is shown
    try:
        found.run(found)
    except argparse.ArgumentError as error:
        return _told(str(error), 2)
    except MissingPackageError as error:
        return _told(str(error), 2)
    except (DenseliteError, OSError) as error:
        return _told(str(error), 1)
    return 0


def _told(message: str, code: int) -> int:
    sys.stderr.write(f"denselite: {_one_line(message)}\n")
    return code


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
