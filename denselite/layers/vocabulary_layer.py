"""``VocabularyLayer``: a layer with a vocabulary, which is given or found by ``adapt``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

import numpy as np

from denselite import config
from denselite.declared import NonNegativeInt, Resolves
from denselite.errors import ArgumentError, FormatError, StateError
from denselite.layers.adapting import batches, is_whole, pieces
from denselite.layers.buckets import Salt
from denselite.layers.category_modes import Categorical, Sparse, one_of
from denselite.layers.tokens import as_tokens
from denselite.layers.vocabulary import TokenCounts, Vocabulary
from denselite.ops.op import Array
from denselite.tensor.room import spare

__all__ = ["VocabularyLayer"]


def _listed(value: Any) -> Any:
    """A vocabulary or its weights as they are written to JSON; a path stays one."""
    if value is None or isinstance(value, str):
        return value
    plain = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(plain, list | tuple) or any(isinstance(entry, list | tuple) for entry in plain):
        raise ArgumentError(f"it takes a list, got {value!r:.80}.")
    return [entry.decode() if isinstance(entry, bytes) else entry for entry in plain]


class VocabularyLayer(Categorical):
    """The arguments of a lookup, and its vocabulary: first the mask, then the unknown tokens, then the others."""

    _token_dtype: ClassVar[type]
    _order: ClassVar[str] = ""  # the arguments in Keras' positions
    encoding = "utf-8"  # how bytes are read

    max_tokens: int | None = None
    num_oov_indices: NonNegativeInt = 1
    mask_token: Any = None
    oov_token: Any = None
    vocabulary: Annotated[Any, Resolves(_listed)] = None
    idf_weights: Annotated[Any, Resolves(_listed)] = None
    invert: bool = False
    output_mode: Annotated[
        str,
        one_of("int", "one_hot", "multi_hot", "count", "tf_idf", **{"binary": "multi_hot", "tf-idf": "tf_idf"}),
    ] = "int"
    sparse: Sparse = False
    pad_to_max_tokens: bool = False
    oov_method: Annotated[str, one_of("floormod", "farmhash")] = "floormod"
    salt: Salt = None
    name: str | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._fields = {name: cls._fields[name] for name in dict.fromkeys([*cls._order.split(), *cls._fields])}

    def __post_init__(self) -> None:
        super().__post_init__()
        who = f"{type(self).__name__}()"
        if self.max_tokens is not None and self.max_tokens <= 1:
            raise ArgumentError(f"{who} takes max_tokens greater than 1, or None, got {self.max_tokens}.")
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise ArgumentError(f"{who} needs max_tokens where pad_to_max_tokens=True.")
        if self.invert and self.output_mode != "int":
            raise ArgumentError(f"{who} with invert=True has the output_mode 'int', got {self.output_mode!r}.")
        if self.idf_weights is not None and self.output_mode != "tf_idf":
            raise ArgumentError(f"{who} takes idf_weights with output_mode 'tf_idf', not {self.output_mode!r}.")
        self._known = Vocabulary([], self._token_dtype)
        self._size: int | None = None  # of the vocabulary, once there is one: what rows are as long as
        self._idf: Array | None = None
        if self.vocabulary is not None:
            self.set_vocabulary(self.vocabulary, self.idf_weights)

    # The vocabulary.

    @property
    def _who(self) -> str:
        return f"{type(self).__name__} {self.name!r}"

    @property
    def _specials(self) -> list[Any]:
        """What stands before the tokens."""
        return [self.mask_token] * self._has_mask + [self.oov_token] * self.num_oov_indices

    @property
    def _has_mask(self) -> bool:
        return self.mask_token is not None and self.output_mode == "int"

    @property
    def _num_specials(self) -> int:
        """How many they are; a file can name a number of which no list is to be made."""
        return int(self._has_mask) + self.num_oov_indices

    @property
    def _depth(self) -> int:
        return int((self.max_tokens if self.pad_to_max_tokens else self._size) or 0)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """Return the tokens in order; with the special ones in front a token stands at its index."""
        tokens: list[Any] = self._known.tokens.tolist()
        return self._specials + tokens if include_special_tokens else tokens

    def vocabulary_size(self) -> int:
        """Return how many tokens there are, mask and unknown ones included."""
        return self._num_specials + len(self._known)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Set the tokens, instead of ``adapt``.

        Args:
            vocabulary: the tokens, with or without the special ones in front; or the path of a text file with
                a token a line, without special ones.
            idf_weights: a weight for each, with the output mode ``"tf_idf"`` and only there.

        Raises:
            ArgumentError: a token comes twice or is a special one, there is none, or there are too many; or weights
                are missing, too many, or not asked for.
            StateError: the number of tokens is another than that of rows which were promised.
        """
        if (idf_weights is None) == (self.output_mode == "tf_idf"):
            takes = "needs" if idf_weights is None else "takes no"
            raise ArgumentError(f"{self._who} {takes} idf_weights with output_mode={self.output_mode!r}.")
        before = self._num_specials
        if isinstance(vocabulary, str):
            if self.output_mode == "tf_idf":
                raise ArgumentError(f"{self._who} takes no vocabulary from a file with output_mode='tf_idf'.")
            tokens, told = self._read_file(vocabulary), False
        else:
            tokens = self._read(_listed(vocabulary)).tolist()
            told = before <= len(tokens) and tokens[:before] == self._specials
        if not tokens:
            raise ArgumentError(f"{self._who} takes a vocabulary of one token or more, got none.")
        plain = tokens[before:] if told else tokens
        reserved = [self.mask_token] + ([self.oov_token] if self.invert else [])
        misplaced = [token for token in reserved if token is not None and token in plain]
        if misplaced:
            raise ArgumentError(
                f"{self._who} has {misplaced[0]!r} among its tokens, which is a special one. Leave special tokens out, "
                f"or begin the vocabulary with all {before} of them, as get_vocabulary() does."
            )
        self._install(plain)
        if idf_weights is not None:
            self._idf = self._padded(idf_weights, len(tokens), told)
        if isinstance(self.vocabulary, list):
            self.vocabulary, self.idf_weights = tokens, _listed(idf_weights)

    def _install(self, tokens: Sequence[Any]) -> None:
        try:
            known = Vocabulary(tokens, self._token_dtype)
        except ArgumentError as error:
            raise ArgumentError(f"{self._who}: {error}") from None
        except FormatError:  # a file that asks for too much
            raise
        except (ValueError, OverflowError):
            raise ArgumentError(f"{self._who} takes a vocabulary of integers, got {tokens!r:.80}.") from None
        size = self._num_specials + len(known)
        if self.max_tokens is not None and size > self.max_tokens:
            raise ArgumentError(
                f"{self._who} has max_tokens={self.max_tokens}, got a vocabulary of {size}, special tokens included."
            )
        fixed = self.output_mode != "int" and not self.pad_to_max_tokens
        if fixed and self._size not in (None, size):
            raise StateError(
                f"{self._who} gives rows of {self._size} places, so its vocabulary cannot have {size} tokens now. "
                "Make a new layer, or pass max_tokens with pad_to_max_tokens=True."
            )
        self._known, self._size = known, size

    def _read_file(self, path: str) -> list[str]:
        try:
            with open(path, encoding="utf-8") as file:
                return file.read().rstrip("\n").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ArgumentError(f"{self._who}: the vocabulary file {path!r} cannot be read: {error}.") from None

    def _padded(self, weights: Any, tokens: int, told: bool) -> Array:
        """The weight of each place of a row: unknown tokens have the mean, places that are padding 0."""
        given = np.asarray(weights, config.floatx())
        if given.shape != (tokens,):
            raise ArgumentError(f"{self._who} needs {tokens} idf_weights, one a token, got shape {given.shape}.")
        longest = max(self._depth, self.num_oov_indices + tokens)
        spare(f"The idf_weights of {self._who}", (longest,), given.itemsize)
        row = given if told else np.concatenate([np.repeat(given.mean(), self.num_oov_indices), given])
        return np.pad(row.astype(given.dtype), (0, max(self._depth - len(row), 0)))

    # Adapting.

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Make a vocabulary of the tokens in data, the most frequent first.

        Args:
            data: an array or a list, of which each entry of the first axis is a document; or an iterable of such
                batches. A batch of one axis is one document.
            steps: how many batches of an iterable are looked at; all by default.

        Raises:
            StateError: the layer was made with a vocabulary.
        """
        if self.vocabulary is not None:
            raise StateError(f"{self._who} was given a vocabulary, so it cannot be adapted. Make one without it.")
        seen = TokenCounts()
        if is_whole(data) or isinstance(data, list | tuple):
            for piece in pieces(data if is_whole(data) else self._read(data)):
                seen.add(self._typed(self._read(piece)))
        else:
            for batch in batches(data, self._who, steps):
                tokens = self._typed(self._read(batch))
                seen.add(tokens if tokens.ndim > 1 else tokens.reshape(1, -1))
        ranked = seen.ranked(without=[self.mask_token, self.oov_token])
        if self.max_tokens is not None:
            ranked = ranked[: max(self.max_tokens - self._num_specials, 0)]
        self._install(ranked if seen.counts else self._known.tokens.tolist())
        if ranked and self.output_mode == "tf_idf":
            documents = np.array([seen.in_documents[token] for token in ranked])
            self._idf = self._padded(np.log(1 + seen.documents / (1 + documents)), len(ranked), told=False)

    def _read(self, data: Any) -> Array:
        return as_tokens(data, self._who, self.encoding)

    def _typed(self, tokens: Array) -> Array:
        """Tokens as this layer has them."""
        raise NotImplementedError
