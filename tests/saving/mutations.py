"""Changes to a file that keep most of it in order, so that what lies behind the first checks is reached too."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from math import prod
from random import Random
from typing import Any

import numpy as np

from denselite.saving.npy import DTYPES
from tests.saving.hostile import Members, npy, zipped

__all__ = ["HDF5", "bent_hdf5", "flipped", "mutated"]

HDF5 = b"\x89HDF"  # what such a file begins with

Change = Callable[[bytes], bytes]

ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2, 3, 0.5, -0.5, 1e-8, 1e300, 2**31, 2**32 - 1, 2**63, 10**15, 10**39, float("nan"),
    "", "x", "relu", "l2", "adam", "float64", "bool", "é", "../x", "/etc/passwd", "os.system", "keras.layers", "same",
    [], {}, [[]], [None], [0], [1, 2], [None, 10**15], [2, 2, 2], {"class_name": "Dense"},
    {"class_name": "function", "config": "eval", "module": "builtins", "registered_name": "eval"},
    {"class_name": "Dense", "module": "keras.layers", "config": {"units": 2}, "registered_name": None},
    {"class_name": "Constant", "module": "keras.initializers", "config": {"value": 0.1}, "registered_name": None},
    {"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "float32"}},
    {"class_name": "__slice__", "config": {"start": 0, "stop": 2, "step": None}},
    {"class_name": "__keras_tensor__", "config": {"shape": [None, 2], "dtype": "float32", "keras_history": ["x", 0, 0]}},
]  # fmt: skip


def mutated(data: bytes, rng: Random, anyhow: Change, good: Sequence[bytes]) -> bytes:
    """Change a file.

    Args:
        data: the file: an archive, or arrays in HDF5.
        rng: decides what is done.
        anyhow: changes bytes without knowing what they are.
        good: files to change instead of one that is no archive any more, mostly.
    """
    members = _members(data)
    if members is None and not data.startswith(HDF5) and rng.random() < 0.8:
        data = rng.choice(good)
        members = _members(data)
    dice = rng.random()
    if data.startswith(HDF5) and dice >= 0.1:
        return bent_hdf5(data, rng)
    if members is None or dice < 0.3:
        return anyhow(data)
    if dice < 0.45:
        return zipped(members, **_bent_archive(members, rng, anyhow))
    return zipped(_bent_members(members, rng, anyhow))


def flipped(part: bytes) -> bytes:
    """Change bytes without knowing what they are, where there is no fuzzer to do so."""
    return bytes([part[0] ^ 4, *part[1:]]) if part else b"x"


def _members(data: bytes) -> Members | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if not infos or any(info.compress_type or info.flag_bits & 1 for info in infos):
                return None
            return [(info.filename, archive.read(info)) for info in infos]
    except Exception:  # noqa: BLE001  what may be wrong with such a file has no end
        return None


def _bent_archive(members: Members, rng: Random, anyhow: Change) -> dict[str, Any]:
    """Return what to write wrongly of the archive itself."""
    where = rng.choice(["local", "central", "both", "end", "beside"])
    if where == "beside":
        return {rng.choice(["before", "between", "after"]): anyhow(b"PK\1\2")}
    if where == "end":
        field = rng.choice(["disk", "count", "size", "start"])
        return {"end": {field: rng.choice([0, 1, len(members), 40, 65_535, rng.randrange(65_536)])}}
    fields: dict[str, Any] = {
        "flags": rng.choice([1, 8, 0x800, rng.randrange(65_536)]),
        "method": rng.choice([0, 8, 12, 99]),
        "crc": rng.randrange(2**32),
        "stored": rng.choice([0, 2**32 - 1, rng.randrange(5_000)]),
        "size": rng.choice([0, 2**32 - 1, rng.randrange(5_000)]),
        "extra": struct.pack("<2H2Q", 1, 16, rng.choice([1, 2**63]), 8)[: rng.choice([0, 4, 12, 20])],
        "name": rng.choice([b"", b"\xff", b"../x.npy", members[0][0].encode()]),
    }
    chosen = {name: fields[name] for name in rng.sample(sorted(fields), rng.choice([1, 1, 2]))}
    target = rng.choice(members)[0]

    def bent(name: str) -> dict[str, Any]:
        return chosen if name == target else {}

    return {"local": bent, "central": bent} if where == "both" else {where: bent}


def _bent_members(members: Members, rng: Random, anyhow: Change) -> Members:
    k = rng.randrange(len(members))
    name, data = members[k]
    how = rng.choice(["json"] * 20 + ["header", "header", "bytes", "bytes", "swap", "drop", "twice", "rename"])
    arrays = next((k for k, (_, data) in enumerate(members) if data.startswith(HDF5)), None)
    if arrays is not None and rng.random() < 0.4:
        name, data = members[arrays]
        return [*members[:arrays], (name, bent_hdf5(data, rng)), *members[arrays + 1 :]]
    if how == "json":
        texts = [k for k, (name, _) in enumerate(members) if name.endswith(".json")]
        text = max(texts, key=lambda k: len(members[k][1]), default=0)  # of the files of Keras, that of the model
        name, data = members[text]
        bent = _bent_json(data, rng, anyhow)
        changed = [*members[:text], (name, bent), *members[text + 1 :]]
        return _refitted(changed, bent) if rng.random() < 0.7 else changed
    if how == "drop":
        return members[:k] + members[k + 1 :]
    if how == "twice":
        return [*members, members[k]]
    if how == "rename":
        return [*members[:k], (anyhow(name.encode()).decode(errors="replace"), data), *members[k + 1 :]]
    if how == "swap":
        return [*members[:k], (name, rng.choice(members)[1]), *members[k + 1 :]]
    if how == "header":
        return [*members[:k], (name, _bent_header(data, rng)), *members[k + 1 :]]
    return [*members[:k], (name, anyhow(data)), *members[k + 1 :]]


def _bent_header(data: bytes, rng: Random) -> bytes:
    shape = rng.choice([b"()", b"(0,)", b"(1, 1)", b"(2, 3)", b"(99999999999999999,)", b"(" + b"1, " * 40 + b")"])
    dtype = rng.choice([b"'<f8'", b"'|O'", b"'>f4'", b"'<U9'", b"'|b1'", b"'<c8'", b"'|V4'"])
    bent = [
        (rb"\(.*?\)", shape),
        (rb"'[<>|=][a-z]\d+'", dtype),
        (rb"False", b"True"),
        (rb"\{.*\}", b"{}"),
        (rb"  ", b"\n "),
    ]
    old, new = rng.choice(bent)
    return re.sub(old, new, data, count=1)


def bent_hdf5(data: bytes, rng: Random) -> bytes:
    """Return an HDF5 file with bytes, numbers or blocks that are others; most of one is zeros, so most are not there."""
    bent = bytearray(data)
    said = np.flatnonzero(np.frombuffer(data, "uint8")).tolist()
    numbers = [0, 1, 2**32, 2**63, 2**64 - 1, len(data)]
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.choice(said) if rng.random() < 0.7 else rng.randrange(len(data))
        how = rng.choice(["byte", "byte", "near", "number", "place", "copy"])
        if how == "byte":
            bent[at] = rng.randrange(256)
        elif how == "near":
            bent[at] = (bent[at] + rng.choice([-1, 1, 2, 8, 128])) % 256
        elif how == "copy":
            start, size = rng.choice(said), rng.choice([1, 8, 40])
            part = bent[start : start + size]
            bent[at : at + len(part)] = part
        else:
            number = rng.choice(numbers) if how == "number" else rng.randrange(0, len(data), 8)
            bent[at // 8 * 8 : at // 8 * 8 + 8] = struct.pack("<Q", number)
    return bytes(bent[: len(data)])


def _bent_json(text: bytes, rng: Random, anyhow: Change) -> bytes:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return anyhow(text)
    places = _places(value)
    if not places or rng.random() < 0.1:
        return anyhow(text)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        (parent, key), (other, its) = rng.choice(places), rng.choice(places)
        if not _has(parent, key):
            continue
        how = rng.choice(["odd", "odd", "near", "other", "drop", "copy"])
        if how == "odd":
            parent[key] = deepcopy(rng.choice(ODD))
        elif how == "near" and isinstance(parent[key], int | float):
            number = parent[key]
            parent[key] = rng.choice([number + 1, number - 1, number * 2, -number, str(number)])
        elif how == "other" and _has(other, its):
            parent[key] = deepcopy(other[its])
        elif how == "drop":
            del parent[key]
        elif how == "copy" and isinstance(parent, list):
            parent.insert(rng.randrange(len(parent) + 1), deepcopy(parent[key]))
        elif how == "copy":
            parent[rng.choice([f"{key}2", "name", "config", "class_name"])] = deepcopy(parent[key])
    return json.dumps(value).encode()


def _has(parent: Any, key: Any) -> bool:
    return key in parent if isinstance(parent, dict) else key < len(parent)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every entry of every list and object, as what holds it and its key."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        parent = waiting.pop()
        if isinstance(parent, dict | list):
            found += [(parent, key) for key in (parent if isinstance(parent, dict) else range(len(parent)))]
            waiting += parent.values() if isinstance(parent, dict) else parent
    return found


def _refitted(members: Members, text: bytes) -> Members:
    """Give the archive the arrays that its table says, if that can be: what follows the comparison is reached."""
    try:
        value = json.loads(text)
        table = value.get("denselite", value)["members"]
        arrays = dict(members)
        return [
            (members[0][0], text),
            *((f"{key}.npy", _array(arrays.get(f"{key}.npy", b""), entry)) for key, entry in table.items()),
        ]
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return members


def _array(data: bytes, entry: dict[str, Any]) -> bytes:
    shape, dtype = tuple(entry["shape"]), entry["dtype"]
    if dtype not in DTYPES or not all(type(size) is int and size >= 0 for size in shape) or prod(shape) > 4_000:
        return data
    header = f"{{'descr': '{np.dtype(dtype).str}', 'fortran_order': False, 'shape': {shape}, }}"
    return data if header.encode() in data else npy(header, bytes(prod(shape) * np.dtype(dtype).itemsize))
