from __future__ import annotations

import numpy as np
import pytest

from denselite import Input, Sequential
from denselite.errors import ShapeError
from denselite.layers import BatchNormalization, Dense, TimeDistributed

X = np.arange(12.0, dtype="float32").reshape(2, 3, 2)


def test_each_step_goes_through_the_same_layer() -> None:
    layer = TimeDistributed(Dense(1, kernel_initializer="ones"))
    assert layer(X)[..., 0].tolist() == [[1.0, 5.0, 9.0], [13.0, 17.0, 21.0]]
    assert layer.count_params() == 3


def test_steps_are_rows_to_the_layer_inside_so_a_step_costs_one_product() -> None:
    model = Sequential([Input((3, 2)), TimeDistributed(Dense(4, use_bias=False))])
    assert str(model.listing(X, mode="predict")).count(" @ ") == 1


def test_state_that_follows_from_a_batch_follows_step_by_step() -> None:
    layer = TimeDistributed(BatchNormalization(momentum=0.5))
    layer(X, training=True)
    # Means of the steps' rows: (3, 4), (5, 6), (7, 8); each moves the average half of the way, from 0.
    assert layer.layer.moving_mean.value.tolist() == [0.125 * 3 + 0.25 * 5 + 0.5 * 7, 0.125 * 4 + 0.25 * 6 + 0.5 * 8]


def test_activity_is_penalised_at_every_step_also_of_a_layer_that_keras_forgets() -> None:
    """Keras 3.15 drops the regularizer of a layer, and counts it of a layer in a model: by step and row."""
    layer = TimeDistributed(Dense(1, kernel_initializer="ones", activity_regularizer="l2"))
    layer(X)
    # Sums of rows, step by step: (1, 13), (5, 17), (9, 21); 0.01 times their squares over 2 rows.
    assert [float(loss) for loss in layer.losses] == pytest.approx([0.01 * s / 2 for s in (170, 314, 522)])
    whole = TimeDistributed(Sequential([Dense(1, kernel_initializer="ones", activity_regularizer="l2")]))
    whole(X)
    assert sum(float(loss) for loss in whole.losses) == pytest.approx(0.01 * 1006 / 2)


@pytest.mark.parametrize("shape", [(2,), (2, 3)])
def test_input_without_steps_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"^TimeDistributed 't' expects an input of shape \(batch, steps, \.\.\.\)"):
        TimeDistributed(Dense(1), name="t")(np.ones(shape, "float32"))


def test_mask_of_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"'t' expects a mask that begins .* \(2, 3, 2\), got one of shape \(2, 2\)"):
        TimeDistributed(Dense(1), name="t")(X, mask=np.ones((2, 2), bool))
