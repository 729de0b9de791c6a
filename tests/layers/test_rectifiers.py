from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError
from denselite.layers import ELU, LeakyReLU, ReLU

X = np.array([[-2.0, -0.5, 0.0, 1.0, 8.0]])


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (ReLU(), [0.0, 0.0, 0.0, 1.0, 8.0]),
        (ReLU(6.0), [0.0, 0.0, 0.0, 1.0, 6.0]),
        (ReLU(negative_slope=0.5), [-1.0, -0.25, 0.0, 1.0, 8.0]),
        (ReLU(threshold=2), [0.0, 0.0, 0.0, 0.0, 8.0]),
        (ReLU(4, 0.5, 2.0), [-2.0, -1.25, -1.0, -0.5, 4.0]),  # 0.5 (x - 2) below 2
        (LeakyReLU(), [-0.6, -0.15, 0.0, 1.0, 8.0]),
        (LeakyReLU(0), [0.0, 0.0, 0.0, 1.0, 8.0]),
        (ELU(), [np.exp(-2) - 1, np.exp(-0.5) - 1, 0.0, 1.0, 8.0]),
        (ELU(2.0), [2 * np.exp(-2) - 2, 2 * np.exp(-0.5) - 2, 0.0, 1.0, 8.0]),
    ],
    ids=repr,
)
def test_layer_bends_as_it_is_told(layer: Any, expected: list[float]) -> None:
    layer.dtype = "float64"
    np.testing.assert_allclose(layer(X), [expected], rtol=1e-12)


def test_former_name_of_the_slope_warns_and_counts() -> None:
    with pytest.warns(
        UserWarning, match=r"^LeakyReLU\(\) argument 'alpha' is now called 'negative_slope'\.$"
    ) as caught:
        layer = LeakyReLU(alpha=0.5)  # type: ignore[call-arg]
    assert caught[0].filename == __file__
    assert layer.negative_slope == 0.5


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "ceiling below 0": (lambda: ReLU(-1), ArgumentError, r"^ReLU\(\) argument 'max_value' should be greater than or equal to 0, got -1"),
    "slope below 0": (lambda: ReLU(None, -0.5), ArgumentError, "'negative_slope' should be greater than or equal to 0, got -0.5"),
    "threshold of None": (lambda: ReLU(threshold=None), ArgumentError, "'threshold' should be a number greater than or equal to 0, got None"),
    "leak of None": (lambda: LeakyReLU(None), ArgumentError, r"^LeakyReLU\(\) argument 'negative_slope' should be a number greater than or equal to 0, got None"),
    "both names": (lambda: LeakyReLU(negative_slope=0.1, alpha=0.2), ArgumentError, r"^LeakyReLU\(\) does not take an argument 'alpha'"),  # type: ignore[call-arg]
    "alpha of text": (lambda: ELU("a"), ArgumentError, r"^ELU\(\) argument 'alpha' should be a number, got 'a'"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
