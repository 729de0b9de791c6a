"""More operations as functions of one ``(batch, 4)`` array: those that are made of others, beside plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from denselite import ops

Function = Callable[[Any], Any]


def same(*functions: Function) -> dict[str, tuple[Function, Function]]:
    """NumPy's functions that reach ours on a tensor."""
    return {function.__name__: (function, function) for function in functions}


def row_norm(x: Any, p: float) -> Any:
    return (np.abs(x) ** p).sum(1) ** (1 / p)


def shares(x: Any) -> Any:
    return x / x.sum(-1, keepdims=True)


def classes(x: Any) -> Any:
    return np.argmax(x, axis=1)


def hot(x: Any) -> Any:
    return (classes(x)[:, None] == np.arange(4)) * 1.0


def sparse(output: Any) -> Any:
    return -np.log((hot(output) * shares(output)).sum(1))


def rotated(x: Any, k: int) -> Any:
    return ops.rot90(x[:, :, None] * ROW, k, axes=(1, 2))


ROW = np.array([0.9, 1.1, 1.3, 1.9])
ENDS = np.array([np.inf, -np.inf, np.nan, 0.0])
HOLE = np.array([0.0, np.nan, 0.0, 0.0])
PLACES = np.array([[0], [2], [0]])
BLOCK = np.array([[5.0, 6.0]])

