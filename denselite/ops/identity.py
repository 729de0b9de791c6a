"""The same values read differently: with another dtype, or as something that has no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.ops.apart import broadcast
from denselite.ops.op import Op, public
from denselite.tensor.dispatch import covers
from denselite.tensor.dtypes import standardize_dtype
from denselite.tensor.variable import Variable

__all__ = ["cast", "stop_gradient"]

_cast = Op(
    "cast",
    infer=lambda x, *, dtype: (x.shape, np.dtype(dtype)),
    kernel=lambda run, out, x, *, dtype: run(np.copyto, out, x, "unsafe"),
    vjp=lambda g, out, x, *, dtype: (g,),  # cast back to x's dtype, as every gradient is
    apart=broadcast,
    sample=lambda rng: ([rng.normal(size=(3, 4))], {"dtype": "float64"}),
)


@covers(np.astype)
@public
def cast(x: Any, dtype: Any) -> Any:
    """Return ``x`` with another ``dtype``, itself when it has it.

    Example:
        >>> cast(np.array([1.5, -1.5]), "int32").tolist()
        [1, -1]
    """
    x = x.value if isinstance(x, Variable) else x
    found = standardize_dtype(dtype)
    return x if getattr(x, "dtype", None) == found else _cast(x, dtype=found.name)


_alias = Op(
    "alias",
    infer=lambda x: (x.shape, x.dtype),
    view=lambda x: x,
    vjp=lambda g, out, x: (g,),
    apart=broadcast,
    sample=lambda rng: ([rng.normal(size=(3, 4))], {}),
)


def alias(x: Any) -> Any:
    """Return ``x`` as a tensor of its own, by which a derivative is taken that does not mean ``x`` elsewhere."""
    return _alias(x)


_stop_gradient = Op(
    "stop_gradient",
    infer=lambda x: (x.shape, x.dtype),
    view=lambda x: x,
    vjp=lambda g, out, x: (None,),
    apart=broadcast,
    sample=lambda rng: ([rng.normal(size=(3, 4))], {}),
)


@public
def stop_gradient(variable: Any) -> Any:
    """Return the values of ``variable``, any tensor; no gradient flows back through them."""
    return _stop_gradient(variable)
