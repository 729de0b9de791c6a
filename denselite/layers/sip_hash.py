"""SipHash-2-4: a hash of texts under a key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from denselite.layers.byte_rows import ALL, by_length, read, rotate
from denselite.ops.op import Array

__all__ = ["sip_hash"]


def sip_hash(texts: Sequence[bytes], key: Sequence[int]) -> Array:
    """Return the 64-bit hash of each text under a key of two integers.

    Source: Aumasson and Bernstein, 2012, "SipHash: a fast short-input PRF"; two rounds a word and four at the end.

    Example:
        >>> (sip_hash([b"A", b"B"], [133, 137]) % np.uint64(3)).tolist()
        [1, 2]
    """
    return by_length(texts, lambda rows: _sip(rows, key))


def _sip(rows: Array, key: Sequence[int]) -> Array:
    size = rows.shape[1]
    filled = np.zeros((len(rows), size // 8 * 8 + 8), np.uint8)
    filled[:, :size], filled[:, -1] = rows, size & 0xFF
    low, high = key
    v0, v1, v2, v3 = (
        np.full(len(rows), (part & ALL) ^ constant, np.uint64)
        for part, constant in (
            (low, 0x736F6D6570736575),
            (high, 0x646F72616E646F6D),
            (low, 0x6C7967656E657261),
            (high, 0x7465646279746573),
        )
    )

    def turn(times: int) -> None:
        nonlocal v0, v1, v2, v3
        for _ in range(times):
            v0, v2 = v0 + v1, v2 + v3
            v1, v3 = rotate(v1, 51) ^ v0, rotate(v3, 48) ^ v2
            v0 = rotate(v0, 32)
            v2, v0 = v2 + v1, v0 + v3
            v1, v3 = rotate(v1, 47) ^ v2, rotate(v3, 43) ^ v0
            v2 = rotate(v2, 32)

    for start in range(0, filled.shape[1], 8):
        word = read(filled, start)
        v3 = v3 ^ word
        turn(2)
        v0 = v0 ^ word
    v2 = v2 ^ np.uint64(0xFF)
    turn(4)
    return v0 ^ v1 ^ v2 ^ v3
