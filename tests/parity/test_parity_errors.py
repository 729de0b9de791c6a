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
    "relu-negative-ceiling": lambda lib: lib.layers.ReLU(-1.0),
    "relu-negative-slope": lambda lib: lib.layers.ReLU(negative_slope=-1.0),
    "relu-no-threshold": lambda lib: lib.layers.ReLU(threshold=None),
    "leaky-relu-negative-slope": lambda lib: lib.layers.LeakyReLU(-0.1),
    "leaky-relu-no-slope": lambda lib: lib.layers.LeakyReLU(None),
    "prelu-unknown-size": lambda lib: lib.layers.PReLU()(lib.Input((None, 4))),
    "prelu-other-shape": lambda lib: lib.Sequential([lib.Input((4,)), lib.layers.PReLU()]).layers[0](np.ones((6, 5))),
    "softmax-mask-of-another-shape": lambda lib: lib.layers.Softmax()(X, mask=np.ones((6, 3), bool)),
    "softmax-mask-of-another-rank": lambda lib: lib.layers.Softmax()(X, mask=np.ones((1, 6, 4), bool)),
    "alpha-dropout-rate-above-1": lambda lib: lib.layers.AlphaDropout(1.5),
    "gaussian-dropout-rate-negative": lambda lib: lib.layers.GaussianDropout(-0.5),
    "gaussian-noise-above-1": lambda lib: lib.layers.GaussianNoise(1.5),
    "spatial-dropout-of-rows": lambda lib: lib.layers.SpatialDropout1D(0.5)(X),
    "spatial-dropout-data-format": lambda lib: lib.layers.SpatialDropout2D(0.5, "channels"),
    "activity-regularization-negative": lambda lib: lib.layers.ActivityRegularization(-1.0),
    "activity-regularization-twice": lambda lib: lib.layers.ActivityRegularization(activity_regularizer="l2"),
    "permute-from-0": lambda lib: lib.layers.Permute((0, 1)),
    "permute-other-rank": lambda lib: lib.layers.Permute((2, 1))(X),
    "repeat-vector-0": lambda lib: lib.layers.RepeatVector(0),
    "repeat-vector-float": lambda lib: lib.layers.RepeatVector(2.0),
    "repeat-vector-of-sequences": lambda lib: lib.layers.RepeatVector(2)(lib.Input((2, 3))),
    "cropping-everything": lambda lib: lib.layers.Cropping1D(1)(lib.Input((2, 3))),
    "cropping-everything-of-images": lambda lib: lib.layers.Cropping2D(((0, 0), (3, 0)))(lib.Input((4, 3, 1))),
    "cropping-negative": lambda lib: lib.layers.Cropping1D(-1),
    "cropping-three": lambda lib: lib.layers.Cropping2D((1, 2, 3)),
    "cropping-rows": lambda lib: lib.layers.Cropping1D()(X),
    "padding-three": lambda lib: lib.layers.ZeroPadding1D((1, 2, 3)),
    "padding-text": lambda lib: lib.layers.ZeroPadding2D("same"),
    "padding-sequences-as-images": lambda lib: lib.layers.ZeroPadding2D()(lib.Input((2, 3))),
    "up-sampling-0": lambda lib: lib.layers.UpSampling1D(0),
    "up-sampling-float": lambda lib: lib.layers.UpSampling1D(1.5),
    "up-sampling-images-0": lambda lib: lib.layers.UpSampling2D((0, 1)),
    "up-sampling-unknown-interpolation": lambda lib: lib.layers.UpSampling2D(interpolation="cubic")(
        np.ones((1, 2, 2, 1))
    ),
    "subtract-three": lambda lib: lib.layers.Subtract()([lib.Input((3,))] * 3),
    "multiply-unequal": lambda lib: lib.layers.Multiply()([lib.Input((4,)), lib.Input((3,))]),
    "maximum-of-one-array": lambda lib: lib.layers.Maximum()(X),
    "dot-of-three": lambda lib: lib.layers.Dot(1)([lib.Input((3,))] * 3),
    "dot-unequal": lambda lib: lib.layers.Dot(1)([lib.Input((4,)), lib.Input((3,))]),
    "dot-along-the-batch": lambda lib: lib.layers.Dot(0)([X, X]),
    "dot-axes-of-text": lambda lib: lib.layers.Dot("last"),
    "dot-three-axes": lambda lib: lib.layers.Dot((1, 2, 3)),
    "einsum-dense-equation": lambda lib: lib.layers.EinsumDense("ab,bc", 3)(X),
    "einsum-dense-other-size": lambda lib: lib.layers.EinsumDense("abc,cd->abd", (3, 5))(lib.Input((2, 4))),
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
