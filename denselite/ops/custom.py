"""A gradient given by hand, where the one that follows from the operations is not the one that is wanted."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from denselite.errors import GradientError
from denselite.ops.apart import first
from denselite.ops.op import Op, as_operands
from denselite.tensor.context import constant, current_trace
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = ["custom_gradient"]


class _Rule:
    """A gradient that a call of a function returned; rules of one function are one, whatever call they are from."""

    def __init__(self, name: str, gradient: Callable[..., Any]) -> None:
        self.name, self.gradient = name, gradient

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rule) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __call__(self, upstream: Tensor, inputs: Sequence[Tensor]) -> list[Any]:
        kinds = {name: parameter.kind for name, parameter in inspect.signature(self.gradient).parameters.items()}
        by_name = "upstream" in kinds  # Keras' portable form: grad(*args, upstream)
        starred = by_name and inspect.Parameter.VAR_POSITIONAL in kinds.values()
        args = inputs if starred else () if by_name else (upstream,)
        found = self.gradient(*args, **({"upstream": upstream} if by_name else {}))
        parts = list(found) if isinstance(found, list | tuple) else [found]
        wrong = len(parts) != len(inputs) or any(
            part is not None and getattr(part, "shape", ()) != x.shape for part, x in zip(parts, inputs, strict=False)
        )
        if wrong:
            code = getattr(self.gradient, "__code__", None)
            where = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
            raise GradientError(
                f"The gradient given for {self.name}{where} has to return one array for each of its {len(inputs)} "
                f"arguments, of shapes {[x.shape for x in inputs]}, "
                f"got {[getattr(part, 'shape', part) for part in parts]}."
            )
        return parts


_custom = Op(
    "custom_gradient",
    infer=lambda out, *inputs, rule: (out.shape, out.dtype),
    view=lambda out, *, rule: out,
    vjp=lambda g, out, value, *inputs, rule: (None, *rule(g, inputs)),
    apart=first,
)


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function with the values of ``f`` and the gradient that ``f`` returns with them.

    Args:
        f: ``f(*arrays)`` returns ``(output, gradient)``: one array, and a function that takes the gradient by the
            output (its argument may be called ``upstream``, after ``*args``, as in Keras) and returns the gradient
            by each of the arrays, None for one that has none.

    Raises:
        GradientError: (when called) ``f`` returned no such pair, or its gradient not one array for each argument.

    Example:
        >>> import denselite
        >>> import numpy as np
        >>> @custom_gradient
        ... def clipped(x):  # the identity, whose gradient is limited
        ...     return x, lambda upstream: np.clip(upstream, -1.0, 1.0)
        >>> denselite.grad(lambda x: np.sum(clipped(x) * 5.0))(np.array([2.0])).tolist()
        [1.0]
    """
    name = getattr(f, "__qualname__", type(f).__name__)

    @functools.wraps(f)
    def call(*args: Any) -> Any:
        given = as_operands(name, args)
        symbolic = any(isinstance(a, Tensor) for a in given) or (
            current_trace() is not None and any(isinstance(a, Variable) for a in args)
        )
        inputs = [a if isinstance(a, Tensor) or not symbolic else constant(a) for a in given]
        result = f(*inputs)
        if not isinstance(result, tuple) or len(result) != 2 or not callable(result[1]):
            raise GradientError(f"{name} has to return (output, gradient), since it is a custom_gradient.")
        output, gradient = result
        if not symbolic:
            return output
        (value,) = as_operands(name, [output])
        value = value if isinstance(value, Tensor) else constant(value)
        return _custom(value, *inputs, rule=_Rule(name, gradient))

    return call
