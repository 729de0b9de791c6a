"""The JSON Schema of the files' JSON; ``python -m denselite.saving.schema`` prints it."""

from __future__ import annotations

from typing import Any

from denselite.saving.contents import BACKUP, BESIDE, MODEL, WEIGHTS, spec

__all__ = ["schema"]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``model.json``, of the ``.json`` beside an archive, and of ``weights.json``.

    Example:
        >>> schema()["$defs"]["weights.json"]["additionalProperties"]
        False
    """
    kinds = (MODEL, BESIDE, WEIGHTS, BACKUP)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "JSON in files of denselite",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in kinds],
        "$defs": {name: spec(name).model_json_schema(ref_template=f"#/$defs/{name}/$defs/{{model}}") for name in kinds},
    }


if __name__ == "__main__":
    import json
    import sys

    json.dump(schema(), sys.stdout, indent=2)
    sys.stdout.write("\n")
