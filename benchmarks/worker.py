"""One measurement in a process of its own, as a line of JSON: ``python -m benchmarks.worker SUBJECT PEER FOLDER``.

``python -m benchmarks.worker look PEER`` says what keeps a peer from working here, and which versions it has.
``python -m benchmarks.worker write FOLDER`` writes the data that the measurements read.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.installed import versions
from benchmarks.tables import PEERS, SUBJECTS
from benchmarks.workloads.net import FEATURES, WIDE_ADAM, write_data


def look(name: str) -> dict[str, Any]:
    """Return ``{"problem": text}`` or ``{"versions": {distribution: version}}``."""
    peer = PEERS[name]
    modules = [*peer.modules, *peer.also]
    missing = [module.split(".")[0] for module in modules if find_spec(module.split(".")[0]) is None]
    if missing:
        return {"problem": f"needs {' and '.join(missing)}"}
    if peer.tried:
        try:
            peer.build("predict", WIDE_ADAM)(np.zeros((1, FEATURES), np.float32))
        except Exception as error:  # noqa: BLE001
            return {"problem": f"does not work here: {str(error).strip().splitlines()[0]}"}
    return {"versions": versions(modules)}


def main(arguments: list[str]) -> Any:
    """Do what the arguments say."""
    match arguments:
        case ["look", peer]:
            return look(peer)
        case ["write", folder]:
            return write_data(folder)
        case [subject, peer, folder]:
            return SUBJECTS[subject].measure(SUBJECTS[subject], PEERS[peer], folder)
    raise SystemExit(__doc__)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
