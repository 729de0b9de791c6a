"""Checks for those who write layers, losses and gradients of their own: ``check_gradients``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from denselite import tree
from denselite.errors import ArgumentError, GradientMismatchError
from denselite.functional import value_and_grad
from denselite.layers.layer import Layer
from denselite.models import Model, Sequential
from denselite.models.derivatives import LossStep
from denselite.models.doubled import doubled, floatx_is_float64
from denselite.ops.op import Array
from denselite.tensor.dtypes import is_float
from denselite.tensor.keys import generator

__all__ = ["Comparison", "GradientReport", "check_gradients"]

_EPSILON = float(np.finfo(np.float64).eps)
_STEP = _EPSILON ** (1 / 3)  # where rounding and the third derivative cost a central difference about the same
_SHOWN = 3  # rows a weight that is wrong


@dataclass(frozen=True)
class Comparison:
    """One number of a gradient, twice.

    Args:
        name: of the weight or argument.
        index: of the number in it.
        analytic: what differentiation gives.
        numeric: what differences give.
        error: their difference, relative to the larger one.
        kink: whether the function has a corner there, and ``analytic`` lies between the slopes at its sides.

    Example:
        >>> found = check_gradients(np.square, np.array([3.0])).comparisons[0]
        >>> found.index, round(found.analytic / found.numeric, 6)
        ((0,), 1.0)
    """

    name: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    error: float
    kink: bool


class GradientReport:
    """What ``check_gradients`` found; ``print`` it.

    Args:
        comparisons: every number that was compared.
        tolerance: the largest relative error that passes.

    Attributes:
        failures: the numbers that are wrong, the worst first; kinks are not among them.
        passed: whether there are none.
        worst: the comparison with the largest error outside kinks, None if there are only kinks.

    Example:
        >>> report = GradientReport([Comparison("kernel", (0,), 2.0, 1.0, 0.5, kink=False)], tolerance=1e-5)
        >>> report.passed, report.worst.error
        (False, 0.5)
    """

    def __init__(self, comparisons: Sequence[Comparison], tolerance: float) -> None:
        self.comparisons, self.tolerance = list(comparisons), tolerance
        smooth = sorted((c for c in comparisons if not c.kink), key=lambda c: -c.error)
        self.worst = smooth[0] if smooth else None
        self.failures = [c for c in smooth if c.error > tolerance]
        self.passed = not self.failures

    def __str__(self) -> str:
        rows = [("", "index", "analytic", "numeric", "relative error", "")]
        for name in dict.fromkeys(c.name for c in self.comparisons):
            offenders = sorted((c for c in self.comparisons if c.name == name), key=lambda c: (c.kink, -c.error))
            wrong = sum(c.error > self.tolerance and not c.kink for c in offenders)
            for c in offenders[: min(max(wrong, 1), _SHOWN)]:
                note = "kink" if c.kink else "wrong" if c.error > self.tolerance else ""
                index = ", ".join(map(str, c.index))
                rows.append((c.name, f"[{index}]", f"{c.analytic:.9g}", f"{c.numeric:.9g}", f"{c.error:.1e}", note))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:-1], widths[1:-1]), row[-1]]).rstrip()
            for row in rows
        ]
        kinks = sum(c.kink for c in self.comparisons)
        told = [f"{len(self.comparisons) - kinks} numbers compared, {len(self.failures)} wrong"]
        told += [f"{kinks} at kinks left out"] if kinks else []
        return "\n".join([*lines, f"{', '.join(told)} (tolerance {self.tolerance:g})."])

    __repr__ = __str__


def check_gradients(
    target: Any,
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    wrt: str = "weights",
    training: bool = False,
    samples: int = 50,
    tolerance: float = 1e-5,
    raises: bool = False,
    seed: int = 0,
) -> GradientReport:
    """Compare gradients with central differences, in float64.

    Of a model the loss on ``(x, y)`` is differentiated, as compiled; without ``y`` a sum of its outputs
    with random factors, so that each of them counts. The model is copied and keeps its dtype. Code of your own
    that casts to float32 is too coarse for differences.

    A number that disagrees is looked at again with a smaller and a larger step. If the slopes at the two
    sides of it differ and the gradient lies between them, there is a corner (a ReLU at 0, two equal
    numbers in a maximum): any gradient from one side to the other is right, and the number is left out.

    Args:
        target: a model, a layer with one input, or a function of arrays that returns an array: ``target(x)``, or
            ``target(x, y)`` where ``y`` is given.
        x: the rows of one batch; for a function what it is differentiated by, arrays nested as it likes.
        y: targets, or the second argument of a function.
        sample_weight: a weight for each row, with ``y``.
        wrt: of a model: ``"weights"`` (the trainable ones) or ``"inputs"``.
        training: of a model: whether layers behave as in training, with dropout held fixed.
        samples: how many numbers of each array to compare; all if it has no more.
        tolerance: the largest relative error that passes.
        raises: whether to raise an error if the gradients disagree.
        seed: what the choice of numbers and factors follows from.

    Returns:
        A report with ``passed``, ``worst``, ``failures`` and ``comparisons``; printed it is a table.

    Raises:
        GradientMismatchError: gradients disagree and ``raises`` is True; the message is the table.
        ArgumentError: there is nothing to differentiate by, or an argument that a function does not have.

    Example:
        >>> from denselite import ops
        >>> check_gradients(lambda x: np.sum(x**2), np.array([1.0, 2.0])).passed
        True
        >>> @ops.custom_gradient
        ... def wrong(x):
        ...     return x**2, lambda upstream: upstream * x
        >>> print(check_gradients(wrong, np.array([3.0, 1.0])))
           index     analytic      numeric  relative error
        x    [0]  ...
        x    [1]  ...
        2 numbers compared, 2 wrong (tolerance 1e-05).
    """
    problem = _model_problem if isinstance(target, Layer) else _function_problem
    compared: list[Comparison] = []
    with floatx_is_float64(), problem(target, x, y, sample_weight, wrt, training, seed) as (value, parts):
        if not parts:
            raise ArgumentError(f"check_gradients(): there are no floats to differentiate {_name(target)} by.")
        for name, array, gradient in parts:
            order = generator(seed, array.size).permutation(array.size)[:samples]
            for number in np.sort(order):
                place = tuple(map(int, np.unravel_index(number, array.shape)))
                compared.append(Comparison(name, place, *_compare(value, array, place, gradient[place], tolerance)))
    report = GradientReport(compared, tolerance)
    if raises and not report.passed:
        raise GradientMismatchError(f"The gradients of {_name(target)} disagree with differences:\n{report}")
    return report


def _name(target: Any) -> str:
    if isinstance(target, Layer):
        return f"{type(target).__name__} {target.name!r}"
    return str(getattr(target, "__name__", type(target).__name__))


Problem = tuple[Callable[[], float], list[tuple[str, Array, Array]]]  # the value at present; arrays and gradients


@contextmanager
def _model_problem(
    target: Any, x: Any, y: Any, sample_weight: Any, wrt: str, training: bool, seed: int
) -> Iterator[Problem]:
    if wrt not in ("weights", "inputs"):
        raise ArgumentError(f"check_gradients() expects wrt 'weights' or 'inputs', got {wrt!r}.")
    model = doubled(target if isinstance(target, Model) else Sequential([target], name="checked"))
    if y is None:
        y = _factors(model, x, seed)
    source = model._source(x, y, sample_weight, np.iinfo(np.int64).max, None, None)
    found = tree.flatten(model.compute_gradients(x, y, sample_weight, wrt, training))[0]
    with LossStep(model, source, training).bound(source) as bound:
        inputs = [(name, a) for name, a in bound.inputs.items() if name.startswith("x") and is_float(a.dtype)]
        weights = [(v.path, v.storage) for v in model.trainable_weights]

        def value() -> float:
            bound()
            return float(bound.outputs[0])

        parts = weights if wrt == "weights" else inputs
        yield value, [(name, array, g) for (name, array), g in zip(parts, found, strict=True)]


def _factors(model: Any, x: Any, seed: int) -> Any:
    """Compile a model for the sum of its outputs with factors, and return the factors."""
    outputs, structure = tree.flatten(model.predict(x, verbose=0))

    def weighed(y_true: Any, y_pred: Any) -> Any:
        return np.sum(y_true * y_pred, axis=-1)

    model.compile("sgd", tree.unflatten(structure, [weighed] * len(outputs)), run_eagerly=model.run_eagerly)
    factors = [generator(seed, k).normal(size=output.shape) for k, output in enumerate(outputs)]
    return tree.unflatten(structure, factors)


@contextmanager
def _function_problem(
    target: Any, x: Any, y: Any, sample_weight: Any, wrt: str, training: bool, seed: int
) -> Iterator[Problem]:
    if (sample_weight, wrt, training) != (None, "weights", False):
        raise ArgumentError("check_gradients() calls a function with x and y; the other options are for models.")
    leaves, structure = tree.flatten(x)
    places = [k for k, leaf in enumerate(leaves) if is_float(np.asarray(leaf).dtype)]
    arrays = [np.array(leaves[k], np.float64) for k in places]
    more = () if y is None else (y,)

    def result(floats: Sequence[Any]) -> Any:
        filled = list(leaves)
        for k, array in zip(places, floats, strict=True):
            filled[k] = array
        return target(tree.unflatten(structure, filled), *more)

    shape = np.shape(result(arrays))
    factors = generator(seed).normal(size=shape) if shape else 1.0

    def weighed(floats: Sequence[Any]) -> Any:
        return np.sum(result(floats) * factors)

    names = structure.paths("x")
    found = value_and_grad(weighed)(arrays)[1]
    yield lambda: float(weighed(arrays)), [(names[k], a, g) for k, a, g in zip(places, arrays, found, strict=True)]


def _compare(
    value: Callable[[], float], array: Array, place: tuple[int, ...], analytic: float, tolerance: float
) -> tuple[float, float, float, bool]:
    """Take differences with up to three steps; the best of them is what the gradient is judged by."""
    kept = array[place].copy()

    def at(moved: float) -> float:
        array[place] = moved
        return value()

    best = (np.nan, np.inf)
    try:
        for step in (_STEP, 10 * _STEP, _STEP / 10):
            step *= max(1.0, abs(kept))
            high, low, width = at(kept + step), at(kept - step), (kept + step) - (kept - step)
            numeric = (high - low) / width
            noise = 8 * _EPSILON * max(abs(high), abs(low), np.finfo(float).tiny) / step
            error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), noise / tolerance)
            if not error >= best[1]:
                best = numeric, error if np.isfinite(error) else np.inf
            if error <= tolerance:
                return float(analytic), float(numeric), float(error), False
        slopes = sorted([2 * (high - at(kept)) / width, 2 * (at(kept) - low) / width])
    finally:
        array[place] = kept
    jump = slopes[1] - slopes[0]
    slack = 1e-3 * max(map(abs, slopes))  # more than curvature makes of so small a step
    kink = jump > slack and slopes[0] - slack <= analytic <= slopes[1] + slack
    return float(analytic), float(best[0]), float(best[1]), bool(kink)
