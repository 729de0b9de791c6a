"""Every public operation as a function of one ``(batch, 4)`` array, beside the same in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from denselite import ops, random
from denselite.ops.bins import bin_sums
from denselite.ops.by_value import by_value
from denselite.ops.crossentropy import pick_class, sigmoid_crossentropy
from denselite.ops.erf import erf
from denselite.ops.identity import alias
from denselite.ops.ids import checked_ids
from denselite.ops.normalization import rescale, standardize
from denselite.ops.op import OPS
from denselite.ops.random import dropout_mask
from tests.contracts.op_names import NAMES

Function = Callable[[Any], Any]

W = np.linspace(-1.0, 1.0, 12).reshape(4, 3)
CUBE = np.linspace(-1.0, 1.0, 24).reshape(2, 4, 3)
ROW = np.array([0.9, 1.1, 1.3, 1.9])
LEFT, RIGHT = np.array([0, 3, 3]), np.array([[0, -1]])


def softmax(x: Any, axis: int) -> Any:
    e = np.exp(x - x.max(axis, keepdims=True, initial=0.0))
    return e / e.sum(axis, keepdims=True)


def erf_series(x: Any) -> Any:
    """Maclaurin's series, enough terms for ``|x| < 3``."""
    term = total = x
    for n in range(1, 60):
        term = -term * x * x / n
        total = total + term / (2 * n + 1)
    return total * 2 / np.sqrt(np.pi)


def sparsemax(x: Any) -> Any:
    """The paper's algorithm 1, row by row."""
    ranked = np.sort(x, axis=-1)[..., ::-1]
    excess = np.cumsum(ranked, axis=-1) - 1
    size = np.sum(ranked * np.arange(1, 5) > excess, axis=-1, keepdims=True)
    return np.maximum(x - np.take_along_axis(excess, size - 1, axis=-1) / size, 0)


def unit(x: Any, order: int = 2) -> Any:
    return x / (np.abs(x) ** order).sum(-1, keepdims=True) ** (1 / order)


def indices(x: Any, columns: Any) -> Any:
    """The same column indices for each row, as a tensor that follows the batch."""
    return np.astype(x[:, :1] * 0 + columns, np.int64)


def second_pick(x: Any) -> Any:
    """Of twice the images, the entries that a pool of images without their first entries takes: the second ones."""
    window = {"window": (2,), "strides": (2,), "padding": ((0, 0),)}
    kept = np.reshape(np.array([0.0, 1.0, 0.0, 1.0]), (1, 4, 1)) * x
    first = OPS["max_pool_first"](kept, ops.max_pool(kept, 2), **window)
    return OPS["max_pool_pick"](x * 2.0, first, **window)


# What is covered by NumPy's own function of that name is written with it, and reaches ours on a tensor.
UNARY = [
    np.negative, np.reciprocal, np.absolute, np.square, np.sqrt, np.exp, np.expm1, np.log, np.log1p, np.tanh, np.sin,
    np.cos, np.tan, np.sign, np.floor, np.ceil, np.rint, np.isnan, np.isinf, np.isfinite,
]  # fmt: skip
BINARY = [
    np.add, np.subtract, np.multiply, np.true_divide, np.floor_divide, np.remainder, np.power, np.maximum, np.minimum,
    np.equal, np.not_equal, np.greater, np.greater_equal, np.less, np.less_equal,
]  # fmt: skip
REDUCTIONS = [np.sum, np.mean, np.max, np.min, np.prod, np.std, np.var]

