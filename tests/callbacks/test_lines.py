from __future__ import annotations

import numpy as np
import pytest

from denselite import config
from denselite.callbacks.lines import format_logs, log_rows, print_line


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


def test_rows_are_broken_between_logs_and_no_longer_than_asked():
    logs = {f"metric_{number}": 0.5 for number in range(10)}  # "metric_0: 0.5000" is 16 characters
    rows = log_rows(logs, columns=40)
    assert [len(row) for row in rows] == [37] * 5  # two indent, two logs, three between
    assert " - ".join(row.strip() for row in rows) == format_logs(logs)


def test_log_longer_than_a_row_has_one_of_its_own():
    assert [len(row) for row in log_rows({"a": 1.0, "b" * 50: 1.0, "c": 1.0}, columns=20)] == [11, 60, 11]


def test_line_is_logged_when_interactive_logging_is_off(capsys, caplog):
    config.disable_interactive_logging()
    with caplog.at_level("INFO", "denselite"):
        print_line("hello")
    config.enable_interactive_logging()
    assert [record.getMessage() for record in caplog.records] == ["hello"]
    assert capsys.readouterr().out == ""
