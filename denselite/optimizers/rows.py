"""An update of those rows of a table that a batch has read: an embedding's cost follows the batch, not the table."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import partial
from math import prod
from typing import Any

import numpy as np

from denselite.ops.op import Array
from denselite.optimizers.updating import bind_update

__all__ = ["bind_rows"]

Call = Callable[[], Any]


def bind_rows(
    update: Callable[..., Mapping[str, Any]],
    tables: Mapping[str, Array],
    ids: Array,
    gradient: Array,
    clean: Array,
    scalars: Mapping[str, Array],
) -> list[Call]:
    """Return the calls that take a step of an elementwise rule on the rows that ``ids`` name.

    A row that is named several times has the sum of its gradients, and is computed as often with the same result.

    Args:
        update: ``(w, g, lr, step, **slots) -> new values by name``.
        tables: arrays of one shape ``(rows, ...)`` by name: the weights ``"w"`` and the slots.
        ids: which rows, integers in ``[-rows, rows)`` of any shape.
        gradient: the gradient of each row, ``(*ids.shape, ...)``.
        clean: zeros in the shape of the tables. Sums are formed here; it is zeros again afterwards.
        scalars: 0-d arrays by name: ``"lr"`` and ``"done"``, as ``bind_update`` takes them.
    """
    width = prod(clean.shape[1:])
    calls: list[Call] = []
    if not gradient.flags.c_contiguous:
        straight = np.empty_like(gradient, order="C")
        calls.append(partial(np.copyto, straight, gradient))
        gradient = straight
    places = ids.reshape(-1)
    flat = np.empty((places.size, width), np.intp)
    parts = {name: np.empty((places.size, *table.shape[1:]), table.dtype) for name, table in tables.items()}
    summed = np.empty((places.size, *clean.shape[1:]), clean.dtype)
    calls += [
        partial(np.multiply, places[:, None], width, flat, dtype=np.intp, casting="unsafe"),
        partial(np.add, flat, np.arange(width), flat),
        partial(np.add.at, clean.reshape(-1), flat.reshape(-1), gradient.reshape(-1)),
        partial(clean.take, places, 0, summed, "wrap"),
        partial(operator.setitem, clean, places, 0),
        *(partial(table.take, places, 0, parts[name], "wrap") for name, table in tables.items()),
    ]
    calls += bind_update(update, [{**parts, "g": summed}], scalars, decay=0.0, elementwise=True, compiled=False)
    return calls + [partial(operator.setitem, table, places, parts[name]) for name, table in tables.items()]
