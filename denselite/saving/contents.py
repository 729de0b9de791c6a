"""What an archive says of itself: its format, and the exact table of its arrays.

In ``model.json`` this stands under the key ``"denselite"``, which Keras ignores; in a file of weights
alone it is all of ``weights.json``:

    {"format": "denselite", "version": 1,
     "members": {"layers/dense/vars/0": {"shape": [4, 3], "dtype": "float32", "name": "sequential/dense/kernel"},
                 "optimizer/vars/0": {"shape": [], "dtype": "int64", "name": "iteration"}},
     "updates": ["layers/dense/vars/0"],
     "training": {"steps": 12, "epochs": 3, "seed": 5, "streams": {"layers/dropout/seeds/0": [7, 0]}}}

``updates`` lists the weights that the optimizer has slots for, in the order of its variables. ``training``
holds how many steps and passes the model has made in its life and the seeds that shuffles and masks follow
from. Names are information; nothing is looked up by them.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from denselite.errors import FormatError

__all__ = ["DTYPES", "FORMAT", "VERSION", "check_contents"]

FORMAT = "denselite"
VERSION = 1
DTYPES = (
    "bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
)  # fmt: skip


@cache
def _spec(of_model: bool) -> Any:
    """The pydantic model of all this (pydantic is imported where a file is read, not with the package)."""
    from pydantic import ConfigDict, Field, create_model

    closed = ConfigDict(extra="forbid", strict=True)
    count: Any = Annotated[int, Field(ge=0)]
    pair: Any = Annotated[list[count], Field(min_length=2, max_length=2)]

    def spec(title: str, /, **types: Any) -> Any:
        fields: Any = {field: (kind, ...) for field, kind in types.items()}
        return create_model(title, __config__=closed, **fields)

    member: Any = spec("Member", shape=list[count], dtype=Literal[DTYPES], name=str)
    training: Any = spec("Training", steps=count, epochs=count, seed=count | None, streams=dict[str, pair])
    more = {"updates": list[str], "training": training} if of_model else {}
    return spec("Contents", format=Literal[FORMAT], version=Literal[VERSION], members=dict[str, member], **more)


def check_contents(contents: Any, path: str, of_model: bool) -> dict[str, Any]:
    """Return what an archive says of itself, checked.

    Args:
        contents: what it says.
        path: where it lies, for messages.
        of_model: whether it is a model's, not one of weights alone.

    Raises:
        FormatError: it says nothing, is of a newer version, or has entries that are missing, wrong or not known.
    """
    from pydantic import ValidationError

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
        return _spec(of_model).model_validate(contents).model_dump()  # type: ignore[no-any-return]
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, p['loc']))}: {p['msg'].lower()}" for p in error.errors(include_url=False)]
        raise FormatError(f"{path} is damaged. {'; '.join(problems[:5])}.") from None
