"""``StringLookup``: strings as their places in a vocabulary."""

from __future__ import annotations

from typing import Any

from denselite.errors import DTypeError, UncoveredError
from denselite.layers.lookup import Lookup
from denselite.ops.op import Array
from denselite.tensor.symbols import KerasTensor, Tensor

__all__ = ["StringLookup"]


class StringLookup(Lookup):
    """Map strings to their places in a vocabulary, which is given or found by ``adapt``.

    Place 0 is for ``mask_token`` if there is one, then come ``num_oov_indices`` for unknown strings, then the
    vocabulary. Strings pass through no model: call the layer on the data, and give the model what it returns.

    Args:
        max_tokens: how many places there are at most; None for no limit.
        num_oov_indices: how many places unknown strings have, found by a hash; with 0 they are an error.
        mask_token: the string that stands for nothing: place 0, or no place in rows.
        oov_token: what ``invert`` gives for a place of unknown strings.
        vocabulary: the strings in order, or the path of a text file with one a line.
        idf_weights: the weight of each string, with ``output_mode="tf_idf"``.
        invert: whether places become strings instead.
        output_mode: ``"int"`` for places; rows over places with ``"one_hot"``, ``"multi_hot"``, ``"count"`` or
            ``"tf_idf"`` (counts times weights).
        pad_to_max_tokens: whether rows have ``max_tokens`` places whatever the vocabulary.
        sparse: not here; False only.
        encoding: how bytes are read.
        name: unique in a model.
        salt: the key of the hash, one or two integers.
        oov_method: without effect: strings are always hashed.

    Shapes:
        any -> the same; rows as in ``CategoryEncoding``.

    Raises:
        ArgumentError: arguments that do not go together, or a vocabulary with repeated or misplaced strings.
        UncoveredError: ``sparse`` is True; (when called) it is inside a model.
        StateError: (when called) there is no vocabulary yet.
        DataError: (when called) a string is unknown and ``num_oov_indices`` is 0.

    Example:
        >>> layer = StringLookup()
        >>> layer.adapt(["b", "a", "b"])
        >>> layer.get_vocabulary()
        ['[UNK]', 'b', 'a']
        >>> layer([["a", "z"]]).tolist()
        [[2, 0]]
    """

    _token_dtype = str
    _inverse_dtype = "str"
    _order = (
        "max_tokens num_oov_indices mask_token oov_token vocabulary idf_weights invert output_mode pad_to_max_tokens "
        "sparse encoding name salt oov_method"
    )

    mask_token: str | None = None
    oov_token: str | None = "[UNK]"
    encoding: str = "utf-8"

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Look up the strings of an array or a list."""
        if isinstance(inputs, Tensor | KerasTensor):
            raise UncoveredError(
                f"{self._who} cannot be inside a model: strings pass through none. Call it on the data first, "
                "x = layer(x), and give the model what it returns."
            )
        return super().__call__(inputs, *args, **kwargs)

    def _typed(self, tokens: Array) -> Array:
        if tokens.size and tokens.dtype.kind != "U":
            raise DTypeError(f"{self._who} expects strings, got an array of dtype {tokens.dtype}. Use IntegerLookup.")
        return tokens.astype(str)