SAME: dict[str, Function] = {
    **{f"{f.__name__}": f for f in UNARY},
    **{f"{f.__name__} row": (lambda x, f=f: f(x, ROW)) for f in BINARY},
    **{f"{f.__name__} number": (lambda x, f=f: f(1.5, x)) for f in BINARY},
    **{f"{f.__name__} column": (lambda x, f=f: f(x, x[:, :1])) for f in BINARY},
    **{f"{f.__name__} all": f for f in REDUCTIONS},
    **{f"{f.__name__} rows": (lambda x, f=f: f(x, axis=-1)) for f in REDUCTIONS},
    **{f"{f.__name__} batch": (lambda x, f=f: f(x, axis=0, keepdims=True)) for f in REDUCTIONS},
    "logical": lambda x: np.logical_or(np.logical_and(x > 1, x < ROW), np.logical_not(np.logical_xor(x > 1.5, x > 1))),
    "any": lambda x: np.any(x > 1.8, axis=1),
    "all": lambda x: np.all(x > 0.6, axis=0),
    "argmax": lambda x: np.argmax(x, axis=1),
    "argmin": lambda x: np.argmin(x, axis=1),
    "argsort": lambda x: np.argsort(x, axis=0),
    "sort": lambda x: np.sort(x, axis=1),
    "searchsorted": lambda x: np.searchsorted(ROW, x),
    "cumsum": lambda x: np.cumsum(x, axis=0),
    "clip": lambda x: np.clip(x, 0.8, 1.5),
    "clip by rows": lambda x: np.clip(x, 0.1, ROW),
    "where": lambda x: np.where(x > 1, x, ROW),
    "where zero": lambda x: np.where(x > 1, 0.0, x),
    "matmul": lambda x: x @ W,
    "matmul left": lambda x: W.T @ x.T,
    "matmul vector": lambda x: x @ ROW,
    "matmul batch": lambda x: np.matmul(x[:, None, :], CUBE[:1]),
    "matmul cube": lambda x: np.matmul(x, CUBE),
    "dot": lambda x: np.dot(x, W),
    "dot cube": lambda x: np.dot(x, CUBE),
    "tensordot": lambda x: np.tensordot(x, CUBE, axes=([1], [1])),
    "outer": lambda x: np.outer(x, ROW),
    "einsum matrix": lambda x: np.einsum("bi,ij->bj", x, W),
    "einsum batch": lambda x: np.einsum("bi,bj->bij", x, x),
    "einsum turned": lambda x: np.einsum("bi,kij->jbk", x, CUBE),
    "einsum summed out": lambda x: np.einsum("bi,jk->ib", x, W),
    "einsum one": lambda x: np.einsum("bi->ib", x),
    "einsum three": lambda x: np.einsum("bi,ij,kij->bk", x, W, CUBE),
    "reshape": lambda x: np.reshape(x, (-1, 2)),
    "reshape turned": lambda x: np.reshape(x.T, (-1,)),
    "ravel": np.ravel,
    "transpose": lambda x: np.transpose(x) * 2.0,
    "moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "expand_dims": lambda x: np.expand_dims(x, (0, -1)),
    "squeeze": lambda x: np.squeeze(x[:, None], axis=1),
    "broadcast_to": lambda x: np.broadcast_to(x[:, :1], (x.shape[0], 3)) * 1.0,
    "concatenate": lambda x: np.concatenate([x, x * 2, x[:, :1]], axis=1),
    "concatenate batch": lambda x: np.concatenate([x, x * 2], axis=0),
    "stack": lambda x: np.stack([x, x + 1], axis=1),
    "split": lambda x: np.split(x, [1, 3], axis=1)[1],
    "pad": lambda x: np.pad(x, ((0, 0), (1, 2)), constant_values=3.0),
    "tile": lambda x: np.tile(x, (2, 1, 3)),
    "repeat": lambda x: np.repeat(x, 2, axis=0),
    "flip": lambda x: np.flip(x, 1) * 1.0,
    "slice": lambda x: x[::-1, 1:3] * 1.0,
    "slice one": lambda x: x[:, -1] * 1.0,
    "take": lambda x: np.take(x, LEFT, axis=1),
    "take indexed": lambda x: x[:, LEFT],
    "take_along_axis": lambda x: np.take_along_axis(x, indices(x, LEFT[:1]), axis=1),
    "take_along_axis twice": lambda x: np.take_along_axis(x, indices(x, RIGHT), axis=1),
    "zeros_like": np.zeros_like,
    "ones_like": np.ones_like,
    "full_like": lambda x: np.full_like(x, 2.5),
    "astype": lambda x: np.astype(x, np.int32),
}

