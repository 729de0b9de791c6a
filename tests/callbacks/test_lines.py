from __future__ import annotations

import numpy as np
import pytest

from denselite.callbacks.lines import format_logs, print_line


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12345, "0.1235"),
        (-2.5, "-2.5000"),
        (0.001, "1.0000e-03"),
        (-0.0005, "-5.0000e-04"),
        (0.0, "0.0000e+00"),
        (3, "3.0000"),
        (np.float32(0.5), "0.5000"),
        (np.array(0.25), "0.2500"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        ("warm", "warm"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_values_are_written_as_keras_writes_them(value, text):
    assert format_logs({"x": value}) == f"x: {text}"


def test_logs_are_joined_in_their_order():
    assert format_logs({"b": 1.0, "a": 2.0}) == "b: 1.0000 - a: 2.0000"


def test_line_goes_to_standard_output(capsys):
    print_line("hello")
    assert capsys.readouterr().out == "hello\n"


def test_line_beside_an_open_bar_does_not_share_its_row(open_terminal):
    terminal = open_terminal()
    from tqdm import tqdm

    with tqdm(desc="bar", total=2, file=terminal):
        print_line("hello")
    rows = terminal.getvalue().replace("\n", "\r").split("\r")
    assert "hello" in rows
