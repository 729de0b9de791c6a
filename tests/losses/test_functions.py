"""The loss functions, one value a sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import config, losses
from denselite.errors import DataError, ShapeError
from tests.contracts.part_laws import value_and_gradient

LABELS = np.array([1, 0, 2, 2])
ONE_HOT = np.eye(3)[LABELS]
P = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.4], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]], "float32")
LOGITS = np.array([[1.0, 2.0, 3.0], [1e4, -1e4, 0.0], [0.0, 0.0, 0.0], [-2.0, 5.0, 1.0]])

# Oracle: keras.losses on JAX (3.15.1), float32, rounded to 6 digits.
CASES: list[tuple[str, dict[str, Any], Any, Any, list[float]]] = [
    ("mse", {}, ONE_HOT, P, [0.046667, 0.15, 0.666667, 0.18]),
    ("mae", {}, ONE_HOT, P, [0.2, 0.366667, 0.666667, 0.4]),
    ("bce", {}, ONE_HOT, P, [0.228393, 0.475705, 10.686827, 0.543214]),
    ("bce", {"from_logits": True}, ONE_HOT, LOGITS, [1.496259, 0.231049, 0.693147, 1.815635]),
    ("bce", {"label_smoothing": 0.2}, ONE_HOT, P, [0.376087, 0.535431, 10.155415, 0.586185]),
    ("categorical_crossentropy", {}, ONE_HOT, P, [0.356675, 0.788457, 16.118095, 0.916291]),
    ("categorical_crossentropy", {"from_logits": True}, ONE_HOT, LOGITS, [1.407606, 0.0, 1.098612, 4.019045]),
    ("categorical_crossentropy", {"label_smoothing": 0.2}, ONE_HOT, P, [0.56992, 0.86442, 15.043556, 0.954648]),
    ("sparse_categorical_crossentropy", {}, LABELS, P, [0.356675, 0.788457, 16.118095, 0.916291]),
    ("sparse_categorical_crossentropy", {"from_logits": True}, LABELS, LOGITS, [1.407606, 0.0, 1.098612, 4.019045]),
    ("sparse_categorical_crossentropy", {"ignore_class": 2}, LABELS, P, [0.356675, 0.788457, 0.0, 0.0]),
]


# By hand.
WORKED: list[tuple[str, dict[str, Any], Any, Any, Any]] = [
    ("mape", {}, [[2.0, -4.0]], [[1.0, 1.0]], [100 * (1 / 2 + 5 / 4) / 2]),
    ("mape", {}, [[0.0]], [[1e-3]], [100 * 1e-3 / 1e-7]),  # a target of 0 counts as epsilon
    ("msle", {}, [[0.0, -5.0]], [[np.e - 1, 0.0]], [1 / 2]),  # log(e)² and nothing
    ("cosine_similarity", {}, [[3.0, 4.0], [0.0, 0.0]], [[4.0, 3.0], [1.0, 0.0]], [-24 / 25, 0.0]),
    ("huber", {}, [[0.0, 0.0]], [[0.5, -3.0]], [(0.125 + 2.5) / 2]),
    ("huber", {"delta": 2.0}, [[0.0, 0.0]], [[0.5, -3.0]], [(0.125 + 4.0) / 2]),
    ("log_cosh", {}, [[0.0], [0.0], [0.0]], [[0.0], [1e4], [-1e4]], [0.0] + [1e4 - np.log(2)] * 2),
    ("hinge", {}, [[1.0, -1.0]], [[0.5, 0.5]], [(0.5 + 1.5) / 2]),
    ("hinge", {}, [[1.0, 0.0]], [[0.5, 0.5]], [(0.5 + 1.5) / 2]),  # bits stand for signs
    ("hinge", {}, [[1.0, 0.0], [2.0, 2.0]], [[0.5, 0.5], [1.0, 1.0]], [(0.5 + 1.0) / 2, 0.0]),  # here they do not
    ("squared_hinge", {}, [[1.0, -1.0]], [[0.5, 0.5]], [(0.25 + 2.25) / 2]),
    ("categorical_hinge", {}, [[0.0, 1.0, 0.0]], [[0.3, 0.6, 0.5]], [0.5 - 0.6 + 1]),
    ("categorical_hinge", {}, [[0.0, 1.0, 0.0]], [[0.3, 2.0, 0.5]], [0.0]),
    ("kl_divergence", {}, [[0.5, 0.5]], [[0.25, 0.75]], [0.5 * np.log(2) + 0.5 * np.log(2 / 3)]),
    ("kl_divergence", {}, [[1.0, 0.0]], [[0.0, 1.0]], [np.log(1e7) + 1e-7 * np.log(1e-7)]),
    ("poisson", {}, [[2.0, 0.0]], [[np.e, 3.0]], [(np.e - 2 + 3) / 2]),
    ("binary_focal_crossentropy", {}, [[1.0, 0.0]], [[0.5, 0.2]], [-(np.log(0.5) / 4 + 0.04 * np.log(0.8)) / 2]),
    ("binary_focal_crossentropy", {"gamma": 0.0}, [[1.0]], [[0.5]], [np.log(2)]),
    ("binary_focal_crossentropy", {"apply_class_balancing": True}, [[1.0], [0.0]], [[0.5], [0.5]],
     [0.25 * np.log(2) / 4, 0.75 * np.log(2) / 4]),
    ("binary_focal_crossentropy", {"from_logits": True}, [[1.0]], [[0.0]], [np.log(2) / 4]),
    ("categorical_focal_crossentropy", {}, [[0.0, 1.0]], [[1.0, 1.0]], [0.25 * np.log(2) / 4]),  # shares are halves
    ("categorical_focal_crossentropy", {"alpha": (1.0, 2.0), "from_logits": True}, [[0.0, 1.0]], [[3.0, 3.0]],
     [2.0 * np.log(2) / 4]),
    ("dice", {}, [[1.0, 1.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]], 1 - 2 / 3),
    ("dice", {"axis": 1}, [[1.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]], [1 / 3, 0.0]),
    ("tversky", {"alpha": 0.2, "beta": 3.0}, [[1.0, 1.0, 0.0]], [[0.0, 1.0, 1.0]], 1 - 1 / (1 + 0.2 + 3.0)),
    ("CategoricalGeneralizedCrossEntropy", {}, [1, 0], [[0.75, 0.25], [1.0, 0.0]], [1.0, 0.0]),
]  # fmt: skip


@pytest.mark.parametrize("case", WORKED, ids=lambda case: f"{case[0]} {case[1]}")
def test_values_are_those_worked_by_hand(case: Any) -> None:
    name, options, y_true, y_pred, expected = case
    found = losses.get(name)
    if isinstance(found, losses.Loss):
        found.reduction = None
    value = found(np.array(y_true), np.array(y_pred), **options)
    np.testing.assert_allclose(value, expected, rtol=1e-6, atol=1e-7)  # epsilon, which is 1e-7, is left out above


@pytest.mark.parametrize(
    ("function", "y_pred", "slope"),
    [  # the derivative of a value at a kink or a saturation, target 1: Keras' on JAX, but where Keras has NaN
        (losses.huber, 2.0, 1.0),
        (losses.huber, 1.0, 0.0),
        (losses.hinge, 1.0, -0.5),
        (losses.mean_absolute_error, 1.0, -1.0),
        (losses.mean_absolute_percentage_error, 1.0, -100.0),
        (losses.kl_divergence, 1.0, -0.5),
        (losses.kl_divergence, 0.0, 0.0),
        (losses.cosine_similarity, 0.0, -1e7),
        (losses.mean_squared_logarithmic_error, -1.0, 0.0),
    ],
)
def test_slope_at_a_kink(function: Any, y_pred: float, slope: float) -> None:
    arrays = {"y_true": np.array([[1.0]]), "y_pred": np.array([[y_pred]])}
    _, gradient = value_and_gradient(function, arrays, "y_pred")
    assert gradient[0, 0] == pytest.approx(slope, abs=1e-9)


def test_generalized_crossentropy_of_an_impossible_class_has_a_finite_slope() -> None:
    loss = losses.CategoricalGeneralizedCrossEntropy(dtype="float64")
    value, gradient = value_and_gradient(loss, {"y_true": np.array([1]), "y_pred": np.array([[1.0, 0.0]])}, "y_pred")
    assert float(value) == 2.0
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def test_values_are_keras(case: Any) -> None:
    name, options, y_true, y_pred, expected = case
    found = losses.get(name)(y_true, y_pred, **options)
    assert found.tolist() == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float32", "bool"])
def test_labels_of_any_dtype_are_classes(dtype: str) -> None:
    labels = np.array([1, 0, 1, 1])
    expected = losses.sparse_categorical_crossentropy(labels, P)
    found = losses.sparse_categorical_crossentropy(labels.astype(dtype), P)
    np.testing.assert_array_equal(found, expected)


def test_column_of_labels_is_a_vector_of_labels() -> None:
    found = losses.sparse_categorical_crossentropy(LABELS[:, None], P)
    np.testing.assert_array_equal(found, losses.sparse_categorical_crossentropy(LABELS, P))


def test_classes_may_lie_on_another_axis() -> None:
    images = np.stack([P, P[::-1]], axis=1)  # (4, 2, 3), classes last
    labels = np.stack([LABELS, LABELS[::-1]], axis=1)
    expected = losses.sparse_categorical_crossentropy(labels, images)
    found = losses.sparse_categorical_crossentropy(labels, np.moveaxis(images, -1, 1), axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_vector_against_column_is_compared_row_by_row() -> None:
    assert losses.mean_squared_error([1.0, 2.0, 4.0], [[0.0], [0.0], [0.0]]).tolist() == [1.0, 4.0, 16.0]
    assert losses.mean_squared_error([[1.0], [2.0], [4.0]], [0.0, 0.0, 0.0]).tolist() == [1.0, 4.0, 16.0]


def test_lists_of_floats_are_floatx_and_integers_too() -> None:
    assert losses.mean_squared_error([[0.0]], [[1.0]]).dtype == np.float32
    assert losses.mean_absolute_error([[0]], [[1]]).dtype == np.float32
    assert losses.mean_squared_error(np.zeros((1, 1)), np.ones((1, 1))).dtype == np.float64


def test_clip_follows_epsilon() -> None:
    before = config.epsilon()
    try:
        config.set_epsilon(1e-3)
        found = losses.binary_crossentropy([[1.0]], [[0.0]])
    finally:
        config.set_epsilon(before)
    assert found.tolist() == pytest.approx([6.907755])  # -log(1e-3)


@pytest.mark.parametrize(
    ("function", "y_true", "y_pred", "message"),
    [
        ("mse", np.ones((4, 1)), np.ones((4, 3)), r"mean_squared_error .* shape \(batch, 3\), got \(batch, 1\)"),
        ("mae", np.ones((3, 2)), np.ones((4, 2)), r"mean_absolute_error .* shape \(4, 2\), got \(3, 2\)"),
        ("bce", np.ones((4, 2)), np.ones((4, 3)), r"binary_crossentropy .* shape \(batch, 3\), got \(batch, 2\)"),
        (
            "categorical_crossentropy",
            LABELS,
            P,
            r"shape \(batch, 3\), got \(batch,\)\. Use sparse_categorical_crossentropy for integer classes",
        ),
        (
            "sparse_categorical_crossentropy",
            ONE_HOT,
            P,
            r"targets of shape \(batch,\) for .* got \(batch, 3\)\. Use categorical_crossentropy for one-hot targets",
        ),
        ("categorical_crossentropy", np.ones((4, 1)), np.ones((4, 1)), "needs two classes or more on axis 1"),
        ("sparse_categorical_crossentropy", np.zeros(4), np.ones((4, 1)), "Use binary_crossentropy for a single yes"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(function: str, y_true: Any, y_pred: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        losses.get(function)(y_true, y_pred)


PAIRWISE = ["mse", "mae", "mape", "msle", "cosine_similarity", "huber", "log_cosh", "hinge", "squared_hinge"]
PAIRWISE += ["categorical_hinge", "kl_divergence", "poisson", "bce", "binary_focal_crossentropy", "dice", "tversky"]
PAIRWISE += ["categorical_crossentropy", "categorical_focal_crossentropy"]


@pytest.mark.parametrize("name", PAIRWISE)
def test_targets_of_another_shape_are_never_broadcast(name: str) -> None:
    function = losses.get(name)
    with pytest.raises(ShapeError, match=rf"{function.__name__} .* shape \(batch, 3\), got \(batch, 1\)"):
        function(np.ones((4, 1)), np.ones((4, 3)))


@pytest.mark.parametrize("wrong", [3, -1, 0.5, np.nan])
def test_what_is_no_class_is_refused(wrong: float) -> None:
    with pytest.raises(DataError, match=r"sparse_categorical_crossentropy expects classes 0 to 2 as targets, got"):
        losses.sparse_categorical_crossentropy(np.array([0, 1, wrong, 2]), P)


def test_ignored_class_may_be_out_of_range() -> None:
    found = losses.sparse_categorical_crossentropy(np.array([1, -1, 2, -1]), P, ignore_class=-1)
    assert found.tolist() == pytest.approx([0.356675, 0.0, 16.118096, 0.0], rel=1e-6)
