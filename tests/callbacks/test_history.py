from __future__ import annotations

import json

from denselite.callbacks import CallbackList, History


def test_history_records_every_log_and_the_epochs(model):
    record = History()
    record.set_model(model)
    record.on_train_begin()
    record.on_epoch_end(3, {"loss": 0.5})
    record.on_epoch_end(4, {"loss": 0.25, "val_loss": 0.75})
    assert record.epoch == [3, 4]
    assert record.history == {"loss": [0.5, 0.25], "val_loss": [0.75]}
    assert model.history is record


def test_history_starts_empty_at_each_training():
    record = History()
    for _ in range(2):
        record.on_train_begin()
        record.on_epoch_end(0, {"loss": 0.5})
    assert (record.epoch, record.history) == ([0], {"loss": [0.5]})


def test_history_of_an_evaluation_is_not_put_on_the_model(model):
    CallbackList([History()], model=model).on_test_begin()
    assert model.history is None


def test_history_state_survives_json():
    record, again = History(), History()
    record.on_epoch_end(0, {"loss": 0.1})
    state = json.loads(json.dumps(record.get_state()))
    again.on_train_begin()
    again.set_state(state)
    again.on_epoch_end(1, {"loss": 0.05})
    assert (again.epoch, again.history) == ([0, 1], {"loss": [0.1, 0.05]})
    assert record.history == {"loss": [0.1]}
