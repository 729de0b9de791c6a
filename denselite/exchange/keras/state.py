"""What a model holds, by the paths of Keras' files: weights, and the optimizer's variables in Keras' order."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from denselite.errors import ArgumentError
from denselite.layers.operation import Operation
from denselite.ops.op import Array
from denselite.saving.objects import entry
from denselite.saving.paths import layers_by_path, weights_by_path
from denselite.saving.training import OPTIMIZER, optimizer_variables, set_optimizer, updates

__all__ = ["groups_of", "restore_if_it_fits", "restore_optimizer", "state_of", "without_loss_scaling"]

_ITERATION = f"{OPTIMIZER}0"
_INNER = "optimizer/inner_optimizer/vars/"


def groups_of(model: Any) -> dict[str, str]:
    """Return the names of the model, of its layers and of its optimizer by path.

    Raises:
        ArgumentError: a path has other letters than English, for which HDF5 has another layout.
    """
    held = layers_by_path(model, keras=True)
    odd = [path for path in held if not path.isascii()]
    if odd:
        raise ArgumentError(
            f"Classes and attributes in Keras' files have ASCII names, got {', '.join(odd)}. Rename them, or use "
            "'.npz'."
        )
    found = {path: layer.name for path, layer in held.items() if not isinstance(layer, Operation)}
    return found | ({"optimizer": model.optimizer.name} if model.compiled else {})


def state_of(model: Any) -> dict[str, Array]:
    """Return the weights of a model and the variables of its optimizer by path.

    Raises:
        ArgumentError: there is something that Keras' files have no place for.
    """
    weights = weights_by_path(model, keras=True)
    odd = [variable.path for variable in weights.values() if variable.dtype.kind == "b"]
    if odd:
        raise ArgumentError(f"Keras' files hold numbers alone, and {', '.join(odd)} are true or false. Use '.npz'.")
    found = {path: variable.storage for path, variable in weights.items()}
    if model.compiled:
        _check_slots(model)
        found |= {path: variable.numpy() for path, variable in optimizer_variables(model).items()}
        steps = int(found[_ITERATION])
        if steps > np.iinfo(np.int32).max:
            raise ArgumentError(f"Keras counts steps up to 2³¹, the optimizer has made {steps}. Use '.npz'.")
        found[_ITERATION] = np.asarray(steps, np.int32)
    return found


def _check_slots(model: Any) -> None:
    """Keras makes the slots of a loaded model for the weights that are trained, in their order."""
    trained = [id(variable) for variable in model.trainable_weights]
    built = model.optimizer._built
    if updates(model) and [id(variable) for variable in built] != trained:
        differing = [v.path for v in built if id(v) not in trained]
        differing += [v.path for v in model.trainable_weights if all(v is not held for held in built)]
        raise ArgumentError(
            "Keras' files hold the optimizer's state for exactly the weights that are trained, and since the last "
            f"training step this has changed for {', '.join(differing)}. compile() the model again, or use '.npz'."
        )


def without_loss_scaling(spec: Any, arrays: Mapping[str, Array]) -> tuple[Any, dict[str, Array]]:
    """Take the optimizer out of the one that Keras wraps around it in mixed_float16; here losses need no scaling.

    Args:
        spec: a model as Keras describes it.
        arrays: its state by path.
    """
    compiled = spec.get("compile_config") if isinstance(spec, Mapping) else None
    outer = compiled.get("optimizer") if isinstance(compiled, Mapping) else None
    if not isinstance(outer, Mapping) or outer.get("class_name") != "LossScaleOptimizer":
        return spec, dict(arrays)
    inner = entry(entry(outer, "config", dict, "LossScaleOptimizer"), "inner_optimizer", dict, "LossScaleOptimizer")
    moved = {key.replace(_INNER, OPTIMIZER): array for key, array in arrays.items() if not key.startswith(OPTIMIZER)}
    return {**spec, "compile_config": {**spec["compile_config"], "optimizer": inner}}, moved


def restore_optimizer(model: Any, arrays: Mapping[str, Array], source: str) -> None:
    """Set the variables of the optimizer of a model that has just been made.

    Args:
        model: a compiled model.
        arrays: the variables by path, among others.
        source: where they come from, for messages.

    Raises:
        FormatError: they do not fit the optimizer and the weights that are trained.
    """
    saved = _saved(arrays)
    if len(saved) > len(model.optimizer.variables):  # of one that was never used there are no slots
        model.optimizer.build(model.trainable_weights)
    if saved:
        set_optimizer(model, _as_held(saved, optimizer_variables(model)), source)


def restore_if_it_fits(model: Any, arrays: Mapping[str, Array], source: str) -> None:
    """Set the variables of a model's optimizer where the file has those of one like it; warn if it has others."""
    saved = _saved(arrays)
    if not model.compiled or not saved:
        return
    held = optimizer_variables(model)
    saved = _as_held(saved, held)
    if _kinds(saved) == _kinds(held):
        for key, variable in held.items():
            variable.assign(saved[key])
        return
    warnings.warn(
        f"{source} holds {len(saved)} variables of an optimizer, which {model.optimizer!r} with its {len(held)} does "
        "not take: the weights were loaded, the optimizer was left as it is.",
        UserWarning,
        stacklevel=5,
    )


def _kinds(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: (value.shape, value.dtype.kind) for key, value in values.items()}


def _saved(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {key: array for key, array in arrays.items() if key.startswith(OPTIMIZER)}


def _as_held(saved: Mapping[str, Array], held: Mapping[str, Any]) -> dict[str, Array]:
    """Whole numbers, as they are held here: Keras counts steps in 32 bits, and has a 0 where a slot is not used."""
    return {
        key: array.astype(held[key].dtype) if key in held and array.ndim == 0 and array.dtype.kind == "i" else array
        for key, array in saved.items()
    }
