from __future__ import annotations

import pytest

from denselite.callbacks import (
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    History,
    LambdaCallback,
    ModelCheckpoint,
    ProgbarLogger,
    ReduceLROnPlateau,
)
from denselite.callbacks.callback import HOOKS
from denselite.errors import ArgumentError, StateError


class Recorder(Callback):
    def __init__(self, name, calls):
        self.name, self.calls = name, calls

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append((self.name, epoch, dict(logs)))
        logs[self.name] = float(epoch)


class OnBatchEnd(Callback):
    def on_batch_end(self, batch, logs=None):
        pass


class OnTestBatchEnd(Callback):
    def on_test_batch_end(self, batch, logs=None):
        pass


class OnEpochBegin(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        logs["noted"] = 1.0


def test_callbacks_run_in_the_order_given_and_share_one_logs_dict(model):
    calls = []
    callbacks = CallbackList([Recorder("a", calls), Recorder("b", calls)], add_history=True, model=model)
    logs = {"loss": 0.5}
    callbacks.on_train_begin()
    callbacks.on_epoch_end(0, logs)
    assert calls == [("a", 0, {"loss": 0.5}), ("b", 0, {"loss": 0.5, "a": 0.0})]
    assert callbacks.history.history == {"loss": [0.5], "a": [0.0], "b": [0.0]}
    assert logs == {"loss": 0.5, "a": 0.0, "b": 0.0}


def test_history_and_progress_come_after_the_users_callbacks():
    kinds = [type(c) for c in CallbackList(LambdaCallback(), add_history=True, add_progbar=True).callbacks]
    assert kinds == [LambdaCallback, History, ProgbarLogger]


def test_users_own_history_and_progress_are_not_doubled():
    own = [ProgbarLogger(), History()]
    callbacks = CallbackList(own, add_history=True, add_progbar=True)
    assert callbacks.callbacks == own
    assert callbacks.history is own[1]


def test_history_of_a_list_without_one_is_an_error():
    with pytest.raises(StateError, match=r"no History\. Make it with add_history=True"):
        _ = CallbackList().history


def test_nested_lists_and_callback_lists_are_flattened():
    a, b, c = Callback(), Callback(), Callback()
    assert CallbackList([a, (b, [CallbackList([c])])]).callbacks == [a, b, c]
    assert CallbackList(a).callbacks == [a]
    assert CallbackList(None).callbacks == []


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        (EarlyStopping, r"got <class .*EarlyStopping'>\. It is the class: write EarlyStopping\(\.\.\.\)\."),
        (print, r"got <built-in function print>\. Wrap a function as LambdaCallback\(on_epoch_end=function\)\."),
        ("early", r"got 'early'\. Subclass denselite\.callbacks\.Callback\."),
    ],
)
def test_something_else_than_a_callback_is_an_error(wrong, advice):
    with pytest.raises(ArgumentError, match=f"callbacks takes Callback objects, {advice}"):
        CallbackList([Callback(), wrong])


@pytest.mark.parametrize("hook", HOOKS)
def test_hook_is_called_exactly_where_it_is_overridden(hook):
    calls = []
    loud = LambdaCallback(**{hook: lambda *where, **named: calls.append((*where, *named.values()))})
    where = (7,) if "batch" in hook or "epoch" in hook else ()
    callbacks = CallbackList([Callback(), loud])
    assert callbacks.overridden(hook)
    getattr(callbacks, hook)(*where)
    assert calls == [(*where, {})]


def test_nothing_is_overridden_by_the_built_ins_that_a_plain_fit_has(model, tmp_path):
    built_ins = [EarlyStopping(), ModelCheckpoint(tmp_path / "m.npz"), CSVLogger(tmp_path / "log.csv")]
    callbacks = CallbackList(built_ins, add_history=True, add_progbar=True, model=model, verbose=2)
    per_step = [hook for hook in HOOKS if "batch" in hook]
    assert [hook for hook in per_step if callbacks.overridden(hook)] == []
    assert not any(callbacks.pace(hook)(0) for hook in per_step)
    assert callbacks.overridden("on_epoch_end")


def test_older_hook_counts_as_the_newer_one():
    callbacks = CallbackList(OnBatchEnd())
    assert callbacks.overridden("on_train_batch_end")
    assert callbacks.overridden("on_batch_end")
    assert not callbacks.overridden("on_train_batch_begin")


def test_checkpoint_every_few_batches_counts_at_batches(tmp_path):
    assert CallbackList(ModelCheckpoint(tmp_path / "m.npz", save_freq=2)).overridden("on_train_batch_end")


