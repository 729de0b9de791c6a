from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential
from denselite.errors import ArgumentError, ShapeError, UnknownNameError
from denselite.layers import PReLU


def test_slope_of_each_entry_is_a_weight() -> None:
    layer = PReLU()
    layer.build((None, 2))
    layer.set_weights([np.array([0.5, -1.0])])
    assert layer(np.array([[-2.0, -2.0], [3.0, 3.0]], "float32")).tolist() == [[-1.0, 2.0], [3.0, 3.0]]


def test_slopes_learn() -> None:
    model = Sequential([Input((2,)), PReLU()])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 1.0
    model.train_on_batch(np.array([[-1.0, 2.0]], "float32"), np.array([[-1.0, 0.0]], "float32"))
    # loss ((0 - -1)² + (2 - 0)²) / 2; its gradient in the first slope is (0 + 1) · -1, in the second 0
    assert model.get_weights()[0].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(("shared", "shape"), [(None, (3, 4)), (1, (1, 4)), ([2], (3, 1)), ((1, 2), (1, 1))], ids=repr)
def test_shared_axes_have_one_slope(shared: Any, shape: tuple[int, ...]) -> None:
    layer = PReLU(shared_axes=shared)
    layer.build((None, 3, 4))
    assert [v.shape for v in layer.weights] == [shape]


def test_shared_axis_may_be_of_any_size() -> None:
    layer = PReLU("ones", shared_axes=1)
    layer.build((None, None, 2))
    assert layer(np.full((1, 5, 2), -1.0, "float32")).tolist() == [[[-1.0, -1.0]] * 5]
    assert layer(np.full((1, 1, 2), -1.0, "float32")).shape == (1, 1, 2)


def built(shape: tuple[int, ...], **options: Any) -> PReLU:
    layer = PReLU(name="p", **options)
    layer.build((None, *shape))
    return layer


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "axis 0": (lambda: PReLU(shared_axes=[0]), ArgumentError, r"^PReLU\(\) argument 'shared_axes': shared axes are counted from 1, the first behind the batch, got \[0\]"),
    "axis from the end": (lambda: PReLU(shared_axes=-1), ArgumentError, "counted from 1, .*, got -1"),
    "axis of text": (lambda: PReLU(shared_axes="all"), ArgumentError, "counted from 1, .*, got 'all'"),
    "axis that is none": (lambda: built((3,), shared_axes=[2]), ShapeError, r"^PReLU 'p' expects an input whose axes have known sizes but for the batch and the shared_axes \[2\], got \(None, 3\)\.$"),
    "unknown size": (lambda: PReLU(name="p")(Input((None, 3))), ShapeError, r"shared_axes \[\], got \(None, None, 3\)"),
    "other size": (lambda: built((3,))(np.zeros((2, 4))), ShapeError, r"^PReLU 'p' expects an input with size 3 on axis 1, got one of shape \(2, 4\)\.$"),
    "size 1": (lambda: built((3,))(np.zeros((2, 1))), ShapeError, r"got one of shape \(2, 1\)"),
    "other rank": (lambda: built((3,))(np.zeros((2, 3, 3))), ShapeError, r"^PReLU 'p' expects an input of 2 axes, the batch included, got one of shape \(2, 3, 3\)"),
    "initializer": (lambda: PReLU("zeroes"), UnknownNameError, r"^PReLU\(\) argument 'alpha_initializer': Unknown initializer 'zeroes'"),
    "constraint": (lambda: PReLU(alpha_constraint="nonneg"), UnknownNameError, "'alpha_constraint': Unknown constraint 'nonneg'"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
