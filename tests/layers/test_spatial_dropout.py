from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, ShapeError
from denselite.layers import SpatialDropout1D, SpatialDropout2D


@pytest.mark.parametrize(
    ("layer", "shape", "places"),
    [
        (SpatialDropout1D(0.5, seed=1), (500, 3, 8), (1,)),
        (SpatialDropout2D(0.5, seed=1), (500, 2, 3, 8), (1, 2)),
        (SpatialDropout2D(0.5, "channels_first", seed=1), (500, 8, 2, 3), (2, 3)),
    ],
    ids=["1D", "2D", "2D-channels-first"],
)
def test_channel_is_dropped_at_all_places_or_at_none(layer: Any, shape: Any, places: tuple[int, ...]) -> None:
    out = layer(np.ones(shape, "float32"), training=True)
    assert np.unique(out).tolist() == [0.0, 2.0]
    np.testing.assert_array_equal(out.max(axis=places), out.min(axis=places))
    # 4000 draws of p = 0.5: a standard deviation of 0.008; five of them are 0.04
    assert np.mean(out == 0) == pytest.approx(0.5, abs=0.04)


def test_config_is_the_short_one_that_keras_reads() -> None:
    layer = SpatialDropout2D(0.5, seed=1, name="s")
    assert layer.get_config() == {
        "name": "s", "dtype": "float32", "rate": 0.5, "data_format": "channels_last", "seed": 1,
    }  # fmt: skip


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "rate above 1": (lambda: SpatialDropout1D(1.5), ArgumentError, r"^SpatialDropout1D\(\) argument 'rate' should be less than or equal to 1"),
    "data format": (lambda: SpatialDropout2D(0.5, "first"), ArgumentError, r"argument 'data_format': it should be 'channels_last', 'channels_first' or None, got 'first'"),
    "rows": (lambda: SpatialDropout1D(0.5, name="s")(np.zeros((2, 3))), ShapeError, r"^SpatialDropout1D 's' expects an input of 3 axes, the batch included, got one of shape \(2, 3\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
