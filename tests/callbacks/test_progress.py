from __future__ import annotations

import io
import os
import re
import shutil
import sys
from types import SimpleNamespace

import pytest

from denselite import config
from denselite.callbacks import Callback, CallbackList, LambdaCallback, ProgbarLogger
from denselite.callbacks import progress as progress_module
from denselite.errors import ArgumentError


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress_module, "perf_counter", clock)
    return clock


def make(*callbacks, verbose=1, epochs=20, steps=4):
    return CallbackList(list(callbacks), add_progbar=True, verbose=verbose, epochs=epochs, steps=steps)


def epoch(callbacks, number, logs, steps=4):
    callbacks.on_epoch_begin(number)
    due = callbacks.pace("on_train_batch_end")
    looks = 0
    for batch in range(steps):
        if due(batch):
            looks += 1
            callbacks.on_train_batch_end(batch, logs)
    callbacks.on_epoch_end(number, logs)
    return looks


@pytest.mark.parametrize("verbose", ["auto", 1, True, 2])
def test_each_epoch_is_one_plain_line_where_there_is_no_terminal(verbose, clock, capsys):
    callbacks = make(verbose=verbose)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(2)
    clock.now += 2.2
    callbacks.on_epoch_end(2, {"loss": 0.1234, "val_loss": 0.2345})
    callbacks.on_train_end()
    assert capsys.readouterr() == ("Epoch 3/20 - 2s - loss: 0.1234 - val_loss: 0.2345\n", "")


def test_verbose_2_is_a_plain_line_on_a_terminal_too(clock, open_terminal):
    terminal = open_terminal()
    epoch(make(verbose=2), 0, {"loss": 0.5})
    assert terminal.getvalue() == "Epoch 1/20 - 0s - loss: 0.5000\n"


def test_verbose_0_shows_nothing(open_terminal):
    terminal = open_terminal()
    callbacks = make(verbose=0)
    epoch(callbacks, 0, {"loss": 0.5})
    assert terminal.getvalue() == ""


def test_other_verbose_is_an_error():
    with pytest.raises(ArgumentError, match=r"verbose is 0 \(nothing\), 1 \(a bar\), 2 .* or 'auto', got 3"):
        make(verbose=3)


def test_progress_without_parameters_is_a_line_an_epoch(clock, capsys):
    callbacks = CallbackList(ProgbarLogger())
    callbacks.on_epoch_begin(0)
    callbacks.on_epoch_end(0)
    assert capsys.readouterr().out == "Epoch 1/1 - 0s\n"


def test_terminal_gets_one_bar_an_epoch_with_the_logs(open_terminal):
    terminal = open_terminal()
    callbacks = make(epochs=2)
    callbacks.on_train_begin()
    for number in range(2):
        epoch(callbacks, number, {"loss": 0.5, "val_loss": 0.25})
    callbacks.on_train_end()
    rows = [row.split("\r")[-1] for row in terminal.getvalue().split("\n") if row]
    shown = r"Epoch {}/2 4/4 \|\S+\| 00:00<00:00, loss: 0\.5000 - val_loss: 0\.2500"
    assert len(rows) == 2
    for number, row in enumerate(rows, 1):
        assert re.fullmatch(shown.format(number), row.strip())


def test_logs_that_do_not_fit_in_a_row_are_complete_when_the_epoch_ends(open_terminal):
    terminal = open_terminal()
    logs = {f"val_metric_{number}": 0.5 for number in range(20)}
    epoch(make(), 0, logs)
    bar, *rows = terminal.getvalue().split("\r")[-1].rstrip().split("\n")
    assert re.fullmatch(r"Epoch 1/20 4/4 \|\S+\| 00:00<00:00", bar.strip())
    assert sum(row.count(": 0.5000") for row in rows) == 20
    assert max(map(len, [bar, *rows])) <= shutil.get_terminal_size().columns


def test_bar_is_drawn_on_a_terminal_that_does_not_tell_its_width(open_terminal, monkeypatch):
    terminal = open_terminal()
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.get_terminal_size", lambda *descriptor: os.terminal_size((0, 0)))
    epoch(make(), 0, {"loss": 0.5})
    assert "Epoch 1/20 4/4 |" in terminal.getvalue()


