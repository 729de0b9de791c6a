from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite.errors import ArgumentError
from denselite.models.summary import summarize


def sequential() -> Any:
    return dl.Sequential([dl.Input((4,)), dl.layers.Dense(300, name="h"), dl.layers.Dense(2, name="o")], name="m")


def branched() -> Any:
    i = dl.Input((4,), name="i")
    inner = dl.Model(i, dl.layers.Dense(3, name="d")(i), name="inner")
    a, b = dl.Input((4,), name="a"), dl.Input((4,), name="b")
    return dl.Model([a, b], dl.layers.Concatenate(name="c")([inner(a), inner(b)]), name="m")


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line[1:-1].split("│")] for line in text.splitlines() if line.startswith("│")]


def test_sequential_is_keras_table() -> None:
    assert (
        summarize(sequential())
        == """\
Model: "m"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ h (Dense)                       │ (None, 300)            │         1,500 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ o (Dense)                       │ (None, 2)              │           602 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 2,102 (8.21 KB)
 Trainable params: 2,102 (8.21 KB)
 Non-trainable params: 0 (0.00 B)"""
    )


def test_unbuilt_layers_have_neither_shape_nor_parameters() -> None:
    model = dl.Sequential([dl.layers.Dense(3, name="h"), dl.layers.Dropout(0.1, name="dr")])
    assert [row[1:] for row in rows(summarize(model))] == [["?", "0 (unbuilt)"], ["?", "0"]]
    assert " Total params: 0 (0.00 B)" in summarize(model)


def test_branches_have_a_column_of_connections() -> None:
    found = {row[0]: row[1:] for row in rows(summarize(branched()))}
    assert found == {
        "a (InputLayer)": ["(None, 4)", "0", "-"],
        "b (InputLayer)": ["(None, 4)", "0", "-"],
        "inner (Functional)": ["(None, 3)", "15", "a[0][0], b[0][0]"],
        "c (Concatenate)": ["(None, 6)", "0", "inner[0][0], inner[1][0]"],
    }


def test_chain_made_by_calls_has_no_column_of_connections() -> None:
    x = dl.Input((4,))
    text = summarize(dl.Model(x, dl.layers.Dense(2)(dl.layers.Dense(3)(x))))
    assert "Connected to" not in text
    assert [row[2] for row in rows(text)] == ["0", "15", "8"]


def test_ops_are_called_by_their_class() -> None:
    x = dl.Input((4,), name="x")
    text = summarize(dl.Model(x, x * 2.0))
    assert "multiply" in text
    assert "(Multiply)" in text


def test_models_inside_are_unfolded_on_request() -> None:
    names = [row[0] for row in rows(summarize(branched(), expand_nested=True))]
    assert names[names.index("inner (Functional)") + 1 :][:2] == ["└ i (InputLayer)", "└ d (Dense)"]
    assert "d (Dense)" not in summarize(branched())


def test_trainable_column_tells_yes_no_and_nothing_to_train() -> None:
    model = dl.Sequential(
        [dl.Input((4,)), dl.layers.Dense(2, trainable=False), dl.layers.Dropout(0.5), dl.layers.Dense(1)]
    )
    text = summarize(model, show_trainable=True)
    assert [row[-1] for row in rows(text)] == ["N", "-", "Y"]
    assert " Trainable params: 3 (12.00 B)\n Non-trainable params: 10 (40.00 B)" in text


def test_optimizer_counts_once_it_has_state() -> None:
    model = dl.Sequential([dl.Input((4,)), dl.layers.Dense(1)])
    model.compile("adam", "mse")
    assert "Optimizer" not in summarize(model)
    model.fit(np.zeros((2, 4), "float32"), np.zeros((2, 1), "float32"), verbose=0)
    # Two slots of 5 float32 each, the step count (int64) and the learning rate: 10 * 4 + 8 + 4 bytes.
    assert summarize(model).endswith(" Optimizer params: 12 (52.00 B)")
    assert " Total params: 17 (72.00 B)" in summarize(model)


@pytest.mark.parametrize("length", [44, 60, 120])
def test_lines_are_as_long_as_asked_and_lose_nothing(length: int) -> None:
    text = summarize(branched(), line_length=length)
    assert {len(line) for line in text.splitlines() if line[0] in "┏┃┡│├└"} == {length}
    columns = ["".join(cells) for cells in zip(*rows(text), strict=True)]
    assert columns[0].replace(" ", "") == "a(InputLayer)b(InputLayer)inner(Functional)c(Concatenate)"
    assert columns[3].replace(" ", "") == "--a[0][0],b[0][0]inner[0][0],inner[1][0]"


def test_line_without_room_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"summary\(\): line_length=20 leaves no room for 4 columns"):
        summarize(branched(), line_length=20)


