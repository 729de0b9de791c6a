"""What a part is given is either taken, and the part works, or refused by one of the library's own errors."""

from __future__ import annotations

from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from denselite import initializers, layers, ops, optimizers, regularizers
from denselite.errors import DenseliteError
from denselite.ops.op import OPS
from denselite.tensor.variable import Variable

FAMILIES = {"layer": layers.layers, "optimizer": optimizers.optimizers, "initializer": initializers.initializers,
            "regularizer": regularizers.regularizers}  # fmt: skip
PARTS = sorted(
    {(family, cls) for family, registry in FAMILIES.items() for cls in registry.members.values()},
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
}

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 5),
    st.floats(width=32),
    st.sampled_from(["", "relu", "zeros", "l2", "sgd", "channels_last", "mean", "float64", "int32", "object", "a/b"]),
    st.lists(st.integers(-2, 4), max_size=3),
    st.lists(st.integers(1, 4), max_size=3).map(tuple),
    st.just({}),
    st.just({"class_name": "Zeros", "config": {}}),
    st.sampled_from([1j, b"x", object(), int, np.float64(0.5), np.int8(2), np.array([1.0, 2.0]), np.array("x")]),
)


def use(family: str, part: Any) -> None:
    if family == "optimizer":
        w = Variable(np.ones(3, "float32"))
        part.apply([np.ones(3)], [w])
        part.get_config()
    elif family == "initializer":
        assert part((4, 4)).shape == (4, 4)
    elif family == "regularizer":
        assert np.ndim(part(np.ones((2, 2), "float32"))) == 0
    else:
        x = np.ones((2, 4), "float32")
        part.get_config()
        if type(part).__name__ not in ("InputLayer", "Operation"):
            part([x, x] if isinstance(part, layers.Add | layers.Concatenate) else x, training=True)


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
        subject = message.split()[0].rstrip(":")  # an operation is told by its own name
        known = hasattr(ops, subject) or subject in OPS
        assert message[0].isupper() or message.startswith(("denselite.", "'")) or known, message
        assert "Input should" not in message, message
        assert message.rstrip().endswith((".", "?", ")")), message
