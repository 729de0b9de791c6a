"""ONNX for arithmetic, functions, comparisons and choices: what is done to each entry by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from denselite.exchange.onnx.graph import Edge, OnnxGraph, Writer, computed_in
from denselite.ops.op import OPS
from denselite.tensor.dtypes import is_float

__all__ = ["WRITERS"]


def _arithmetic(write: Callable[..., Edge]) -> Writer:
    """Compute in the dtype of the result, or one that runtimes compute integers in."""

    def writer(graph: OnnxGraph, *xs: Edge, **attrs: Any) -> Edge:
        dtype = computed_in(graph.value.dtype)
        return write(graph, *(graph.cast(x, dtype) for x in xs), **attrs)

    return writer


def _node(kind: str) -> Writer:
    return _arithmetic(lambda graph, *xs, **attrs: graph.node(kind, *xs, **attrs))


def _of_floats(kind: str) -> Writer:
    """Rounding: integers, which NumPy leaves integers, are whole."""
    return _arithmetic(lambda graph, x: graph.node(kind, x) if is_float(x.dtype) else x)


def _truth(dtype: Any, write: Callable[..., Edge]) -> Writer:
    """Compute what is true or false, from operands of ``dtype``; None for the one that they have in common."""

    def writer(graph: OnnxGraph, *xs: Edge) -> Edge:
        shared = computed_in(np.result_type(*(x.dtype for x in xs))) if dtype is None else dtype
        return write(graph, *(graph.cast(x, shared) for x in xs))

    return writer


def _compared(kind: str) -> Writer:
    return _truth(None, lambda graph, a, b: graph.node(kind, a, b, dtype=bool))


def _logical(kind: str) -> Writer:
    return _truth(bool, lambda graph, *xs: graph.node(kind, *xs))


def _unequal(graph: OnnxGraph, a: Edge, b: Edge) -> Edge:
    return graph.node("Not", graph.node("Equal", a, b, dtype=bool))


def _about_floats(write: Callable[..., Edge]) -> Writer:
    """What is asked of a float; float16 is asked as float32, with the same answer."""

    def writer(graph: OnnxGraph, x: Edge) -> Edge:
        return write(graph, x if x.dtype == np.float64 else graph.cast(x, np.float32))

    return writer


def _is_finite(graph: OnnxGraph, x: Edge) -> Edge:
    return graph.node("Not", graph.node("Or", _is_nan(graph, x), graph.node("IsInf", x, dtype=bool)))


def _is_nan(graph: OnnxGraph, x: Edge) -> Edge:
    return graph.node("IsNaN", x, dtype=bool)


def _in_singles(write: Callable[..., Edge]) -> Writer:
    """Compute float16 as float32, so that what lies between is not rounded."""

    def writer(graph: OnnxGraph, *xs: Edge, **attrs: Any) -> Edge:
        dtype = graph.value.dtype
        found = write(graph, *(graph.cast(x, np.float32 if dtype == np.float16 else dtype) for x in xs), **attrs)
        return graph.cast(found, dtype)

    return writer


def _expm1(graph: OnnxGraph, x: Edge) -> Edge:
    """``tanh(x/2)·(exp(x) + 1)``, which keeps small numbers."""
    return graph.node("Mul", graph.node("Tanh", graph.node("Mul", x, 0.5)), graph.node("Add", graph.node("Exp", x), 1))


def _log1p(graph: OnnxGraph, x: Edge) -> Edge:
    """``log(u)·x/(u - 1)`` with ``u = 1 + x``, whose rounding cancels; ``x`` where nothing is left of it in ``u``."""
    u = graph.node("Add", x, 1)
    kept = graph.node("Sub", u, 1)
    plain = graph.node("Log", u)
    mended = graph.node("Mul", plain, graph.node("Div", x, kept))
    exact = graph.node("Equal", kept, x, dtype=bool)
    found = graph.node("Where", exact, plain, mended, dtype=x.dtype)
    return graph.node("Where", graph.node("Equal", kept, 0, dtype=bool), x, found, dtype=x.dtype)


def _tan(graph: OnnxGraph, x: Edge) -> Edge:
    return graph.node("Div", graph.node("Sin", x), graph.node("Cos", x))  # onnxruntime has no Tan of float64


def _guarded(graph: OnnxGraph, b: Edge, write: Callable[[Edge], Edge]) -> Edge:
    """Write a division of integers by ``b``, 0 where ``b`` is 0: a runtime may end the process there."""
    zero = graph.node("Equal", b, 0, dtype=bool)
    found = write(graph.node("Where", zero, 1, b, dtype=b.dtype))
    return graph.node("Where", zero, 0, found, dtype=b.dtype)


def _remainder(graph: OnnxGraph, a: Edge, b: Edge) -> Edge:
    """NumPy's: it has the sign of the divisor."""
    if not is_float(a.dtype):
        return _guarded(graph, b, lambda divisor: graph.node("Mod", a, divisor))
    rest = graph.node("Mod", a, b, fmod=1)
    turned = graph.node("Less", graph.node("Mul", graph.node("Sign", rest), graph.node("Sign", b)), 0, dtype=bool)
    return graph.node("Where", turned, graph.node("Add", rest, b), rest, dtype=a.dtype)


