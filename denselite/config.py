"""Settings that every part reads when it is made: the float dtype and the fuzz factor."""

from __future__ import annotations

from denselite.errors import ArgumentError

__all__ = ["backend", "epsilon", "floatx", "image_data_format", "set_epsilon", "set_floatx", "set_image_data_format"]

_FLOATS = ("float16", "float32", "float64")
_LAYOUTS = ("channels_last", "channels_first")
_settings: dict[str, str | float] = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}


def floatx() -> str:
    """Return the dtype that weights and activations have by default, ``"float32"`` at the start.

    Example:
        >>> floatx()
        'float32'
    """
    return str(_settings["floatx"])


def set_floatx(value: str) -> None:
    """Set the default float dtype.

    Args:
        value: ``"float16"``, ``"float32"`` or ``"float64"``.

    Raises:
        ArgumentError: any other value.
    """
    if value not in _FLOATS:
        raise ArgumentError(f"set_floatx() expects one of {', '.join(_FLOATS)}, got {value!r}.")
    _settings["floatx"] = value


def epsilon() -> float:
    """Return the fuzz factor that keeps logarithms and quotients finite, ``1e-7`` at the start.

    Example:
        >>> epsilon()
        1e-07
    """
    return float(_settings["epsilon"])


def set_epsilon(value: float) -> None:
    """Set the fuzz factor.

    Args:
        value: a positive number.

    Raises:
        ArgumentError: ``value`` is not positive.
    """
    if not value > 0:
        raise ArgumentError(f"set_epsilon() expects a positive number, got {value!r}.")
    _settings["epsilon"] = float(value)


def image_data_format() -> str:
    """Return where images keep their channels, ``"channels_last"`` at the start."""
    return str(_settings["image_data_format"])


def set_image_data_format(value: str) -> None:
    """Set where images keep their channels.

    Args:
        value: ``"channels_last"`` or ``"channels_first"``.

    Raises:
        ArgumentError: any other value.
    """
    if value not in _LAYOUTS:
        raise ArgumentError(f"set_image_data_format() expects one of {', '.join(_LAYOUTS)}, got {value!r}.")
    _settings["image_data_format"] = value


def backend() -> str:
    """Return ``"numpy"``: there is no other."""
    return "numpy"
