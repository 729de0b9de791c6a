"""Initializers: what a weight is before training."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from denselite.declared import Resolves, serialize
from denselite.initializers.constant import Constant, Identity, Ones, Zeros
from denselite.initializers.initializer import Initializer, initializers
from denselite.initializers.random import Orthogonal, RandomNormal, RandomUniform, TruncatedNormal
from denselite.initializers.scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)

__all__ = [
    "Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity", "IdentityInitializer",
    "Initialized", "Initializer", "LecunNormal", "LecunUniform", "Ones", "Orthogonal", "OrthogonalInitializer",
    "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros", "constant", "deserialize", "get",
    "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "identity", "lecun_normal", "lecun_uniform", "ones",
    "orthogonal", "random_normal", "random_uniform", "serialize", "truncated_normal", "variance_scaling", "zeros",
]  # fmt: skip

# Keras' lower-case names are the classes too.
constant, zeros, ones, identity, orthogonal = Constant, Zeros, Ones, Identity, Orthogonal
IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling, glorot_normal, glorot_uniform = VarianceScaling, GlorotNormal, GlorotUniform
he_normal, he_uniform, lecun_normal, lecun_uniform = HeNormal, HeUniform, LecunNormal, LecunUniform


def get(identifier: Any) -> Any:
    """Return an initializer for a name, a config, a class, an array of values or a callable; None stays None.

    Raises:
        UnknownNameError: no initializer goes by that name.
        UncoveredError: Keras has it, denselite does not.
        ArgumentError: ``identifier`` is none of these.

    Example:
        >>> get("he_normal")
        HeNormal()
        >>> get(np.array([1.0, 2.0]))((2,), "float32").tolist()
        [1.0, 2.0]
    """
    if isinstance(identifier, np.ndarray | np.generic):
        return Constant.of_shape(identifier)
    return initializers.get(identifier)


def deserialize(config: dict[str, Any]) -> Any:
    """Return the initializer that ``serialize`` described in ``config``."""
    return get(config)


Initialized = Annotated[Any, Resolves(get)]  # the type of a declared field


def __getattr__(name: str) -> Any:
    initializers.refuse(__name__, name)
