"""Dtype policies: what a layer computes in, and what its weights are.

``mixed_float16`` keeps weights in float32 and gives activations as float16. The processors NumPy runs
on have no float16 arithmetic, so a layer rounds its inputs to float16, computes in float32 and rounds
its outputs to float16: what passes between layers has the values and the size that Keras gives it,
and nothing in a layer can overflow. Losses and gradients are float32, so no loss has to be scaled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NoReturn

import numpy as np

from denselite import config
from denselite.declared import Declared, Resolves
from denselite.declared import serialize as _serialize
from denselite.errors import ArgumentError, DTypeError, UncoveredError, suggestion
from denselite.registry import refuse_name

__all__ = ["DTypePolicy", "FloatDTypePolicy", "deserialize", "get", "serialize"]

_MIXED = {"mixed_float16": ("float16", "float32")}
_KNOWN = (*config.DTYPES, *_MIXED)
_QUANTIZED = ("int8", "int4", "float8", "gptq", "awq")
_ABSENT = (
    "AWQDTypePolicy", "DTypePolicyMap", "GPTQDTypePolicy", "Int4DTypePolicy", "QuantizedDTypePolicy",
    "QuantizedFloat8DTypePolicy",
)  # fmt: skip


def _name(value: Any) -> str:
    if value is None:
        return config.dtype_policy().name or ""
    if not isinstance(value, str):
        raise ArgumentError(f"a dtype policy has a name such as 'mixed_float16', got {value!r}.")
    if value == "float":
        return config.floatx()
    if value in _KNOWN:
        return value
    if "bfloat16" in value or value.startswith(_QUANTIZED):
        raise UncoveredError(
            f"The dtype policy {value!r} exists in Keras and not in denselite. Known: {', '.join(_KNOWN)}."
        )
    raise DTypeError(f"{value!r} is not a dtype policy.{suggestion(value, _KNOWN)} Known: {', '.join(_KNOWN)}.")


class DTypePolicy(Declared):
    """What a layer computes in and what its weights are, by name.

    Args:
        name: ``"mixed_float16"``, or a dtype, which is then that of both; the present default when None.

    Raises:
        UncoveredError: Keras has the policy, denselite does not (``bfloat16``, quantization).
        DTypeError: there is no such policy.

    Example:
        >>> policy = DTypePolicy("mixed_float16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('float16', 'float32')
    """

    name: Annotated[str | None, Resolves(_name)] = None

    @property
    def compute_dtype(self) -> str:
        """The dtype of what a layer is given and returns."""
        return _MIXED.get(str(self.name), (str(self.name),))[0]

    @property
    def variable_dtype(self) -> str:
        """The dtype of a layer's weights."""
        return _MIXED.get(str(self.name), (str(self.name),))[-1]

    @property
    def quantization_mode(self) -> None:
        """Always None: there is no quantization here."""
        return

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


FloatDTypePolicy = DTypePolicy


def get(identifier: Any) -> Any:
    """Return the policy for a name, a dtype, a config or a policy; the present default for None.

    Raises:
        UncoveredError: Keras has the policy, denselite does not.
        DTypeError: there is no such policy.
        ArgumentError: ``identifier`` is none of these.

    Example:
        >>> get("mixed_float16"), get(np.float64)
        (<DTypePolicy "mixed_float16">, <DTypePolicy "float64">)
    """
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, Mapping):
        return deserialize(identifier)
    if identifier is None or isinstance(identifier, str):
        if identifier == "int8":
            raise UncoveredError("Quantization to int8 exists in Keras and not in denselite.")
        return DTypePolicy(_name(identifier))
    try:
        name = np.dtype(identifier).name
    except TypeError:
        raise ArgumentError(f"A dtype policy is a name, a dtype or a DTypePolicy, got {identifier!r}.") from None
    return DTypePolicy(_name(name))


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """Return a policy as Keras writes it in a config.

    Args:
        dtype_policy: the policy.
    """
    config: dict[str, Any] = _serialize(dtype_policy)
    return config


def deserialize(config: Mapping[str, Any], custom_objects: Any = None) -> DTypePolicy:
    """Return the policy that a config describes.

    Args:
        config: what ``serialize`` or Keras wrote.
        custom_objects: accepted for Keras' sake; there are no policies of one's own.

    Raises:
        UncoveredError: Keras has the policy, denselite does not.
        ArgumentError: the config describes no policy.
    """
    name, arguments = config.get("class_name"), config.get("config")
    if name in _ABSENT:
        raise UncoveredError(f"{name} exists in Keras and not in denselite, got {arguments!r:.80}.")
    if name not in ("DTypePolicy", "FloatDTypePolicy") or not isinstance(arguments, Mapping):
        raise ArgumentError(f"A DTypePolicy is described by its class_name and config, got {dict(config)!r:.120}.")
    return DTypePolicy.from_config(arguments)


def __getattr__(name: str) -> NoReturn:
    refuse_name(__name__, name, _ABSENT, __all__)
