"""What an archive says of itself: its format, and the exact table of its arrays.

In ``model.json`` this stands under the key ``"denselite"``, which Keras ignores; in a file of weights
alone it is all of ``weights.json``:

    {"format": "denselite", "version": 2,
     "members": {"layers/dense/vars/0": {"shape": [4, 3], "dtype": "float32", "name": "sequential/dense/kernel"},
                 "optimizer/vars/0": {"shape": [], "dtype": "int64", "name": "iteration"},
                 "optimizer/vars/2": {"shape": [4, 3], "dtype": "float32", "name": "...momentum", "unit": 0.1}},
     "updates": ["layers/dense/vars/0"],
     "training": {"steps": 12, "epochs": 3, "seed": 5, "streams": {"layers/dropout/seeds/0": [7, 0]}},
     "probe": [{"shape": [2, 4], "dtype": "float32", "below": null}]}

A variable's value is what is stored times ``unit``, which is 1 where it is missing, and always in files of version 1.
``updates`` lists the weights that the optimizer has slots for, in the order of its variables. ``training``
holds how many steps and passes the model has made in its life and the seeds that shuffles and masks follow
from. ``probe`` is there if a model's file has one (see ``probe.py``). Names are information; nothing is
looked up by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from denselite.errors import FormatError
from denselite.saving.npy import DTYPES

__all__ = ["BACKUP", "BESIDE", "FORMAT", "MODEL", "VERSION", "WEIGHTS", "check_contents", "spec"]

FORMAT = "denselite"
VERSION = 2
MODEL, WEIGHTS, BACKUP = "model.json", "weights.json", "backup.json"  # the JSON of an archive, by what it is of
BESIDE = "m.json"  # beside a model's archive


@cache
def spec(kind: str) -> Any:
    """Return the pydantic model of the JSON of a file (pydantic is imported where one is read, not with the package).

    Args:
        kind: ``MODEL``, ``BESIDE``, ``WEIGHTS`` or ``BACKUP``.
    """
    from pydantic import ConfigDict, Field, create_model

    closed = ConfigDict(extra="forbid", strict=True)
    count: Any = Annotated[int, Field(ge=0, lt=2**63)]
    pair: Any = Annotated[list[count], Field(min_length=2, max_length=2)]
    sizes: Any = Annotated[list[count], Field(max_length=32)]
    checksum: Any = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

    def make(title: str, /, optional: Mapping[str, Any] = {}, **types: Any) -> Any:
        fields: Any = {field: (kind, ...) for field, kind in types.items()}
        fields |= {field: (kind, None) for field, kind in optional.items()}
        return create_model(title, __config__=closed, **fields)

    unit: Any = Annotated[float, Field(gt=0, le=1)]
    member: Any = make("Member", optional={"unit": unit}, shape=sizes, dtype=Literal[DTYPES], name=str)
    training: Any = make("Training", steps=count, epochs=count, seed=count | None, streams=dict[str, pair])
    version: Any = Annotated[int, Field(ge=1, le=VERSION)]
    about: dict[str, Any] = {"format": Literal[FORMAT], "version": version, "members": dict[str, member]}
    if kind == WEIGHTS:
        return make("Weights", **about)
    about |= {"updates": list[str], "training": training}
    part: Any = dict[str, Any]
    if kind == BACKUP:
        saved: Any = make("CallbackState", class_name=str, state=part)
        about |= {"epoch": count, "batch": count, "underway": pair, "stop": bool, "callbacks": list[saved]}
        threads: Any = Annotated[int, Field(ge=1, le=1024)]
        return make("Backup", optional={"threads": threads | None}, **about)
    if kind == BESIDE:
        about["sha256"] = checksum
    rows: Any = make("ProbeInput", shape=sizes, dtype=Literal[DTYPES], below=count | None)
    return make(
        "Model",
        optional={"build_config": part},
        module=str | None,
        class_name=str,
        config=part,
        registered_name=str | None,
        compile_config=part,
        denselite=make("Contents", optional={"probe": list[rows]}, **about),
    )


def check_contents(text: Any, path: str, kind: str) -> dict[str, Any]:
    """Return what an archive says of itself, checked.

    Args:
        text: the value of its JSON.
        path: where it lies, for messages.
        kind: the name of that JSON: ``MODEL``, ``WEIGHTS`` or ``BACKUP``.

    Raises:
        FormatError: it says nothing, is of a newer version, or has entries that are missing, wrong or not known.
    """
    from pydantic import ValidationError

    contents = text.get("denselite") if kind == MODEL and isinstance(text, dict) else text
    if not isinstance(contents, dict) or contents.get("format") != FORMAT:
        raise FormatError(
            f"{path} does not say that it is a denselite file. Was it written by save() or save_weights()?"
        )
    version = contents.get("version")
    if type(version) is int and version > VERSION:
        raise FormatError(
            f"{path} has version {version} of the format, this denselite reads up to version {VERSION}. "
            "Install a newer one."
        )
    try:
        spec(kind).model_validate(text)
    except ValidationError as error:
        problems = [f"{_place(p['loc'])}: {p['msg'].lower()}" for p in error.errors(include_url=False)[:5]]
        raise FormatError(f"{path} is damaged. {'; '.join(problems)}.") from None
    odd = [key for key, entry in contents["members"].items() if "unit" in entry and not key.startswith("optimizer/")]
    if odd:
        raise FormatError(f"{path} is damaged. members.{odd[0]}.unit: what is no variable of an optimizer has none.")
    return contents


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location[location[0] == "denselite" :]))
