"""FarmHash's Fingerprint64: a hash of texts that is the same everywhere and always will be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from denselite.layers.byte_rows import by_length, read, rotate, word
from denselite.ops.op import Array

__all__ = ["farm_hash", "join_hashes"]

_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_JOIN = np.uint64(0xC6A4A7935BD1E995)


def farm_hash(texts: Sequence[bytes]) -> Array:
    """Return the 64-bit fingerprint of each text.

    Source: FarmHash (Google), ``Fingerprint64``, which is what TensorFlow hashes strings with.

    Example:
        >>> (farm_hash([b"A", b"B"]) % np.uint64(3)).tolist()
        [1, 0]
    """
    return by_length(texts, _farm)


def join_hashes(first: Any, second: Any) -> Any:
    """Return a hash of pairs of hashes, as TensorFlow joins the hashes of crossed features."""
    joined = (first ^ _JOIN) ^ _shift_mix(second * _JOIN) * _JOIN
    return _shift_mix(_shift_mix(joined * _JOIN) * _JOIN)


def _shift_mix(x: Any) -> Any:
    return x ^ (x >> np.uint64(47))


def _mix(u: Any, v: Any, factor: Any) -> Any:
    return _shift_mix((v ^ _shift_mix((u ^ v) * factor)) * factor) * factor


def _farm(rows: Array) -> Any:
    size = rows.shape[1]
    factor = word(_K2 + 2 * size)
    if size > 64:
        return _farm_long(rows)
    if size > 16:
        return _farm_middle(rows, factor)
    if size >= 8:
        a, b = read(rows, 0) + word(_K2), read(rows, size - 8)
        return _mix(rotate(b, 37) * factor + a, (rotate(a, 25) + b) * factor, factor)
    if size >= 4:
        return _mix((read(rows, 0, 4) << np.uint64(3)) + np.uint64(size), read(rows, size - 4, 4), factor)
    if size:
        first, middle, last = (rows[:, k].astype(np.uint64) for k in (0, size // 2, size - 1))
        y, z = first + (middle << np.uint64(8)), (last << np.uint64(2)) + np.uint64(size)
        return _shift_mix(y * word(_K2) ^ z * word(_K0)) * word(_K2)
    return np.full(len(rows), _K2, np.uint64)


def _farm_middle(rows: Array, factor: Any) -> Any:
    """17 to 64 bytes."""
    size = rows.shape[1]
    a = read(rows, 0) * word(_K1 if size <= 32 else _K2)
    b, c, d = read(rows, 8), read(rows, size - 8) * factor, read(rows, size - 16) * word(_K2)
    y, z = rotate(a + b, 43) + rotate(c, 30) + d, a + rotate(b + word(_K2), 18) + c
    if size <= 32:
        return _mix(y, z, factor)
    z = _mix(y, z, factor)
    e, f = read(rows, 16) * factor, read(rows, 24)
    g, h = (y + read(rows, size - 32)) * factor, (z + read(rows, size - 24)) * factor
    return _mix(rotate(e + f, 43) + rotate(g, 30) + h, e + rotate(f + a, 18) + g, factor)


def _weak(rows: Array, start: int, a: Array, b: Array) -> tuple[Array, Array]:
    w, x, y, z = (read(rows, start + 8 * k) for k in range(4))
    a = a + w
    b, c = rotate(b + a + z, 21), a
    a = a + x + y
    return a + z, b + rotate(a, 44) + c


def _farm_long(rows: Array) -> Any:
    size, k1 = rows.shape[1], word(_K1)
    none = np.zeros(len(rows), np.uint64)
    x, y = read(rows, 0) + word(81 * _K2), none + word(81 * _K1 + 113)
    z = _shift_mix(y * word(_K2) + np.uint64(113)) * word(_K2)
    v, w = (none, none), (none, none)

    def turn(start: int, factor: Any, weight: Any) -> None:
        nonlocal x, y, z, v, w
        x = rotate(x + y + v[0] + read(rows, start + 8), 37) * factor
        y = rotate(y + v[1] + read(rows, start + 48), 42) * factor
        x = x ^ (w[1] * weight)
        y = y + v[0] * weight + read(rows, start + 40)
        z = rotate(z + w[0], 33) * factor
        v = _weak(rows, start, v[1] * factor, x + w[0])
        w = _weak(rows, start + 32, z + w[1], y + read(rows, start + 16))
        z, x = x, z

    for start in range(0, (size - 1) // 64 * 64, 64):
        turn(start, k1, np.uint64(1))
    factor = k1 + ((z & np.uint64(0xFF)) << np.uint64(1))
    w = w[0] + np.uint64((size - 1) & 63), w[1]
    v = v[0] + w[0], v[1]
    w = w[0] + v[0], w[1]
    turn(size - 64, factor, np.uint64(9))
    u = _mix(v[0], w[0], factor) + _shift_mix(y) * word(_K0) + z
    return _mix(u, _mix(v[1], w[1], factor) + x, factor)
