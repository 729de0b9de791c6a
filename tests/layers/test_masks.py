from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, losses, metrics
from denselite.errors import ArgumentError
from denselite.layers import Activation, Dense, Dropout, Flatten, Layer, Masking
from denselite.losses.reduction import masked_weight
from denselite.tensor.masks import get_mask

# Rows of two steps; the second step of the first row is padding.
X = np.array([[[1.0, 2.0], [0.0, 0.0]], [[3.0, 4.0], [5.0, 0.0]]], "float32")
MASK = [[True, False], [True, True]]


class Told(Layer):
    """Notes the masks it is given."""

    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        self.seen = mask
        return inputs * 1.0


def build() -> Model:
    return Sequential([Input((2, 2)), Masking(), Dense(3, "tanh"), Dropout(0.5), Told(name="told"), Dense(1)])


def test_mask_goes_through_a_model_called_on_arrays() -> None:
    model = build()
    y = model(X)
    assert get_mask(y).tolist() == model.get_layer("told").seen.tolist() == MASK


def test_mask_goes_through_layers_called_one_by_one() -> None:
    assert get_mask(Activation("relu")(Masking()(X))).tolist() == MASK


def test_keras_tensor_tells_the_shape_of_its_mask() -> None:
    masked = Masking()(Input((None, 4)))
    assert masked.mask.shape == (None, None)
    assert masked.mask.dtype == np.bool_
    assert Input((2, 4)).mask is None
    assert (masked * 2).mask is None


def test_layer_sees_that_there_is_a_mask_when_it_is_declared() -> None:
    class Insisting(Layer):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            assert mask.shape == inputs.shape[:2]
            return inputs * 1.0

        def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
            return None

    x = Input((2, 4))
    model = Model(x, Insisting()(Masking()(x)))
    assert get_mask(model.output) is None
    assert model.predict(np.ones((3, 2, 4), "float32"), verbose=0).shape == (3, 2, 4)


def test_array_that_a_layer_hands_on_stays_without_a_mask() -> None:
    class Marking(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs

        def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
            return inputs[..., 0] != 0

    x = X.copy()
    assert get_mask(Marking()(x)).tolist() == MASK
    assert get_mask(x) is None
    assert get_mask(x.astype("float64")) is None


def test_mask_survives_the_conversion_to_the_layers_dtype() -> None:
    assert get_mask(Dense(1, dtype="float64")(Masking()(X))).tolist() == MASK


def test_mask_survives_the_axis_that_an_input_adds() -> None:
    column = Masking()(np.array([[[1.0]], [[0.0]]], "float32"))  # (2, 1, 1) for an input (None, 1, 1, 1)
    model = Sequential([Input((1, 1, 1)), Told(name="told")])
    model(column)
    assert model.get_layer("told").seen.tolist() == [[True], [False]]


def test_mask_given_to_a_model_is_that_of_its_input() -> None:
    x = [Input((2, 2), name="a"), Input((2, 2), name="b")]
    layers = [Told(name="first"), Told(name="second")]
    model = Model(dict(zip("ab", x, strict=True)), [layer(symbol) for layer, symbol in zip(layers, x, strict=True)])
    mask = np.array(MASK)
    outputs = model({"a": X, "b": X}, mask={"a": None, "b": mask})
    assert [layer.seen is None for layer in layers] == [True, False]
    assert get_mask(outputs[0]) is None
    assert get_mask(outputs[1]) is mask
    assert get_mask(X) is None


def test_mask_nested_another_way_than_the_inputs_is_refused() -> None:
    x = [Input((2, 2)), Input((2, 2))]
    model = Model(x, x)
    with pytest.raises(
        ArgumentError, match=r"^mask= is nested as the inputs are, an array or None for each, got array"
    ):
        model([X, X], mask=np.array(MASK))


@pytest.mark.parametrize("keys", [None, "ab"])
def test_layer_of_several_inputs_hands_the_first_mask_on_by_default(keys: str | None) -> None:
    class First(Layer):
        supports_masking = True

        def call(self, inputs: Any) -> Any:
            return next(iter(inputs.values())) * 1.0 if keys else inputs[0] * 1.0

    parts = [Masking()(X), Masking()(X[::-1])]
    assert get_mask(First()(dict(zip(keys, parts, strict=True)) if keys else parts)).tolist() == MASK
    assert get_mask(First()(dict.fromkeys(keys, X) if keys else [X, X])) is None


def test_model_inside_a_model_passes_masks_without_a_warning() -> None:
    inner = Sequential([Input((2, 2)), Dense(2), Told(name="told")])
    model = Sequential([Input((2, 2)), Masking(), inner])
    assert get_mask(model(X)).tolist() == MASK


def test_layer_that_destroys_a_mask_says_so() -> None:
    with pytest.warns(UserWarning, match=r"^Flatten 'flat' got an input with a mask and does not support masking: .*"):
        Flatten(name="flat")(Masking()(X))


def test_step_without_masks_has_the_same_instructions_whatever_supports_them() -> None:
    class Deaf(Dense):
        supports_masking = False

    counts = []
    for kind in (Dense, Deaf):
        model = Sequential([Input((2, 2)), kind(3, "tanh"), kind(1)])
        model.compile("sgd", "mse", metrics=["mae"])
        listing = str(model.listing(X, X[..., :1]))
        counts.append(next(line for line in listing.splitlines() if line.startswith("NumPy calls")))
    assert counts[0] == counts[1]


def test_loss_is_the_mean_over_what_is_not_masked() -> None:
    # Squared errors 1, 4 (both steps' means of two features: 2.5), 12.5 and 12.5 over three steps that count.
    loss = losses.MeanSquaredError()
    assert float(loss(np.zeros_like(X), Masking()(X))) == pytest.approx((2.5 + 12.5 + 12.5) / 3)
    assert float(losses.MeanSquaredError(reduction="sum")(np.zeros_like(X), Masking()(X))) == pytest.approx(27.5)


def test_loss_is_the_mean_also_where_a_mask_entry_is_about_several_values() -> None:
    column = Masking()(np.array([[[1.0, 1.0, 3.0]], [[0.0, 0.0, 0.0]]], "float32"))  # mask (2, 1), values (2, 1)
    assert float(losses.MeanAbsoluteError()(np.zeros((2, 1, 3), "float32"), column)) == pytest.approx(5 / 3)


def test_loss_of_nothing_but_padding_is_zero() -> None:
    assert float(losses.MeanSquaredError()(X, Masking()(X * 0.0))) == 0.0


def test_metric_leaves_out_what_is_masked() -> None:
    metric = metrics.MeanSquaredError()
    metric.update_state(np.zeros_like(X), Masking()(X))
    metric.update_state(np.zeros_like(X), X)
    assert float(metric.result()) == pytest.approx((27.5 + 27.5) / 7)


def test_weights_are_zero_where_the_mask_is_false() -> None:
    mask = np.array([True, False])
    assert masked_weight(None, None, "float32") is None
    assert masked_weight(None, mask, "float32").tolist() == [1.0, 0.0]
    assert masked_weight([2.0, 3.0], mask, "float32").tolist() == [2.0, 0.0]
    assert masked_weight(np.array([2.0, 3.0]), mask[:, None], "float64").tolist() == [[2.0], [0.0]]
