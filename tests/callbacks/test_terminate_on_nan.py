from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from denselite.callbacks import CallbackList, LambdaCallback, TerminateOnNaN
from denselite.errors import DivergenceError
from denselite.metrics import Mean


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_loss_that_is_no_number_stops_training(model, loss, capsys):
    callback = TerminateOnNaN()
    callback.set_model(model)
    callback.on_train_batch_end(7, {"loss": loss})
    assert model.stop_training
    assert capsys.readouterr().out == "Batch 7: Invalid loss, terminating training\n"


@pytest.mark.parametrize("logs", [{"loss": 1e30}, {"mae": math.nan}, {}, None])
def test_other_logs_stop_nothing(model, logs):
    callback = TerminateOnNaN()
    callback.set_model(model)
    callback.on_train_batch_end(0, logs)
    assert not model.stop_training


def test_error_is_raised_when_asked_for(model):
    callback = TerminateOnNaN(raise_error=True)
    callback.set_model(model)
    with pytest.raises(DivergenceError, match=r"^The loss is nan at batch 3\. A smaller learning rate"):
        callback.on_batch_end(3, {"loss": math.nan})


def test_logs_are_asked_for_only_when_the_total_is_no_number(model):
    model.metrics = [Mean(name="loss")]
    callbacks = CallbackList([TerminateOnNaN()], model=model)
    due = callbacks.pace("on_train_batch_end")
    assert not callbacks.overridden("on_train_batch_end")
    model.metrics[0].update_state(2.0)
    assert not due(0)
    model.metrics[0].update_state(math.inf)
    assert due(1)


def test_loss_is_looked_at_in_each_batch_where_its_total_is_not_known(model):
    model.metrics = [SimpleNamespace(name="loss")]
    assert CallbackList([TerminateOnNaN()], model=model).pace("on_train_batch_end")(0)


def test_others_that_want_each_batch_get_it(model):
    seen = []
    model.metrics = [Mean(name="loss")]
    callbacks = CallbackList([TerminateOnNaN(), LambdaCallback(on_train_batch_end=lambda *_, **__: seen.append(1))])
    callbacks.set_model(model)
    assert callbacks.pace("on_train_batch_end")(0)
