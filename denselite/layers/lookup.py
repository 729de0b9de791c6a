"""``Lookup``: what lookups of integers and of strings have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from denselite import config
from denselite.errors import DataError, DTypeError, FormatError, StateError
from denselite.layers.buckets import buckets
from denselite.layers.vocabulary_layer import VocabularyLayer
from denselite.ops.by_value import by_value
from denselite.ops.op import Array
from denselite.tensor.symbols import KerasTensor, Tensor

__all__ = ["Lookup"]

_CONFIG = (
    "name", "trainable", "dtype", "invert", "max_tokens", "num_oov_indices", "oov_token", "mask_token", "output_mode",
    "sparse", "pad_to_max_tokens", "vocabulary_dtype", "idf_weights", "vocabulary", "vocabulary_size", "oov_method",
    "salt", "encoding",
)  # fmt: skip
_DROPPED = np.iinfo(np.int64).max  # the place of a mask in a row: beyond every row


class Lookup(VocabularyLayer):
    """Map tokens to their places in a vocabulary, or places to tokens."""

    _inverse_dtype: ClassVar[str]

    # Calling.

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Look up the tokens of an array or a tensor."""
        return super().__call__(
            inputs if isinstance(inputs, Tensor | KerasTensor) else self._read(inputs), *args, **kwargs
        )

    def call(self, inputs: Any) -> Any:
        if self.output_mode != "int" and not self._depth:  # otherwise it can be adapted later
            self._require_vocabulary()
        if self.invert:
            return by_value(self._tokens_at, inputs, dtype=self._inverse_dtype)
        found = by_value(self._places, inputs)
        rows = self._encoded(found, config.floatx() if self.output_mode == "tf_idf" else "int64")
        return rows if self._idf is None else rows * self._idf

    def _require_vocabulary(self) -> None:
        if not len(self._known):
            raise StateError(f"{self._who} has no vocabulary yet. Call adapt(data), or pass vocabulary=[...].")

    def _tokens_at(self, places: Array) -> Array:
        self._require_vocabulary()
        if places.dtype.kind == "U":
            raise DTypeError(f"{self._who} with invert=True expects places, which are integers, got strings.")
        first = self._num_specials
        table = np.concatenate([np.array([self.oov_token], self._token_dtype), self._known.tokens])
        places = places.astype(np.int64)
        inside = (places >= first) & (places < first + len(self._known))
        named = table[np.where(inside, places - first + 1, 0)]
        return named if self.mask_token is None else np.where(places == 0, self.mask_token, named)

    def _places(self, inputs: Array) -> Array:
        self._require_vocabulary()
        tokens = self._typed(inputs)
        found = self._known.find(tokens)
        unknown = found < 0
        places = found + self._num_specials
        if self.mask_token is not None:
            masked = tokens == self.mask_token
            places, unknown = np.where(masked, 0 if self.output_mode == "int" else _DROPPED, places), unknown & ~masked
        if not self.num_oov_indices and unknown.any():
            raise DataError(
                f"{self._who} has num_oov_indices=0 and does not know {np.unique(tokens[unknown])[:5].tolist()}. "
                "Use num_oov_indices=1, or a vocabulary that holds all tokens."
            )
        return np.where(unknown, self._num_specials - self.num_oov_indices + self._bucket(tokens, unknown), places)

    def _bucket(self, tokens: Array, unknown: Array) -> Any:
        """Which of the indices for unknown tokens each token has, where it is unknown."""
        if self.num_oov_indices < 2:
            return 0
        if tokens.dtype.kind == "i" and self.oov_method == "floormod":
            return tokens % self.num_oov_indices
        found = np.zeros(tokens.shape, np.int64)
        found[unknown] = buckets(tokens[unknown], self.num_oov_indices, self.salt)
        return found

    # Saving.

    def get_config(self) -> dict[str, Any]:
        values = {**super().get_config(), "vocabulary_size": self._size}
        if isinstance(self.vocabulary, str):
            values["vocabulary"] = None  # what the file held is kept with the model
        return {name: values[name] for name in _CONFIG if name in values}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Rebuild a layer; a vocabulary that it was adapted to comes with the model's file.

        Raises:
            FormatError: the config names a file to be read.
        """
        if isinstance(config.get("vocabulary"), str):
            raise FormatError(
                f"{cls.__name__}.from_config() reads no file, got vocabulary={config['vocabulary']!r}. "
                "Make the layer, then set_vocabulary(path)."
            )
        layer = super().from_config({name: value for name, value in config.items() if name != "vocabulary_size"})
        layer._size = config.get("vocabulary_size")
        return layer

    @property
    def asset(self) -> dict[str, Any] | None:
        """What a model's file keeps of the layer beside config and weights: a vocabulary that is not in its config."""
        if isinstance(self.vocabulary, list) or not len(self._known):
            return None
        return {
            "vocabulary": self._known.tokens.tolist(),
            "idf_weights": None if self._idf is None else self._idf.tolist(),
        }

    @asset.setter
    def asset(self, value: Mapping[str, Any]) -> None:
        self._install(value["vocabulary"])
        if value["idf_weights"] is not None:
            self._idf = np.asarray(value["idf_weights"], config.floatx())