def test_notebook_gets_a_bar(monkeypatch, capsys):
    shell = SimpleNamespace(config={"IPKernelApp": {}})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert progress_module._is_live()
    assert progress_module._size() == {"dynamic_ncols": True}
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not progress_module._is_live()


def test_bar_looks_at_the_logs_ten_times_a_second_at_most(clock, open_terminal):
    open_terminal()
    callbacks = make(steps=1000)
    callbacks.on_epoch_begin(0)
    due = callbacks.pace("on_train_batch_end")
    looks = 0
    for batch in range(1000):
        clock.now += 0.001
        if due(batch):
            looks += 1
            callbacks.on_train_batch_end(batch, {"loss": 0.5})
    assert 9 <= looks <= 10
    callbacks.close()


def test_bar_within_a_user_callback_that_wants_every_batch_keeps_its_pace(clock, open_terminal):
    terminal = open_terminal()
    seen = []
    callbacks = make(LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch)), steps=50)
    callbacks.on_epoch_begin(0)
    written = len(terminal.getvalue())
    due = callbacks.pace("on_train_batch_end")
    for batch in range(50):
        if due(batch):
            callbacks.on_train_batch_end(batch, {"loss": 0.5})
    assert seen == list(range(50))
    assert len(terminal.getvalue()) == written
    callbacks.close()


def test_bar_of_unknown_length_ends_complete_and_knows_the_next(clock, open_terminal):
    terminal = open_terminal()
    callbacks = make(steps=None)
    epoch(callbacks, 0, {"loss": 0.5}, steps=7)
    assert "7/7" in terminal.getvalue()
    callbacks.on_epoch_begin(1)
    assert "0/7" in terminal.getvalue()
    callbacks.close()


def test_bar_of_an_epoch_cut_short_shows_how_far_it_came(open_terminal):
    terminal = open_terminal()
    callbacks = make(steps=10)
    epoch(callbacks, 0, {"loss": 0.5}, steps=3)
    assert "3/10" in terminal.getvalue().split("\r")[-1]


def test_validation_within_fit_shows_nothing_of_its_own(clock, open_terminal):
    terminal = open_terminal()
    callbacks = make(steps=10)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    callbacks.pace("on_train_batch_end")(9)
    before = terminal.getvalue()
    callbacks.on_test_begin()
    due = callbacks.pace("on_test_batch_end")
    clock.now += 1.0
    assert not due(2)
    callbacks.on_test_batch_end(2, {"loss": 0.5})
    callbacks.on_test_end({"loss": 0.5})
    assert terminal.getvalue() == before
    callbacks.on_epoch_end(0, {"loss": 0.5})
    assert "10/10" in terminal.getvalue()


def test_evaluation_after_a_training_that_raised_shows_its_own(clock, capsys):
    callbacks = make()
    callbacks.on_train_begin()
    callbacks.close()
    callbacks.on_test_begin()
    callbacks.on_test_end({"loss": 0.5})
    assert capsys.readouterr().out == "Evaluate - 0s - loss: 0.5000\n"


def test_prediction_is_one_line_without_its_outputs(clock, capsys):
    callbacks = make()
    callbacks.on_predict_begin()
    callbacks.on_predict_batch_end(0, {"outputs": [1.0]})
    callbacks.on_predict_end()
    assert capsys.readouterr().out == "Predict - 0s\n"


@pytest.mark.parametrize(("stage", "title"), [("test", "Evaluate"), ("predict", "Predict")])
def test_evaluation_and_prediction_have_a_bar_on_a_terminal(stage, title, clock, open_terminal):
    terminal = open_terminal()
    callbacks = make()
    getattr(callbacks, f"on_{stage}_begin")()
    due = callbacks.pace(f"on_{stage}_batch_end")
    assert not due(0)
    clock.now += 0.2
    assert due(1)
    getattr(callbacks, f"on_{stage}_batch_end")(1, {"outputs": [1.0], "loss": 0.5})
    getattr(callbacks, f"on_{stage}_end")({"loss": 0.5})
    assert f"{title} 2/4 |" in terminal.getvalue()
    assert ("loss: 0.5" in terminal.getvalue()) == (stage == "test")
    assert "outputs" not in terminal.getvalue() or stage == "test"


