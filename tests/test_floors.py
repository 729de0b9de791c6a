"""The architecture, held by the source itself: floors, no cycles, no other framework, small files.

It reads the source and imports none of it: ``pytest --noconftest tests/test_floors.py`` works on a broken package.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "denselite"
LONGEST_FILE = 400  # lines
FORBIDDEN = {"jax", "keras", "sklearn", "tensorflow", "torch"}

# From the ground up: a module may import from its own floor and from those before it.
FLOORS = {
    "bottom": [
        "changes",
        "errors",
        "custom_objects",
        "declared",
        "fields",
        "validation",
        "registry",
        "config",
        "naming",
        "tree",
        "dtype_policies",
        "mixed_precision",
    ],
    "tensor": ["tensor"],
    "ops": ["ops", "random"],
    "graph": ["graph"],
    "program": ["program", "functional"],
    "parts": ["activations", "initializers", "regularizers", "constraints", "losses", "metrics", "optimizers"],
    "layers": ["layers"],
    "services": ["data", "callbacks", "saving", "exchange", "datasets", "utils"],
    "models": ["models", "testing"],
    "commands": ["commands", "__main__"],
}
LEVEL = {name: level for level, names in enumerate(FLOORS.values()) for name in names}
TOP = len(FLOORS)  # denselite/__init__.py, which exports from everywhere


@dataclass(frozen=True)
class Import:
    """One arrow from a module to another module of the package."""

    source: str
    target: str
    line: int
    deferred: bool  # inside a function: not run while the module is imported

    def __str__(self) -> str:
        return f"{path_of(self.source)}:{self.line}: {self.source} imports {self.target}"


def path_of(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.relative_to(PACKAGE.parent)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


@cache
def texts() -> list[tuple[Path, str]]:
    return [(path, path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))]


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name, parsed."""
    return {module_of(path): ast.parse(text) for path, text in texts()}


def statements(node: ast.AST, deferred: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Every import of a module, and whether it waits in a function; what only type checkers read is left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, deferred
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        else:
            yield from statements(child, deferred or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


def imported_names(module: str, statement: ast.Import | ast.ImportFrom) -> list[str]:
    """The dotted names that a statement asks for: a submodule, or else the module that has the name."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    base = statement.module or ""
    if statement.level:
        package = module.split(".") if path_of(module).name == "__init__.py" else module.split(".")[:-1]
        base = ".".join([*package[: len(package) - statement.level + 1], *([base] if base else [])])
    names = [f"{base}.{alias.name}" for alias in statement.names]
    return [name if name in sources() else base for name in names]


@cache
def imports() -> list[Import]:
    """Every arrow inside the package."""
    return [
        Import(module, name, statement.lineno, deferred)
        for module, tree in sources().items()
        for statement, deferred in statements(tree)
        for name in dict.fromkeys(imported_names(module, statement))
        if name.split(".")[0] == PACKAGE.name
    ]


def level_of(module: str) -> int:
    parts = module.split(".")
    return TOP if len(parts) == 1 else LEVEL.get(parts[1], TOP)


def circle(graph: dict[str, set[str]]) -> list[str]:
    """One round of modules each of which needs the next to be imported first; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1][::-1]  # it lists them the other way round
        return found
    return []


def test_every_module_belongs_to_a_floor() -> None:
    homeless = [str(path_of(module)) for module in sources() if "." in module and module.split(".")[1] not in LEVEL]
    assert not homeless, f"no floor in tests/test_floors.py for {homeless}"


def test_imports_go_downwards_only() -> None:
    upwards = [str(arrow) for arrow in imports() if level_of(arrow.target) > level_of(arrow.source)]
    assert not upwards, "imports from a higher floor:\n" + "\n".join(upwards)


def test_modules_import_each_other_without_cycles() -> None:
    graph: dict[str, set[str]] = {module: set() for module in sources()}
    for arrow in imports():
        if not arrow.deferred:
            graph[arrow.source].add(arrow.target)
    found = circle(graph)
    assert not found, f"modules that import each other: {' -> '.join(found)}"


def test_circle_is_found_when_there_is_one() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b"}, "e": set()}) in (
        ["b", "c", "d", "b"],
        ["c", "d", "b", "c"],
        ["d", "b", "c", "d"],
    )
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_no_other_framework_is_imported() -> None:
    found = [
        f"{path_of(module)}:{statement.lineno}: {name}"
        for module, tree in sources().items()
        for statement, _ in statements(tree)
        for name in imported_names(module, statement)
        if name.split(".")[0] in FORBIDDEN
    ]
    assert not found, f"other frameworks are for tests and benchmarks: {found}"


def test_numpys_global_generator_is_used_by_set_random_seed_only() -> None:
    found = [
        f"{path_of(module)}:{node.lineno}: np.random.{node.attr}"
        for module, tree in sources().items()
        for node in outside_of(tree, "set_random_seed")
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) in ("np.random", "numpy.random")
        and node.attr[0].islower()  # `Generator`, `Philox`, `SeedSequence` hold their own state
        and node.attr != "get_state"  # looking at it is how a trace notices that user code drew from it
    ]
    assert not found, f"draw from denselite.tensor.keys.generator instead: {found}"


def outside_of(node: ast.AST, function: str) -> Iterator[ast.AST]:
    """Walk the tree, but not into the function of that name."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.FunctionDef) and child.name == function):
            yield child
            yield from outside_of(child, function)


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {str(path.relative_to(PACKAGE.parent)): source.count("\n") for path, source in texts()}
    longer = {path: length for path, length in lengths.items() if length > LONGEST_FILE}
    assert not longer, f"one idea a file: {longer}"
