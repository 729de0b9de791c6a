"""``Spatial``: what layers of sequences and images have in common, which is where their axes stand."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from denselite import config
from denselite.declared import Resolves
from denselite.errors import ArgumentError
from denselite.layers.input_spec import InputSpec
from denselite.layers.single import Single
from denselite.tensor.dtypes import is_integer

__all__ = ["DataFormat", "Spatial", "pair_of", "pairs_of"]

_FORMATS = ("channels_last", "channels_first")


def _data_format(value: Any) -> str:
    found = config.image_data_format() if value is None else str(value).lower()
    if found not in _FORMATS:
        raise ArgumentError(f"it should be 'channels_last', 'channels_first' or None, got {value!r}.")
    return found


DataFormat = Annotated[Any, Resolves(_data_format)]  # None is what config.image_data_format() says


class Spatial(Single):
    """A layer of inputs that have channels, and ``_axes`` axes of places between them and the batch."""

    _axes: ClassVar[int]
    data_format = "channels_last"  # for the layers that have no such argument

    def __post_init__(self) -> None:
        super().__post_init__()
        self.input_spec = InputSpec(ndim=self._axes + 2)

    @property
    def _places(self) -> range:
        """The axes that are places."""
        first = 2 if self.data_format == "channels_first" else 1
        return range(first, first + self._axes)


def pair_of(value: Any, least: int = 0) -> tuple[int, int]:
    """Return two integers, of one that counts for both.

    Raises:
        ArgumentError: they are not one or two integers of at least ``least``.
    """
    pair = tuple(value) if isinstance(value, list | tuple) else (value, value)
    if len(pair) != 2 or not all(is_integer(entry) and entry >= least for entry in pair):
        raise ArgumentError(f"it takes an integer of at least {least}, or two of them, got {value!r}.")
    return int(pair[0]), int(pair[1])


def pairs_of(value: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return two pairs of integers, of one integer that counts for all four or one that counts for each pair.

    Raises:
        ArgumentError: they are not integers of at least 0.
    """
    if not isinstance(value, list | tuple):
        value = (value, value)
    if len(value) != 2:
        raise ArgumentError(f"it takes an integer, two, or two pairs, got {value!r}.")
    return pair_of(value[0]), pair_of(value[1])
