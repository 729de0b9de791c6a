"""Tools for holding every op to the same laws: run it, plan it, differentiate it, look at its rule."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import denselite.ops
from denselite.graph.autodiff import ancestors, gradients
from denselite.graph.graph import trace_graph
from denselite.ops.op import OPS, Array, Op
from denselite.program.program import Program
from denselite.tensor.context import INPUT, Trace
from denselite.tensor.symbols import Tensor

for module in pkgutil.iter_modules(denselite.ops.__path__):
    importlib.import_module(f"denselite.ops.{module.name}")

SEED = 20250


def sample(op: Op) -> tuple[list[Array], dict[str, Any]]:
    """Fresh operands for an op: the same at every call."""
    assert op.sample is not None
    arrays, attrs = op.sample(np.random.default_rng(SEED))
    return [np.asarray(a) for a in arrays], attrs


WITHOUT_SAMPLE = {  # they do what their user's function does
    "custom_gradient", "gradient_gate", "gradient_token", "python_call", "python_result",
}  # fmt: skip
SAMPLED = [op for op in OPS.values() if op.name not in WITHOUT_SAMPLE]
ALL = sorted((op for op in SAMPLED if sample(op)[0]), key=lambda op: op.name)
NULLARY = sorted(op.name for op in SAMPLED if not sample(op)[0])


def is_float(array: Any) -> bool:
    return np.asarray(array).dtype.kind == "f"


def frozen(arrays: Sequence[Array]) -> list[Array]:
    """Copies that raise when something writes into them."""
    copies = [a.copy() for a in arrays]
    for copy in copies:
        copy.flags.writeable = False
    return copies


def run_now(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    function(*args, **kwargs)


def compute_into(op: Op, out: Array, arrays: Sequence[Array], attrs: dict[str, Any]) -> None:
    """Run an op's kernel with an ``out`` of the test's choosing."""
    scratch = [np.empty(*spec) for spec in op.scratch(*arrays, **attrs)] if op.scratch else []
    assert op.kernel is not None
    op.kernel(run_now, out, *arrays, *scratch, **attrs)


def planned(function: Callable[..., Any], *arrays: Array) -> list[Array]:
    """What a planned program of ``function`` gives on these arrays; it may return one tensor or many."""

    def traced(trace: Trace, inputs: dict[str, Tensor]) -> list[Tensor]:
        result = function(*inputs.values())
        return list(result) if isinstance(result, list | tuple) else [result]

    specs: Any = {f"x{i}": (a.shape, a.dtype) for i, a in enumerate(arrays)}
    program = Program(trace_graph(traced, specs, batch=1))
    with program.lease(1) as step:
        for i, array in enumerate(arrays):
            step.inputs[f"x{i}"][...] = array
        with np.errstate(all="ignore"):
            step()
        results = [np.array(output) for output in step.outputs]
        for i, array in enumerate(arrays):
            np.testing.assert_array_equal(step.inputs[f"x{i}"], array)
    return results


def gradient(function: Callable[..., Any], arrays: Sequence[Array], cotangent: Array) -> list[Array]:
    """The gradient of ``sum(function(*arrays) * cotangent)`` by the rules, zeros where nothing depends."""

    def traced(*tensors: Tensor) -> list[Any]:
        total = np.sum(function(*tensors) * cotangent)
        found = gradients(total, [t for t in tensors if is_float_dtype(t)])
        sources = [t for t in tensors if is_float_dtype(t)]
        return [denselite.ops.zeros_like(s) if g is None else g for g, s in zip(found, sources, strict=True)]

    return planned(traced, *arrays)


def is_float_dtype(tensor: Tensor) -> bool:
    return tensor.dtype.kind == "f"


def directional(function: Callable[..., Any], arrays: Sequence[Array], along: Sequence[Array], step: float) -> Any:
    """A central difference of ``function`` along ``along`` (one direction for each float operand)."""
    directions = iter(along)
    moves = [next(directions) if is_float(a) else None for a in arrays]

    def at(t: float) -> Any:
        return function(*(a if v is None else a + t * v for a, v in zip(arrays, moves, strict=True)))

    return (at(step) - at(-step)) / (2 * step)


def assert_gradient(function: Callable[..., Any], arrays: Sequence[Array], rng: np.random.Generator) -> None:
    """The gradient agrees with central differences along random directions, to 1e-6 relative.

    A step of 6e-6 leaves an error of about 4e-11 of the third derivative and 2e-11 of the value.
    """
    out = np.asarray(function(*arrays))
    cotangent = rng.normal(size=out.shape)
    floats = [a for a in arrays if is_float(a)]
    found = gradient(function, arrays, cotangent)
    for _ in range(3):
        along = [rng.normal(size=a.shape) for a in floats]
        expected = float(np.sum(directional(function, arrays, along, 6e-6) * cotangent))
        actual = float(sum(np.sum(g * v) for g, v in zip(found, along, strict=True)))
        size = sum(float(np.sum(np.abs(g * v))) for g, v in zip(found, along, strict=True))
        np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6 * max(size, 1e-3))


def names_used(results: Sequence[Any], out: Tensor, inputs: Sequence[Tensor]) -> set[str]:
    """Which of an op's operands and its result tensors are made from, in the words of ``Op.reads``."""
    behind = {t.index for t in ancestors([r for r in results if isinstance(r, Tensor)])}
    used = {str(i) for i, tensor in enumerate(inputs) if tensor.index in behind}
    return used | ({"out"} if out.index in behind else set())


def leaves(op: Op, trace: Trace, arrays: Sequence[Array], attrs: dict[str, Any]) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Symbols for the cotangent, the result and the operands of an op."""
    shape, dtype = op.infer(*arrays, **attrs)
    inputs = [trace.leaf(INPUT, a.shape, a.dtype, name=str(i)) for i, a in enumerate(arrays)]
    return trace.leaf(INPUT, shape, dtype, name="g"), trace.leaf(INPUT, shape, dtype, name="out"), inputs
