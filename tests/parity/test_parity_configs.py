"""`get_config` and `from_config`: the keys and the values that Keras writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CASES: dict[str, Callable[[Any], Any]] = {
    "Dense": lambda lib: lib.layers.Dense(3, activation="relu", name="d"),
    "Dense-regularized": lambda lib: lib.layers.Dense(3, name="d", kernel_regularizer="l2", bias_regularizer="l1"),
    "Dense-activity": lambda lib: lib.layers.Dense(3, name="d", use_bias=False, activity_regularizer="l2"),
    "Dense-frozen": lambda lib: lib.layers.Dense(3, name="d", trainable=False),
    "Activation": lambda lib: lib.layers.Activation("tanh", name="a"),
    "Dropout": lambda lib: lib.layers.Dropout(0.3, seed=3, name="d"),
    "Flatten": lambda lib: lib.layers.Flatten(name="f"),
    "Reshape": lambda lib: lib.layers.Reshape((2, -1), name="r"),
    "Rescaling": lambda lib: lib.layers.Rescaling(0.5, offset=1.0, name="r"),
    "Concatenate": lambda lib: lib.layers.Concatenate(axis=1, name="c"),
    "Add": lambda lib: lib.layers.Add(name="a"),
    "Average": lambda lib: lib.layers.Average(name="a", dtype="float32"),
    "Maximum": lambda lib: lib.layers.Maximum(name="m", trainable=False),
    "Minimum": lambda lib: lib.layers.Minimum(name="m"),
    "Multiply": lambda lib: lib.layers.Multiply(name="m"),
    "Subtract": lambda lib: lib.layers.Subtract(name="s"),
    "Dot": lambda lib: lib.layers.Dot((1, 2), True, name="d"),
    "ReLU": lambda lib: lib.layers.ReLU(6, 0.1, 0.2, name="r"),
    "LeakyReLU": lambda lib: lib.layers.LeakyReLU(name="l"),
    "PReLU": lambda lib: lib.layers.PReLU(name="p"),
    "PReLU-options": lambda lib: lib.layers.PReLU("ones", "l2", "unit_norm", (1, 2), name="p"),
    "PReLU-shared": lambda lib: lib.layers.PReLU(shared_axes=1, name="p"),
    "ELU": lambda lib: lib.layers.ELU(0.5, name="e"),
    "Softmax": lambda lib: lib.layers.Softmax(name="s"),
    "Softmax-axes": lambda lib: lib.layers.Softmax((1, 2), name="s"),
    "AlphaDropout": lambda lib: lib.layers.AlphaDropout(0.3, (None, 1), 3, name="d"),
    "GaussianDropout": lambda lib: lib.layers.GaussianDropout(0.3, 3, name="d"),
    "GaussianNoise": lambda lib: lib.layers.GaussianNoise(0.3, name="n"),
    "SpatialDropout1D": lambda lib: lib.layers.SpatialDropout1D(0.3, 3, name="d"),
    "SpatialDropout2D": lambda lib: lib.layers.SpatialDropout2D(0.3, "channels_first", 3, name="d"),
    "ActivityRegularization": lambda lib: lib.layers.ActivityRegularization(0.1, 0.2, name="a"),
    "Identity": lambda lib: lib.layers.Identity(name="i"),
    "Permute": lambda lib: lib.layers.Permute((2, 1), name="p"),
    "RepeatVector": lambda lib: lib.layers.RepeatVector(3, name="r"),
    "Cropping1D": lambda lib: lib.layers.Cropping1D(2, name="c"),
    "Cropping2D": lambda lib: lib.layers.Cropping2D((1, (0, 2)), name="c"),
    "ZeroPadding1D": lambda lib: lib.layers.ZeroPadding1D((1, 0), "channels_first", name="z"),
    "ZeroPadding2D": lambda lib: lib.layers.ZeroPadding2D(2, name="z"),
    "UpSampling1D": lambda lib: lib.layers.UpSampling1D(3, name="u"),
    "UpSampling2D": lambda lib: lib.layers.UpSampling2D(3, None, "Bilinear", name="u"),
    "EinsumDense": lambda lib: lib.layers.EinsumDense("ab,bc->ac", 3, "relu", "c", name="e"),
    "EinsumDense-options": lambda lib: lib.layers.EinsumDense(
        "abc,cd->abd",
        (None, 3),
        kernel_regularizer="l2",
        kernel_constraint="max_norm",
        activity_regularizer="l1",
        name="e",
    ),
    "InputLayer": lambda lib: lib.layers.InputLayer(shape=(4,), name="i"),
    "MeanSquaredError": lambda lib: lib.losses.MeanSquaredError(),
    "MeanAbsoluteError": lambda lib: lib.losses.MeanAbsoluteError(reduction="sum"),
    "BinaryCrossentropy": lambda lib: lib.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
    "CategoricalCrossentropy": lambda lib: lib.losses.CategoricalCrossentropy(label_smoothing=0.1, name="x"),
    "SparseCategoricalCrossentropy": lambda lib: lib.losses.SparseCategoricalCrossentropy(from_logits=True),
    "KLDivergence": lambda lib: lib.losses.KLDivergence(reduction=None),
    "LogCosh": lambda lib: lib.losses.LogCosh(),
    "CategoricalHinge": lambda lib: lib.losses.CategoricalHinge(),
    "BinaryFocalCrossentropy": lambda lib: lib.losses.BinaryFocalCrossentropy(True, gamma=1.0, axis=0),
    "CategoricalFocalCrossentropy": lambda lib: lib.losses.CategoricalFocalCrossentropy([0.1, 0.9]),
    "CategoricalGeneralizedCrossEntropy": lambda lib: lib.losses.CategoricalGeneralizedCrossEntropy(0.3),
    "Dice": lambda lib: lib.losses.Dice(axis=(0, 1)),
    "Tversky": lambda lib: lib.losses.Tversky(alpha=0.3),
    "BinaryAccuracy": lambda lib: lib.metrics.BinaryAccuracy(threshold=0.3),
    "CategoricalAccuracy": lambda lib: lib.metrics.CategoricalAccuracy(name="acc"),
    "SparseCategoricalAccuracy": lambda lib: lib.metrics.SparseCategoricalAccuracy(),
    "metric-MeanSquaredError": lambda lib: lib.metrics.MeanSquaredError(),
    "metric-MeanAbsoluteError": lambda lib: lib.metrics.MeanAbsoluteError(),
    "SGD": lambda lib: lib.optimizers.SGD(0.5, momentum=0.9, nesterov=True, name="o"),
    "RMSprop": lambda lib: lib.optimizers.RMSprop(0.5, centered=True, name="o"),
    "Adam": lambda lib: lib.optimizers.Adam(0.25, amsgrad=True, clipnorm=1.0, name="o"),
    "AdamW": lambda lib: lib.optimizers.AdamW(0.25, name="o"),
    "L1": lambda lib: lib.regularizers.L1(0.25),
    "L2": lambda lib: lib.regularizers.L2(0.25),
    "L1L2": lambda lib: lib.regularizers.L1L2(0.25, 0.5),
    "Zeros": lambda lib: lib.initializers.Zeros(),
    "Ones": lambda lib: lib.initializers.Ones(),
    "Constant": lambda lib: lib.initializers.Constant(2.0),
    "RandomNormal": lambda lib: lib.initializers.RandomNormal(stddev=0.1, seed=3),
    "RandomUniform": lambda lib: lib.initializers.RandomUniform(minval=-1.0, maxval=1.0, seed=3),
    "TruncatedNormal": lambda lib: lib.initializers.TruncatedNormal(mean=1.0),
    "VarianceScaling": lambda lib: lib.initializers.VarianceScaling(2.0, mode="fan_avg", distribution="uniform"),
    "Orthogonal": lambda lib: lib.initializers.Orthogonal(gain=2.0, seed=3),
}


def seeded(name: str) -> Callable[[Any], Any]:
    return lambda lib: getattr(lib.initializers, name)(seed=3)


for _name in ["GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"]:
    CASES[_name] = seeded(_name)


def plain(value: Any) -> Any:
    """Sort the keys and make tuples lists: all that JSON would not keep."""
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in sorted(value)}
    return [plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("case", CASES)
def test_config_has_keras_keys_and_values_and_goes_round(twins: Any, case: str) -> None:
    def recipe(lib: Any) -> Any:
        made = CASES[case](lib)
        written = plain(made.get_config())
        return [written, plain(type(made).from_config(made.get_config()).get_config())]

    twins.same(recipe)


def test_identity_keeps_the_gain_that_keras_forgets(twins: Any) -> None:
    """Keras 3.15 writes no config for Identity, so that a saved gain comes back as 1; it does read one."""
    keras, denselite = twins.libs
    written = denselite.initializers.Identity(gain=2.0).get_config()
    assert keras.initializers.Identity(gain=2.0).get_config() == {}
    assert written == {"gain": 2.0}
    assert keras.initializers.Identity.from_config(written).gain == 2.0


@pytest.mark.parametrize("case", CASES)
def test_config_of_one_library_builds_the_object_of_the_other(twins: Any, case: str) -> None:
    theirs, ours = (CASES[case](lib) for lib in twins.libs)
    twins.compare(plain(theirs.get_config()), plain(type(theirs).from_config(ours.get_config()).get_config()))
    twins.compare(plain(ours.get_config()), plain(type(ours).from_config(theirs.get_config()).get_config()))