def test_layers_of_a_models_own_call_have_the_shape_they_were_built_for() -> None:
    class Own(dl.Model):
        def __init__(self) -> None:
            super().__init__(name="own")
            self.hidden, self.top = dl.layers.Dense(3, name="hidden"), dl.layers.Dense(2, name="top")

        def call(self, inputs: Any) -> Any:
            return self.top(self.hidden(inputs))

    model = Own()
    assert [row[1] for row in rows(summarize(model))] == ["?", "?"]
    model(np.ones((2, 4), "float32"))
    assert [row[1:] for row in rows(summarize(model))] == [["(None, 3)", "15"], ["(None, 2)", "8"]]


def test_too_wide_a_line_is_taken_from_the_widest_columns() -> None:
    header = summarize(branched(), line_length=80, show_trainable=True).splitlines()[2]
    assert [len(cell) for cell in header[1:-1].split("┃")] == [16, 16, 15, 16, 11]


def test_positions_say_where_columns_end() -> None:
    def ends(**options: Any) -> list[int]:
        line = summarize(sequential(), **options).splitlines()[1]
        return [k + 1 for k, mark in enumerate(line) if mark in "┳┓"]

    assert ends(positions=[0.5, 0.75, 1.0]) == [44, 66, 88]
    assert ends(positions=[0.3, 0.6, 1.0], line_length=60) == [18, 36, 60]
    assert ends(positions=[0.5, 0.75, 1.0], show_trainable=True, line_length=100) == [45, 67, 90, 100]


@pytest.mark.parametrize("positions", [[0.5, 1.0], [0.5, 0.4, 1.0], [0.5, 0.7, 2.0]])
def test_positions_that_are_not_rising_shares_are_refused(positions: list[float]) -> None:
    with pytest.raises(
        ArgumentError, match=r"summary\(\): positions expects 3 rising numbers up to 1.0, where the col"
    ):
        summarize(sequential(), positions=positions)


@pytest.mark.parametrize(
    ("layer_range", "message"),
    [
        (["h"], r"summary\(\): layer_range expects the names of the first and the last layer, got \['h'\]"),
        ([0, 1], r"layer_range expects the names"),
        (["o", "hh"], r"summary\(\): layer_range 'hh' matches no layer\. Did you mean 'h'\?"),
    ],
)
def test_range_without_layers_is_refused(layer_range: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        summarize(sequential(), layer_range=layer_range)


def test_printed_model_shows_what_it_was_given() -> None:
    class Own(dl.layers.Layer):
        def __init__(self, size: int, factor: float = 2.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.size, self.factor = size, factor

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor

    class Closed(dl.layers.Layer):
        def __init__(self, secret: int) -> None:
            super().__init__(name="closed")

        def call(self, inputs: Any) -> Any:
            return inputs

        def get_config(self) -> Any:
            raise NotImplementedError

    stack = [
        dl.layers.Dense(3, "relu", kernel_regularizer=dl.regularizers.L2(0.5), name="a"),
        dl.layers.Dense(3, use_bias=False, trainable=False, dtype="float64", name="b"),
        dl.layers.TimeDistributed(dl.layers.Dense(1), name="c"),
        dl.layers.Dropout(1 / 3, name="d"),
        Own(2, factor=3.0, name="e"),
        Own(2, name="f"),
        Closed(1),
    ]
    model = dl.Sequential([dl.Input((2, 4)), *stack], name="m")
    model.compile(dl.optimizers.Adam(0.1), dl.losses.Huber(delta=2.0), metrics=["mae"])
    lines = str(model).splitlines()
    assert [row[1] for row in rows(str(model))] == [
        "units=3, activation='relu',", "kernel_regularizer=L2(l2=0.5)",
        "trainable=False, dtype='float64', units=3,", "use_bias=False",
        "layer=Dense(units=1)", "rate=0.333333", "size=2, factor=3", "size=2", "",
    ]  # fmt: skip
    assert lines[-1] == " Compiled: optimizer=Adam(learning_rate=0.1), loss=Huber(delta=2), metrics=['mae']"
    assert repr(model) == "<Sequential name=m, built=True>"
    assert f"{model}" == str(model)


def test_notebooks_show_the_same_as_html() -> None:
    model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1, lambda x: x, name="d")], name="<m>")
    text = model._repr_html_()
    assert text.startswith("<div><b>Model: &quot;&lt;m&gt;&quot;</b>")
    assert '<td style="text-align:right;padding-left:0.5em">3</td>' in text
    assert text.endswith("Total params: 3 (12.00 B)<br>Trainable params: 3 (12.00 B)<br>Non-trainable params: 0 (0.00 B)</small></div>")  # fmt: skip


def test_summary_prints_or_hands_over_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    model = sequential()
    model.summary()
    assert capsys.readouterr().out == summarize(model) + "\n"
    told: list[str] = []
    model.summary(print_fn=told.append)
    assert told == [summarize(model)]


def test_deeply_nested_models_are_unfolded() -> None:
    model = sequential()
    for _ in range(5):
        model = dl.Sequential([dl.Input((4,)), model])
    assert rows(summarize(model, expand_nested=True))[-1][0].startswith("└ o (Dense)")
