"""The bare NumPy training loop: written for these three layers, every buffer made once, every call with ``out=``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.workloads import Array, Fit, Floats, Predict, each_epoch, in_chunks
from benchmarks.workloads.net import Net

Scratch: TypeAlias = NDArray[np.float32] | NDArray[np.bool_]

ZERO, ONE = np.zeros((), np.float32), np.ones((), np.float32)
BLOCK = 32_768  # floats of one optimizer sweep: its five arrays stay in the second-level cache


def classifier(net: Net, folder: str) -> Fit:
    """Return the training of a classifier."""
    x, y = net.data(folder)
    n, (_, h1, h2, classes) = net.batch, net.sizes
    weights = [part for kernel in net.kernels() for part in (kernel, np.zeros(kernel.shape[1], np.float32))]
    params, (w1, b1, w2, b2, w3, b3) = pack(weights)
    grads, (gw1, gb1, gw2, gb2, gw3, gb3) = pack(weights)
    update = {"sgd": sgd, "adam": adam}[net.optimizer](params, grads, net.learning_rate)
    activate, derive = {"sigmoid": (sigmoid, sigmoid_gradient), "relu": (relu, relu_gradient)}[net.activation]

    xb, yb = np.empty((n, x.shape[1]), x.dtype), np.empty(n, y.dtype)
    a1, a2, z = (np.empty((n, width), np.float32) for width in (h1, h2, classes))
    d1, d2 = np.empty_like(a1), np.empty_like(a2)
    s1, s2 = (np.empty(a.shape, bool if net.activation == "relu" else np.float32) for a in (a1, a2))
    top, ones = np.empty((n, 1), np.float32), np.ones(n, np.float32)
    picked, z_flat = np.empty(n, np.float32), z.reshape(-1)
    offsets, places = np.arange(n) * classes, np.empty(n, np.int64)
    share = np.float32(1 / n)

    def step(rows: Array) -> float:
        np.take(x, rows, 0, xb, "clip")
        np.take(y, rows, 0, yb, "clip")

        np.matmul(xb, w1, a1)
        np.add(a1, b1, a1)
        activate(a1)
        np.matmul(a1, w2, a2)
        np.add(a2, b2, a2)
        activate(a2)
        np.matmul(a2, w3, z)
        np.add(z, b3, z)

        np.maximum.reduce(z, 1, out=top, keepdims=True)
        np.subtract(z, top, z)
        np.add(offsets, yb, places)
        np.take(z_flat, places, 0, picked, "clip")
        loss = -np.add.reduce(picked)
        np.exp(z, z)
        np.add.reduce(z, 1, out=top, keepdims=True)
        np.divide(z, top, z)
        np.log(top, top)
        loss += np.add.reduce(top, None)

        z_flat[places] -= 1
        np.multiply(z, share, z)
        np.matmul(a2.T, z, gw3)
        np.matmul(ones, z, gb3)
        np.matmul(z, w3.T, d2)
        derive(d2, a2, s2)
        np.matmul(a1.T, d2, gw2)
        np.matmul(ones, d2, gb2)
        np.matmul(d2, w2.T, d1)
        derive(d1, a1, s1)
        np.matmul(xb.T, d1, gw1)
        np.matmul(ones, d1, gb1)
        update()
        return float(loss)

    generator = np.random.default_rng(2)

    @each_epoch
    def fit(rows: int, shuffle: bool) -> float:
        order = generator.permutation(rows) if shuffle else np.arange(rows)
        # The sigmoid of a very negative number is 1 / inf.
        with np.errstate(over="ignore"), threadpool_limits(net.blas_threads, "blas"):
            return sum(step(order[start : start + n]) for start in range(0, rows, n)) / rows

    return fit


def predict(net: Net) -> Predict:
    """Return the forward pass of a relu net, written over itself."""
    w1, w2, w3 = net.kernels()
    b1, b2, b3 = (np.zeros(width, np.float32) for width in net.sizes[1:])

    @in_chunks
    def forward(x: Floats) -> Floats:
        a: Floats = np.matmul(x, w1)
        a += b1
        relu(a)
        a = np.matmul(a, w2)
        a += b2
        relu(a)
        a = np.matmul(a, w3)
        a += b3
        return a

    return forward


def pack(weights: list[Floats]) -> tuple[Floats, list[Floats]]:
    """Return the weights copied into one flat array, and a view of each."""
    flat = np.concatenate([weight.ravel() for weight in weights])
    ends = np.cumsum([weight.size for weight in weights])
    return flat, [flat[end - w.size : end].reshape(w.shape) for w, end in zip(weights, ends, strict=True)]


def sigmoid(a: Floats) -> None:
    """Overwrite ``a`` with ``1 / (1 + exp(-a))``."""
    np.negative(a, a)
    np.exp(a, a)
    np.add(a, ONE, a)
    np.reciprocal(a, a)


def sigmoid_gradient(d: Floats, a: Floats, scratch: Scratch) -> None:
    """Multiply ``d`` by the slope ``a * (1 - a)``."""
    np.multiply(d, a, d)
    np.subtract(ONE, a, scratch)
    np.multiply(d, scratch, d)


def relu(a: Floats) -> None:
    """Overwrite ``a`` with ``max(a, 0)``."""
    np.maximum(a, ZERO, out=a)


def relu_gradient(d: Floats, a: Floats, scratch: Scratch) -> None:
    """Zero ``d`` where the unit was silent."""
    np.greater(a, ZERO, scratch)
    np.multiply(d, scratch, d)


def sgd(params: Floats, grads: Floats, learning_rate: float) -> Callable[[], None]:
    """Return the update ``params -= learning_rate * grads``."""
    rate = np.float32(learning_rate)

    def update() -> None:
        np.multiply(grads, rate, grads)
        np.subtract(params, grads, params)

    return update


def adam(params: Floats, grads: Floats, learning_rate: float) -> Callable[[], None]:
    """Adam on moments kept as plain running sums, ``m ← β₁m + g``: their ``1 - β`` moves into two scalars."""
    beta1, beta2 = np.float32(0.9), np.float32(0.999)
    epsilon = np.float32(1e-7 / 0.001**0.5)
    arrays = (params, grads, np.zeros_like(params), np.zeros_like(params))
    blocks = [[a[start : start + BLOCK] for a in arrays] for start in range(0, params.size, BLOCK)]
    steps = 0

    def update() -> None:
        nonlocal steps
        steps += 1
        rate = np.float32(learning_rate * (1 - 0.999**steps) ** 0.5 / (1 - 0.9**steps) * 0.1 / 0.001**0.5)
        for p, g, m, v in blocks:
            np.multiply(m, beta1, m)
            np.add(m, g, m)
            np.multiply(g, g, g)
            np.multiply(v, beta2, v)
            np.add(v, g, v)
            np.sqrt(v, g)
            np.add(g, epsilon, g)
            np.divide(m, g, g)
            np.multiply(g, rate, g)
            np.subtract(p, g, p)

    return update
