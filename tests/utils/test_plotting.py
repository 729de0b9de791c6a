from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import denselite as dl
from denselite import layers
from denselite.errors import ArgumentError, MissingPackageError, StateError
from denselite.utils import plot_model


def chain() -> Any:
    stack = [
        layers.Dense(3, "relu", name="h"),
        layers.Dropout(0.1, name="drop"),
        layers.Dense(2, name="o", trainable=False),
    ]
    return dl.Sequential([dl.Input((4,), name="x"), *stack], name="m")


def shared() -> Any:
    i = dl.Input((4,), name="i")
    inner = dl.Model(i, layers.Dense(3, name="d")(i), name="inner")
    a, b = dl.Input((4,), name="a"), dl.Input((4,), name="b")
    return dl.Model([a, b], layers.Multiply(name="product")([inner(a), inner(b)]), name="m")


def texts(picture: Any) -> list[str]:
    return [str(element.text) for element in ElementTree.fromstring(picture.svg()) if element.tag.endswith("text")]


def test_boxes_tell_classes_and_nothing_else_by_default(tmp_path: Path) -> None:
    assert texts(plot_model(chain(), tmp_path / "m.svg")) == ["InputLayer", "Dense", "Dropout", "Dense"]


def test_everything_is_shown_on_request(tmp_path: Path) -> None:
    picture = plot_model(
        chain(), tmp_path / "m.svg", show_shapes=True, show_dtype=True, show_layer_names=True,
        show_layer_activations=True, show_trainable=True,
    )  # fmt: skip
    assert texts(picture) == [
        "x (InputLayer)", "out", "(None, 4)", "dtype", "float32",
        "h (Dense)", "activation", "relu", "in", "(None, 4)", "out", "(None, 3)", "dtype", "float32", "trainable", "yes",
        "drop (Dropout)", "in", "(None, 3)", "out", "(None, 3)", "dtype", "float32",
        "o (Dense)", "activation", "linear", "in", "(None, 3)", "out", "(None, 2)", "dtype", "float32", "trainable", "no",
    ]  # fmt: skip


def test_each_call_of_a_layer_is_a_box_and_models_inside_open_up(tmp_path: Path) -> None:
    assert texts(plot_model(shared(), tmp_path / "m.svg", show_layer_names=True))[2:] == [
        "inner (Functional)", "inner (Functional), call 2", "product (Multiply)",
    ]  # fmt: skip
    opened = texts(plot_model(shared(), tmp_path / "m.svg", show_layer_names=True, expand_nested=True))
    assert opened.count("d (Dense)") == opened.count("i (InputLayer)") == 2


@pytest.mark.parametrize(("rankdir", "place"), [("TB", (1, 1)), ("BT", (1, -1)), ("LR", (0, 1)), ("RL", (0, -1))])
def test_direction_is_that_of_the_data(tmp_path: Path, rankdir: str, place: tuple[int, int]) -> None:
    picture = plot_model(chain(), tmp_path / "m.svg", rankdir=rankdir)
    found = [(float(e.get("x", 0)), float(e.get("y", 0))) for e in ElementTree.fromstring(picture.svg()) if e.text]
    found = [point for point in found if point != (0, 0)]
    axis, sign = place
    along = [sign * point[axis] for point in found]
    assert along == sorted(along)
    assert len({round(point[1 - axis], 3) for point in found}) == 1


def test_names_cannot_break_the_markup(tmp_path: Path) -> None:
    model = dl.Sequential([dl.Input((4,)), layers.Dense(1, name="<&>$x$")])
    assert "<&>$x$ (Dense)" in texts(plot_model(model, tmp_path / "m.svg", show_layer_names=True))


def test_svg_file_is_what_a_notebook_shows(tmp_path: Path) -> None:
    picture = plot_model(chain(), tmp_path / "m.svg")
    assert (tmp_path / "m.svg").read_text("utf-8") == picture._repr_svg_()


def test_png_has_the_size_of_the_picture_at_the_dots_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    model = dl.Sequential([dl.Input((4,)), layers.Dense(1, name="$x$")])
    picture = plot_model(model, tmp_path / "m", show_layer_names=True, dpi=144)
    header = (tmp_path / "m.png").read_bytes()[:24]
    assert header[1:4] == b"PNG"
    size = [int.from_bytes(header[start : start + 4], "big") for start in (16, 20)]
    assert size == [int(2 * side) for side in picture.size]


def test_png_without_matplotlib_says_what_to_install_and_what_else_to_do(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(
        MissingPackageError,
        match=r"pip install 'denselite\[examples\]'\. Or draw an SVG, which needs nothing: to_file='model\.svg'\.$",
    ):
        plot_model(chain(), tmp_path / "m.png")
    assert issubclass(MissingPackageError, ImportError)


def test_model_with_a_call_of_its_own_is_one_box(tmp_path: Path) -> None:
    class Own(dl.Model):
        def call(self, inputs: Any) -> Any:
            return inputs

    model = Own(name="own")
    model.built = True
    assert texts(plot_model(model, tmp_path / "m.svg", show_layer_names=True, show_shapes=True)) == ["own (Own)"]


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"plot_model\(\) expects rankdir 'TB', 'BT', 'LR' or 'RL', got 'T'\."):
        plot_model(chain(), tmp_path / "m.svg", rankdir="T")
    with pytest.raises(StateError, match=r"plot_model\(\): Sequential 'm' is not built, so its graph is not known\."):
        plot_model(dl.Sequential([layers.Dense(1)], name="m"), tmp_path / "m.svg")
