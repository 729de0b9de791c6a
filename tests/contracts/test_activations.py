"""The laws that every activation keeps. An activation enters by being registered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import activations
from tests.contracts.part_laws import numeric_gradient, run, trace, value_and_gradient, wide_values

ARGUMENTS: dict[str, dict[str, Any]] = {"threshold": {"threshold": 0.4, "default_value": 0.1}}
NAMES = sorted(activations.activations.members)
POINTS = np.random.default_rng(2).normal(0.0, 2.5, (5, 4))
FAR = np.array([[-1e4, -100.0, -20.0, -1.0], [0.0, 1.0, 20.0, 100.0], [1e4, 1e4, -1e4, -1e4]])
GROWS = {"exponential"}  # infinite far out, as it should be

every_name = pytest.mark.parametrize("name", NAMES)


def function(name: str) -> Any:
    found = activations.get(name)
    return lambda x: found(x, **ARGUMENTS.get(name, {}))


@every_name
def test_gradient_is_the_slope(name: str) -> None:
    arrays = {"x": POINTS}
    _, gradient = value_and_gradient(function(name), arrays, "x")
    np.testing.assert_allclose(gradient, numeric_gradient(function(name), arrays, "x"), rtol=1e-6, atol=1e-8)


@every_name
def test_planned_value_is_the_eager_one(name: str) -> None:
    planned, _ = value_and_gradient(function(name), {"x": POINTS}, "x")
    np.testing.assert_allclose(planned, function(name)(POINTS), rtol=1e-12, atol=1e-15)


@every_name
def test_float32_stays_float32(name: str) -> None:
    arrays = {"x": POINTS.astype("float32")}
    assert function(name)(arrays["x"]).dtype == np.float32
    graph = trace(function(name), arrays, "x")
    assert wide_values(graph) == []
    assert [output.dtype for output in run(graph, arrays)] == [np.float32, np.float32]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in GROWS])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_out_values_and_gradients_are_finite(name: str, dtype: str) -> None:
    value, gradient = value_and_gradient(function(name), {"x": FAR.astype(dtype)}, "x")
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()


@every_name
def test_name_goes_round(name: str) -> None:
    found = activations.get(name)
    assert activations.deserialize(activations.serialize(found)) is found


@every_name
def test_argument_is_not_written_into(name: str) -> None:
    kept = POINTS.copy()
    kept.flags.writeable = False
    function(name)(kept)
    np.testing.assert_array_equal(kept, POINTS)
