"""``summary()`` cell by cell; how wide a column is and where a line is broken is nobody's business."""

from __future__ import annotations

from typing import Any

import pytest

Options = dict[str, Any]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # what Keras prints is cut at the terminal's width


def printed(model: Any, **options: Any) -> Any:
    """The cells, row by row, and the lines above and below."""
    told: list[str] = []
    model.summary(line_length=160, print_fn=told.append, **options)
    lines = "".join(told).strip("\n").splitlines()
    cells = [[cell.strip() for cell in line[1:-1].replace("┃", "│").split("│")] for line in lines if line[0] in "┃│"]
    return cells, [line for line in lines if line[0] not in "┏┃┡│├└"]


def chain(lib: Any) -> Any:
    dense = lib.layers.Dense
    stack = [dense(300, name="h1"), dense(2, name="h2", trainable=False), lib.layers.Dropout(0.1, name="drop")]
    return lib.Sequential([lib.Input((4,)), *stack, dense(1, name="out")], name="chain")


def graph(lib: Any) -> Any:
    i = lib.Input((4,), name="i")
    inner = lib.Model(i, lib.layers.Dense(3, name="d")(i), name="inner")
    a, b = lib.Input((4,), name="a"), lib.Input((4,), name="b")
    joined = lib.layers.Concatenate(name="c")([inner(a), inner(b)])
    return lib.Model([a, b], lib.layers.Dense(2, name="top")(lib.layers.Flatten(name="f")(joined)), name="graph")


@pytest.mark.parametrize("build", [chain, graph])
@pytest.mark.parametrize("options", [{}, {"show_trainable": True}, {"expand_nested": True}])
def test_table(twins: Any, build: Any, options: Options) -> None:
    twins.same(lambda lib: printed(build(lib), **options))


def test_model_that_is_not_built_and_compiled_model_with_state(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        model = lib.Sequential([lib.layers.Dense(2, name="h"), lib.layers.Dropout(0.1, name="d")], name="m")
        before = printed(model)
        twins.compile(lib, model, optimizer="adam")
        model.build((None, 3))
        return before, printed(model)

    twins.same(recipe)


@pytest.mark.parametrize(
    "layer_range", [["h1", "h2"], ["h2", "drop"], ["drop", "h"], ["h", "h"], ["h.", "out"], ["o", "o"], ["out", "h2"]]
)
def test_range_of_layers(twins: Any, layer_range: list[str]) -> None:
    twins.same(lambda lib: printed(chain(lib), layer_range=layer_range))


@pytest.mark.parametrize(
    "options",
    [
        {"layer_range": ["x", "y"]},
        {"layer_range": ["h1"]},
        {"layer_range": ["h1", 2]},
        {"positions": [0.01, 0.02, 1.0]},
    ],
)
def test_what_raises(twins: Any, options: Options) -> None:
    def recipe(lib: Any) -> bool:
        try:
            printed(chain(lib), **options)
        except ValueError:
            return True
        return False

    twins.same(recipe)


def test_arguments_come_in_the_same_order(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        told: list[str] = []
        chain(lib).summary(120, [0.4, 0.8, 1.0], told.append, False, True, ["h1", "h2"])
        return [line[:20].strip(" │┃") for line in "".join(told).splitlines() if line[:1] in "│┃"]

    twins.same(recipe)
