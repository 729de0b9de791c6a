"""Settings: what is set is read again, what cannot be meant is refused."""

from __future__ import annotations

import pytest

from denselite import config


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_floatx_is_what_it_was_set_to(dtype: str) -> None:
    config.set_floatx(dtype)
    found = config.floatx()
    config.set_floatx("float32")
    assert found == dtype


def test_epsilon_and_layout_are_what_they_were_set_to() -> None:
    config.set_epsilon(1e-3)
    config.set_image_data_format("channels_first")
    found = config.epsilon(), config.image_data_format()
    config.set_epsilon(1e-7)
    config.set_image_data_format("channels_last")
    assert found == (1e-3, "channels_first")


def test_there_is_one_backend() -> None:
    config.set_backend("numpy")
    assert config.backend() == "numpy"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: config.set_floatx("int32"), "set_floatx.* got 'int32'"),
        (lambda: config.set_epsilon(0), "a positive number, got 0"),
        (lambda: config.set_image_data_format("last"), "got 'last'"),
        (lambda: config.set_backend("jax"), "expects 'numpy', the only backend, got 'jax'"),
    ],
)
def test_other_values_are_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_name_of_keras_says_it_is_not_here_yet() -> None:
    with pytest.raises(
        ImportError, match=r"denselite\.config\.set_max_epochs exists in Keras and not yet in denselite"
    ):
        _ = config.set_max_epochs
