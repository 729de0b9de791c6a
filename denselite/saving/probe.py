"""A probe in a model's file: what the model returned for a few rows, so that ``verify`` can tell whether it still does.

The rows are not in the file. They follow from shapes and dtypes, by a rule that any language can follow: the k-th
number of them all, from 1, is ``u = frac(k · 0.6180339887498949)`` in double precision; a float is ``2u - 1``, a whole
number below n is ``floor(u · n)``.

Saving runs nobody's own code for it, changes nothing in the model, and never fails because of it: where any of this
could be, or the computation would take longer than writing the file, there is no probe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import prod
from typing import Any

import numpy as np

from denselite.errors import FormatError
from denselite.layers import Embedding, Lambda, layers
from denselite.ops.op import Array
from denselite.saving.objects import MODELS
from denselite.saving.paths import layers_by_path
from denselite.tensor.context import Trace
from denselite.tensor.symbols import symbols_of

__all__ = ["PROBE", "difference", "make_probe", "probe_rows"]

PROBE = "probe/"

_ROWS = 2
_OPEN = 8  # the size of an axis that an Input leaves open
_MOST = 1024  # numbers kept of an output
_FREE = 1 << 23  # multiplications that any model may take, beside one for each byte that is written
_GOLDEN = 0.6180339887498949


def make_probe(model: Any, written: int) -> tuple[list[dict[str, Any]], dict[str, Array]]:
    """Return what a file keeps of a probe; nothing if there can be none.

    Args:
        model: the model.
        written: the bytes that its file takes.

    Returns:
        Shape, dtype and bound of each input, and the first numbers of each output by key.
    """
    with suppress(Exception):
        if _is_ours(model) and _is_cheap(model, written):
            inputs = _described(model)
            outputs = _outputs(model, probe_rows(inputs))
            if all(np.isfinite(output).all() for output in outputs):
                return inputs, {f"{PROBE}{k}": output for k, output in enumerate(outputs)}
    return [], {}


def _is_ours(model: Any) -> bool:
    """Whether a model is made of the library's layers alone, and nobody looks at them."""
    return type(model) in MODELS.members.values() and all(
        not layer._hooks
        and type(layer) is not Lambda
        and type(layer) in (*MODELS.members.values(), layers.members.get(type(layer).__name__))
        for layer in layers_by_path(model).values()
    )


def _is_cheap(model: Any, written: int) -> bool:
    """Whether computing a few rows takes no longer than writing the file, or next to nothing."""
    return _ROWS * _cost(model) <= _FREE + written


def _cost(model: Any) -> int:
    """About how many multiplications a row takes, and how many numbers are made."""
    total = sum(prod(_filled(symbol.shape[1:])) for symbol in model.inputs)
    for node in model._graph.nodes:
        layer = node.operation
        if type(layer) in MODELS.members.values():
            total += _cost(layer)
            continue
        made = sum(prod(_filled(symbol.shape[1:])) for symbol in node.outputs)
        kernels = [v.shape for v in layer.weights if "kernel" in v.name]
        total += made + sum(prod(shape[:-1]) * made for shape in kernels)  # the last axis is of what is made
    return total


def _filled(shape: Sequence[int | None]) -> list[int]:
    return [_OPEN if size is None else size for size in shape]


def _described(model: Any) -> list[dict[str, Any]]:
    """Shape and dtype of each input, and what its whole numbers lie below; None for floats."""
    tables = [layer.input_dim for layer in layers_by_path(model).values() if isinstance(layer, Embedding)]
    found = []
    for k, symbol in enumerate(model.inputs):
        whole = symbol.dtype.kind != "f" or _reads_ids(model, k)
        shape = [_ROWS, *_filled(symbol.shape[1:])]
        found.append({"shape": shape, "dtype": symbol.dtype.name, "below": min(tables, default=2) if whole else None})
    return found


def _reads_ids(model: Any, k: int) -> bool:
    """Whether an input of a model goes into an ``Embedding``, be it in a model inside."""
    for node in model._graph.nodes:
        places = [place for place, symbol in enumerate(symbols_of(node)) if symbol is model.inputs[k]]
        if places and isinstance(node.operation, Embedding):
            return True
        if type(node.operation) in MODELS.members.values() and any(_reads_ids(node.operation, p) for p in places):
            return True
    return False


