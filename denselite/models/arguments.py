"""Arguments of ``fit`` and its kin, looked at before anything is built or trained."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from denselite.data.arrays import is_array_data
from denselite.errors import ArgumentError, DenseliteError, suggestion
from denselite.tensor.dtypes import is_integer

__all__ = ["about_validation", "check_passes", "is_due", "named_arguments", "one_batch"]

F = TypeVar("F", bound=Callable[..., Any])

_LEAST = {"epochs": 0, "initial_epoch": 0}  # of the others: 1


def named_arguments(method: F) -> F:
    """Decorator of a method: a keyword that it does not have is answered with the nearest one it has.

    Example:
        >>> class Model:
        ...     @named_arguments
        ...     def fit(self, x, epochs=1): ...
        >>> Model().fit(0, epoch=3)
        Traceback (most recent call last):
        denselite.errors.ArgumentError: Model.fit() does not take an argument 'epoch'. Did you mean 'epochs'?
    """
    code: Any = method.__code__
    known = code.co_varnames[1 : code.co_argcount]

    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except TypeError:
            name = next((name for name in kwargs if name not in known), None)
            if name is None:
                raise
        near = suggestion(name, known) or f" Its arguments are: {', '.join(known)}."
        raise ArgumentError(f"{type(self).__name__}.{method.__name__}() does not take an argument {name!r}.{near}")

    return call  # type: ignore[return-value]


def check_passes(who: str, validation_freq: Any, **counts: Any) -> None:
    """Make sure that counts are counts.

    Args:
        who: the model's class, for errors.
        validation_freq: an integer of 1 or more, or a list of them.
        **counts: integers by the name of their argument; all but ``epochs`` and ``initial_epoch`` may be None.

    Raises:
        ArgumentError: something else; the first one is named.
    """
    for name, value in counts.items():
        least = _LEAST.get(name, 1)
        if not _is_count(value, least) and (value is not None or name in _LEAST):
            either = "" if name in _LEAST else " or None"
            raise ArgumentError(f"{who}.fit(): {name} expects an integer of {least} or more{either}, got {value!r}.")
    listed = validation_freq if isinstance(validation_freq, Sequence | set) else [validation_freq]
    if not all(_is_count(entry, 1) for entry in listed):
        raise ArgumentError(
            f"{who}.fit(): validation_freq expects an integer of 1 or more, or a list of epochs counted from 1, "
            f"got {validation_freq!r}."
        )


def _is_count(value: Any, least: int) -> bool:
    return is_integer(value) and bool(value >= least)


def is_due(frequency: int | Sequence[int], epoch: int) -> bool:
    """Say whether an epoch, counted from 0, is one to validate after.

    Example:
        >>> is_due(2, 0), is_due(2, 1), is_due([1, 5], 4)
        (False, True, True)
    """
    return (epoch + 1) % frequency == 0 if isinstance(frequency, int | np.integer) else epoch + 1 in frequency


@contextmanager
def about_validation() -> Iterator[None]:
    """Let an error say that it is about the validation data."""
    try:
        yield
    except DenseliteError as error:
        if str(error).startswith("validation_data"):
            raise
        raise type(error)(f"validation_data: {error}") from None


def one_batch(x: Any, who: str) -> Any:
    """Return ``x``, the rows of one batch.

    Raises:
        ArgumentError: it is no arrays.
    """
    if not is_array_data(x):
        raise ArgumentError(f"{who} expects the rows of one batch as arrays, got {x!r} of type {type(x).__name__}.")
    return x