def test_open_bar_is_closed_when_training_raised(open_terminal):
    terminal = open_terminal()
    from tqdm import tqdm

    callbacks = make()
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    assert len(tqdm._instances) == 1
    callbacks.close()
    assert len(tqdm._instances) == 0
    assert terminal.getvalue().endswith("\n")
    assert not callbacks.pace("on_train_batch_end")(0)


def test_subclass_of_progress_that_wants_every_batch_gets_it():
    class Mine(ProgbarLogger):
        def on_train_batch_end(self, batch, logs=None):
            pass

    assert not CallbackList([ProgbarLogger(), Callback()]).overridden("on_train_batch_end")
    assert CallbackList([Mine()]).overridden("on_train_batch_end")


def screen(text):
    """The rows a terminal shows after this text: a carriage return writes over a row from its start."""
    rows = []
    for line in text.split("\n"):
        row = ""
        for part in line.split("\r"):
            row = part + row[len(part) :]
        rows.append(row.rstrip())
    return rows


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_epoch_end"])
def test_what_a_callback_prints_takes_the_row_of_the_bar(hook, clock, open_terminal):
    terminal = open_terminal()

    def speak(index, logs):
        print("hello", index)

    callbacks = make(LambdaCallback(**{hook: speak}), steps=2)
    callbacks.on_train_begin()
    epoch(callbacks, 0, {"loss": 0.5}, steps=2)
    callbacks.on_train_end()
    *spoken, bar, end = screen(terminal.getvalue())
    assert spoken == (["hello 0"] if hook == "on_epoch_end" else ["hello 0", "hello 1"])
    assert bar.startswith("Epoch 1/20 2/2 |")
    assert end == ""


def test_bar_stays_out_of_a_row_that_was_not_ended(clock, open_terminal):
    terminal = open_terminal()
    callbacks = make(steps=2)
    callbacks.on_epoch_begin(0)
    print("half a", end="")
    print(" row", end="")
    clock.now += 1.0
    callbacks.on_train_batch_end(0, {"loss": 0.5})
    print("below")
    callbacks.on_epoch_end(0, {"loss": 0.25})
    spoken, below, bar, _ = screen(terminal.getvalue())
    assert (spoken, below) == ("half a row", "below")
    assert bar.startswith("Epoch 1/20 1/2 |")


def test_standard_output_is_put_back_whatever_happens(clock, open_terminal):
    terminal = open_terminal()
    callbacks = make()
    callbacks.on_epoch_begin(0)
    kept = sys.stdout
    assert kept is not terminal
    assert kept.isatty()
    callbacks.close()
    assert sys.stdout is terminal
    kept.write("later")
    assert terminal.getvalue().endswith("later")


def test_standard_output_that_somebody_else_replaced_stays_theirs(clock, open_terminal, monkeypatch):
    open_terminal()
    callbacks = make()
    callbacks.on_epoch_begin(0)
    monkeypatch.setattr(sys, "stdout", theirs := io.StringIO())
    callbacks.close()
    assert sys.stdout is theirs


def test_bar_within_a_callback_of_another_bar_leaves_standard_output_to_it(clock, open_terminal):
    terminal = open_terminal()
    outer, inner = make(), make()
    outer.on_epoch_begin(0)
    beside = sys.stdout
    epoch(inner, 0, {"loss": 0.5})
    assert sys.stdout is beside
    outer.on_epoch_end(0, {"loss": 0.25})
    assert sys.stdout is terminal


def test_no_bar_is_drawn_when_interactive_logging_is_off(clock, open_terminal, caplog):
    terminal = open_terminal()
    config.disable_interactive_logging()
    with caplog.at_level("INFO", "denselite"):
        epoch(make(), 0, {"loss": 0.5})
    config.enable_interactive_logging()
    assert terminal.getvalue() == ""
    assert [record.getMessage() for record in caplog.records] == ["Epoch 1/20 - 0s - loss: 0.5000"]
