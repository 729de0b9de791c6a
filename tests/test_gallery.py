"""`docs/gallery.md` tells the truth about the examples' lengths and has its pictures, which are small."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "gallery.md").read_text("utf-8")


def test_gallery_says_how_long_each_example_is() -> None:
    told = re.findall(r"^\| \[`(\w+\.py)`\]\(#[\w-]+\) \| (\d+) \|", PAGE, re.MULTILINE)
    assert len(told) == 6
    for name, lines in told:
        assert len((ROOT / "examples" / name).read_text("utf-8").splitlines()) == int(lines), name


def test_pictures_of_the_gallery_are_there_and_below_60_kb() -> None:
    shown = re.findall(r"\]\((images/[\w.]+)\)", PAGE)
    assert sorted(shown) == sorted(f"images/{path.name}" for path in (ROOT / "docs" / "images").iterdir())
    for picture in shown:
        assert (ROOT / "docs" / picture).stat().st_size < 60_000, picture
