"""Bad input: one clear error that says who, what was expected, what came and what to do; the model is as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import denselite
from denselite import Input, Model, Sequential, layers
from denselite.callbacks import EarlyStopping

X = np.random.default_rng(0).normal(size=(12, 8)).astype("float32")
Y = np.arange(12) % 3
ONE_HOT = np.eye(3)[Y]
WHO = "Sequential 'net'"


def make(**arguments: Any) -> Sequential:
    model = Sequential(
        [Input((8,), name="x"), layers.Dense(4, "relu"), layers.Dense(3, "softmax", name="out")], name="net"
    )
    model.compile(
        **{"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **arguments}
    )
    return model


Call = Callable[[Any], Any]


def fit(*args: Any, **kwargs: Any) -> Call:
    return lambda model: model.fit(*args, **{"verbose": 0, **kwargs})


# name: (a call, the kind of error, what the message says)
BAD: dict[str, tuple[Call, type[Exception], str]] = {
    # inputs
    "x-width": (
        fit(X[:, :5], Y),
        ValueError,
        f"{WHO} expects input 'x' of shape (None, 8), got x of shape (batch, 5).",
    ),
    "x-rank": (fit(X[:, None], Y), ValueError, "got x of shape (batch, 1, 8)."),
    "x-one-row": (
        lambda model: model.predict(X[0], verbose=0),
        ValueError,
        "got x of shape (batch,). If it is one row, add the batch axis: x[None].",
    ),
    "x-objects": (fit(X.astype(object), Y), TypeError, "x expects numbers (float, integer or bool), got dtype object"),
    "x-text": (fit(X.astype(str), Y), TypeError, "Convert it first, for example with x.astype('float32')."),
    "x-complex": (fit(X.astype(complex), Y), TypeError, "got dtype complex128"),
    "x-none": (fit(None, Y), ValueError, "x is None. Give the inputs"),
    "x-number": (fit(3.0), TypeError, "x expects arrays"),
    "x-function": (fit(lambda: X), TypeError, "Call it first?"),
    "x-empty": (fit(X[:0], Y[:0]), ValueError, "x is empty: it has shape (0, 8). At least one sample is needed."),
    "x-empty-to-predict": (lambda model: model.predict(X[:0], verbose=0), ValueError, "x is empty"),
    "x-ragged": (fit([[1.0], [1.0, 2.0]], Y[:2]), TypeError, "x is ragged"),
    "x-twice": (fit([X, X], Y), ValueError, f"{WHO} expects 1 inputs (x), x holds 2."),
    "x-other-name": (fit({"a": X}, Y), ValueError, f"{WHO} has inputs ['x'], x is a dict without ['x']."),
    "x-one-name-too-many": (fit({"x": X, "z": X}, Y), ValueError, f"{WHO} has inputs ['x'], x holds x['z'] too."),
    # targets
    "y-missing": (
        fit(X),
        ValueError,
        "compile() gave output 'out' a loss or metrics, and there is no target y for it.",
    ),
    "y-missing-to-evaluate": (lambda model: model.evaluate(X, verbose=0), ValueError, "there is no target y"),
    "y-length": (fit(X, Y[:7]), ValueError, "Got x: 12, y: 7."),
    "y-text": (fit(X, Y.astype(str)), TypeError, "y expects numbers"),
    "y-complex": (fit(X, Y + 1j), TypeError, "y expects numbers"),
    "y-nan": (
        fit(X, np.where(Y == 1, np.nan, Y)),
        ValueError,
        f"{WHO} with sparse_categorical_crossentropy expects class labels from 0 to 2 in y, got nan in row 1.",
    ),
    "y-too-large": (fit(X, Y + 1), ValueError, "got 3 in row 2. Number the classes from 0"),
    "y-negative": (fit(X, Y - 1), ValueError, "got -1 in row 0."),
    "y-between-classes": (fit(X, Y + 0.5), ValueError, "got 0.5 in row 0."),
    "y-too-large-to-evaluate": (lambda model: model.evaluate(X, Y + 1, verbose=0), ValueError, "got 3 in row 2."),
    "y-too-large-on-batch": (lambda model: model.train_on_batch(X, Y + 1), ValueError, "got 3 in row 2."),
    "y-one-hot": (
        fit(X, ONE_HOT),
        ValueError,
        "expects labels of shape (batch,) for output (None, 3), got (batch, 3).",
    ),
    "y-twice": (fit(X, [Y, Y]), ValueError, f"{WHO} has 1 outputs (out), y holds 2."),
    "y-other-name": (fit(X, {"uot": Y}), ValueError, "names the output 'uot', there are out. Did you mean 'out'?"),
    # weights
    "weight-length": (fit(X, Y, sample_weight=np.ones(7)), ValueError, "sample_weight: 7"),
    "weight-nan": (fit(X, Y, sample_weight=np.full(12, np.nan)), ValueError, "in sample_weight, got nan in row 0."),
    "weight-shape": (fit(X, Y, sample_weight=np.ones((12, 2))), ValueError, "sample_weight of shape (batch, 2)"),
    "weight-without-y": (fit(X, sample_weight=np.ones(12)), ValueError, "but y is None"),
    "class-weight-list": (fit(X, Y, class_weight=[1, 2]), ValueError, "class_weight expects a dict"),
    "class-weight-too": (fit(X, Y, class_weight={}, sample_weight=np.ones(12)), ValueError, "cannot be given together"),
    # counts
    "batch-size-0": (
        fit(X, Y, batch_size=0),
        ValueError,
        "batch_size expects an integer of 1 or more, or None, got 0.",
    ),
    "batch-size-half": (fit(X, Y, batch_size=1.5), ValueError, "batch_size expects an integer of 1 or more"),
    "epochs-text": (
        fit(X, Y, epochs="3"),
        ValueError,
        "Sequential.fit(): epochs expects an integer of 0 or more, got '3'.",
    ),
    "epochs-negative": (fit(X, Y, epochs=-1), ValueError, "got -1."),
    "initial-epoch-negative": (
        fit(X, Y, initial_epoch=-1),
        ValueError,
        "initial_epoch expects an integer of 0 or more",
    ),
    "steps-0": (
        fit(X, Y, steps_per_epoch=0),
        ValueError,
        "steps_per_epoch expects an integer of 1 or more or None, got 0.",
    ),
    "steps-0-to-predict": (lambda model: model.predict(X, steps=0, verbose=0), ValueError, "steps expects an integer"),
    "verbose-3": (
        fit(X, Y, verbose=3),
        ValueError,
        "verbose is 0 (nothing), 1 (a bar), 2 (a line an epoch) or 'auto', got 3.",
    ),
    # validation
    "validation-split-2": (fit(X, Y, validation_split=2), ValueError, "above 0 and below 1, got 2."),
    "validation-split-all": (fit(X, Y, validation_split=0.99), ValueError, "leaves 0 to train and 12 to validate"),
    "validation-split-of-batches": (
        fit(iter([(X, Y)]), validation_split=0.5),
        ValueError,
        "validation_split needs arrays",
    ),
    "validation-four": (fit(X, Y, validation_data=(X, Y, Y, Y)), ValueError, "validation_data expects x, (x,), (x, y)"),
    "validation-x-only": (fit(X, Y, validation_data=X), ValueError, "validation_data: compile() gave output 'out'"),
    "validation-width": (
        fit(X, Y, validation_data=(X[:, :2], Y)),
        ValueError,
        f"validation_data: {WHO} expects input 'x'",
    ),
    "validation-length": (
        fit(X, Y, validation_data=(X, Y[:3])),
        ValueError,
        "validation_data: Data cardinality is ambiguous",
    ),
    "validation-label": (fit(X, Y, validation_data=(X, Y + 9)), ValueError, f"validation_data: {WHO} with sparse"),
    "validation-text": (fit(X, Y, validation_data="mnist"), TypeError, "validation_data: x expects numbers"),
    "validation-batch-size-0": (
        fit(X, Y, validation_batch_size=0),
        ValueError,
        "validation_batch_size expects an integer",
    ),
    "validation-freq-0": (fit(X, Y, validation_freq=0), ValueError, "validation_freq expects an integer of 1 or more"),
    # generators
    "generator-with-y": (fit(iter([(X, Y)]), Y), ValueError, "y cannot be given with it. Let it yield (x, y)"),
    "generator-empty": (fit(iter([])), ValueError, "yields no batch"),
    "generator-of-four": (
        fit(iter([(X, Y, Y, Y)])),
        ValueError,
        "batch 0 expects x, (x,), (x, y) or (x, y, sample_weight)",
    ),
    "generator-as-a-batch": (
        lambda model: model.train_on_batch(iter([X]), Y),
        ValueError,
        "expects the rows of one batch",
    ),
    "none-as-a-batch": (
        lambda model: model.predict_on_batch(None),
        ValueError,
        "Sequential.predict_on_batch() expects",
    ),
    # callbacks
    "callback-no-object": (fit(X, Y, callbacks=[3]), ValueError, "callbacks takes Callback objects, got 3."),
    "callback-class": (fit(X, Y, callbacks=[EarlyStopping]), ValueError, "It is the class: write EarlyStopping(...)."),
    "monitor-without-validation": (
        fit(X, Y, callbacks=[EarlyStopping()]),
        ValueError,
        "monitor='val_loss', which is not logged. Did you mean 'loss'? Logged are: loss, accuracy. A name with 'val_' needs",
    ),
    "monitor-misspelt": (
        fit(X, Y, validation_split=0.5, callbacks=[EarlyStopping("val_acuracy")]),
        ValueError,
        "Did you mean 'val_accuracy'? Logged are: loss, accuracy, val_loss, val_accuracy.",
    ),
    # compile
    "optimizer-name": (
        lambda model: model.compile("adma", "mse"),
        ValueError,
        "Unknown optimizer 'adma'. Did you mean 'adam'?",
    ),
    "loss-name": (lambda model: model.compile("sgd", "mes"), ValueError, "Unknown loss 'mes'. Did you mean"),
    "metric-name": (
        lambda model: model.compile("sgd", "mse", metrics=["acuracy"]),
        ValueError,
        "Unknown metric 'acuracy'. Did you mean 'accuracy'?",
    ),
    "metrics-no-list": (lambda model: model.compile("sgd", "mse", metrics="mae"), ValueError, "Write metrics=['mae']."),
    "loss-number": (lambda model: model.compile("sgd", 5), ValueError, "got 5."),
    "loss-weights-text": (lambda model: model.compile("sgd", "mse", loss_weights="a"), ValueError, "to be numbers"),
    "keras-loss": (
        lambda model: model.compile("sgd", "ctc"),
        NotImplementedError,
        "loss 'ctc' exists in Keras and not yet in denselite.",
    ),
    "keras-layer": (
        lambda model: denselite.layers.LSTM(3),
        ImportError,
        "denselite.layers.LSTM exists in Keras and not yet in denselite.",
    ),
    "fit-keyword": (
        lambda model: model.fit(X, Y, epoch=3),
        ValueError,
        "fit() does not take an argument 'epoch'. Did you mean 'epochs'?",
    ),
    "predict-keyword": (
        lambda model: model.predict(X, zzz=1),
        ValueError,
        "predict() does not take an argument 'zzz'. Its arguments are: x, batch_size, verbose, steps, callbacks.",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_mistake_is_one_clear_error_and_changes_nothing(case: str) -> None:
    call, kind, message = BAD[case]
    model = make()
    optimizer, before = model.optimizer, model.get_weights()
    with pytest.raises(kind) as raised:
        call(model)
    assert message in str(raised.value)
    assert raised.value.__cause__ is None
    assert "\n" not in str(raised.value)
    assert model.optimizer is optimizer
    assert int(optimizer.iterations) == 0
    assert all(map(np.array_equal, before, model.get_weights()))
    assert model.fit(X, Y, validation_split=0.5, verbose=0).history["loss"] != []
    assert [type(metric).__name__ for metric in model.metrics] == ["Mean", "SparseCategoricalAccuracy"]


# The same for what is compiled otherwise.
COMPILED: dict[str, tuple[dict[str, Any], Call, str]] = {
    "no-loss": (
        {"loss": None, "metrics": None},
        fit(X, Y),
        "was compiled without a loss, so there is nothing to train for.",
    ),
    "loss-for-another-output": (
        {"loss": {"uot": "mse"}},
        fit(X, Y),
        "names the output 'uot', the model has out. Did you mean 'out'?",
    ),
    "loss-weights-too-many": (
        {"loss_weights": [1.0, 2.0]},
        fit(X, Y),
        "loss_weights has 2 entries for output 'out', loss has 1.",
    ),
    "mse-width": (
        {"loss": "mse"},
        fit(X, ONE_HOT[:, :2]),
        "expects targets of the predictions' shape (batch, 3), got (batch, 2).",
    ),
    "mse-nan": (
        {"loss": "mse"},
        fit(X, np.full((12, 3), np.nan)),
        f"{WHO} with mse expects finite numbers in y, got nan in row 0.",
    ),
    "classes-for-one-hot": (
        {"loss": "categorical_crossentropy"},
        fit(X, Y),
        "got (batch,). Use sparse_categorical_crossentropy for integer classes.",
    ),
    "loss-returns-nothing": (
        {"loss": lambda y_true, y_pred: None},
        fit(X, Y),
        "returned None. Return a value for each row.",
    ),
}


@pytest.mark.parametrize("case", COMPILED)
def test_what_compile_said_has_to_fit(case: str) -> None:
    arguments, call, message = COMPILED[case]
    model = make(**arguments)
    before = model.get_weights()
    with pytest.raises(ValueError) as raised:  # noqa: PT011  the message is looked at below
        call(model)
    assert message in str(raised.value)
    assert all(map(np.array_equal, before, model.get_weights()))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_uncompiled_model_says_what_to_call(method: str) -> None:
    model = Sequential([Input((8,)), layers.Dense(3)], name="net")
    with pytest.raises(ValueError, match=r"'net' is not compiled. You must call compile\(optimizer, loss\)"):
        getattr(model, method)(X, Y)


def test_failed_compile_keeps_what_was_compiled() -> None:
    model = make()
    with pytest.raises(ValueError, match="Unknown loss"):
        model.compile("sgd", "mes")
    assert model.optimizer.name == "adam"
    assert model.loss == "sparse_categorical_crossentropy"


def test_array_in_place_of_an_input_is_named_in_short() -> None:
    with pytest.raises(
        ValueError, match=r"inputs are what Input\(\) or a layer returned, got a ndarray of shape \(12, 8\)\.$"
    ):
        Model(X, X)
