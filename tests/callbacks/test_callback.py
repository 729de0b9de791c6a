from __future__ import annotations

from denselite.callbacks import Callback, CallbackList
from denselite.callbacks.callback import HOOKS


def test_every_keras_hook_exists_and_does_nothing():
    for hook in HOOKS:
        arguments = (0, {}) if "batch" in hook or "epoch" in hook else ({},)
        assert getattr(Callback(), hook)(*arguments) is None
    assert len(HOOKS) == 16


def test_subclass_without_super_init_has_model_and_params(model):
    class Plain(Callback):
        def __init__(self, threshold):
            self.threshold = threshold

        def on_train_begin(self, logs=None):
            self.seen = (self.model, self.params, self.threshold)

    plain = Plain(3)
    assert plain.model is None
    CallbackList([plain], model=model, epochs=2, steps=5, verbose=0).on_train_begin()
    assert plain.seen == (model, {"epochs": 2, "steps": 5, "verbose": 0}, 3)


def test_older_hook_names_are_called_by_the_newer_ones():
    class Older(Callback):
        def __init__(self):
            self.calls = []

        def on_batch_begin(self, batch, logs=None):
            self.calls.append(("begin", batch, logs))

        def on_batch_end(self, batch, logs=None):
            self.calls.append(("end", batch, logs))

    older = Older()
    older.on_train_batch_begin(4)
    older.on_train_batch_end(4, {"loss": 1.0})
    assert older.calls == [("begin", 4, None), ("end", 4, {"loss": 1.0})]


def test_state_of_a_plain_callback_is_empty():
    callback = Callback()
    assert callback.get_state() == {}
    callback.set_state({})
