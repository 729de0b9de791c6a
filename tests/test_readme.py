"""The Python blocks of README and docs run as they stand, those of one page after the other in one namespace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
OPTIONAL = {"onnx", "onnxruntime", "safetensors"}  # a page whose code names one needs it
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[tuple[int, str]]:
    """Each block with the line it starts on."""
    text = page.read_text("utf-8")
    return [(text.count("\n", 0, match.start(1)), match[1]) for match in BLOCK.finditer(text)]


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_python_blocks_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    words = {word for _, source in blocks(page) for word in re.findall(r"[a-z0-9]+", source)}
    for package in OPTIONAL & words:
        pytest.importorskip(package)
    for line, source in blocks(page):
        exec(compile("\n" * line + source, str(page), "exec"), namespace)  # a traceback shows the page's own line


def test_readme_has_the_two_commands_and_an_example() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert "\npip install -e '.[examples]' && python examples/digits.py\n" in text
    assert "\npip install -e '.[test]' && pytest\n" in text
    assert blocks(ROOT / "README.md")
