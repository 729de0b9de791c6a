"""The classes: reductions, weights, dtype, names, configs, losses of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import losses
from denselite.config import floatx, set_floatx
from denselite.errors import ArgumentError, ShapeError, StateError, UncoveredError, UnknownNameError
from denselite.layers import Masking

LABELS = np.array([1, 0, 2, 2])
ONE_HOT = np.eye(3)[LABELS]
P = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.4], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]])
WEIGHTS = np.array([0.5, 1.0, 2.0, 0.0])


# Oracle: keras.losses.MeanSquaredError on JAX (3.15.1), float32.
@pytest.mark.parametrize(
    ("reduction", "plain", "weighted"),
    [
        ("sum_over_batch_size", 0.260833, 0.376667),
        ("mean", 0.260833, 0.376667),
        ("sum", 1.043333, 1.506667),
        ("mean_with_sample_weight", 0.260833, 0.430476),
        ("none", [0.046667, 0.15, 0.666667, 0.18], [0.023333, 0.15, 1.333333, 0.0]),
        (None, [0.046667, 0.15, 0.666667, 0.18], [0.023333, 0.15, 1.333333, 0.0]),
    ],
)
def test_reductions_are_keras(reduction: Any, plain: Any, weighted: Any) -> None:
    loss = losses.MeanSquaredError(reduction=reduction)
    assert loss(ONE_HOT, P).tolist() == pytest.approx(plain, abs=1e-6)
    assert loss(ONE_HOT, P, WEIGHTS).tolist() == pytest.approx(weighted, abs=1e-6)


def test_mean_is_over_the_samples_that_are_not_ignored() -> None:
    loss = losses.SparseCategoricalCrossentropy(ignore_class=2)
    assert float(loss(LABELS, P)) == pytest.approx(0.572566, abs=1e-6)  # Keras 3.15.1
    assert float(loss(LABELS, P, WEIGHTS)) == pytest.approx(0.483397, abs=1e-6)


def test_weights_that_sum_to_zero_give_zero() -> None:
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert float(loss(ONE_HOT, P, np.zeros(4))) == 0.0


def test_all_samples_ignored_give_zero() -> None:
    assert float(losses.SparseCategoricalCrossentropy(ignore_class=1)(np.ones(4, int), P)) == 0.0


def test_vector_targets_and_column_predictions_pair_up() -> None:
    assert float(losses.MeanSquaredError()(np.array([1.0, 2.0, 4.0]), np.zeros((3, 1)))) == 7.0


def test_weights_of_another_length_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"sample_weight of shape \(3,\) does not fit .* values of shape \(4,\)"):
        losses.MeanSquaredError()(ONE_HOT, P, np.ones(3))


def test_dtype_is_floatx_of_when_the_loss_was_made() -> None:
    loss = losses.MeanSquaredError()
    before = floatx()
    try:
        set_floatx("float64")
        assert loss(ONE_HOT, P).dtype == np.float32
        assert losses.MeanSquaredError()(ONE_HOT, P).dtype == np.float64
    finally:
        set_floatx(before)


def test_config_has_keras_keys() -> None:
    assert losses.BinaryCrossentropy(from_logits=True).get_config() == {
        "reduction": "sum_over_batch_size",
        "name": "binary_crossentropy",
        "from_logits": True,
        "label_smoothing": 0.0,
        "axis": -1,
    }
    assert losses.SparseCategoricalCrossentropy().get_config() == {
        "reduction": "sum_over_batch_size",
        "name": "sparse_categorical_crossentropy",
        "from_logits": False,
        "ignore_class": None,
    }


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("SparseCategoricalCrossentropy", {"axis": 1, "dtype": "float64"}),
        ("Huber", {"delta": 2.0, "name": "h"}),  # Keras 3.15 forgets this one
        ("CosineSimilarity", {"axis": 1}),  # and this
        ("CategoricalFocalCrossentropy", {"alpha": [0.1, 0.9]}),
        ("Tversky", {"alpha": 0.1, "axis": [0, 1]}),
    ],
)
def test_config_keeps_what_is_not_usual(name: str, arguments: dict[str, Any]) -> None:
    again = losses.deserialize(losses.serialize(getattr(losses, name)(**arguments)))
    assert {key: getattr(again, key) for key in arguments} == arguments


def test_huber_is_called_as_in_keras() -> None:
    assert losses.Huber().name == "huber_loss"
    assert losses.get("huber").__name__ == "huber"


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_loss_of_the_whole_batch_is_one_number(reduction: Any) -> None:
    loss = losses.Dice(reduction=reduction)
    assert float(loss([[1.0, 1.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]])) == pytest.approx(1 / 3)


def test_loss_of_the_whole_batch_is_multiplied_by_the_mean_of_the_weights() -> None:
    found = losses.Dice()([[1.0, 1.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]], sample_weight=[1.0, 2.0])
    assert float(found) == pytest.approx(1.5 / 3)


def test_first_arguments_are_positional_as_in_keras() -> None:
    assert losses.CategoricalCrossentropy(True, 0.1).label_smoothing == 0.1
    assert losses.MeanSquaredError("sum", "m").name == "m"


@pytest.mark.parametrize(
    ("name", "function"),
    [("mse", "mean_squared_error"), ("MSE", "mean_squared_error"), ("mae", "mean_absolute_error"),
     ("MAPE", "mean_absolute_percentage_error"), ("msle", "mean_squared_logarithmic_error"), ("KLD", "kl_divergence"),
     ("bce", "binary_crossentropy"), ("categorical_crossentropy", "categorical_crossentropy")],
)  # fmt: skip
def test_function_names_give_functions(name: str, function: str) -> None:
    assert losses.get(name) is getattr(losses, function)


def test_class_names_classes_and_objects_give_objects() -> None:
    assert isinstance(losses.get("MeanSquaredError"), losses.MeanSquaredError)
    assert isinstance(losses.get(losses.MeanSquaredError), losses.MeanSquaredError)
    made = losses.MeanSquaredError()
    assert losses.get(made) is made
    assert losses.get(None) is None


def test_serialized_loss_is_keras() -> None:
    assert losses.serialize(losses.MeanSquaredError()) == {
        "module": "keras.losses",
        "class_name": "MeanSquaredError",
        "config": {"reduction": "sum_over_batch_size", "name": "mean_squared_error"},
        "registered_name": None,
    }


def test_serialized_function_is_keras_and_goes_round() -> None:
    config = losses.serialize(losses.huber)
    assert config == {"module": "builtins", "class_name": "function", "config": "huber", "registered_name": "function"}
    assert losses.deserialize(config) is losses.huber


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown loss 'mean_squred_error'\. Did you mean 'mean_squared_error'"):
        losses.get("mean_squred_error")


@pytest.mark.parametrize("name", ["CTC", "ctc", "Circle", "circle"])
def test_name_that_only_keras_has_says_so(name: str) -> None:
    with pytest.raises(UncoveredError, match=f"loss '{name}' exists in Keras and not yet in denselite"):
        losses.get(name)
    with pytest.raises(ImportError, match=rf"denselite\.losses\.{name} exists in Keras and not yet in denselite"):
        getattr(losses, name)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losses.MeanSquaredError(reduction="average"), "'reduction' should be 'sum_over_batch_size', 'mean'"),
        (lambda: losses.CategoricalCrossentropy(label_smoothing=1.5), "'label_smoothing' should be less than or equal"),
        (lambda: losses.Huber(-1.0), "'delta' should be greater than or equal to 0, got -1"),
        (lambda: losses.CategoricalGeneralizedCrossEntropy(1.0), "'q' should be less than 1, got 1.0"),
        (lambda: losses.CategoricalGeneralizedCrossEntropy(0.0), "'q' should be greater than 0, got 0.0"),
        (lambda: losses.BinaryFocalCrossentropy(gamma=-1.0), "'gamma' should be greater than or equal to 0"),
        (lambda: losses.Dice(axis="rows"), "'axis' should be an integer, a list of which each entry is an integer"),
        (lambda: losses.BinaryCrossentropy(logits=True), "does not take an argument 'logits'"),
    ],
)
def test_arguments_out_of_range_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()


def test_loss_without_call_says_what_is_missing() -> None:
    with pytest.raises(StateError, match=r"Loss has no call\(y_true, y_pred\)"):
        losses.Loss()(ONE_HOT, P)


class Weighted(losses.Loss):
    """A loss written as in Keras, with a constructor of its own."""

    def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.factor * np.mean(np.abs(y_true - y_pred), axis=-1)


def test_own_loss_gets_a_name_reductions_and_a_config() -> None:
    loss = Weighted(3.0, reduction="sum")
    assert loss.name == "weighted"
    assert float(loss(np.array([[1, 2]]), np.array([[2.0, 4.0]]))) == 4.5
    again = Weighted.from_config(loss.get_config())
    assert (again.factor, again.reduction) == (3.0, "sum")


def test_own_function_is_wrapped() -> None:
    def scaled(y_true: Any, y_pred: Any, factor: float = 1.0) -> Any:
        return factor * np.mean(y_pred - y_true, axis=-1)

    loss = losses.LossFunctionWrapper(scaled, factor=10.0)
    assert loss.name == "scaled"
    assert float(loss(np.array([1, 2]), np.array([[2.0], [4.0]]))) == 15.0


def test_wrapper_of_a_known_function_goes_round() -> None:
    loss = losses.LossFunctionWrapper(losses.binary_crossentropy, name="b", from_logits=True)
    again = losses.LossFunctionWrapper.from_config(loss.get_config())
    assert again.fn is losses.binary_crossentropy
    assert (again.name, again.fn_arguments) == ("b", {"from_logits": True})


def test_wrapper_leaves_large_labels_what_they_are() -> None:
    labels = np.array([(1 << 24) + 1])  # the first integer that float32 does not hold
    seen = []

    def remember(y_true: Any, y_pred: Any) -> Any:
        seen.append(y_true)
        return y_pred[..., 0]

    remember.takes_classes = True  # type: ignore[attr-defined]
    losses.LossFunctionWrapper(remember)(labels, np.ones((1, 2)))
    assert seen[0].tolist() == [(1 << 24) + 1]
    assert losses.sparse_categorical_crossentropy.takes_classes  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("y_true", "y_pred", "expected"),
    [
        ((None,), (None, 1), "binary_crossentropy"),
        ((None, 1), (None, 1), "binary_crossentropy"),
        ((None,), (None, 3), "sparse_categorical_crossentropy"),
        ((None, 1), (None, 3), "sparse_categorical_crossentropy"),
        ((None, 3), (None, 3), "categorical_crossentropy"),
    ],
)
def test_crossentropy_follows_from_the_shapes(y_true: Any, y_pred: Any, expected: str) -> None:
    assert losses.resolve_crossentropy(y_true, y_pred).__name__ == expected


def test_weights_that_do_not_fit_a_mask_are_refused() -> None:
    masked = Masking()(np.ones((4, 5, 3), "float32"))
    with pytest.raises(
        ShapeError, match=r"^sample_weight of shape \(batch,\) does not fit a mask of shape \(batch, 5\)"
    ):
        losses.MeanSquaredError()(np.ones((4, 5, 3)), masked, np.ones(4))


def test_class_weights_that_do_not_fit_the_classes_are_refused() -> None:
    message = r"^categorical_focal_crossentropy expects alpha of shape \(\) or \(3,\), got \(2,\)\.$"
    with pytest.raises(ShapeError, match=message):
        losses.CategoricalFocalCrossentropy(alpha=[0.5, 2.0])(ONE_HOT, P)