def _floor_divide(graph: OnnxGraph, a: Edge, b: Edge) -> Edge:
    """``(a - remainder) / b``, which is whole but for rounding; for floats ``a / b`` where ``b`` is 0."""
    whole = graph.node("Sub", a, _remainder(graph, a, b))
    if not is_float(a.dtype):
        return _guarded(graph, b, lambda divisor: graph.node("Div", whole, divisor))
    zero = graph.node("Equal", b, 0, dtype=bool)
    rounded = graph.node("Round", graph.node("Div", whole, b))
    return graph.node("Where", zero, graph.node("Div", a, b), rounded, dtype=a.dtype)


def _reciprocal(graph: OnnxGraph, x: Edge) -> Edge:
    if is_float(x.dtype):
        return graph.node("Reciprocal", x)
    return _guarded(graph, x, lambda divisor: graph.node("Div", 1, divisor))


def _clip(graph: OnnxGraph, x: Edge, *, low: float | None, high: float | None) -> Edge:
    x = x if low is None else graph.node("Max", x, np.asarray(low, x.dtype))
    return x if high is None else graph.node("Min", x, np.asarray(high, x.dtype))


def _where(graph: OnnxGraph, condition: Edge, *xs: Edge) -> Edge:
    dtype = computed_in(graph.value.dtype)
    return graph.node("Where", condition, *(graph.cast(x, dtype) for x in xs), dtype=dtype)


def _keep(graph: OnnxGraph, condition: Edge, x: Edge) -> Edge:
    return _where(graph, condition, x, graph.edge(np.zeros((), x.dtype)))


def _replayed(graph: OnnxGraph, *xs: Edge, **attrs: Any) -> Edge:
    """Write the calls of an op's kernel one by one, each a NumPy function that has a writer here."""
    op = OPS[graph.value.op.name]
    arrays = [np.empty((), x.dtype) for x in xs]
    scratch = [np.empty(*spec) for spec in op.scratch(*arrays, **attrs)] if op.scratch else []
    result = np.empty((), graph.value.dtype)
    known = {id(array): x for array, x in zip(arrays, xs, strict=True)}

    def run(ufunc: np.ufunc, *operands: Any, out: Any = None) -> None:
        *operands, out = (*operands, out)[: ufunc.nargs]  # type: ignore[assignment]
        edges = [known.get(id(array)) or graph.edge(array) for array in operands]
        known[id(out)] = WRITERS[ufunc.__name__](graph, *edges)

    assert op.kernel is not None
    op.kernel(run, result, *arrays, *scratch, **attrs)
    return known[id(result)]


def _elu(graph: OnnxGraph, x: Edge, *, alpha: float) -> Edge:
    """Attributes are float32: a float64 that needs more is replayed."""
    exact = x.dtype != np.float64 or alpha == float(np.float32(alpha))
    return graph.node("Elu", x, alpha=alpha) if exact else _replayed(graph, x, alpha=alpha)


def _erf(graph: OnnxGraph, x: Edge) -> Edge:
    return _replayed(graph, x) if x.dtype == np.float64 else graph.node("Erf", x)  # onnxruntime has none of float64


WRITERS: dict[str, Writer] = {
    "absolute": _node("Abs"),
    "add": _node("Add"),
    "ceil": _of_floats("Ceil"),
    "clip": _arithmetic(_clip),
    "cos": _node("Cos"),
    "divide": _node("Div"),
    "elu": _in_singles(_elu),
    "equal": _compared("Equal"),
    "erf": _in_singles(_erf),
    "exp": _node("Exp"),
    "expm1": _in_singles(_expm1),
    "floor": _of_floats("Floor"),
    "floor_divide": _arithmetic(_floor_divide),
    "greater": _compared("Greater"),
    "greater_equal": _compared("GreaterOrEqual"),
    "isfinite": _about_floats(_is_finite),
    "isinf": _about_floats(lambda graph, x: graph.node("IsInf", x, dtype=bool)),
    "isnan": _about_floats(_is_nan),
    "keep": _keep,
    "less": _compared("Less"),
    "less_equal": _compared("LessOrEqual"),
    "log": _node("Log"),
    "log1p": _in_singles(_log1p),
    "log_softmax": _node("LogSoftmax"),
    "logical_and": _logical("And"),
    "logical_not": _logical("Not"),
    "logical_or": _logical("Or"),
    "logical_xor": _logical("Xor"),
    "maximum": _node("Max"),
    "minimum": _node("Min"),
    "multiply": _node("Mul"),
    "negative": _node("Neg"),
    "not_equal": _truth(None, _unequal),
    "power": _node("Pow"),
    "reciprocal": _arithmetic(_reciprocal),
    "relu": _arithmetic(lambda graph, x: graph.node("Relu", x) if is_float(x.dtype) else graph.node("Max", x, 0)),
    "remainder": _arithmetic(_remainder),
    "rint": _of_floats("Round"),
    "sigmoid": _node("Sigmoid"),
    "sigmoid_crossentropy": _replayed,
    "sign": _node("Sign"),
    "sin": _node("Sin"),
    "softmax": _node("Softmax"),
    "softplus": _node("Softplus"),
    "sqrt": _node("Sqrt"),
    "square": _arithmetic(lambda graph, x: graph.node("Mul", x, x)),
    "subtract": _node("Sub"),
    "tan": _in_singles(_tan),
    "tanh": _node("Tanh"),
    "where": _where,
}