def probe_rows(inputs: Sequence[Mapping[str, Any]]) -> list[Array]:
    """Return the rows that a probe is of.

    Args:
        inputs: shape, dtype and bound of each input.

    Example:
        >>> rows = probe_rows([{"shape": [1, 3], "dtype": "float32", "below": None}])[0]
        >>> rows.round(3).tolist() == np.array([[0.236, -0.528, 0.708]], "float32").tolist()
        True
        >>> probe_rows([{"shape": [2, 2], "dtype": "int32", "below": 10}])[0].tolist()
        [[6, 2], [8, 4]]
    """
    found, before = [], 0
    for described in inputs:
        shape, below = described["shape"], described["below"]
        u = np.arange(before + 1, before + prod(shape) + 1) * _GOLDEN % 1.0
        before += u.size
        values = 2 * u - 1 if below is None else np.floor(u * below)
        with np.errstate(invalid="ignore"):  # a bound that the dtype does not reach
            found.append(values.astype(described["dtype"]).reshape(shape))
    return found


def _outputs(model: Any, rows: Sequence[Array]) -> list[Array]:
    """The first numbers of what a model returns, for each output; the model stays as it is."""
    trace = Trace(eager=True)  # computes at once, and keeps for itself what a layer would assign
    with trace.active(), np.errstate(all="ignore"):
        given = [trace.add_input(str(k), array.shape, array.dtype, array) for k, array in enumerate(rows)]
        outputs = model._graph.run(given)
    return [output.value.reshape(-1)[:_MOST].copy() for output in outputs]


def difference(model: Any, inputs: Sequence[Mapping[str, Any]], arrays: Mapping[str, Array], source: str) -> float:
    """Return how far off the outputs of a loaded model are for its probe, at most.

    Args:
        model: the model.
        inputs: shape, dtype and bound of each input, as the file says them.
        arrays: the file's arrays by key.
        source: where they come from, for messages.

    Raises:
        FormatError: the model returns something else, or cannot be computed.
    """
    wanted = [(symbol.shape, symbol.dtype.name) for symbol in model.inputs] if _is_ours(model) else []
    fits = len(wanted) == len(inputs) and all(
        len(given["shape"]) == len(shape)
        and given["dtype"] == dtype
        and all(size <= _OPEN if own is None else size == own for size, own in zip(given["shape"], shape, strict=True))
        for given, (shape, dtype) in zip(inputs, wanted, strict=True)
    )
    if not fits or not _is_cheap(model, sum(array.nbytes for array in arrays.values())):
        raise FormatError(f"{source} has a probe that is none for its model.")
    saved = [array for key, array in arrays.items() if key.startswith(PROBE)]
    try:
        found = _outputs(model, probe_rows(inputs))
    except Exception as error:
        raise FormatError(f"{source}: the model cannot be computed: {type(error).__name__}: {error}") from error
    if [(a.shape, a.dtype) for a in saved] != [(a.shape, a.dtype) for a in found]:
        raise FormatError(f"{source}: the model returns outputs of other shapes than when it was saved.")
    return max(_apart(was, now, f"{source}, output {k}") for k, (was, now) in enumerate(zip(saved, found, strict=True)))


def _apart(was: Array, now: Array, who: str) -> float:
    """How far two outputs are apart; not farther than rounding explains."""
    was, now, dtype = was.astype(np.float64), now.astype(np.float64), was.dtype
    apart = float(np.abs(now - was).max(initial=0))
    rounding = float(np.finfo(dtype).eps) ** 0.5 if dtype.kind == "f" else 0.0
    allowed = rounding * max(1.0, float(np.abs(was).max(initial=0)))
    if not apart <= allowed:
        raise FormatError(
            f"{who}: the model returns other numbers for its probe than when it was saved, by up to {apart:.3g} where "
            f"{allowed:.1g} is rounding."
        )
    return apart
