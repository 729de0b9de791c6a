"""Settings that hold for the whole process: the default float dtype, the fuzz factor, where lines are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from denselite.changes import changed
from denselite.errors import ArgumentError
from denselite.registry import refuse_name

if TYPE_CHECKING:
    from denselite.dtype_policies import DTypePolicy

__all__ = [
    "backend", "disable_interactive_logging", "dtype_policy", "enable_interactive_logging", "epsilon", "floatx",
    "image_data_format", "is_interactive_logging_enabled", "set_backend", "set_dtype_policy", "set_epsilon",
    "set_floatx", "set_image_data_format",
]  # fmt: skip

_ABSENT = (
    "disable_flash_attention", "disable_traceback_filtering", "enable_flash_attention",
    "enable_traceback_filtering", "enable_unsafe_deserialization", "is_flash_attention_enabled",
    "is_traceback_filtering_enabled", "max_epochs", "max_steps_per_epoch", "set_max_epochs",
    "set_max_steps_per_epoch",
)  # fmt: skip
DTYPES = (
    "bool", "float16", "float32", "float64", "int16", "int32", "int64", "int8", "uint16", "uint32", "uint64", "uint8",
)  # fmt: skip
_FLOATS = ("float16", "float32", "float64")
_LAYOUTS = ("channels_last", "channels_first")
_settings: dict[str, str | float] = {
    "dtype_policy": "",  # that of floatx
    "floatx": "float32",
    "epsilon": 1e-7,
    "image_data_format": "channels_last",
    "interactive_logging": True,
}


def _set(name: str, value: str | float) -> None:
    _settings[name] = value
    changed()


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
    _set("floatx", value)


def dtype_policy() -> DTypePolicy:
    """Return the dtype policy that layers have by default: ``floatx()`` unless ``set_dtype_policy`` named another.

    Example:
        >>> dtype_policy()
        <DTypePolicy "float32">
    """
    from denselite.dtype_policies import DTypePolicy

    return DTypePolicy(str(_settings["dtype_policy"]) or floatx())


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Set the default dtype policy of layers made from now on.

    Args:
        policy: ``"mixed_float16"``, the name of a dtype, or a ``DTypePolicy``. The name of ``floatx()``
            brings back the default, which follows ``floatx()``.

    Raises:
        ArgumentError: it is neither a name nor a policy.
        UncoveredError: Keras has the policy, denselite does not.
    """
    from denselite.dtype_policies import DTypePolicy, get

    if not isinstance(policy, str | DTypePolicy):
        raise ArgumentError(f"set_dtype_policy() expects the name of a policy or a DTypePolicy, got {policy!r}.")
    name = get(policy).name
    _set("dtype_policy", "" if name == floatx() else name)


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
    _set("epsilon", float(value))


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
    _set("image_data_format", value)


def backend() -> str:
    """Return ``"numpy"``: there is no other."""
    return "numpy"


def set_backend(backend: str) -> None:
    """Accept the backend there is.

    Args:
        backend: ``"numpy"``.

    Raises:
        ArgumentError: any other value.
    """
    if backend != "numpy":
        raise ArgumentError(f"set_backend() expects 'numpy', the only backend, got {backend!r}.")


def enable_interactive_logging() -> None:
    """Show progress and what callbacks say on standard output, as at the start."""
    _set("interactive_logging", True)


def disable_interactive_logging() -> None:
    """Send progress (one line an epoch, no bar) and what callbacks say to the logger ``denselite``, at level INFO."""
    _set("interactive_logging", False)


def is_interactive_logging_enabled() -> bool:
    """Say whether lines are shown on standard output.

    Example:
        >>> is_interactive_logging_enabled()
        True
    """
    return bool(_settings["interactive_logging"])


def __getattr__(name: str) -> NoReturn:
    refuse_name(__name__, name, _ABSENT, __all__)
