"""Losses as objects and functions: values, reductions, sample weights and rank fixes are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(3)
LOGITS = RNG.normal(0.0, 2.0, (6, 3))
PROBABILITIES = 1.0 / (1.0 + np.exp(-LOGITS))
REAL = RNG.normal(size=(6, 3))
BITS = (RNG.random((6, 3)) > 0.5).astype(float)
LABELS = np.array([0, 2, 1, 1, 0, 2])
ONE_HOT = np.eye(3)[LABELS]
WEIGHTS = np.array([0.0, 0.5, 1.0, 2.0, 0.25, 3.0])

CASES: dict[str, tuple[str, dict[str, Any], Any, Any]] = {
    "mse": ("MeanSquaredError", {}, REAL, LOGITS),
    "mae": ("MeanAbsoluteError", {}, REAL, LOGITS),
    "bce": ("BinaryCrossentropy", {}, BITS, PROBABILITIES),
    "bce-logits": ("BinaryCrossentropy", {"from_logits": True}, BITS, LOGITS),
    "bce-smooth": ("BinaryCrossentropy", {"label_smoothing": 0.2}, BITS, PROBABILITIES),
    "bce-logits-smooth": ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, BITS, LOGITS),
    "cce-unnormalised": ("CategoricalCrossentropy", {}, ONE_HOT, PROBABILITIES),
    "cce-logits": ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, LOGITS),
    "cce-smooth": ("CategoricalCrossentropy", {"label_smoothing": 0.3}, ONE_HOT, PROBABILITIES),
    "cce-logits-smooth": ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.3}, ONE_HOT, LOGITS),
    "scce-unnormalised": ("SparseCategoricalCrossentropy", {}, LABELS, PROBABILITIES),
    "scce-logits": ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS, LOGITS),
    "scce-column": ("SparseCategoricalCrossentropy", {}, LABELS[:, None], PROBABILITIES),
    "scce-ignore": ("SparseCategoricalCrossentropy", {"ignore_class": 1}, LABELS, PROBABILITIES),
    "scce-ignore-logits": ("SparseCategoricalCrossentropy", {"ignore_class": 1, "from_logits": True}, LABELS, LOGITS),
    "scce-ignore-all": ("SparseCategoricalCrossentropy", {"ignore_class": 1}, np.ones(6, int), PROBABILITIES),
    "mape": ("MeanAbsolutePercentageError", {}, REAL, LOGITS),
    "mape-zero-targets": ("MeanAbsolutePercentageError", {}, BITS, LOGITS),
    "msle": ("MeanSquaredLogarithmicError", {}, REAL, LOGITS),
    "cosine": ("CosineSimilarity", {}, REAL, LOGITS),
    "cosine-zeros": ("CosineSimilarity", {}, REAL, np.zeros((6, 3))),
    "huber": ("Huber", {}, REAL, LOGITS),
    "huber-delta": ("Huber", {"delta": 0.5}, REAL, LOGITS),
    "huber-nothing": ("Huber", {"delta": 0.0}, REAL, LOGITS),
    "log-cosh": ("LogCosh", {}, REAL, 50.0 * LOGITS),
    "hinge-signs": ("Hinge", {}, 2.0 * BITS - 1.0, LOGITS),
    "hinge-bits": ("Hinge", {}, BITS, LOGITS),
    "hinge-other-numbers": ("Hinge", {}, BITS + 1.0, LOGITS),
    "squared-hinge": ("SquaredHinge", {}, BITS, LOGITS),
    "categorical-hinge": ("CategoricalHinge", {}, ONE_HOT, LOGITS),
    "categorical-hinge-signs": ("CategoricalHinge", {}, 2.0 * ONE_HOT - 1.0, LOGITS),
    "kld": ("KLDivergence", {}, BITS, PROBABILITIES),
    "poisson": ("Poisson", {}, 3.0 * BITS, PROBABILITIES),
    "binary-focal": ("BinaryFocalCrossentropy", {}, BITS, PROBABILITIES),
    "binary-focal-logits": ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, BITS, LOGITS),
    "binary-focal-balanced": ("BinaryFocalCrossentropy", {"apply_class_balancing": True}, BITS, PROBABILITIES),
    "binary-focal-gamma": ("BinaryFocalCrossentropy", {"gamma": 0.5}, BITS, PROBABILITIES),
    "binary-focal-positional": ("BinaryFocalCrossentropy", {"": (True, 0.3, 1.5, True, 0.1, -1)}, BITS, LOGITS),
    "categorical-focal": ("CategoricalFocalCrossentropy", {}, ONE_HOT, PROBABILITIES),
    "categorical-focal-logits": ("CategoricalFocalCrossentropy", {"from_logits": True}, ONE_HOT, LOGITS),
    "categorical-focal-alphas": ("CategoricalFocalCrossentropy", {"alpha": [0.1, 0.5, 2.0]}, ONE_HOT, PROBABILITIES),
    "categorical-focal-positional": ("CategoricalFocalCrossentropy", {"": (0.3, 0.0, True, 0.1)}, ONE_HOT, LOGITS),
    "dice": ("Dice", {}, BITS, PROBABILITIES),
    "dice-axis": ("Dice", {"axis": 1}, BITS, PROBABILITIES),
    "dice-axes": ("Dice", {"axis": (0, 1)}, BITS, PROBABILITIES),
    "tversky": ("Tversky", {"alpha": 0.7, "beta": 0.2}, BITS, PROBABILITIES),
    "tversky-axis": ("Tversky", {"": (0.2, 0.9), "axis": [1]}, BITS, PROBABILITIES),
    "generalized": ("CategoricalGeneralizedCrossEntropy", {}, LABELS, PROBABILITIES),
    "generalized-positional": ("CategoricalGeneralizedCrossEntropy", {"": (0.9,)}, LABELS, PROBABILITIES),
}
FUNCTIONS: dict[str, tuple[Any, Any]] = {
    "mean_squared_error": (REAL, LOGITS),
    "mean_absolute_error": (REAL, LOGITS),
    "binary_crossentropy": (BITS, PROBABILITIES),
    "categorical_crossentropy": (ONE_HOT, PROBABILITIES),
    "sparse_categorical_crossentropy": (LABELS, PROBABILITIES),
    "mean_absolute_percentage_error": (REAL, LOGITS),
    "mean_squared_logarithmic_error": (REAL, LOGITS),
    "cosine_similarity": (REAL, LOGITS),
    "huber": (REAL, LOGITS),
    "log_cosh": (REAL, LOGITS),
    "hinge": (BITS, LOGITS),
    "squared_hinge": (BITS, LOGITS),
    "categorical_hinge": (ONE_HOT, LOGITS),
    "kl_divergence": (BITS, PROBABILITIES),
    "poisson": (BITS, PROBABILITIES),
    "binary_focal_crossentropy": (BITS, PROBABILITIES),
    "categorical_focal_crossentropy": (ONE_HOT, PROBABILITIES),
    "dice": (BITS, PROBABILITIES),
    "tversky": (BITS, PROBABILITIES),
}
SHORT = ["mse", "MSE", "mae", "MAE", "mape", "MAPE", "msle", "MSLE", "bce", "BCE", "kld", "KLD"]
FEW = ["mse", "bce-logits", "cce-smooth", "scce-logits", "scce-ignore", "dice", "dice-axis"]
REDUCTIONS = ["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None]


def made(lib: Any, name: str, options: dict[str, Any], **others: Any) -> Any:
    """A loss; what an option without a name holds is given by position."""
    named = {option: value for option, value in options.items() if option}
    return getattr(lib.losses, name)(*options.get("", ()), **named, **others)


@pytest.mark.parametrize("case", CASES)
def test_loss_has_keras_value_weighted_and_not(twins: Any, case: str) -> None:
    name, options, y_true, y_pred = CASES[case]

    def recipe(lib: Any) -> Any:
        loss = made(lib, name, options)
        return [
            loss(y_true, y_pred),
            loss(y_true, y_pred, WEIGHTS),
            loss(y_true, y_pred, sample_weight=WEIGHTS[:, None]),
        ]

    twins.same(recipe)


@pytest.mark.parametrize("case", CASES)
def test_loss_in_float32_has_keras_value(twins32: Any, case: str) -> None:
    name, options, y_true, y_pred = CASES[case]

    def recipe(lib: Any) -> Any:
        value = made(lib, name, options)(y_true, y_pred, WEIGHTS)
        return [str(value.dtype), value]

    twins32.same(recipe)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("case", FEW)
def test_reduction_has_keras_value(twins: Any, case: str, reduction: str | None) -> None:
    name, options, y_true, y_pred = CASES[case]

    def recipe(lib: Any) -> Any:
        loss = made(lib, name, options, reduction=reduction)
        return [loss(y_true, y_pred), loss(y_true, y_pred, sample_weight=WEIGHTS)]

    twins.same(recipe)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_loss_function_gives_one_value_a_sample(twins: Any, name: str) -> None:
    y_true, y_pred = FUNCTIONS[name]
    twins.same(lambda lib: getattr(lib.losses, name)(y_true, y_pred))
    twins.same(lambda lib: lib.losses.get(name)(y_true, y_pred))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_serialized_loss_function_is_keras(twins: Any, name: str) -> None:
    twins.same(lambda lib: lib.losses.serialize(getattr(lib.losses, name)))


@pytest.mark.parametrize("name", SHORT)
def test_short_loss_name_is_the_function(twins: Any, name: str) -> None:
    twins.same(lambda lib: lib.losses.get(name)(BITS, PROBABILITIES))


@pytest.mark.parametrize("name", sorted({case[0] for case in CASES.values()} - {"CategoricalGeneralizedCrossEntropy"}))
def test_loss_class_name_is_an_instance(twins: Any, name: str) -> None:
    twins.same(lambda lib: [type(lib.losses.get(name)).__name__, lib.losses.get(name).name])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("MeanSquaredError", ("sum", "n", "float64")),
        ("CosineSimilarity", (1, "sum", "n", "float64")),
        ("Huber", (0.5, "sum", "n", "float64")),
        ("SparseCategoricalCrossentropy", (True, None, "sum", -1, "n", "float64")),
        ("Dice", ("sum", "n", 1, "float64")),
        ("Tversky", (0.3, 0.7, "sum", "n", 1, "float64")),
        ("CategoricalGeneralizedCrossEntropy", (0.3, "sum", "n", "float64")),
        ("BinaryFocalCrossentropy", (True, 0.3, 1.0, True, 0.1, -1, "sum", "n", "float64")),
        ("CategoricalFocalCrossentropy", (0.3, 1.0, True, 0.1, -1, "sum", "n", "float64")),
    ],
)
def test_arguments_stand_in_keras_order(twins: Any, name: str, arguments: tuple[Any, ...]) -> None:
    def recipe(lib: Any) -> Any:
        loss = getattr(lib.losses, name)(*arguments)
        return [loss.reduction, loss.name, loss.dtype]

    twins.same(recipe)


@pytest.mark.parametrize(("name", "arguments"), [("Huber", {"delta": 2.0}), ("CosineSimilarity", {"axis": 1})])
def test_config_keeps_what_keras_forgets_and_can_read(twins: Any, name: str, arguments: dict[str, Any]) -> None:
    keras, denselite = (getattr(lib.losses, name) for lib in twins.libs)
    written, theirs = denselite(**arguments).get_config(), keras(**arguments).get_config()
    assert written == {**theirs, **arguments}
    twins.compare(keras.from_config(written)(REAL, LOGITS), denselite(**arguments)(REAL, LOGITS))


@pytest.mark.parametrize("string", ["logcosh", "huber_loss", "mean_squared_Error", "Mse", "categoricalhinge", "KlD"])
def test_string_that_keras_does_not_know_is_refused(twins: Any, string: str) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError, match=string):
            lib.losses.get(string)


@pytest.mark.parametrize("name", ["MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy", "Hinge", "Poisson"])
@pytest.mark.parametrize("column", ["y_true", "y_pred", "both"])
def test_vector_against_column_does_not_broadcast(twins: Any, name: str, column: str) -> None:
    y_true, y_pred = BITS[:, 0], PROBABILITIES[:, 1]
    y_true = y_true if column == "y_pred" else y_true[:, None]
    y_pred = y_pred if column == "y_true" else y_pred[:, None]
    twins.same(lambda lib: getattr(lib.losses, name)()(y_true, y_pred))
    twins.same(lambda lib: getattr(lib.losses, name)(reduction=None)(y_true, y_pred, sample_weight=WEIGHTS))


@pytest.mark.parametrize(
    "case", ["mse", "bce", "cce-smooth", "scce-logits", "scce-ignore", "categorical-focal", "huber"]
)
def test_sequence_targets_weighted_per_step(twins: Any, case: str) -> None:
    name, options, y_true, y_pred = CASES[case]
    y_true, y_pred = np.reshape(y_true, (2, 3, *y_true.shape[1:])), np.reshape(y_pred, (2, 3, 3))

    def recipe(lib: Any) -> Any:
        loss = made(lib, name, options)
        per_step = loss(y_true, y_pred, sample_weight=WEIGHTS.reshape(2, 3))
        return [loss(y_true, y_pred), per_step, loss(y_true, y_pred, sample_weight=WEIGHTS[:2, None])]

    twins.same(recipe)


CERTAIN = [
    "bce",
    "cce-unnormalised",
    "scce-unnormalised",
    "kld",
    "poisson",
    "binary-focal",
    "categorical-focal",
    "dice",
]
CERTAIN += ["tversky", "generalized"]


@pytest.mark.parametrize("case", CERTAIN)
def test_certain_probabilities_are_clipped_like_keras(twins: Any, case: str) -> None:
    name, options, y_true, _ = CASES[case]
    certain = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]] * 3)
    twins.same(lambda lib: made(lib, name, options, reduction=None)(y_true, certain))


EXTREME = ["bce-logits", "bce-logits-smooth", "cce-logits", "cce-logits-smooth", "scce-logits", "scce-ignore-logits"]
EXTREME += ["mape", "msle", "cosine", "huber", "log-cosh", "hinge-bits", "squared-hinge", "categorical-hinge"]
EXTREME += ["binary-focal-logits", "categorical-focal-logits"]


@pytest.mark.parametrize("case", EXTREME)
def test_extreme_logits_give_finite_keras_losses(twins: Any, case: str) -> None:
    name, options, y_true, _ = CASES[case]
    extreme = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, 1e4]] * 3)
    twins.same(lambda lib: made(lib, name, options, reduction=None)(y_true, extreme))
    ours = made(twins.libs[1], name, options, reduction=None)(y_true, extreme)
    assert np.isfinite(np.asarray(ours)).all()
