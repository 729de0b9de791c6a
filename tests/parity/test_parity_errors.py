"""What Keras refuses, denselite refuses: the same call raises in both (a kind that Keras' caller could catch)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

X = np.ones((6, 4))
Y = np.ones((6, 2))


def model(lib: Any, **arguments: Any) -> Any:
    made = lib.Sequential([lib.Input((4,)), lib.layers.Dense(2)])
    made.compile(**{"optimizer": "sgd", "loss": "mse", **arguments})
    return made


def uncompiled(lib: Any) -> Any:
    return lib.Sequential([lib.Input((4,)), lib.layers.Dense(2)])


def repeated_name(lib: Any) -> Any:
    a = lib.Input((4,), name="a")
    return lib.Model(a, lib.layers.Dense(2, name="same")(lib.layers.Dense(2, name="same")(a)))


BAD: dict[str, Callable[[Any], Any]] = {
    # layers
    "dense-zero-units": lambda lib: lib.layers.Dense(0),
    "dense-negative-units": lambda lib: lib.layers.Dense(-3),
    "dense-text-units": lambda lib: lib.layers.Dense("three"),
    "dense-unknown-argument": lambda lib: lib.layers.Dense(3, unit=3),
    "dense-unknown-activation": lambda lib: lib.layers.Dense(3, activation="rleu"),
    "dense-unknown-initializer": lambda lib: lib.layers.Dense(3, kernel_initializer="glorot"),
    "dense-unknown-regularizer": lambda lib: lib.layers.Dense(3, kernel_regularizer="l3"),
    "dropout-rate-above-1": lambda lib: lib.layers.Dropout(1.5),
    "dropout-rate-negative": lambda lib: lib.layers.Dropout(-0.1),
    "input-shape-int": lambda lib: lib.Input(4),
    "layer-name-with-slash": lambda lib: lib.layers.Dense(2, name="a/b"),
    "reshape-that-does-not-fit": lambda lib: lib.layers.Reshape((3,))(lib.Input((4,))),
    "concatenate-unequal": lambda lib: lib.layers.Concatenate()([lib.Input((2, 4)), lib.Input((3, 4))]),
    "add-unequal": lambda lib: lib.layers.Add()([lib.Input((4,)), lib.Input((3,))]),
    "dense-wrong-width": lambda lib: model(lib).layers[0](np.ones((6, 5))),
    # models
    "sequential-same-name-twice": lambda lib: lib.Sequential(
        [lib.layers.Dense(2, name="n"), lib.layers.Dense(2, name="n")]
    ),
    "functional-same-name-twice": repeated_name,
    "functional-disconnected": lambda lib: lib.Model(lib.Input((4,)), lib.layers.Dense(2)(lib.Input((4,)))),
    "sequential-of-a-non-layer": lambda lib: lib.Sequential([3]),
    "get-layer-unknown-name": lambda lib: model(lib).get_layer("nope"),
    "get-layer-index-too-big": lambda lib: model(lib).get_layer(index=9),
    "set-weights-too-few": lambda lib: model(lib).layers[0].set_weights([np.ones((4, 2))]),
    "set-weights-wrong-shape": lambda lib: model(lib).layers[0].set_weights([np.ones((2, 4)), np.ones(2)]),
    "bool-of-a-symbolic-tensor": lambda lib: bool(lib.Input((4,))),
    # compile
    "unknown-optimizer": lambda lib: model(lib, optimizer="adma"),
    "unknown-loss": lambda lib: model(lib, loss="mes").fit(X, Y, verbose=0),
    "unknown-metric": lambda lib: model(lib, metrics=["acuracy"]).fit(X, Y, verbose=0),
    "metric-bare-string": lambda lib: model(lib, metrics="mae"),
    "metric-not-a-snake-name": lambda lib: model(lib, metrics=["rmse"]).fit(X, Y, verbose=0),
    "loss-name-in-wrong-case": lambda lib: model(lib, loss="Mean_Squared_Error").fit(X, Y, verbose=0),
    "two-losses-for-three-outputs": lambda lib: model(lib, loss={"a": "mse", "b": "mae"}).fit(X, Y, verbose=0),
    "unknown-reduction": lambda lib: lib.losses.MeanSquaredError(reduction="average"),
    # optimizers
    "learning-rate-text": lambda lib: lib.optimizers.SGD("fast"),
    "two-clip-arguments": lambda lib: lib.optimizers.Adam(clipnorm=1.0, clipvalue=0.5),
    "momentum-above-1": lambda lib: lib.optimizers.SGD(momentum=1.5),
    "optimizer-lr-alias": lambda lib: lib.optimizers.SGD(lr=0.1),
    "learning-rate-assigned-under-a-schedule": lambda lib: setattr(
        lib.optimizers.SGD(lib.optimizers.schedules.ExponentialDecay(0.1, 4, 0.5)), "learning_rate", 0.1
    ),
    "piecewise-unequal-lengths": lambda lib: lib.optimizers.schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]),
    # fit, evaluate, predict
    "fit-uncompiled": lambda lib: uncompiled(lib).fit(X, Y, verbose=0),
    "evaluate-uncompiled": lambda lib: uncompiled(lib).evaluate(X, Y, verbose=0),
    "train-on-batch-uncompiled": lambda lib: uncompiled(lib).train_on_batch(X, Y),
    "fit-without-targets": lambda lib: model(lib).fit(X, verbose=0),
    "fit-unequal-lengths": lambda lib: model(lib).fit(X, Y[:5], verbose=0),
    "fit-unequal-weights": lambda lib: model(lib).fit(X, Y, sample_weight=np.ones(5), verbose=0),
    "fit-wrong-width": lambda lib: model(lib).fit(np.ones((6, 5)), Y, verbose=0),
    "fit-wrong-target-width": lambda lib: model(lib).fit(X, np.ones((6, 3)), verbose=0),
    "fit-text": lambda lib: model(lib).fit(np.full((6, 4), "a"), Y, verbose=0),
    "fit-split-of-everything": lambda lib: model(lib).fit(X, Y, validation_split=0.999, verbose=0),
    "fit-two-kinds-of-weights": lambda lib: model(lib).fit(
        X, Y, class_weight={0: 1.0}, sample_weight=np.ones(6), verbose=0
    ),
    "fit-wrong-class-weight": lambda lib: model(lib).fit(X, Y, class_weight=[1.0, 2.0], verbose=0),
    "predict-wrong-width": lambda lib: model(lib).predict(np.ones((6, 5)), verbose=0),
    "predict-empty": lambda lib: model(lib).predict(np.ones((0, 4)), verbose=0),
    "cce-unequal-widths": lambda lib: lib.losses.CategoricalCrossentropy()(np.ones((6, 2)), np.ones((6, 3))),
    "bce-unequal-widths": lambda lib: lib.losses.BinaryCrossentropy()(np.ones((6, 2)), np.ones((6, 3))),
    "sample-weight-unequal": lambda lib: lib.losses.MeanSquaredError()(X, X, sample_weight=np.ones(5)),
    # configuration and callbacks
    "floatx-unknown": lambda lib: lib.config.set_floatx("float31"),
    "seed-not-an-int": lambda lib: lib.utils.set_random_seed("one"),
    "monitor-that-cannot-be": lambda lib: model(lib).fit(
        X, Y, validation_split=0.5, verbose=0, callbacks=[lib.callbacks.EarlyStopping("val_accc")]
    ),
    "json-of-an-unknown-class": lambda lib: lib.models.model_from_json(
        '{"module": "keras", "class_name": "Sequentail", "config": {}}'
    ),
    "unsupported-loss-class-string": lambda lib: lib.losses.get("MeanSquareError"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_keras_refuses_is_refused(twins: Any, case: str) -> None:
    keras, denselite = twins.libs
    with pytest.raises(Exception) as theirs:  # noqa: PT011  the oracle says which kind
        BAD[case](keras)
    kinds = {ValueError, TypeError} if isinstance(theirs.value, (ValueError, TypeError)) else {Exception}
    with pytest.raises(tuple(kinds)):
        BAD[case](denselite)
