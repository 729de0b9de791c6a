"""Where a slope has several values, at kinks, ties and bounds, it is the one that Keras takes (on JAX)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

POINTS = np.array([-3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0])
TIES = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, -1.0, -1.0], [2.0, 1.0, 2.0]])
ONE_HOT = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
SIGNS = 2.0 * ONE_HOT - 1.0
CERTAIN = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.5, 0.5, 0.0], [1.0, 1e-7, 1.0 - 1e-7]])

# Of a float array, elementwise.
FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "abs": lambda ops, x: ops.abs(x),
    "abs-of-a-difference": lambda ops, x: ops.abs(0.5 - x),
    "maximum": lambda ops, x: ops.maximum(x, 0.0),
    "maximum-with-itself": lambda ops, x: ops.maximum(x, ops.abs(x)),
    "minimum": lambda ops, x: ops.minimum(1.0, x),
    "sign": lambda ops, x: ops.sign(x) * x,
    "floor": lambda ops, x: ops.floor(x) * x,
    "square-root-of-a-square": lambda ops, x: ops.sqrt(ops.square(x) + 1e-12),
    "power-1.5": lambda ops, x: ops.power(ops.abs(x), 1.5),
    "clip": lambda ops, x: ops.clip(x, -1.0, 1.0),
    "clip-to-one-number": lambda ops, x: ops.clip(x, 1.0, 1.0),
    "clip-to-no-number": lambda ops, x: ops.clip(x, 1.0, 0.5),
    "where": lambda ops, x: ops.where(x > 0.0, x, 2.0 * x),
}
# Of rows.
ROWS: dict[str, Callable[[Any, Any], Any]] = {
    "max": lambda ops, x: ops.max(x, axis=-1, keepdims=True),
    "min": lambda ops, x: ops.min(x, axis=-1, keepdims=True),
    "prod": lambda ops, x: ops.prod(x, axis=-1, keepdims=True),
    "sort": lambda ops, x: ops.sort(x, axis=-1) * np.array([1.0, 2.0, 3.0]),
    "logsumexp": lambda ops, x: ops.logsumexp(x, axis=-1, keepdims=True),
}
# Class, arguments, targets, predictions.
LOSSES: dict[str, tuple[str, dict[str, Any], Any, Any]] = {
    "absolute": ("MeanAbsoluteError", {}, ONE_HOT, TIES),
    "percentage": ("MeanAbsolutePercentageError", {}, TIES + 1.5, TIES + 1.5),
    "logarithmic": ("MeanSquaredLogarithmicError", {}, TIES, CERTAIN),
    "huber": ("Huber", {"delta": 1.0}, ONE_HOT, TIES),
    "log-cosh": ("LogCosh", {}, ONE_HOT, TIES),
    "hinge": ("Hinge", {}, SIGNS, TIES),
    "squared-hinge": ("SquaredHinge", {}, SIGNS, TIES),
    "categorical-hinge": ("CategoricalHinge", {}, ONE_HOT, TIES),
    "poisson": ("Poisson", {}, ONE_HOT, TIES + 1.0),
    "divergence": ("KLDivergence", {}, ONE_HOT, CERTAIN),
    "binary": ("BinaryCrossentropy", {}, ONE_HOT, CERTAIN),
    "binary-logits": ("BinaryCrossentropy", {"from_logits": True}, ONE_HOT, TIES),
    "binary-focal": ("BinaryFocalCrossentropy", {}, ONE_HOT, CERTAIN),
    "categorical": ("CategoricalCrossentropy", {}, ONE_HOT, CERTAIN),
    "categorical-focal": ("CategoricalFocalCrossentropy", {}, ONE_HOT, CERTAIN),
    "dice": ("Dice", {}, ONE_HOT, CERTAIN),
    "tversky": ("Tversky", {}, ONE_HOT, CERTAIN),
}


def slopes(lib: Any, x: Any, functions: dict[str, Callable[[Any, Any], Any]]) -> dict[str, Any]:
    """The gradient of the sum of each function at ``x``: what one step takes off weights that an identity passes on."""

    def output(function: Callable[[Any, Any], Any]) -> Any:
        weights = lib.layers.Dense(x.shape[1], use_bias=False)(inputs)
        return lib.layers.Lambda(lambda w: function(lib.ops, w))(weights)

    def total(y_true: Any, y_pred: Any) -> Any:  # the mean over rows follows
        return lib.ops.sum(y_pred, axis=-1) * len(x)

    inputs = lib.Input((len(x),))
    model = lib.Model(inputs, [output(function) for function in functions.values()])
    model.compile(lib.optimizers.SGD(1.0), [total] * len(functions), jit_compile=False)
    model.set_weights([x] * len(functions))
    model.train_on_batch(np.eye(len(x)), [np.zeros((len(x), 1))] * len(functions))
    return {name: x - weight for name, weight in zip(functions, model.get_weights(), strict=True)}


def test_functions_have_keras_slopes_at_their_kinks(twins: Any) -> None:
    twins.same(lambda lib: slopes(lib, POINTS[:, None], FUNCTIONS))


def test_functions_of_rows_have_keras_slopes_at_ties(twins: Any) -> None:
    twins.same(lambda lib: slopes(lib, TIES, ROWS))


def test_merging_layers_share_the_gradient_of_a_tie_like_keras(twins: Any) -> None:
    def merged(lib: Any, name: str) -> Any:
        merge = getattr(lib.layers, name)
        return {name: lambda ops, x: merge()([x, x[:, ::-1]])}

    twins.same(lambda lib: [slopes(lib, TIES, merged(lib, name)) for name in ("Maximum", "Minimum")])


def test_losses_have_keras_gradients_at_their_kinks(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        inputs = lib.Input((4,))
        outputs = [lib.layers.Dense(3, use_bias=False, name=name.replace("-", "_"))(inputs) for name in LOSSES]
        model = lib.Model(inputs, outputs)
        losses = [getattr(lib.losses, name)(**options, reduction="sum") for name, options, _, _ in LOSSES.values()]
        model.compile(lib.optimizers.SGD(1e-6), losses, jit_compile=False)  # a slope of 1e7 is a step of 10
        predictions = [given for _, _, _, given in LOSSES.values()]
        model.set_weights(predictions)
        model.train_on_batch(np.eye(4), [target for _, _, target, _ in LOSSES.values()])
        steps = [before - after for before, after in zip(predictions, model.get_weights(), strict=True)]
        return dict(zip(LOSSES, steps, strict=True))

    twins.same(recipe, atol=1e-13)


@pytest.mark.parametrize("penalty", ["l1", "l2", "l1l2"])
def test_penalty_moves_weights_of_zero_like_keras(twins: Any, penalty: str) -> None:
    """At 0 the slope of |w| is 1: an unused bias that starts at 0 begins to move, and comes back."""

    def build(lib: Any) -> Any:
        found = lib.regularizers.L1L2(0.1, 0.2) if penalty == "l1l2" else penalty
        layer = lib.layers.Dense(3, kernel_regularizer=found, bias_regularizer=found, activity_regularizer=found)
        model = lib.Sequential([lib.Input((4,)), layer])
        model.compile(lib.optimizers.SGD(1.0), "mse", jit_compile=False)
        return model

    def run(model: Any) -> Any:
        model.set_weights([np.concatenate([TIES[:3], np.zeros((1, 3))]), np.zeros(3)])
        return [model.train_on_batch(np.zeros((2, 4)), np.zeros((2, 3))) for _ in range(3)]

    twins.train(build, run)
