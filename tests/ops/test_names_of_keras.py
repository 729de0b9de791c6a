"""Functions that Keras has by these names: what they return at the edges, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import ops
from denselite.errors import ArgumentError, NoValueError, ShapeError, UncoveredError
from denselite.tensor.context import Trace

X = np.arange(6.0).reshape(2, 3)

REFUSED: dict[str, tuple[type[Exception], str, Callable[[], Any]]] = {
    "full": (
        ShapeError,
        "full expects sizes, got shape (None, 3). Make it in a layer's call",
        lambda: ops.zeros((None, 3)),
    ),
    "unstack": (
        ShapeError,
        "unstack expects num=2 entries along axis 1, got shape (2, 3).",
        lambda: ops.unstack(X, 2, 1),
    ),
    "diag": (ShapeError, "diag expects one or two axes, got shape (1, 2, 3).", lambda: ops.diag(X[None])),
    "slice": (
        ShapeError,
        "slice expects a block inside of shape (2, 3), got (2, 2) from (0, 2) on.",
        lambda: ops.slice(X, [0, 2], [2, 2]),
    ),
    "slice_update": (
        ShapeError,
        "slice_update expects a block inside of shape (2, 3), got (2, 3) from (1, 0) on.",
        lambda: ops.slice_update(X, [1, 0], X),
    ),
    "scatter_update": (
        ArgumentError,
        "scatter_update has the reductions None and 'add', got 'max'.",
        lambda: ops.scatter_update(X, [[0]], X[:1], "max"),
    ),
    "multi_hot": (
        ArgumentError,
        "multi_hot puts the classes on the last axis, -1, got axis=0.",
        lambda: ops.multi_hot(np.array([[0]]), 2, axis=0),
    ),
    "norm by singular values": (
        UncoveredError,
        "norm of matrices with ord='nuc' needs",
        lambda: ops.norm(X, "nuc", (0, 1)),
    ),
    "norm of no kind": (ArgumentError, "norm over 1 axes has no ord='fro'.", lambda: ops.norm(X, "fro", 1)),
    "quantile's method": (
        ArgumentError,
        "quantile expects method to be one of linear,",
        lambda: ops.quantile(X, 0.5, method="no"),
    ),
    "quantile's fraction": (
        ArgumentError,
        "quantile expects fractions from 0 to 1, got 2.",
        lambda: ops.quantile(X, 2),
    ),
    "scan": (ArgumentError, "scan expects one length from 1, got none.", lambda: ops.scan(lambda c, x: (c, c), 0)),
    "scan's lengths": (
        ArgumentError,
        "scan expects one length from 1, got [2, 5].",
        lambda: ops.scan(max, 0, X, length=5),
    ),
    "crossentropy": (
        ShapeError,
        "binary_crossentropy expects a target of shape (2, 3), got (3,).",
        lambda: ops.binary_crossentropy(X[0], X),
    ),
    "sparse crossentropy": (
        ShapeError,
        "sparse_categorical_crossentropy expects a target of shape (2,), got (3,).",
        lambda: ops.sparse_categorical_crossentropy([0, 1, 2], X),
    ),
    "map of a Keras tensor": (
        UncoveredError,
        "scan takes arrays and the tensors of a layer's call.",
        lambda: ops.map(np.sum, dl.Input((2,))),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_in_one_line(case: str) -> None:
    error, message, call = REFUSED[case]
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).startswith(message)


@pytest.fixture
def traced() -> Any:
    trace = Trace()
    with trace.active():
        yield trace.add_input("x", (2, 3), np.dtype("f8"))


def test_condition_that_is_not_known_yet_chooses_between_both(traced: Any) -> None:
    chosen = ops.cond(ops.sum(traced) > 0, lambda: {"a": traced}, lambda: {"a": -traced})
    assert chosen["a"].shape == (2, 3)


def test_condition_that_is_not_known_yet_takes_no_axes_and_one_nesting(traced: Any) -> None:
    with pytest.raises(ShapeError, match=r"^cond expects one truth value, got shape \(2, 3\)"):
        ops.cond(traced > 0, lambda: 1.0, lambda: 2.0)
    with pytest.raises(ShapeError, match=r"^cond expects one nesting of both functions, got \* and \[\*\]"):
        ops.cond(ops.sum(traced) > 0, lambda: traced, lambda: [traced])


def test_condition_that_is_not_known_yet_assigns_nothing(traced: Any) -> None:
    counter = dl.Variable(np.zeros(()))
    with pytest.raises(UncoveredError, match=r"^cond computes both functions where the condition is not known yet"):
        ops.cond(ops.sum(traced) > 0, lambda: counter.assign(counter + 1.0), lambda: counter.value)


def test_what_has_to_be_known_is_asked_for_its_value(traced: Any) -> None:
    with pytest.raises(NoValueError, match="has no value yet, so a truth value cannot be had"):
        ops.while_loop(lambda x: ops.sum(x) > 0, lambda x: x - 1, [traced])
    with pytest.raises(NoValueError, match="has no value yet, so an array cannot be had"):
        ops.convert_to_numpy(traced)
    with pytest.raises(ArgumentError, match=r"^segment_sum expects num_segments for a tensor"):
        ops.segment_sum(X[0], ops.cast(traced[0], "int32"))
    with pytest.raises(UncoveredError, match=r"^slice takes starts that are known when it is called, got a tensor"):
        ops.slice(X, ops.cast(traced[0, :2], "int32"), (1, 1))


def test_dtypes_are_those_of_keras() -> None:
    made = [ops.zeros(2), ops.arange(3), ops.arange(3.0), ops.eye(2, dtype="bool"), ops.convert_to_tensor([1, 2])]
    assert [ops.dtype(x) for x in made] == ["float32", "int32", "float32", "bool", "int32"]
    assert ops.dtype(ops.convert_to_tensor([X, X])) == "float64"
    assert ops.dtype(ops.convert_to_tensor([1.0, 2.0])) == "float32"


def test_functions_are_right_far_from_zero_and_at_the_ends() -> None:
    far = np.array([1e300, np.inf, -1e300])
    np.testing.assert_allclose(ops.arcsinh(far), np.arcsinh(far))
    np.testing.assert_allclose(ops.hypot(np.array([1e300, 0.0]), np.array([1e300, 0.0])), [np.sqrt(2) * 1e300, 0.0])
    np.testing.assert_allclose(ops.arcsin(np.array([-1.0, 0.0, 1.0])), [-np.pi / 2, 0.0, np.pi / 2])
    np.testing.assert_allclose(ops.arccos(np.array([-1.0, 0.0, 1.0])), [np.pi, np.pi / 2, 0.0], atol=1e-15)
    y, x = np.array([1.0, -1.0, 0.0, 0.0, 3.0, -3.0]), np.array([0.0, 0.0, 1.0, -1.0, -4.0, -4.0])
    np.testing.assert_allclose(ops.arctan2(y, x), np.arctan2(y, x), atol=1e-15)
    np.testing.assert_allclose(ops.logaddexp(np.array([-np.inf, np.inf]), np.array([-np.inf, 0.0])), [-np.inf, np.inf])


def test_last_of_several_updates_of_one_place_counts() -> None:
    updated = ops.scatter_update(np.zeros(3), np.array([[1], [1], [2]]), np.array([5.0, 6.0, 7.0]))
    assert updated.tolist() == [0.0, 6.0, 7.0]


def test_median_of_what_has_nan_is_nan() -> None:
    assert np.isnan(ops.median(np.array([[1.0, np.nan], [1.0, 3.0]]), axis=1)).tolist() == [True, False]
