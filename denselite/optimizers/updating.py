"""A rule as calls: swept over flat arrays, or on each weight as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from denselite.ops.identity import cast
from denselite.ops.op import Array
from denselite.program.arena import runs
from denselite.program.sweep import bind_sweep, bind_whole

__all__ = ["bind_count", "bind_update"]

Call = Callable[[], Any]


def bind_update(
    update: Callable[..., Mapping[str, Any]],
    weights: Sequence[Mapping[str, Array]],
    scalars: Mapping[str, Array],
    decay: float,
    elementwise: bool,
    compiled: bool,
) -> list[Call]:
    """Return the calls that take a step of a rule on weights of one dtype.

    Args:
        update: ``(w, g, lr, step, **slots) -> new values by name``.
        weights: the arrays of each weight by name: ``"w"``, ``"g"``, which may be overwritten, and its slots.
        scalars: 0-d arrays by name: ``"lr"``, ``"done"`` (how many updates were made before) and the rule's counters.
        decay: share of the weights taken away before the step, per unit of learning rate.
        elementwise: whether the rule may be given any piece of any weights, flat.
        compiled: let Numba make one loop of it, where it can.
    """

    def rule(arrays: dict[str, Any], scalars: dict[str, Any]) -> Mapping[str, Any]:
        state = dict(arrays)
        w, g = state.pop("w"), state.pop("g")
        step = cast(scalars["done"] + 1, w.dtype)
        state |= {name: cast(value, w.dtype) for name, value in scalars.items() if name != "done"}
        lr = state.pop("lr")
        if decay:
            w = w - w * (lr * decay)
        return update(w, g, lr, step, **state)

    if not elementwise:
        return bind_whole(rule, weights, scalars, ["g"])
    columns = [[arrays[name] for arrays in weights] for name in weights[0]]
    blocks = [dict(zip(weights[0], flat, strict=True)) for flat in runs(columns)]
    return bind_sweep(rule, blocks, scalars, ["g"], compiled)


def bind_count(count: Callable[..., Mapping[str, Any]], counters: Mapping[str, Array], done: Array) -> list[Call]:
    """Return the calls that bring a rule's counters up to date for the coming update.

    Args:
        count: ``(step, **counters) -> new values by name``.
        counters: 0-d arrays of one dtype by name.
        done: how many updates were made before, 0-d.
    """
    blocks = [{name: kept.reshape(1) for name, kept in counters.items()}] if counters else []

    def rule(arrays: dict[str, Any], scalars: dict[str, Any]) -> Mapping[str, Any]:
        dtype = next(iter(arrays.values())).dtype
        return count(cast(scalars["done"] + 1, dtype), **arrays)

    return bind_sweep(rule, blocks, {"done": done})
