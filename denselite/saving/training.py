"""Where training stands: the optimizer's variables, counters, and the seeds that draws follow from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from denselite.errors import FormatError
from denselite.ops.op import Array
from denselite.optimizers.scaled import hold
from denselite.saving.paths import streams_by_path, weights_by_path
from denselite.tensor.variable import Variable

__all__ = [
    "OPTIMIZER", "optimizer_variables", "restore_optimizer", "restore_training", "set_optimizer", "training_state",
    "updates",
]  # fmt: skip

OPTIMIZER = "optimizer/vars/"


def optimizer_variables(model: Any) -> dict[str, Variable]:
    """Return the variables of a compiled model's optimizer by path, none if it is not compiled."""
    return {f"{OPTIMIZER}{k}": v for k, v in enumerate(model.optimizer.variables)} if model.compiled else {}


def updates(model: Any) -> list[str]:
    """Return the paths of the weights that the optimizer has slots for, in the order of its variables.

    Raises:
        FormatError: it has slots for a weight that is not in the model.
    """
    paths = {id(variable): path for path, variable in weights_by_path(model).items()}
    built = model.optimizer._built if model.compiled else []
    foreign = [variable.path for variable in built if id(variable) not in paths]
    if foreign:
        raise FormatError(
            f"The optimizer of {type(model).__name__} {model.name!r} has state for {', '.join(foreign)}, "
            "which the model does not hold. Give each model an optimizer of its own."
        )
    return [paths[id(variable)] for variable in built]


def restore_optimizer(model: Any, contents: Mapping[str, Any], arrays: Mapping[str, Array], source: str) -> None:
    """Set the variables of a model's optimizer.

    Args:
        model: a compiled model.
        contents: what the archive says of itself: what ``updates`` gave, and the units of arrays.
        arrays: what is stored by path, among others.
        source: where they come from, for messages.

    Raises:
        FormatError: they do not fit the optimizer.
    """
    weights, built_for = weights_by_path(model), contents["updates"]
    unknown = [key for key in built_for if key not in weights]
    if unknown:
        raise FormatError(f"{source}: the optimizer has slots for {', '.join(unknown)}, which are not in the model.")
    if built_for:
        model.optimizer.build([weights[key] for key in built_for])
    units = {key: entry["unit"] for key, entry in contents["members"].items() if "unit" in entry}
    set_optimizer(model, {key: array for key, array in arrays.items() if key.startswith(OPTIMIZER)}, source, units)


def set_optimizer(model: Any, saved: Mapping[str, Array], source: str, units: Mapping[str, float] = {}) -> None:
    """Set the variables of an optimizer that has its slots.

    Args:
        model: a compiled model.
        saved: what is stored by path.
        source: where it comes from, for messages.
        units: what it is in units of, where that is not 1.

    Raises:
        FormatError: there are others, or they are of other shapes or dtypes.
    """
    held = optimizer_variables(model)
    found = {key: (array.shape, array.dtype) for key, array in saved.items()}
    wanted = {key: (variable.shape, variable.dtype) for key, variable in held.items()}
    if found != wanted:
        differing = sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
        raise FormatError(f"{source}: the state of {model.optimizer!r} does not fit it: {', '.join(differing)}.")
    for key, variable in held.items():
        hold(variable, saved[key], units.get(key, 1.0))


def training_state(model: Any) -> dict[str, Any]:
    """Return the steps and passes of a model's life, and its seeds."""
    state = vars(model)
    return {
        "steps": int(model._step_count),
        "epochs": state.get("_t_epochs_done", 0),
        "seed": state.get("_t_seed"),
        "streams": {path: [stream.seed, stream.used] for path, stream in streams_by_path(model).items()},
    }


def restore_training(model: Any, state: Mapping[str, Any], source: str) -> None:
    """Set what ``training_state`` gave.

    Args:
        model: the model.
        state: its state.
        source: where it comes from, for messages.

    Raises:
        FormatError: the model draws at other places.
    """
    streams = streams_by_path(model)
    if streams.keys() != state["streams"].keys():
        differing = sorted(streams.keys() ^ state["streams"].keys())
        raise FormatError(f"{source}: model and file differ in what draws at random: {', '.join(differing)}.")
    for key, (seed, used) in state["streams"].items():
        streams[key].seed, streams[key].used = seed, used
    model._step_count.assign(state["steps"])
    if state["seed"] is not None:
        model._t_seed, model._t_epochs_done = state["seed"], state["epochs"]