NAMES: dict[str, tuple[Function, Function]] = {
    # Made of a shape that follows the batch.
    "shape zeros": (lambda x: x + ops.zeros((ops.shape(x)[0], 4)), lambda x: x),
    "ones": (lambda x: x * ops.ones((ops.shape(x)[0], 1)), lambda x: x),
    "full": (lambda x: x * ops.full((x.shape[0], 4), 2.5), lambda x: x * 2.5),
    "full of a tensor": (lambda x: ops.full((x.shape[0],), np.sum(x), "float64"), lambda x: np.full(len(x), x.sum())),
    "empty": (lambda x: x + ops.empty((x.shape[0], 4)), lambda x: x),
    "empty_like": (lambda x: x + ops.empty_like(x), lambda x: x),
    "arange": (
        lambda x: x * ops.arange(x.shape[0], dtype="float64")[:, None],
        lambda x: x * np.arange(len(x))[:, None],
    ),
    "arange steps": (lambda x: x * ops.arange(1.0, 3.0, 0.5), lambda x: x * np.arange(1.0, 3.0, 0.5)),
    "eye": (lambda x: ops.matmul(ops.eye(x.shape[0], dtype="float64"), x), lambda x: x),
    "eye right": (lambda x: x @ ops.eye(4, 3, 1), lambda x: x @ np.eye(4, 3, 1)),
    "identity": (lambda x: x @ ops.identity(4), lambda x: x),
    "tri": (lambda x: ops.matmul(ops.tri(x.shape[0], dtype="float64"), x), lambda x: np.cumsum(x, 0)),
    "tril": (lambda x: ops.tril(x @ x.T, -1), lambda x: np.tril(x @ x.T, -1)),
    "triu": (lambda x: ops.triu(x[:, None] * ROW[:, None], 1), lambda x: np.triu(x[:, None] * ROW[:, None], 1)),
    "linspace": (lambda x: x * ops.linspace(0.0, 3.0, 4), lambda x: x * np.linspace(0, 3, 4)),
    "linspace of tensors": (
        lambda x: ops.linspace(x, 2 * x, 3, endpoint=False, axis=1),
        lambda x: np.linspace(x, 2 * x, 3, endpoint=False, axis=1),
    ),
    "logspace": (lambda x: x * ops.logspace(0.0, 1.0, 4, dtype="float64"), lambda x: x * np.logspace(0, 1, 4)),
    "meshgrid": (
        lambda x: np.multiply(*ops.meshgrid(x[:, 0], ROW)),
        lambda x: np.multiply(*np.meshgrid(x[:, 0], ROW)),
    ),
    "array convert_to_tensor": (
        lambda x: ops.array([x, x * 2]) * ops.convert_to_tensor(2.0),
        lambda x: np.stack([x * 2, x * 4]),
    ),
    "convert_to_numpy copy": (lambda x: ops.copy(x) * ops.convert_to_numpy([2.0]), lambda x: x * 2),
    "ndim size dtype is_tensor": (
        lambda x: x * ops.ndim(x) * ops.size(x[0]) * (ops.dtype(x) == "float64") * ops.is_tensor(x),
        lambda x: x * 8,
    ),
    # Moved.
    "hstack": (lambda x: ops.hstack([x, x[:, :1]]), lambda x: np.hstack([x, x[:, :1]])),
    "vstack": (lambda x: ops.vstack([x, ROW]), lambda x: np.vstack([x, ROW])),
    "dstack": (lambda x: ops.dstack([x, x * 2]), lambda x: np.dstack([x, x * 2])),
    "append": (lambda x: ops.append(x, x * 2, 1), lambda x: np.append(x, x * 2, 1)),
    "append flat": (lambda x: ops.append(x, ROW), lambda x: np.append(x, ROW)),
    "array_split": (lambda x: ops.array_split(x, 3, 1)[0], lambda x: np.array_split(x, 3, 1)[0]),
    "hsplit": (lambda x: ops.hsplit(x, 2)[1] * 1.0, lambda x: np.hsplit(x, 2)[1]),
    "vsplit": (lambda x: ops.vsplit(x, [0])[1] * 1.0, lambda x: x),
    "dsplit": (lambda x: ops.dsplit(x[:, None], 2)[1] * 1.0, lambda x: x[:, None, 2:]),
    "unstack": (lambda x: ops.unstack(x, 4, axis=1)[2] * 1.0, lambda x: x[:, 2]),
    "roll": (lambda x: ops.roll(x, 3, axis=1), lambda x: np.roll(x, 3, axis=1)),
    "roll flat": (lambda x: ops.roll(x, -1), lambda x: np.roll(x, -1)),
    "fliplr": (lambda x: ops.fliplr(x) * 1.0, np.fliplr),
    "flipud": (lambda x: ops.flipud(x) * 1.0, np.flipud),
    "rot90": (lambda x: rotated(x, 1) * 1.0, lambda x: np.rot90(x[:, :, None] * ROW, 1, (1, 2))),
    "rot90 half": (lambda x: rotated(x, -2) * 1.0, lambda x: np.rot90(x[:, :, None] * ROW, 2, (1, 2))),
    "rot90 back": (lambda x: rotated(x, 3) * 1.0, lambda x: np.rot90(x[:, :, None] * ROW, 3, (1, 2))),
    "diff": (lambda x: ops.diff(x, 2), lambda x: np.diff(x, 2)),
    "diagonal": (lambda x: ops.diagonal(x @ x.T), lambda x: np.diagonal(x @ x.T)),
    "diagonal right": (
        lambda x: ops.diagonal(x[:, :, None] * ROW, 1, 1, 2),
        lambda x: np.diagonal(x[:, :, None] * ROW, 1, 1, 2),
    ),
    "trace": (lambda x: ops.trace(x @ x.T), lambda x: np.trace(x @ x.T)),
    "diag": (lambda x: ops.diag(x[:, 0]), lambda x: np.diag(x[:, 0])),
    "diag below": (lambda x: ops.diag(x[:, 0], -2), lambda x: np.diag(x[:, 0], -2)),
    "diagflat": (lambda x: ops.diagflat(x[:, :2], 1), lambda x: np.diagflat(x[:, :2], 1)),
    # By place.
    "get_item": (lambda x: ops.get_item(x, (slice(None), 1)) * 1.0, lambda x: x[:, 1]),
    "slice_update": (
        lambda x: ops.slice_update(x, [0, 1], x[:, :2] * 3),
        lambda x: np.concatenate([x[:, :1], x[:, :2] * 3, x[:, 3:]], 1),
    ),
    "slice": (lambda x: ops.slice(x, [0, 1], (x.shape[0], 2)) * 1.0, lambda x: x[:, 1:3]),
    "scatter": (
        lambda x: ops.scatter(PLACES, x.T[:3], (3, x.shape[0])),
        lambda x: np.stack([x[:, 0] + x[:, 2], x[:, 0] * 0, x[:, 1]]),
    ),
    "scatter_update": (
        lambda x: ops.scatter_update(x.T, PLACES, x.T[:3] * 2),
        lambda x: np.stack([x[:, 2] * 2, x[:, 1], x[:, 1] * 2, x[:, 3]]),
    ),
    "scatter_update add": (
        lambda x: ops.scatter_update(x.T, PLACES, x.T[:3] * 2, "add"),
        lambda x: np.stack([x[:, 0] * 3 + x[:, 2] * 2, x[:, 1], x[:, 1] * 2 + x[:, 2], x[:, 3]]),
    ),
    "segment_sum": (
        lambda x: ops.segment_sum(x.T, np.array([1, 0, 1, 7]), 2),
        lambda x: np.stack([x[:, 1], x[:, 0] + x[:, 2]]),
    ),
    "multi_hot": (
        lambda x: ops.multi_hot(np.astype(x, np.int32), 3, dtype="float64"),
        lambda x: (x.astype(int)[:, :, None] == np.arange(3)).any(1) * 1.0,
    ),
    # Elementwise.
    **same(
        np.arctan,
        np.arcsinh,
        np.sinh,
        np.cosh,
        np.exp2,
        np.log2,
        np.log10,
        np.cbrt,
        np.trunc,
        np.sinc,
        np.deg2rad,
        np.rad2deg,
    ),
    "arcsin": (lambda x: np.arcsin(x - 1.2), lambda x: np.arcsin(x - 1.2)),
    "arccos": (lambda x: np.arccos(x - 1.2), lambda x: np.arccos(x - 1.2)),
    "arctanh": (lambda x: np.arctanh(x - 1.2), lambda x: np.arctanh(x - 1.2)),
    "arccosh": (lambda x: np.arccosh(x + 1), lambda x: np.arccosh(x + 1)),
    "arctan2": (lambda x: np.arctan2(x - 1.2, 1.3 - x), lambda x: np.arctan2(x - 1.2, 1.3 - x)),
    "logaddexp": (lambda x: np.logaddexp(x * 9, ROW), lambda x: np.logaddexp(x * 9, ROW)),
    "logaddexp2": (lambda x: np.logaddexp2(x, ROW), lambda x: np.logaddexp2(x, ROW)),
    "hypot": (lambda x: np.hypot(x, ROW), lambda x: np.hypot(x, ROW)),
    "fmod": (lambda x: np.fmod(-5 * x, ROW), lambda x: np.fmod(-5 * x, ROW)),
    "heaviside": (lambda x: np.heaviside(x - 1.2, 0.5), lambda x: np.heaviside(x - 1.2, 0.5)),
    "rsqrt": (ops.rsqrt, lambda x: 1 / np.sqrt(x)),
    "divide_no_nan": (
        lambda x: ops.divide_no_nan(x, ROW - 0.9),
        lambda x: np.where(ROW > 0.9, x, 0) / (ROW - 0.9 + (ROW == 0.9)),
    ),
    "isposinf": (lambda x: ops.isposinf(x + ENDS), lambda x: np.isposinf(x + ENDS)),
    "isneginf": (lambda x: ops.isneginf(x + ENDS), lambda x: np.isneginf(x + ENDS)),
    "isclose": (lambda x: np.isclose(x, ROW, 0.1), lambda x: np.isclose(x, ROW, 0.1)),
    "allclose": (lambda x: np.allclose(x, x + 1e-9), lambda x: True),
    "nan_to_num": (lambda x: np.nan_to_num(x + HOLE, nan=0.5), lambda x: np.nan_to_num(x + HOLE, nan=0.5)),
    "saturate_cast": (
        lambda x: ops.saturate_cast(x * 200 - 150, "uint8"),
        lambda x: np.clip(x * 200 - 150, 0, 255).astype("u1"),
    ),
    "select": (
        lambda x: np.select([x < 1, x < ROW], [x * 2, x * 3], 0.5),
        lambda x: np.select([x < 1, x < ROW], [x * 2, x * 3], 0.5),
    ),
    # Summed up.
    "amax amin": (lambda x: ops.amax(x, 1) - ops.amin(x, 1), lambda x: np.ptp(x, 1)),
    "ptp": (lambda x: ops.ptp(x, 1), lambda x: np.ptp(x, 1)),
    "average": (lambda x: np.average(x, 1, weights=ROW), lambda x: np.average(x, 1, weights=ROW)),
    "count_nonzero": (lambda x: np.count_nonzero(x > 1.2, axis=1), lambda x: np.count_nonzero(x > 1.2, axis=1)),
    "cumprod": (lambda x: np.cumprod(x, axis=1), lambda x: np.cumprod(x, axis=1)),
    "moments": (lambda x: ops.add(*ops.moments(x, 1)), lambda x: x.mean(1) + x.var(1)),
    "norm": (lambda x: ops.norm(x, axis=1), lambda x: row_norm(x, 2)),
    "norm 3": (lambda x: ops.norm(x, 3, axis=1), lambda x: row_norm(x, 3)),
    "norm inf": (lambda x: ops.norm(x, np.inf, axis=1), lambda x: x.max(1)),
    "norm 0": (lambda x: ops.norm(x, 0, axis=1), lambda x: 4.0 * np.ones(len(x))),
    "norm of matrices": (
        lambda x: ops.norm(x[:, :, None] * ROW, 1, axis=(1, 2)),
        lambda x: (x[:, :, None] * ROW).sum(1).max(1),
    ),
    "vdot": (lambda x: np.vdot(x, x * 2), lambda x: np.vdot(x, x * 2)),
    "inner": (lambda x: np.inner(x, BLOCK.T[:1] * ROW), lambda x: np.inner(x, BLOCK.T[:1] * ROW)),
    "trapezoid": (lambda x: np.trapezoid(x, ROW, axis=1), lambda x: np.trapezoid(x, ROW, axis=1)),
    "digitize": (lambda x: np.digitize(x, ROW), lambda x: np.digitize(x, ROW)),
    "quantile": (lambda x: ops.quantile(x, [0.1, 0.7], axis=1), lambda x: np.quantile(x, [0.1, 0.7], axis=1)),
    "quantile nearest": (
        lambda x: ops.quantile(x, 0.7, axis=-1, method="nearest", keepdims=True),
        lambda x: np.quantile(x, 0.7, axis=-1, method="nearest", keepdims=True),
    ),
    "percentile": (lambda x: np.percentile(x, 30, axis=1), lambda x: np.percentile(x, 30, axis=1)),
    "median": (lambda x: np.median(x, axis=1), lambda x: np.median(x, axis=1)),
    **{
        f.__name__: (lambda x, f=f: f(x + HOLE, axis=1), lambda x, f=f: f(x + HOLE, axis=1))
        for f in (np.nanmax, np.nanmean, np.nanmin, np.nanprod, np.nanstd, np.nansum, np.nanvar)
    },
    # Repeated and chosen.
    "cond": (
        lambda x: ops.cond(np.all(x > 0), lambda: x * 2, lambda: x),
        lambda x: x * 2,
    ),
    "fori_loop": (lambda x: ops.fori_loop(0, 3, lambda i, y: y * x + i, x), lambda x: ((x * x) * x + 1) * x + 2),
    "while_loop": (
        lambda x: ops.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, y * x), (0, x))[1],
        lambda x: x**3,
    ),
    "scan": (lambda x: ops.scan(lambda c, v: (c + v, c + v), 0.0, x.T)[1], lambda x: np.cumsum(x.T, 0)),
    "map": (lambda x: ops.map(lambda v: v * 2, x.T), lambda x: x.T * 2),
    "vectorized_map": (lambda x: ops.vectorized_map(np.sum, x.T), lambda x: x.sum(0)),
    # Activations, normalization, crossentropies.
    "celu": (lambda x: ops.celu(x - 1.2, 0.7), lambda x: np.where(x > 1.2, x - 1.2, 0.7 * np.expm1((x - 1.2) / 0.7))),
    "glu": (ops.glu, lambda x: x[:, :2] / (1 + np.exp(-x[:, 2:]))),
    "hard_shrink": (lambda x: ops.hard_shrink(x, 1.2), lambda x: np.where(x > 1.2, x, 0)),
    "hard_tanh": (ops.hard_tanh, lambda x: np.minimum(x, 1)),
    "soft_shrink": (lambda x: ops.soft_shrink(x, 1.2), lambda x: np.maximum(x - 1.2, 0)),
    "squareplus": (ops.squareplus, lambda x: (x + np.sqrt(x * x + 4)) / 2),
    "tanh_shrink": (ops.tanh_shrink, lambda x: x - np.tanh(x)),
    "threshold": (lambda x: ops.threshold(x, 1.2, 0.5), lambda x: np.where(x > 1.2, x, 0.5)),
    "batch_normalization": (
        lambda x: ops.batch_normalization(x, ROW, ROW, -1, offset=ROW, scale=ROW, epsilon=0.1),
        lambda x: (x - ROW) / np.sqrt(ROW + 0.1) * ROW + ROW,
    ),
    "layer_normalization": (
        lambda x: ops.layer_normalization(x, ROW, ROW, epsilon=0.1),
        lambda x: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 0.1) * ROW + ROW,
    ),
    "rms_normalization": (
        lambda x: ops.rms_normalization(x, ROW, epsilon=0.1),
        lambda x: x / np.sqrt((x * x).mean(1, keepdims=True) + 0.1) * ROW,
    ),
    "binary_crossentropy": (
        lambda x: ops.binary_crossentropy(x - 0.6, x / 2),
        lambda x: -(x - 0.6) * np.log(x / 2) - (1.6 - x) * np.log(1 - x / 2),
    ),
    "categorical_crossentropy": (
        lambda x: ops.categorical_crossentropy(ROW + 0 * x, x),
        lambda x: -(ROW * np.log(shares(x))).sum(1),
    ),
    "sparse_categorical_crossentropy": (lambda x: ops.sparse_categorical_crossentropy(classes(x), x), sparse),
}
