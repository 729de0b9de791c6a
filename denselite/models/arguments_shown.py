"""What a part was given, in short: the code that made it, without what is as usual."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from denselite.declared import Declared
from denselite.dtype_policies import DTypePolicy

__all__ = ["arguments_shown", "shown"]

_ELSEWHERE = ("name", "build_config", "batch_shape", "layers")  # of layers: what other columns show


def arguments_shown(part: Any) -> str:
    """Return the arguments of a layer, a loss, an optimizer that are required or differ from their defaults.

    Example:
        >>> from denselite.layers import Dense
        >>> arguments_shown(Dense(3, "relu", kernel_regularizer="l2", name="top"))
        "units=3, activation='relu', kernel_regularizer=L2()"
    """
    if hasattr(part, "_graph"):  # a model: its layers say
        return ""
    with suppress(Exception):  # a class of one's own may have no config, or none that rebuilds it: printing goes on
        config = part.get_config()
        required = {
            name
            for name, parameter in inspect.signature(type(part)).parameters.items()
            if parameter.default is inspect.Parameter.empty and name in config
        }
        usual = type(part).from_config({name: config[name] for name in config if name in {*required, "name"}})
        usual_config = usual.get_config()
        told = [
            f"{name}={shown(_as_part(part, name, value))}"
            for name, value in config.items()
            if name not in _ELSEWHERE and (name in required or usual_config.get(name) != value)
        ]
        return ", ".join(told)
    return ""


def shown(value: Any) -> str:
    """Return an argument as short code.

    Example:
        >>> from denselite.losses import Huber
        >>> shown({"a": Huber(delta=2.0), "b": ["mse", None]})
        "{'a': Huber(delta=2), 'b': ['mse', None]}"
    """
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {shown(entry)}' for key, entry in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, DTypePolicy):
        return repr(value.name)
    if isinstance(value, Declared):
        return f"{type(value).__name__}({arguments_shown(value)})"
    return str(getattr(value, "__name__", None) or repr(value))


def _as_part(part: Any, name: str, value: Any) -> Any:
    """The object that an argument became, where its config is a description of one."""
    described = isinstance(value, Mapping) and "class_name" in value
    return getattr(part, "dtype_policy" if name == "dtype" else name, value) if described else value
