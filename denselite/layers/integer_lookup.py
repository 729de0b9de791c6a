"""``IntegerLookup``: integers, such as ids, as their places in a vocabulary."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from denselite.declared import Resolves
from denselite.errors import ArgumentError, DTypeError, UncoveredError
from denselite.layers.lookup import Lookup
from denselite.ops.op import Array

__all__ = ["IntegerLookup"]


def _dtype(value: Any) -> str:
    if value != "int64":
        raise UncoveredError(f"vocabulary_dtype is 'int64', in Keras too, got {value!r}.")
    return "int64"


class IntegerLookup(Lookup):
    """Map integers to their places in a vocabulary, which is given or found by ``adapt``.

    Place 0 is for ``mask_token`` if there is one, then come ``num_oov_indices`` for unknown integers, then the
    vocabulary. It works on arrays, and inside models.

    Args:
        max_tokens: how many places there are at most; None for no limit.
        num_oov_indices: how many places unknown integers have; with 0 they are an error.
        mask_token: the integer that stands for nothing: place 0, or no place in rows.
        oov_token: what ``invert`` gives for a place of unknown integers.
        vocabulary: the integers in order, or the path of a text file with one a line.
        vocabulary_dtype: ``"int64"``.
        idf_weights: the weight of each integer, with ``output_mode="tf_idf"``.
        invert: whether places become integers instead.
        output_mode: ``"int"`` for places; rows over places with ``"one_hot"``, ``"multi_hot"``, ``"count"`` or
            ``"tf_idf"`` (counts times weights).
        sparse: not here; False only.
        pad_to_max_tokens: whether rows have ``max_tokens`` places whatever the vocabulary.
        oov_method: how one of several places for unknown integers is found: ``"floormod"`` or ``"farmhash"``.
        salt: the key of the hash, one or two integers, with ``"farmhash"``.
        name: unique in a model.

    Shapes:
        any -> the same; rows as in ``CategoryEncoding``.

    Raises:
        ArgumentError: arguments that do not go together, or a vocabulary with repeated or misplaced integers.
        UncoveredError: ``sparse`` is True.
        StateError: (when called) there is no vocabulary yet.
        DataError: (when called) an integer is unknown and ``num_oov_indices`` is 0.

    Example:
        >>> layer = IntegerLookup(vocabulary=[12, 36, 42])
        >>> layer(np.array([[36, 7]])).tolist()
        [[2, 0]]
        >>> layer.get_vocabulary()
        [-1, 12, 36, 42]
    """

    _token_dtype = np.int64
    _inverse_dtype = "int64"
    _order = (
        "max_tokens num_oov_indices mask_token oov_token vocabulary vocabulary_dtype idf_weights invert output_mode "
        "sparse pad_to_max_tokens oov_method salt name"
    )

    mask_token: int | None = None
    oov_token: int | None = -1
    vocabulary_dtype: Annotated[str, Resolves(_dtype)] = "int64"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.salt is not None and self.oov_method != "farmhash":
            raise ArgumentError(f"IntegerLookup() takes a salt with oov_method='farmhash', not {self.oov_method!r}.")

    def _typed(self, tokens: Array) -> Array:
        if tokens.dtype.kind == "U":
            raise DTypeError(f"{self._who} expects integers, got strings. Use StringLookup.")
        return tokens.astype(np.int64)
