"""``Vocabulary``: which tokens there are, and where each stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from denselite.errors import ArgumentError
from denselite.ops.op import Array
from denselite.tensor.room import claim

__all__ = ["TokenCounts", "Vocabulary"]


class Vocabulary:
    """Different tokens in an order.

    Args:
        tokens: strings, or integers.
        dtype: what they are kept as: ``str`` or ``np.int64``.

    Raises:
        ArgumentError: a token comes twice.

    Example:
        >>> Vocabulary(["b", "a"], str).find(np.array(["a", "b", "c"])).tolist()
        [1, 0, -1]
    """

    def __init__(self, tokens: Iterable[Any], dtype: type) -> None:
        listed = list(tokens)
        if dtype is str:  # each takes as much as the longest
            claim("A vocabulary", (len(listed), max(map(len, map(str, listed)), default=0)), 8)
        self.tokens: Array = np.array(listed, dtype)
        self._order = np.argsort(self.tokens, kind="stable")
        self._sorted = self.tokens[self._order]
        twice = np.unique(self._sorted[1:][self._sorted[1:] == self._sorted[:-1]]).tolist()
        if twice:
            raise ArgumentError(f"a vocabulary holds each token once, got several of {twice}.")

    def __len__(self) -> int:
        return len(self.tokens)

    def find(self, values: Array) -> Array:
        """Return the place of each value, -1 for one that is no token."""
        if not len(self):
            return np.full(values.shape, -1, np.int64)
        near = np.minimum(self._sorted.searchsorted(values), len(self) - 1)
        return np.where(self._sorted[near] == values, self._order[near], -1)


class TokenCounts:
    """How often each token was seen, and in how many documents.

    Example:
        >>> seen = TokenCounts()
        >>> seen.add(np.array([["a", "b"], ["c", "a"], ["a", "a"]]))
        >>> seen.ranked(), seen.in_documents["a"], seen.documents
        (['a', 'c', 'b'], 3, 3)
    """

    def __init__(self) -> None:
        self.counts: Counter[Any] = Counter()
        self.in_documents: Counter[Any] = Counter()
        self.documents = 0

    def add(self, rows: Array) -> None:
        """Count the tokens of documents, one a row."""
        rows = rows.reshape(len(rows), -1)
        tokens, ids, counts = np.unique(rows, return_inverse=True, return_counts=True)
        pairs = np.unique(np.arange(len(rows))[:, None] * len(tokens) + ids.reshape(rows.shape))
        documents = np.bincount(pairs % max(len(tokens), 1), minlength=len(tokens))
        known = tokens.tolist()
        self.counts.update(dict(zip(known, counts.tolist(), strict=True)))
        self.in_documents.update(dict(zip(known, documents.tolist(), strict=True)))
        self.documents += len(rows)

    def ranked(self, without: Iterable[Any] = ()) -> list[Any]:
        """Return the tokens, the most frequent first; of equally frequent ones the largest first, as in Keras."""
        left = self.counts.keys() - set(without)
        return sorted(left, key=lambda token: (self.counts[token], token), reverse=True)