NAMED: dict[str, tuple[Function, Function]] = {
    "relu": (lambda x: ops.relu(x - 1.2), lambda x: np.maximum(x - 1.2, 0)),
    "relu6": (lambda x: ops.relu6(x * 9 - 8), lambda x: np.clip(x * 9 - 8, 0, 6)),
    "leaky_relu": (lambda x: ops.leaky_relu(x - 1.2, 0.3), lambda x: np.where(x > 1.2, x - 1.2, 0.3 * (x - 1.2))),
    "elu": (lambda x: ops.elu(x - 1.2, 0.7), lambda x: np.where(x > 1.2, x - 1.2, 0.7 * np.expm1(x - 1.2))),
    "selu": (
        lambda x: ops.selu(x - 1.2),
        lambda x: 1.0507009873554805 * np.where(x > 1.2, x - 1.2, 1.6732632423543772 * np.expm1(x - 1.2)),
    ),
    "silu": (ops.silu, lambda x: x / (1 + np.exp(-x))),
    "softsign": (ops.softsign, lambda x: x / (1 + np.abs(x))),
    "sigmoid": (ops.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
    "log_sigmoid": (ops.log_sigmoid, lambda x: -np.log1p(np.exp(-x))),
    "hard_sigmoid": (lambda x: ops.hard_sigmoid(x * 5 - 6), lambda x: np.clip((x * 5 - 3) / 6, 0, 1)),
    "hard_silu": (ops.hard_silu, lambda x: x * np.clip((x + 3) / 6, 0, 1)),
    "gelu": (ops.gelu, lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))),
    "gelu exact": (
        lambda x: ops.gelu(x, approximate=False),
        lambda x: 0.5 * x * (1 + erf_series(x / np.sqrt(2))),
    ),
    "erf": (erf, erf_series),
    "sparse_plus": (
        lambda x: ops.sparse_plus(x * 4 - 5),
        lambda x: np.select([x <= 1, x >= 1.5], [0, x * 4 - 5], (x - 1) ** 2 * 4),
    ),
    "sparse_sigmoid": (lambda x: ops.sparse_sigmoid(x * 4 - 5), lambda x: np.clip(x * 2 - 2, 0, 1)),
    "sparsemax": (ops.sparsemax, sparsemax),
    "normalize": (ops.normalize, unit),
    "normalize order": (lambda x: ops.normalize(x, order=3), lambda x: unit(x, 3)),
    "softplus": (ops.softplus, lambda x: np.log1p(np.exp(x))),
    "softmax": (ops.softmax, lambda x: softmax(x, -1)),
    "softmax batch": (lambda x: ops.softmax(x, axis=0), lambda x: softmax(x, 0)),
    "log_softmax": (ops.log_softmax, lambda x: np.log(softmax(x, -1))),
    "logsumexp": (lambda x: ops.logsumexp(x, axis=1), lambda x: np.log(np.exp(x).sum(1))),
    "stop_gradient": (lambda x: ops.stop_gradient(x) * 2.0, lambda x: x * 2.0),
    "one_hot": (
        lambda x: ops.one_hot(np.astype(x * 2, np.int32), 4, "float64"),
        lambda x: (np.astype(x * 2, np.int32)[..., None] == np.arange(4)) * 1.0,
    ),
    "cast": (lambda x: ops.cast(ops.cast(x, "float32") + 1, "float64"), lambda x: (x.astype("f4") + 1).astype("f8")),
    "pick_class": (
        lambda x: pick_class(x, indices(x, np.array([2]))[:, 0]),
        lambda x: x[:, 2],
    ),
    "top_k": (lambda x: ops.top_k(x, 2)[0], lambda x: np.sort(x, axis=1)[:, :1:-1]),
    "in_top_k": (
        lambda x: ops.in_top_k(indices(x, np.array([2]))[:, 0], x, 2),
        lambda x: np.sum(x > x[:, 2:3], axis=1) < 2,
    ),
    "bin_sums": (
        lambda x: bin_sums(x[:, 0], np.argmax(x, axis=1), 4),
        lambda x: np.bincount(np.argmax(x, axis=1), x[:, 0], 4),
    ),
    "standardize": (
        lambda x: standardize(x, (0,), 0.1, ROW)[0],
        lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 0.1) * ROW,
    ),
    "standardize rows": (
        lambda x: standardize(x, (1,), 0.1)[0] * ROW,
        lambda x: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 0.1) * ROW,
    ),
    "rescale": (lambda x: rescale(x, ROW, ROW, 0.1), lambda x: (x - ROW) / np.sqrt(ROW + 0.1)),
    "checked_ids": (lambda x: checked_ids(x * 2, 4, "x"), lambda x: (x * 2).astype(np.intp)),
    "sigmoid_crossentropy": (
        lambda x: sigmoid_crossentropy(np.minimum(x - 0.6, 1.0), x - 1),
        lambda x: np.log1p(np.exp(x - 1)) - np.minimum(x - 0.6, 1.0) * (x - 1),
    ),
    "by_value": (lambda x: x * by_value(np.floor, x, dtype="int64"), lambda x: x * np.floor(x)),
    "alias": (lambda x: alias(x) * 2.0, lambda x: x * 2.0),
    "conv": (
        lambda x: ops.conv(x[:, :, None], np.reshape(np.sum(x, axis=0)[:2], (2, 1, 1))),
        lambda x: (x[:, :-1] * x.sum(0)[0] + x[:, 1:] * x.sum(0)[1])[..., None],
    ),
    "conv strides": (
        lambda x: ops.conv(x[:, :, None], np.ones((2, 1, 3)), 2),
        lambda x: np.repeat(x[:, ::2] + x[:, 1::2], 3, 1).reshape(len(x), 2, 3),
    ),
    "conv_transpose": (
        lambda x: ops.conv_transpose(x[:, :, None], np.array([[[1.0]], [[2.0]]]), 2),
        lambda x: np.stack([x, 2 * x], -1).reshape(len(x), 8, 1),
    ),
    "depthwise_conv": (
        lambda x: ops.depthwise_conv(np.reshape(x, (x.shape[0], 2, 2)), np.reshape(np.sum(x, axis=0), (2, 2, 1))),
        lambda x: (x * x.sum(0)).reshape(len(x), 2, 2).sum(1, keepdims=True),
    ),
    "separable_conv": (
        lambda x: ops.separable_conv(np.reshape(x, (x.shape[0], 2, 2)), np.ones((2, 2, 1)), np.ones((1, 2, 1))),
        lambda x: x.sum(1).reshape(len(x), 1, 1),
    ),
    "max_pool": (
        lambda x: ops.max_pool(x[:, :, None], 2),
        lambda x: np.maximum(x[:, ::2], x[:, 1::2])[..., None],
    ),
    "max_pool pick": (lambda x: second_pick(x[:, :, None]), lambda x: 2 * x[:, 1::2, None]),
    "average_pool": (
        lambda x: ops.average_pool(x[:, :, None], 3, 1, "same"),
        lambda x: np.stack([x[:, :2].mean(1), x[:, :3].mean(1), x[:, 1:].mean(1), x[:, 2:].mean(1)], 1)[..., None],
    ),
    "custom_gradient": (
        lambda x: ops.custom_gradient(lambda x: (x * x, lambda upstream: 2.0 * x * upstream))(x),
        lambda x: x * x,
    ),
    "uniform": (
        lambda x: x * random.uniform(tuple(x.shape), seed=5, dtype="float64"),
        lambda x: x * random.uniform(x.shape, seed=5, dtype="float64"),
    ),
    "normal": (
        lambda x: x * random.normal(tuple(x.shape), seed=5, dtype="float64"),
        lambda x: x * random.normal(x.shape, seed=5, dtype="float64"),
    ),
    "dropout_mask": (
        lambda x: x * dropout_mask(tuple(x.shape), 0.4, seed=5, dtype="float64"),
        lambda x: x * dropout_mask(x.shape, 0.4, seed=5, dtype="float64"),
    ),
    "truncated_normal": (
        lambda x: x * random.truncated_normal(x.shape, seed=5, dtype="float64"),
        lambda x: x * random.truncated_normal(x.shape, seed=5, dtype="float64"),
    ),
    "randint": (
        lambda x: x * random.randint(x.shape, 1, 9, seed=5),
        lambda x: x * random.randint(x.shape, 1, 9, seed=5),
    ),
    "gamma": (
        lambda x: x * random.gamma(x.shape, ROW, seed=5, dtype="float64"),
        lambda x: x * random.gamma(x.shape, ROW, seed=5, dtype="float64"),
    ),
    "beta": (
        lambda x: x * random.beta(x.shape, ROW, 2.0, seed=5, dtype="float64"),
        lambda x: x * random.beta(x.shape, ROW, 2.0, seed=5, dtype="float64"),
    ),
    "binomial": (
        lambda x: x * random.binomial(x.shape, 10, ROW / 2, seed=5, dtype="float64"),
        lambda x: x * random.binomial(x.shape, 10, ROW / 2, seed=5, dtype="float64"),
    ),
    "categorical": (lambda x: random.categorical(x, 3, seed=5), lambda x: random.categorical(x, 3, seed=5)),
    "dropout": (
        lambda x: random.dropout(x, 0.4, (None, 1), seed=5),
        lambda x: random.dropout(x, 0.4, (None, 1), seed=5),
    ),
    "shuffle": (lambda x: random.shuffle(x, 1, seed=5), lambda x: random.shuffle(x, 1, seed=5)),
}

CALLS: dict[str, tuple[Function, Function]] = {**{name: (f, f) for name, f in SAME.items()}, **NAMED, **NAMES}
