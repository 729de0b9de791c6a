"""Every function of ``ops`` that custom layers use, by the name and the arguments that Keras has for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(5)
X = RNG.normal(size=(3, 4))
P = RNG.uniform(0.1, 0.9, (3, 4))
SQUARE = RNG.normal(size=(4, 4))
CUBE = RNG.normal(size=(2, 3, 4))
ROW = np.array([0.5, -1.0, 2.0, 0.25])
LABELS = np.array([1, 3, 0])
ENDS = np.array([np.inf, -np.inf, np.nan, 0.0, 1.5, -2.5])
HOLES = np.where(np.arange(12).reshape(3, 4) % 5 == 1, np.nan, X)

CALLS: dict[str, Callable[[Any], Any]] = {
    # Made of a shape.
    "zeros": lambda o: [o.zeros((2, 3)), o.ones((2,), "int32"), o.full((2, 2), 7), o.shape(o.empty((2, 1)))],
    "arange": lambda o: [o.arange(4), o.arange(1, 8, 3), o.arange(0.0, 1.0, 0.25), o.arange(5, 0, -2), o.arange(3, 1)],
    "linspace": lambda o: [
        o.linspace(0.0, 2.0, 5),
        o.linspace(0, 2, 4, endpoint=False),
        *o.linspace(1, 2, 3, retstep=True),
    ],
    "linspace of arrays": lambda o: o.linspace(X[0], X[1], 3, axis=-1),
    "logspace": lambda o: [o.logspace(0, 2, 3), o.logspace(0, 3, 4, base=2)],
    "eye": lambda o: [o.eye(3), o.eye(2, 3, 1), o.eye(3, k=-1), o.identity(2), o.tri(3), o.tri(2, 4, 1)],
    "meshgrid": lambda o: [*o.meshgrid(ROW, X[:, 0]), *o.meshgrid(ROW, X[:, 0], indexing="ij")],
    "shape": lambda o: [list(o.shape(X)), o.ndim(X), o.size(X), o.is_tensor([1.0]), o.is_tensor(o.ones(2))],
    "convert": lambda o: [o.convert_to_tensor([1, 2]), o.convert_to_numpy(o.array([[1.0], [2.0]])), o.copy(X)],
    "like": lambda o: [o.full_like(X, 2), o.shape(o.empty_like(X))],
    # Functions without a gradient.
    "digitize": lambda o: o.digitize(X, np.array([-0.5, 0.0, 1.0])),
    "count_nonzero": lambda o: [o.count_nonzero(np.round(X)), o.count_nonzero(np.round(X), axis=1)],
    "ends": lambda o: [o.isposinf(ENDS), o.isneginf(ENDS), o.nan_to_num(ENDS[2:]), o.nan_to_num(ENDS, 1.0, 2.0, 3.0)],
    "isclose": lambda o: [o.isclose(ENDS, ENDS), o.isclose(ENDS, ENDS, equal_nan=True), o.isclose(1.0, 1.0 + 1e-6)],
    "allclose": lambda o: [o.allclose(X, X + 1e-9), o.allclose(X, X + 1e-2), o.allclose(X, X + 1e-2, atol=0.1)],
    "trunc": lambda o: [o.trunc(ENDS), o.fmod(ENDS[3:], 2.0), o.heaviside(np.array([-1.0, 0.0, 2.0]), 0.5)],
    "saturate_cast": lambda o: [o.saturate_cast(X * 200, "uint8"), o.saturate_cast(np.array([-9, 300]), "int8")],
    "multi_hot": lambda o: [o.multi_hot(np.array([[0, 2], [1, 1]]), 4), o.multi_hot(LABELS, 4)],
    "scatter": lambda o: o.scatter(np.array([[0, 1], [2, 0], [0, 1]]), ROW[:3], (3, 2)),
    "scatter rows": lambda o: o.scatter(np.array([[1], [-1]]), X[:2], (3, 4)),
    "scatter_update": lambda o: [
        o.scatter_update(X, np.array([[0, 1], [2, 3]]), ROW[:2]),
        o.scatter_update(X, np.array([[2]]), ROW[None]),
        o.scatter_update(X, np.array([[2], [2]]), X[:2], reduction="add"),
    ],
    "segment_sum": lambda o: [o.segment_sum(X, np.array([0, 2, 0]), 3), o.segment_sum(X, np.array([0, 2, -1]), 2)],
    "slice": lambda o: [o.slice(X, [1, 0], [2, 3]), o.slice_update(X, [1, 2], ROW.reshape(2, 2))],
    "get_item": lambda o: [o.get_item(X, 1), o.get_item(X, (slice(None), -1)), o.get_item(X, (Ellipsis, None))],
    "unstack": lambda o: [*o.unstack(X), *o.unstack(X, 4, axis=-1)],
    "splits": lambda o: [*o.array_split(ROW, 3), *o.hsplit(X, 2), *o.vsplit(X, [1]), *o.dsplit(CUBE, 2)],
    "cond": lambda o: [o.cond(True, lambda: X, lambda: -X), o.cond(o.sum(X) > 1e9, lambda: X, lambda: -X)],
    "loops": lambda o: [
        o.fori_loop(1, 4, lambda i, v: v * i, X),
        *o.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v + i), (0, X)),
        o.while_loop(lambda i, v: i < 30, lambda i, v: (i + 1, v + i), (0, X), maximum_iterations=2)[1],
    ],
    "scan": lambda o: [
        *o.scan(lambda c, v: (c + v, c * v), X[0], X),
        *o.scan(lambda c, v: (c + v, c * v), X[0], X, reverse=True),
        o.scan(lambda c, v: (c + 1.0, c * 2.0), X[0], length=3)[1],
    ],
    "map": lambda o: [o.map(lambda v: v * 2, X), o.vectorized_map(lambda v: o.sum(v), X)],
}

# Of an array of shape (3, 4), with a gradient.
SLOPES: dict[str, Callable[[Any, Any], Any]] = {
    "append": lambda o, x: [o.append(x, X), o.append(x, X, axis=1)],
    "arcs": lambda o, x: [o.arctan(x), o.arcsinh(x), o.arctanh(x / 4), o.arcsin(x / 4), o.arccos(x / 4)],
    "arccosh": lambda o, x: o.arccosh(1.1 + x * x),
    "arctan2": lambda o, x: [o.arctan2(x, ROW), o.arctan2(ROW, x)],
    "average": lambda o, x: [o.average(x), o.average(x, 1, ROW), o.average(x, axis=0, weights=P)],
    "bases": lambda o, x: [o.log2(x * x), o.log10(x * x), o.exp2(x), o.cbrt(x)],
    "batch_normalization": lambda o, x: o.batch_normalization(x, ROW, ROW**2, -1, ROW, P[0]),
    "binary_crossentropy": lambda o, x: [o.binary_crossentropy(P, o.sigmoid(x)), o.binary_crossentropy(P, x, True)],
    "categorical_crossentropy": lambda o, x: [
        o.categorical_crossentropy(P, o.sigmoid(x)),
        o.categorical_crossentropy(P, x, from_logits=True, axis=0),
    ],
    "sparse_categorical_crossentropy": lambda o, x: [
        o.sparse_categorical_crossentropy(LABELS, o.sigmoid(x)),
        o.sparse_categorical_crossentropy(LABELS, x, True),
    ],
    "celu": lambda o, x: [o.celu(x), o.celu(x, 0.5)],
    "cumprod": lambda o, x: [o.cumprod(x, axis=1), o.cumprod(x)],
    "degrees": lambda o, x: [o.deg2rad(x), o.rad2deg(x)],
    "diag": lambda o, x: [o.diag(x), o.diag(x, 1), o.diag(x[0], -1), o.diagflat(x[:2], 1)],
    "diagonal": lambda o, x: [o.diagonal(x, -1), o.diagonal(x[None] * CUBE, 1, 1, 2), o.trace(x), o.trace(x, 2)],
    "diff": lambda o, x: [o.diff(x), o.diff(x, 2, axis=0)],
    "divide_no_nan": lambda o, x: o.divide_no_nan(x, np.array([0.0, 1.0, 2.0, 0.0])),
    "flips": lambda o, x: [o.fliplr(x), o.flipud(x), o.rot90(x), o.rot90(x, 2), o.rot90(x, -1)],
    "glu": lambda o, x: [o.glu(x), o.swish(x), o.hard_swish(x)],
    "hypot": lambda o, x: o.hypot(x, ROW),
    "inner": lambda o, x: [o.inner(x, SQUARE), o.inner(x, ROW), o.vdot(x, X)],
    "layer_normalization": lambda o, x: [o.layer_normalization(x), o.layer_normalization(x, ROW, P[0], epsilon=0.1)],
    "logaddexp": lambda o, x: [o.logaddexp(x, ROW), o.logaddexp2(x, ROW)],
    "moments": lambda o, x: [*o.moments(x, 0), *o.moments(x, [0, 1], keepdims=True)],
    "nans": lambda o, x: [f(x * HOLES, axis=1) for f in (o.nansum, o.nanmean, o.nanprod, o.nanmax, o.nanmin)],
    "norm": lambda o, x: [
        o.norm(x),
        o.norm(x, axis=1),
        o.norm(x, 1, axis=0, keepdims=True),
        o.norm(x, 3, axis=1),
        o.norm(x, np.inf, 1),
    ],
    "norm of matrices": lambda o, x: [o.norm(x, "fro", axis=(0, 1)), o.norm(x, 1, (0, 1)), o.norm(x, np.inf, (1, 0))],
    "ptp": lambda o, x: [o.ptp(x), o.ptp(x, 1, keepdims=True), o.amax(x, axis=0), o.amin(x, axis=0)],
    "quantile": lambda o, x: [
        o.quantile(x, 0.3),
        o.quantile(x, np.array([0.1, 0.9]), axis=1),
        o.quantile(x, 0.4, 0, "midpoint", True),
        o.quantile(x, 0.4, 1, "lower"),
        o.quantile(x, 0.4, 1, "higher"),
        o.quantile(x, 0.4, 1, "nearest"),
        o.percentile(x, 25, axis=1),
        o.median(x),
        o.median(x, axis=1, keepdims=True),
    ],
    "rms_normalization": lambda o, x: [o.rms_normalization(x), o.rms_normalization(x, ROW, epsilon=0.1)],
    "roll": lambda o, x: [o.roll(x, 1), o.roll(x, -3, axis=1), o.roll(x, [1, 2], axis=[0, 1])],
    "rsqrt": lambda o, x: o.rsqrt(x * x),
    "select": lambda o, x: o.select([x < 0, x < 0.5], [x * 2, x * 3], 1.0),
    "shrinks": lambda o, x: [o.hard_shrink(x), o.soft_shrink(x), o.tanh_shrink(x), o.threshold(x, 0.2, 1.0)],
    "sinc": lambda o, x: o.sinc(x),
    "sinh": lambda o, x: [o.sinh(x), o.cosh(x), o.fabs(x)],
    "squareplus": lambda o, x: [o.squareplus(x), o.squareplus(x, 1), o.hard_tanh(x)],
    "stacks": lambda o, x: [
        o.hstack([x, X]),
        o.vstack([x, X]),
        o.dstack([x, X]),
        o.hstack([x[0], ROW]),
        o.vstack([x[0], ROW]),
    ],
    "trapezoid": lambda o, x: [o.trapezoid(x), o.trapezoid(x, ROW), o.trapezoid(x, dx=0.5, axis=0)],
    "tril": lambda o, x: [o.tril(x), o.tril(x, -1), o.triu(x), o.triu(x, 1)],
}


@pytest.mark.parametrize("case", CALLS)
def test_values(twins: Any, case: str) -> None:
    twins.same(lambda lib: [lib.ops.convert_to_numpy(part) for part in parts(CALLS[case](lib.ops))])


@pytest.mark.parametrize("case", SLOPES)
def test_values_and_gradients(twins: Any, case: str) -> None:
    """The gradient of a weighted sum of all entries is what one step of gradient descent takes from a weight."""

    def recipe(lib: Any) -> Any:
        o = lib.ops

        class Probe(lib.layers.Layer):
            def build(self, shape: Any) -> None:
                self.w = self.add_weight(shape=(3, 4), initializer="zeros", name="w")

            def call(self, inputs: Any) -> Any:
                found = [o.reshape(part, (-1,)) for part in parts(SLOPES[case](o, self.w * 1.0))]
                total = sum(o.sum(part * o.cos(o.arange(o.shape(part)[0], dtype="float64"))) for part in found)
                return total + 0.0 * inputs

        probe = Probe()
        probe.build((None, 1))
        probe.w.assign(X)
        model = lib.Sequential([lib.Input((1,)), probe])
        model.compile(optimizer=lib.optimizers.SGD(1.0), loss=lambda t, y: o.mean(y), **eagerly(lib))
        values = [lib.ops.convert_to_numpy(part) for part in parts(SLOPES[case](o, o.convert_to_tensor(X)))]
        model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
        return [values, X - model.get_weights()[0]]

    twins.same(recipe)


def eagerly(lib: Any) -> dict[str, Any]:
    return {"jit_compile": False} if lib.__name__ == "keras" else {}


def parts(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple) else [found]


def test_sizes_that_follow_the_batch_in_a_fit_whose_last_batch_is_short(twins: Any) -> None:
    def build(lib: Any) -> Any:
        class Contrast(lib.layers.Layer):
            def call(self, x: Any) -> Any:
                o = lib.ops
                size = o.shape(x)[0]
                alike = o.matmul(x, o.transpose(x)) * (1.0 - o.eye(size)) + o.tril(o.zeros((size, size)))
                row = o.concatenate([o.zeros((size, 2)), o.sum(alike, axis=1, keepdims=True)], axis=1)
                return row * o.cast(o.expand_dims(o.arange(size), 1), x.dtype) + o.trace(alike) + o.ones((size, 3))

        return twins.compile(lib, lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="tanh"), Contrast()]))

    def run(model: Any) -> Any:
        x, y = RNG_DATA
        fitted = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
        return [fitted.history["loss"], model.fit(x, y, batch_size=3, shuffle=False, verbose=0).history["loss"]]

    twins.train(build, run)


RNG_DATA = np.random.default_rng(9).normal(size=(10, 4)), np.random.default_rng(8).normal(size=(10, 3))
