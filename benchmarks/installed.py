"""What an installation consists of: distributions, what they depend on, and the size of their files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path


def closure(modules: Iterable[str]) -> set[str]:
    """Return the distributions that the modules belong to, and all that those require here."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    todo = [_distribution_of(module) for module in modules]
    found: set[str] = set()
    while todo:
        name = canonicalize_name(todo.pop())
        if name in found:
            continue
        try:
            needs = map(Requirement, distribution(name).requires or ())
        except PackageNotFoundError:  # named by a marker that says nothing about this machine
            continue
        found.add(name)
        todo += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def size_of(name: str) -> int:
    """Return the bytes of a distribution's files; of an editable one, those of its package."""
    found = distribution(name)
    if json.loads(found.read_text("direct_url.json") or "{}").get("dir_info", {}).get("editable"):
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        files = list(Path(spec.origin).parent.rglob("*"))
    else:
        files = [Path(str(file.locate())) for file in found.files or ()]
    return sum(file.stat().st_size for file in files if file.is_file())


def versions(modules: Iterable[str]) -> dict[str, str]:
    """Return the version of each module's distribution."""
    names = [_distribution_of(module) for module in modules]
    return {name: distribution(name).version for name in names}


def _distribution_of(module: str) -> str:
    top = module.split(".")[0]
    return packages_distributions().get(top, [top])[0]
