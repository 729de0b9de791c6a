from __future__ import annotations

import pytest

from denselite.callbacks import CallbackList, LambdaCallback
from denselite.errors import ArgumentError


def test_functions_are_called_as_hooks():
    calls = []
    callback = LambdaCallback(
        on_epoch_end=lambda epoch, logs: calls.append(("epoch", epoch, logs)),
        on_test_end=lambda logs: calls.append(("test", logs)),
        on_batch_end=lambda batch, logs: calls.append(("batch", batch)),
    )
    callbacks = CallbackList(callback)
    callbacks.on_train_batch_end(5)
    callbacks.on_test_end({"loss": 1.0})
    callbacks.on_epoch_end(2, {"loss": 0.5})
    callbacks.on_train_end()
    assert calls == [("batch", 5), ("test", {"loss": 1.0}), ("epoch", 2, {"loss": 0.5})]


def test_hook_not_given_is_not_overridden():
    assert not CallbackList(LambdaCallback(on_train_end=print, on_test_end=None)).overridden("on_test_end")


def test_positional_order_is_that_of_keras():
    seen = []
    LambdaCallback(lambda epoch, logs: seen.append(epoch)).on_epoch_begin(3, {})
    assert seen == [3]


def test_unknown_hook_is_an_error_with_the_near_name():
    with pytest.raises(
        ArgumentError, match=r"LambdaCallback has no hook 'on_epoc_end'\. Did you mean 'on_epoch_end'\?"
    ):
        LambdaCallback(on_epoc_end=print)


def test_all_problems_are_told_at_once():
    with pytest.raises(
        ArgumentError, match=r"has no hook 'zzz'\. It needs a function for 'on_train_end', got 3\. Its hooks"
    ):
        LambdaCallback(on_train_end=3, zzz=print)
