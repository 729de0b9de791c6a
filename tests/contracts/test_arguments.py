"""What a part is given is either taken, and the part works, or refused by one of the library's own errors."""

from __future__ import annotations

from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from denselite import Input, Sequential, callbacks, constraints, initializers, layers, ops, optimizers, regularizers
from denselite.errors import DenseliteError
from denselite.losses.loss import losses
from denselite.metrics import MeanMetricWrapper
from denselite.metrics.metric import metrics
from denselite.ops.op import OPS
from denselite.optimizers.schedules import schedules
from denselite.tensor.variable import Variable

FAMILIES = {
    "callback": [callbacks.EarlyStopping, callbacks.ReduceLROnPlateau, callbacks.SwapEMAWeights,
                 callbacks.TerminateOnNaN],
    "constraint": constraints.constraints.members.values(),
    "initializer": initializers.initializers.members.values(),
    "layer": layers.layers.members.values(),
    "loss": losses.members.values(),
    "metric": metrics.members.values(),
    "optimizer": optimizers.optimizers.members.values(),
    "regularizer": regularizers.regularizers.members.values(),
    "schedule": schedules.members.values(),
}  # fmt: skip
PARTS = sorted(
    {
        (family, cls)
        for family, members in FAMILIES.items()
        for cls in members
        if hasattr(cls, "_fields") and cls is not MeanMetricWrapper  # a constructor of its own, around a function
    },
    key=lambda part: (part[0], part[1].__name__),
)
REQUIRED: dict[str, Any] = {
    "units": 2,
    "rate": 0.5,
    "activation": "relu",
    "target_shape": (4,),
    "scale": 2.0,
    "shape": (4,),
    "function": "relu",
    "input_dim": 3,
    "output_dim": 2,
    "filters": 2,
    "kernel_size": 1,
    "pool_size": 2,
    "num_bins": 3,
    "num_tokens": 3,
    "num_classes": 3,
    "target_class_ids": [0],
    "precision": 0.5,
    "recall": 0.5,
    "sensitivity": 0.5,
    "specificity": 0.5,
    "initial_learning_rate": 0.1,
    "decay_steps": 3,
    "decay_rate": 0.5,
    "first_decay_steps": 3,
    "boundaries": [2],
    "values": [0.1, 0.2],
}

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 5),
    st.integers(-(2**40), -4),
    st.floats(width=32),
    st.sampled_from([np.nan, np.inf, -np.inf, 1e308, -1e-300]),
    st.sampled_from(["", "relu", "zeros", "l2", "sgd", "channels_last", "mean", "float64", "int32", "object", "a/b"]),
    st.sampled_from(["Relu", "sum", "max", "auto", "macro", "same", "loss", "PR", "ROC", "true", "0.5"]),
    st.lists(st.integers(-2, 4), max_size=3),
    st.lists(st.integers(1, 4), max_size=3).map(tuple),
    st.lists(st.floats(width=32), max_size=3),
    st.just({}),
    st.just({"class_name": "Zeros", "config": {}}),
    st.sampled_from([1j, b"x", object(), int, np.float64(0.5), np.int8(2), np.array([1.0, 2.0]), np.array("x")]),
    st.sampled_from([{1}, range(2), [[1, 2], [3]], np.array([]), np.zeros((2, 2)), [None], ["a"], {"a": 1}, slice(2)]),
)
CLASSES = np.array([0, 1])
TARGETS, PREDICTIONS = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.25, 0.75], [0.5, 0.5]])


def use(family: str, part: Any) -> None:
    if family == "optimizer":
        w = Variable(np.ones(3, "float32"))
        part.apply([np.ones(3)], [w])
        part.get_config()
    elif family == "initializer":
        assert part((4, 4)).shape == (4, 4)
    elif family == "regularizer":
        assert np.ndim(part(np.ones((2, 2), "float32"))) == 0
    elif family == "constraint":
        assert np.shape(part(np.ones((2, 2), "float32"))) == (2, 2)
    elif family == "loss":
        sparse = "Sparse" in type(part).__name__ or "Generalized" in type(part).__name__
        assert np.isreal(part(CLASSES if sparse else TARGETS, PREDICTIONS)).all()
        part.get_config()
    elif family == "metric":
        use_metric(part)
    elif family == "schedule":
        assert np.ndim(part(3)) == 0
        part.get_config()
    elif family == "callback":
        model = Sequential([Input((2,)), layers.Dense(1)])
        model.compile(optimizers.SGD(0.1, use_ema=True), "mse")
        data = TARGETS.astype("float32"), TARGETS[:, :1]
        model.fit(*data, epochs=2, validation_data=data, callbacks=[part], verbose=0)
    else:
        x = np.ones((2, 4), "float32")
        part.get_config()
        if type(part).__name__ not in ("InputLayer", "Operation"):
            part([x, x] if isinstance(part, layers.Add | layers.Concatenate) else x, training=True)


def use_metric(part: Any) -> None:
    name = type(part).__name__
    sparse = name.startswith("Sparse") or name in ("IoU", "MeanIoU")
    if name in ("Mean", "Sum"):
        part.update_state(PREDICTIONS)
    else:
        part.update_state(CLASSES if sparse else TARGETS, CLASSES if name in ("IoU", "MeanIoU") else PREDICTIONS)
    part.result()
    part.get_config()


@pytest.mark.parametrize(("family", "cls"), PARTS, ids=lambda value: getattr(value, "__name__", value))
@hypothesis.given(data=st.data())
@hypothesis.settings(max_examples=60)
def test_any_argument_is_taken_or_refused_in_our_words(family: str, cls: Any, data: Any) -> None:
    arguments = {name: REQUIRED[name] for name in cls._fields if name in REQUIRED}
    names = [name for name in cls._fields if cls is not layers.Lambda or name != "function"]  # its errors are its own
    for name in data.draw(st.lists(st.sampled_from([*names, "nonsense"]), min_size=1, max_size=2, unique=True)):
        arguments[name] = data.draw(VALUES)
    try:
        with np.errstate(all="ignore"):
            use(family, cls(**arguments))
    except DenseliteError as error:
        message = str(error)
        subject = message.split()[0].rstrip(":")  # an operation and a loss function are told by their own names
        known = hasattr(ops, subject) or subject in OPS or subject in losses.members
        assert message[0].isupper() or message.startswith(("denselite.", "'")) or known or "dtype" in message, message
        assert "Input should" not in message, message
        assert message.rstrip().endswith((".", "?", ")")), message
