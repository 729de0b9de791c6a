"""What a model was compiled with, as JSON, and back: strings as they were written, objects as configs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from denselite import losses, metrics, optimizers
from denselite.declared import Declared, function_config, serialize
from denselite.errors import ArgumentError, FormatError
from denselite.losses.loss import losses as known_losses
from denselite.metrics.metric import metrics as known_metrics
from denselite.saving.objects import Custom, entry, revive

__all__ = ["compile_config", "compile_from_config"]

_PARTS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "loss": (losses.get, known_losses),
    "metrics": (metrics.get, known_metrics),
    "weighted_metrics": (metrics.get, known_metrics),
}
# What Keras writes beside them: how its program is run. It changes no number.
_SETTINGS = {"auto_scale_loss", "jit_compile", "run_eagerly", "steps_per_execution"}


def compile_config(model: Any) -> dict[str, Any]:
    """Return what a model was compiled with, ``{}`` if it was not.

    Raises:
        ArgumentError: a function in it has no name, or the name of one of the library's.
    """
    if not model.compiled:
        return {}
    config: dict[str, Any] = {"optimizer": serialize(model.optimizer)}
    for option in ("loss", "loss_weights", "metrics", "weighted_metrics"):
        config[option] = _part(getattr(model._objective, option), option)
    return {**config, "run_eagerly": bool(model.run_eagerly), "steps_per_execution": 1}


def _part(value: Any, option: str) -> Any:
    if isinstance(value, list | tuple):
        return [_part(part, option) for part in value]
    if isinstance(value, Mapping):
        return {key: _part(part, option) for key, part in value.items()}
    written = serialize(value)
    if isinstance(value, Declared) or not callable(value):
        return written
    name = written if isinstance(written, str) else written["config"]
    known = name in _PARTS[option][1].members
    if known and not isinstance(written, str):
        raise ArgumentError(
            f"compile() was given a function {name!r} of your own as {option}, and denselite has one of that name: "
            "a loaded model would take that. Rename yours to save the model."
        )
    return function_config(name)


def compile_from_config(model: Any, config: Any, custom_objects: Custom = None) -> None:
    """Compile a model as a config says; ``{}`` leaves it as it is.

    Raises:
        FormatError: the config has unknown entries, or needs what ``custom_objects`` does not hold.
    """
    if not config:
        return
    described = entry(config, "optimizer", dict, "compile()")
    unknown = sorted(config.keys() - _SETTINGS - {"optimizer", "loss_weights", *_PARTS})
    if unknown:
        raise FormatError(f"compile() has no arguments {', '.join(map(repr, unknown))}.")
    parts = {option: _revived(config.get(option), option, custom_objects) for option in _PARTS}
    optimizer = revive(described, custom_objects, "compile(), 'optimizer'")
    model.compile(
        optimizer=optimizers.get(optimizer),
        loss_weights=config.get("loss_weights"),
        run_eagerly=bool(config.get("run_eagerly")),
        **parts,
    )


def _revived(value: Any, option: str, custom_objects: Custom) -> Any:
    get, known = _PARTS[option]
    if isinstance(value, list):
        return [_revived(part, option, custom_objects) for part in value]
    if not isinstance(value, dict):
        return value
    if "class_name" not in value:
        return {key: _revived(part, option, custom_objects) for key, part in value.items()}
    name = value.get("config")
    if (
        value["class_name"] == "function"
        and isinstance(name, str)
        and name not in (custom_objects or {})
        and name in known.members
    ):
        found = known.members[name]
        return found() if isinstance(found, type) else found
    revived = revive(value, custom_objects, f"compile(), {option!r}")
    return get(revived) if isinstance(revived, dict) else revived
