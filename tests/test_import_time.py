"""``import denselite`` is cheap, and stays cheap: heavy modules wait for the call that needs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ALLOWED_RATIO = 1.75  # 0.10 s where NumPy's own import takes 0.057 s
ROUNDS = 7

TIMER = """
import json, time
start = time.perf_counter()
import numpy
between = time.perf_counter()
import denselite
print(json.dumps([between - start, time.perf_counter() - between]))
"""

LOADED = """
import sys
import numpy
before = set(sys.modules)
import denselite
print(*sorted(set(sys.modules) - before))
"""

LATER = {
    "annotated_types", "csv", "denselite.datasets", "denselite.program.listing", "denselite.saving.model_files",
    "denselite.testing", "difflib", "email", "http", "importlib.metadata", "json", "logging", "matplotlib",
    "multiprocessing", "numpy.random", "pydantic", "pydantic_core", "random", "sklearn", "socket", "ssl", "subprocess",
    "tempfile", "threadpoolctl", "tqdm", "unittest", "urllib.request", "zipfile",
}  # fmt: skip


def output_of(code: str, compiled: Path) -> str:
    """Run code in a fresh interpreter that keeps byte code in ``compiled``, as an installed package does."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(compiled)
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


def test_import_loads_no_module_that_is_needed_later(tmp_path: Path) -> None:
    loaded = set(output_of(LOADED, tmp_path).split())
    assert "denselite" in loaded
    assert not loaded & LATER, "import these in the function that uses them"


def test_import_adds_a_bounded_multiple_of_numpys_own_import(tmp_path: Path) -> None:
    output_of("import denselite", tmp_path)  # compiles the byte code
    rounds = [json.loads(output_of(TIMER, tmp_path)) for _ in range(ROUNDS)]
    numpy_seconds, added_seconds = (min(times) for times in zip(*rounds, strict=True))  # the least disturbed
    assert added_seconds <= ALLOWED_RATIO * numpy_seconds
