"""Helpers of `utils` and settings of `config`: values, shapes and dtypes are Keras'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

X = np.random.default_rng(79).normal(size=(4, 3, 2))
ROWS = [[1], [2, 3], [], [4, 5, 6]]


def told(value: Any) -> Any:
    array = np.asarray(value)
    return [list(array.shape), str(array.dtype), value if array.dtype.kind in "OU" else array]


ARRAYS: dict[str, Callable[[Any], Any]] = {
    "normalize": lambda u: u.normalize(X),
    "normalize-axis": lambda u: u.normalize(X, axis=1, order=3),
    "normalize-l1": lambda u: u.normalize(X[0], -1, 1),
    "normalize-max": lambda u: u.normalize(X[0], order=np.inf),
    "normalize-row": lambda u: u.normalize(X[0, 0]),
    "normalize-zeros": lambda u: u.normalize(np.zeros((2, 2))),
    "normalize-integers": lambda u: u.normalize(np.array([[3, 4], [0, 1]])),
    "normalize-float32": lambda u: u.normalize(X[0].astype("float32")),
    "pad": lambda u: u.pad_sequences(ROWS),
    "pad-positional": lambda u: u.pad_sequences(ROWS, 2, "float32", "post", "post", 9),
    "pad-longer": lambda u: u.pad_sequences(ROWS, maxlen=5, value=-1),
    "pad-cut-before": lambda u: u.pad_sequences(ROWS, maxlen=2, padding="post"),
    "pad-vectors": lambda u: u.pad_sequences([[[1, 2]], [[3, 4], [5, 6]]]),
    "pad-arrays": lambda u: u.pad_sequences((np.array([1, 2]), np.array([3]))),
    "pad-truncates-floats": lambda u: u.pad_sequences([[1.5], [2.5, 3.5]]),
    "pad-empty": lambda u: u.pad_sequences([[]]),
    "one-hot": lambda u: u.to_categorical([2, 0, 1]),
    "one-hot-column": lambda u: u.to_categorical(np.array([[1], [3]]), 5),
    "one-hot-matrix": lambda u: u.to_categorical(np.array([[1, 3], [0, 2]])),
    "one-hot-scalar": lambda u: u.to_categorical(3),
    "one-hot-whole-floats": lambda u: u.to_categorical([1.0, 0.0]),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_helper_returns_keras_array(twins: Any, case: str) -> None:
    twins.same(lambda lib: told(ARRAYS[case](lib.utils)))


def test_strings_are_padded_like_keras(twins: Any) -> None:
    twins.same(lambda lib: lib.utils.pad_sequences([["a"], ["b", "c"]], dtype=object, value="-").tolist())


def test_packing_is_keras(twins: Any) -> None:
    def packed(lib: Any) -> Any:
        pack, unpack = lib.utils.pack_x_y_sample_weight, lib.utils.unpack_x_y_sample_weight
        apart = [unpack(given) for given in (X, (X,), (X, X), [X, X], (X, X, X))]
        return [pack(X), pack([X]), pack(X, X), pack(X, X, X), pack(X, None, X), apart]

    twins.same(packed)


@pytest.mark.parametrize("dtype", [None, int, float, bool, "int", np.float64, np.dtype("int8"), "float16"])
def test_dtypes_have_keras_names(twins: Any, dtype: Any) -> None:
    twins.same(lambda lib: lib.utils.standardize_dtype(dtype))


def test_clear_session_starts_the_names_anew(twins: Any) -> None:
    def names(lib: Any) -> list[str]:
        lib.utils.clear_session()
        return [lib.layers.Dense(1).name, lib.layers.Dense(1).name, lib.layers.Dropout(0.5).name]

    twins.same(names)


WRONG: dict[str, Callable[[Any], Any]] = {
    "pad-nothing": lambda u: u.pad_sequences([]),
    "pad-number": lambda u: u.pad_sequences(5),
    "pad-numbers": lambda u: u.pad_sequences([1, 2]),
    "pad-padding": lambda u: u.pad_sequences(ROWS, padding="x"),
    "pad-truncating": lambda u: u.pad_sequences(ROWS, truncating="x"),
    "pad-string": lambda u: u.pad_sequences(ROWS, value="x"),
    "pad-steps": lambda u: u.pad_sequences([[[1, 2]], [[3, 4, 5]]]),
    "unpack-nothing": lambda u: u.unpack_x_y_sample_weight(()),
    "unpack-four": lambda u: u.unpack_x_y_sample_weight((1, 2, 3, 4)),
    "one-hot-nothing": lambda u: u.to_categorical([]),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_keras_refuses_is_refused(twins: Any, case: str) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError):  # noqa: PT011 (each library has its own words)
            WRONG[case](lib.utils)


def test_interactive_logging_is_switched_like_keras(twins: Any) -> None:
    def switched(lib: Any) -> list[bool]:
        seen = [lib.config.is_interactive_logging_enabled()]
        lib.config.disable_interactive_logging()
        seen.append(lib.utils.is_interactive_logging_enabled())
        lib.utils.enable_interactive_logging()
        return [*seen, lib.config.is_interactive_logging_enabled()]

    twins.same(switched)
