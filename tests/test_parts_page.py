"""`docs/parts.md` lists every part with what its docstring says it is for."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "scripts" / "parts"))
PAGE = SCRIPT["PAGE"].read_text("utf-8")


def test_page_of_parts_is_what_the_docstrings_say() -> None:
    assert SCRIPT["updated"](PAGE) == PAGE, "Run scripts/parts."


@pytest.mark.parametrize("name", ["Dense", "mean_squared_error", "AUC", "Adam", "CosineDecay", "relu", "get_file"])
def test_page_of_parts_names_what_users_reach(name: str) -> None:
    assert f"\n| `{name}` | " in PAGE


def test_part_that_two_families_have_stands_in_one() -> None:
    assert PAGE.count("\n| `huber` | ") == 1
