"""A training step written by hand in JAX: jitted whole, the old state donated, batches gathered on the host."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.workloads import Fit, Predict, Training, each_epoch, in_chunks
from benchmarks.workloads.net import Net
from benchmarks.workloads.tabular import Tabular

State = Any
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7


def classifier(net: Net, folder: str) -> Fit:
    """Return the training of a classifier."""
    activation = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu}[net.activation]

    def loss_of(params: State, x: Any, y: Any) -> Any:
        log_p = jax.nn.log_softmax(dense_layers(params, x, activation))
        return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()

    @partial(jax.jit, donate_argnums=0)
    def step(state: State, x: Any, y: Any) -> tuple[State, Any]:
        params, moments, count = state
        loss, grads = jax.value_and_grad(loss_of)(params, x, y)
        count += 1
        if net.optimizer == "adam":
            changes, moments = adam(grads, moments, count, net.learning_rate)
        else:
            changes = jax.tree.map(lambda g: net.learning_rate * g, grads)
        return (jax.tree.map(jnp.subtract, params, changes), moments, count), loss

    params = [(jnp.asarray(kernel), jnp.zeros(kernel.shape[1])) for kernel in net.kernels()]
    return training(net, folder, step, (params, moments_of(params), 0))


def tabular(table: Tabular, folder: str) -> Fit:
    """Return the training on a table, with accuracy."""

    def forward(params: State, averages: State, x: Any, key: Any) -> tuple[Any, State]:
        kept = []
        for layer, (mean, variance) in zip(params[:-1], averages, strict=True):
            x = x @ layer["kernel"] + layer["bias"]
            m, v = x.mean(0), x.var(0)
            kept.append((follow(mean, m), follow(variance, v)))
            x = (x - m) * (layer["gamma"] * jax.lax.rsqrt(v + table.epsilon)) + layer["beta"]
            key, drawn = jax.random.split(key)
            keep = jax.random.bernoulli(drawn, 1 - table.dropout, x.shape)
            x = jnp.where(keep, jax.nn.relu(x) / (1 - table.dropout), 0)
        return x @ params[-1]["kernel"] + params[-1]["bias"], kept

    def follow(average: Any, now: Any) -> Any:
        return table.momentum * average + (1 - table.momentum) * now

    def loss_of(params: State, averages: State, x: Any, y: Any, key: Any) -> Any:
        z, averages = forward(params, averages, x, key)
        loss = (jax.nn.softplus(z) - y * z).mean()
        return loss, (averages, ((z > 0) == y).mean())

    @partial(jax.jit, donate_argnums=0)
    def step(state: State, x: Any, y: Any) -> tuple[State, Any]:
        params, averages, moments, count, key = state
        key, drawn = jax.random.split(key)
        (loss, (averages, accuracy)), grads = jax.value_and_grad(loss_of, has_aux=True)(params, averages, x, y, drawn)
        count += 1
        changes, moments = adam(grads, moments, count, table.learning_rate)
        decay = 1 - table.learning_rate * table.weight_decay
        params = jax.tree.map(lambda p, change: decay * p - change, params, changes)
        return (params, averages, moments, count, key), (loss, accuracy)

    params = [{"kernel": jnp.asarray(kernel), "bias": jnp.zeros(kernel.shape[1])} for kernel in table.kernels()]
    for layer in params[:-1]:
        layer |= {"gamma": jnp.ones(layer["bias"].shape), "beta": jnp.zeros(layer["bias"].shape)}
    averages = [(jnp.zeros(width), jnp.ones(width)) for width in table.sizes[1:-1]]
    return training(table, folder, step, (params, averages, moments_of(params), 0, jax.random.key(0)))


def predict(net: Net) -> Predict:
    """Return the jitted forward pass of a relu net, from an array to an array."""
    params = [(jnp.asarray(kernel), jnp.zeros(kernel.shape[1])) for kernel in net.kernels()]
    forward = jax.jit(partial(dense_layers, activation=jax.nn.relu))
    return in_chunks(lambda x: np.asarray(forward(params, x)))


def dense_layers(params: State, x: Any, activation: Callable[[Any], Any]) -> Any:
    """Return the logits of a classifier."""
    for kernel, bias in params[:-1]:
        x = activation(x @ kernel + bias)
    kernel, bias = params[-1]
    return x @ kernel + bias


def moments_of(params: State) -> State:
    """Return what Adam starts with."""
    return jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params)


def adam(grads: State, moments: State, count: Any, learning_rate: float) -> tuple[State, State]:
    """Return what to subtract, and the new moments."""
    first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, moments[0], grads)
    second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, moments[1], grads)
    rate = learning_rate * jnp.sqrt(1 - BETA2**count) / (1 - BETA1**count)
    return jax.tree.map(lambda m, v: rate * m / (jnp.sqrt(v) + EPSILON), first, second), (first, second)


def training(workload: Training, folder: str, step: Callable[..., Any], state: State) -> Fit:
    """Return the loop over batches; it waits for the losses at an epoch's end."""
    x, y = workload.data(folder)
    generator = np.random.default_rng(2)

    @each_epoch
    def fit(rows: int, shuffle: bool) -> float:
        nonlocal state
        order = generator.permutation(rows) if shuffle else np.arange(rows)
        logs = []
        for start in range(0, rows, workload.batch):
            index = order[start : start + workload.batch]
            state, log = step(state, x[index], y[index])
            logs.append(log)
        return float(np.mean([log[0] if isinstance(log, tuple) else log for log in logs]))

    return fit
