"""Arrays into a model's weights, by structural path: all of them, or none."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from denselite.errors import FormatError
from denselite.ops.op import Array
from denselite.saving.paths import weights_by_path
from denselite.tensor.variable import Variable

__all__ = ["assign_weights"]


def assign_weights(
    model: Any,
    arrays: Mapping[str, Array],
    source: str,
    skip_mismatch: bool = False,
    exact: bool = False,
    keras: bool = False,
) -> None:
    """Set the weights of a model.

    Args:
        model: the model.
        arrays: values by path.
        source: where they come from, for messages.
        skip_mismatch: set those that fit, and warn about the others.
        exact: whether a weight takes a value of its own dtype only, not of another of the kind.
        keras: whether paths are exactly those of Keras' files.

    Raises:
        FormatError: there are others, some are missing, or some do not fit; all are listed, and the model is
            left as it was.
    """
    held = weights_by_path(model, keras)
    extra = [key for key in arrays if key not in held]
    missing = [f"{key} ({held[key].path})" for key in held if key not in arrays]
    wrong = {
        key: f"{key} ({variable.path}) has shape {variable.shape} and dtype {variable.dtype}, "
        f"the file {arrays[key].shape} and {arrays[key].dtype}"
        for key, variable in held.items()
        if key in arrays and not _fits(arrays[key], variable, exact)
    }
    problems = [f"The model has no {', '.join(extra)}"] if extra else []
    problems += [f"The file has no {', '.join(missing)}"] if missing else []
    problems += wrong.values()
    if problems:
        told = f"{source} does not fit {type(model).__name__} {model.name!r}. {'; '.join(problems)}."
        if not skip_mismatch:
            raise FormatError(
                f"{told} No weight was changed. load_weights(..., skip_mismatch=True) loads those that fit."
            )
        warnings.warn(f"{told} These weights were left as they are.", UserWarning, stacklevel=4)
    for key in held.keys() & arrays.keys() - wrong.keys():
        held[key].assign(arrays[key])


def _fits(array: Array, variable: Variable, exact: bool) -> bool:
    found, wanted = array.dtype, variable.dtype
    return array.shape == variable.shape and bool(found == wanted if exact else found.kind == wanted.kind)
