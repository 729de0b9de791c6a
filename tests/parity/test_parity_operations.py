"""Ops in a model's JSON: Keras reads ours, we read Keras', and both compute the same."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite.layers.operation import CLASSES

X = np.random.default_rng(2).normal(size=(3, 4))
EYE = np.eye(4)[:, :2]


def grid(k: Any, x: Any) -> Any:
    return k.reshape(x, (-1, 2, 2))


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "abs": lambda k, x: abs(x),
    "add": lambda k, x: 1 + x,
    "argmax": lambda k, x: k.argmax(x, axis=-1),
    "average": lambda k, x: k.average(x, axis=1, weights=x * x),
    "batch_normalization": lambda k, x: k.batch_normalization(x, X[0], X[1] ** 2, -1, X[2], X[1]),
    "cast": lambda k, x: k.cast(x, "float32"),
    "celu": lambda k, x: k.celu(x, alpha=0.5),
    "clip": lambda k, x: k.clip(x, -0.5, 0.5),
    "concatenate": lambda k, x: k.concatenate([x, x], axis=1),
    "cumsum": lambda k, x: k.cumsum(x, axis=1),
    "diff": lambda k, x: k.diff(x, axis=-1),
    "einsum": lambda k, x: k.einsum("ij,ij->i", x, x),
    "elu": lambda k, x: k.elu(x, alpha=0.5),
    "erf": lambda k, x: k.erf(x),
    "expand_dims": lambda k, x: k.expand_dims(x, 1),
    "flip": lambda k, x: k.flip(x, axis=1),
    "full_like": lambda k, x: k.full_like(x, 2),
    "gelu": lambda k, x: k.gelu(x, approximate=False),
    "getitem-ellipsis": lambda k, x: x[..., None],
    "getitem-int": lambda k, x: x[:, 0],
    "getitem-slice": lambda k, x: x[:, 1:3],
    "hard_sigmoid": lambda k, x: k.hard_sigmoid(x),
    "hstack": lambda k, x: k.hstack([x, x]),
    "isnan": lambda k, x: k.isnan(x),
    "leaky_relu": lambda k, x: k.leaky_relu(x, negative_slope=0.3),
    "log_softmax": lambda k, x: k.log_softmax(x),
    "logical_and": lambda k, x: k.logical_and(x > 0, x < 1),
    "logsumexp": lambda k, x: k.logsumexp(x, axis=-1),
    "matmul": lambda k, x: k.matmul(x, EYE),
    "max": lambda k, x: k.max(x, axis=-1, keepdims=True),
    "minimum": lambda k, x: k.minimum(x, 0.1),
    "mod": lambda k, x: k.mod(x, 0.7),
    "moveaxis": lambda k, x: k.moveaxis(grid(k, x), 1, 2),
    "multiply": lambda k, x: x * 2.0,
    "negative": lambda k, x: -x,
    "one_hot": lambda k, x: k.one_hot(k.argmax(x, axis=-1), 4),
    "ones_like": lambda k, x: k.ones_like(x),
    "pad": lambda k, x: k.pad(x, ((0, 0), (1, 2))),
    "pad-value": lambda k, x: k.pad(x, ((0, 0), (1, 2)), constant_values=3.0),
    "power": lambda k, x: x**2,
    "prod": lambda k, x: k.prod(x, axis=1),
    "repeat": lambda k, x: k.repeat(x, 2, axis=1),
    "round": lambda k, x: k.round(x),
    "roll": lambda k, x: k.roll(x, 1, axis=1),
    "rsqrt": lambda k, x: k.rsqrt(x * x),
    "softmax": lambda k, x: k.softmax(x, axis=-1),
    "split": lambda k, x: k.split(x, 2, axis=1)[1],
    "squeeze": lambda k, x: k.squeeze(k.expand_dims(x, 1), 1),
    "stack": lambda k, x: k.stack([x, x], axis=1),
    "std": lambda k, x: k.std(x, axis=1),
    "stop_gradient": lambda k, x: k.stop_gradient(x),
    "subtract": lambda k, x: 1 - x,
    "swapaxes": lambda k, x: k.swapaxes(grid(k, x), 1, 2),
    "take": lambda k, x: k.take(x, np.array([0, 2]), axis=1),
    "take_along_axis": lambda k, x: k.take_along_axis(x, k.argmax(x, axis=-1, keepdims=True), axis=1),
    "tensordot": lambda k, x: k.tensordot(x, EYE, axes=1),
    "tile": lambda k, x: k.tile(x, (1, 2)),
    "trace": lambda k, x: k.trace(grid(k, x), offset=1, axis1=1, axis2=2),
    "transpose": lambda k, x: k.transpose(grid(k, x), axes=(0, 2, 1)),
    "true_divide": lambda k, x: x / 3,
    "where": lambda k, x: k.where(x > 0, x, 0.0),
}


@pytest.mark.parametrize("direction", ["ours-to-keras", "keras-to-ours"])
@pytest.mark.parametrize("case", CALLS)
def test_op_travels_in_the_json(twins: Any, case: str, direction: str) -> None:
    writer, reader = twins.libs[::-1] if direction == "ours-to-keras" else twins.libs
    x = writer.Input((4,), name="x")
    written = writer.Model(x, CALLS[case](writer.ops, x))
    read = reader.models.model_from_json(written.to_json())
    twins.compare(written.predict(X, verbose=0), read.predict(X, verbose=0))


def test_every_class_in_the_table_is_keras_own(twins: Any) -> None:
    assert twins.libs  # imports Keras, or skips
    missing = [
        f"{family}.{name}"
        for family, name in CLASSES.values()
        if not hasattr(importlib.import_module(f"keras.src.ops.{family}"), name)
    ]
    assert missing == []


def test_json_beside_an_archive_is_read_by_keras(twins: Any, tmp_path: Any) -> None:
    keras, denselite = twins.libs
    model = denselite.Sequential([denselite.Input((4,)), denselite.layers.Dense(2, "relu")])
    model.compile("adam", "mse")
    model.fit(X, X[:, :2], verbose=0)
    model.save(tmp_path / "m.npz")
    read = keras.models.model_from_json((tmp_path / "m.json").read_text())
    read.set_weights(model.get_weights())
    twins.compare(read.predict(X, verbose=0), model.predict(X, verbose=0))