def test_subclass_of_a_checkpoint_keeps_its_own_batch_hook(tmp_path):
    class Mine(ModelCheckpoint):
        def on_train_batch_end(self, batch, logs=None):
            pass

    assert CallbackList(Mine(tmp_path / "m.npz")).overridden("on_train_batch_end")


def test_pace_is_every_batch_for_a_callback_and_never_for_none():
    assert CallbackList(OnBatchEnd()).pace("on_train_batch_end")(0) is True
    assert CallbackList(OnBatchEnd()).pace("on_test_batch_end")(0) is False


def test_missing_logs_reach_callbacks_as_an_empty_dict():
    seen = []
    CallbackList(LambdaCallback(on_train_end=seen.append)).on_train_end()
    assert seen == [{}]


def test_appended_callback_is_called():
    calls = []
    callbacks = CallbackList()
    callbacks.append(Recorder("late", calls))
    callbacks.on_epoch_end(2, {})
    assert calls == [("late", 2, {})]


@pytest.mark.parametrize(
    ("callback", "may_add"),
    [
        (None, False),
        (EarlyStopping(), False),
        (LambdaCallback(on_train_begin=print), False),
        (LambdaCallback(on_epoch_end=print), True),
        (LambdaCallback(on_batch_end=print), True),
        (OnEpochBegin(), False),
        (OnBatchEnd(), True),
        (OnTestBatchEnd(), True),
        (type("MyStopping", (EarlyStopping,), {})(), True),
    ],
)
def test_may_add_logs_is_true_when_code_of_the_user_sees_the_logs(callback, may_add):
    assert CallbackList(callback, add_history=True, add_progbar=True).may_add_logs() is may_add


def test_monitor_that_cannot_appear_is_an_error_before_the_first_step(model):
    callbacks = CallbackList([EarlyStopping("val_los")], add_history=True, model=model)
    with pytest.raises(ArgumentError) as error:
        callbacks.check_monitors(["loss", "val_loss"], certain=True)
    assert str(error.value) == (
        "EarlyStopping has monitor='val_los', which is not logged. Did you mean 'val_loss'? Logged are: loss, val_loss."
    )


def test_monitor_that_may_be_added_is_an_error_at_the_end_of_the_first_epoch(model):
    callbacks = CallbackList([EarlyStopping("scoer", mode="max")], model=model)
    callbacks.check_monitors(["loss"], certain=False)
    with pytest.raises(ArgumentError, match=r"monitor='scoer'.* Did you mean 'score'\? Logged are: loss, score\."):
        callbacks.on_epoch_end(0, {"loss": 0.5, "score": 1.0})


def test_monitor_that_a_user_callback_adds_is_seen(model):
    adder = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(score=3.0))
    stopping = EarlyStopping("score", mode="max")
    callbacks = CallbackList([adder, stopping], model=model)
    callbacks.check_monitors(["loss"], certain=not callbacks.may_add_logs())
    callbacks.on_epoch_end(0, {"loss": 0.5})
    assert stopping.best == 3.0


def test_close_releases_every_callback_even_when_one_fails():
    released = []

    class Holder(Callback):
        def __init__(self, fails):
            self.fails = fails

        def _release(self):
            released.append(self.fails)
            if self.fails:
                raise OSError("disk is full")

    with pytest.raises(OSError, match="disk is full"):
        CallbackList([Holder(False), Holder(True), Holder(False)]).close()
    assert sorted(released) == [False, False, True]


def test_log_that_a_callback_adds_is_known_to_those_after_it(model):
    stopper = EarlyStopping("learning_rate", mode="min")
    CallbackList([ReduceLROnPlateau("loss"), stopper], model=model).check_monitors(["loss"], certain=True)
    with pytest.raises(ArgumentError, match="monitor='learning_rate', which is not logged"):
        CallbackList([stopper, ReduceLROnPlateau("loss")], model=model).check_monitors(["loss"], certain=True)


def test_hook_is_due_when_one_of_the_paced_callbacks_says_so():
    class Paced(Callback):
        def __init__(self, due):
            self.due, self.asked = due, 0

        def on_train_batch_end(self, batch, logs=None): ...

        def _paced(self):
            return (Paced.on_train_batch_end,)

        def _pace(self, hook):
            def question(batch):
                self.asked += 1
                return batch in self.due

            return question

    both = [Paced({1}), Paced({2})]
    due = CallbackList(both).pace("on_train_batch_end")
    assert [due(batch) for batch in range(4)] == [False, True, True, False]
    assert [callback.asked for callback in both] == [4, 4]
