"""Which of a number of buckets a value falls into: its hash modulo that number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from denselite.declared import Resolves
from denselite.errors import ArgumentError
from denselite.layers.farm_hash import farm_hash
from denselite.layers.sip_hash import sip_hash
from denselite.ops.op import Array
from denselite.tensor.dtypes import is_integer

__all__ = ["Salt", "as_texts", "buckets"]


def _salt(value: Any) -> list[int] | None:
    parts = [value, value] if is_integer(value) else value
    if parts is None:
        return None
    if not isinstance(parts, list | tuple) or len(parts) != 2 or not all(map(is_integer, parts)):
        raise ArgumentError(f"a salt is one integer or a list of two, got {value!r}.")
    return [int(part) for part in parts]


Salt = Annotated[Any, Resolves(_salt)]


def as_texts(values: Array) -> list[bytes]:
    r"""Return what is hashed of each value: a string in UTF-8, a number in decimals, a float without its fraction.

    Example:
        >>> as_texts(np.array(["é"])), as_texts(np.array([-2.9, 10.0])), as_texts(np.array([True]))
        ([b'\xc3\xa9'], [b'-2', b'10'], [b'true'])
    """
    plain = values.ravel().tolist()
    if values.dtype.kind == "U":
        return [text.encode() for text in plain]
    if values.dtype.kind == "b":
        return [b"true" if value else b"false" for value in plain]
    return [b"%d" % int(value) for value in plain]


def buckets(values: Array, count: int, salt: Sequence[int] | None = None) -> Array:
    """Return the bucket of each value.

    Args:
        values: strings or numbers, of any shape.
        count: how many buckets there are.
        salt: the key of SipHash; FarmHash without one.

    Example:
        >>> buckets(np.array(["A", "B", "A"]), 3).tolist()
        [1, 0, 1]
    """
    texts, places = np.unique(values, return_inverse=True)  # a value that comes often is hashed once
    hashes = farm_hash(as_texts(texts)) if salt is None else sip_hash(as_texts(texts), salt)
    found: Array = (hashes % np.uint64(count)).astype(np.int64)[places]
    return found.reshape(values.shape)
