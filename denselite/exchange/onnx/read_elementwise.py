"""Reading ONNX: arithmetic, functions, comparisons, choices: what is done to each entry by itself."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from denselite.errors import UncoveredError
from denselite.exchange.onnx.scene import Reader, Scene
from denselite.exchange.onnx.sizes import are_sizes
from denselite.exchange.onnx.tensors import dtype_of
from denselite.layers import ELU, Activation, Dropout, LeakyReLU
from denselite.tensor.dtypes import is_float
from denselite.tensor.symbols import KerasTensor

__all__ = ["ACTIVATIONS", "READERS"]

# Operators that are an activation function of the same numbers.
ACTIVATIONS = {
    "HardSwish": "hard_silu",
    "Mish": "mish",
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Tanh": "tanh",
}


def _function(name: str) -> Reader:
    return lambda scene, *xs: scene.call(name, *xs)


def _activation(name: str) -> Reader:
    return lambda scene, x: activated(scene, x, name)


def activated(scene: Scene, x: Any, name: str) -> Any:
    """Return an activation of a value: by a layer in a model of floats, computed for a constant."""
    if isinstance(x, KerasTensor) and is_float(x.dtype):
        return scene.layer(Activation, x, activation=name)
    if name == "mish":
        return scene.call("multiply", x, scene.call("tanh", scene.call("softplus", x)))
    return scene.call(name, x)


def _joined(name: str) -> Reader:
    """What takes two operands, of as many as there are."""
    return lambda scene, *xs: reduce(lambda a, b: scene.call(name, a, b), xs)


def _number(value: float, like: Any) -> Any:
    return np.asarray(value, like.dtype)


def _divide(scene: Scene, a: Any, b: Any) -> Any:
    """Integers are cut off towards 0."""
    if is_float(a.dtype):
        return scene.call("divide", a, b)
    if are_sizes(a) or are_sizes(b):
        return scene.call("floor_divide", a, b)
    whole = scene.call("floor_divide", scene.call("absolute", a), scene.call("absolute", b))
    return scene.call("multiply", whole, scene.call("multiply", scene.call("sign", a), scene.call("sign", b)))


def _mod(scene: Scene, a: Any, b: Any, *, fmod: int = 0) -> Any:
    return scene.call("fmod" if fmod else "remainder", a, b)


def _power(scene: Scene, a: Any, b: Any) -> Any:
    return scene.call("cast", scene.call("power", a, b), a.dtype.name)


def _mean(scene: Scene, *xs: Any) -> Any:
    return scene.call("divide", _joined("add")(scene, *xs), _number(len(xs), xs[0]))


def _clip(scene: Scene, x: Any, min: Any = None, max: Any = None) -> Any:
    x = x if min is None else scene.call("maximum", x, _bound(x, min))
    return x if max is None else scene.call("minimum", x, _bound(x, max))


def _bound(x: Any, value: Any) -> Any:
    return _number(value, x) if isinstance(value, float) else value


def _cast(scene: Scene, x: Any, *, to: int, saturate: int = 1, round_mode: str = "up") -> Any:
    dtype = dtype_of(to)
    return x if x.dtype == dtype else scene.call("cast", x, dtype.name)


def _cast_like(scene: Scene, x: Any, like: Any, *, saturate: int = 1, round_mode: str = "up") -> Any:
    return scene.call("cast", x, like.dtype.name)


def _identity(scene: Scene, x: Any) -> Any:
    return x


def _dropout(
    scene: Scene, x: Any, given: Any = None, training_mode: Any = None, *, ratio: float = 0.5, seed: int = 0
) -> Any:
    rate = ratio if given is None else float(scene.static("the ratio", given))
    return scene.layer(Dropout, x, rate=rate) if isinstance(x, KerasTensor) and 0 < rate < 1 else x


def _elu(scene: Scene, x: Any, *, alpha: float = 1.0) -> Any:
    return scene.layer(ELU, x, alpha=alpha) if isinstance(x, KerasTensor) else scene.call("elu", x, alpha)


def _leaky_relu(scene: Scene, x: Any, *, alpha: float = 0.01) -> Any:
    if isinstance(x, KerasTensor):
        return scene.layer(LeakyReLU, x, negative_slope=alpha)
    return scene.call("leaky_relu", x, alpha)


_SELU = {"alpha": 1.67326319217681884765625, "gamma": 1.05070102214813232421875}  # of the standard


def _selu(scene: Scene, x: Any, *, alpha: float = _SELU["alpha"], gamma: float = _SELU["gamma"]) -> Any:
    if np.allclose((alpha, gamma), tuple(_SELU.values()), rtol=1e-6):
        return activated(scene, x, "selu")
    return scene.call("multiply", scene.call("elu", x, alpha), _number(gamma, x))


def _celu(scene: Scene, x: Any, *, alpha: float = 1.0) -> Any:
    return scene.call("celu", x, alpha)


def _gelu(scene: Scene, x: Any, *, approximate: str = "none") -> Any:
    return scene.call("gelu", x, approximate == "tanh")


def _hard_sigmoid(scene: Scene, x: Any, *, alpha: float = 0.2, beta: float = 0.5) -> Any:
    line = scene.call("add", scene.call("multiply", x, _number(alpha, x)), _number(beta, x))
    return scene.call("clip", line, 0.0, 1.0)


def _thresholded_relu(scene: Scene, x: Any, *, alpha: float = 1.0) -> Any:
    return scene.call("where", scene.call("greater", x, _number(alpha, x)), x, _number(0, x))


def _shrink(scene: Scene, x: Any, *, bias: float = 0.0, lambd: float = 0.5) -> Any:
    near = scene.call("less_equal", scene.call("absolute", x), _number(lambd, x))
    moved = scene.call("subtract", x, scene.call("multiply", scene.call("sign", x), _number(bias, x)))
    return scene.call("where", near, _number(0, x), moved)


def _is_infinite(scene: Scene, x: Any, *, detect_negative: int = 1, detect_positive: int = 1) -> Any:
    if not (detect_negative and detect_positive):
        raise UncoveredError("asks for infinities of one sign")
    return scene.call("isinf", x)


def _softmax(name: str) -> Reader:
    def reader(scene: Scene, x: Any, *, axis: int | None = None) -> Any:
        """Before operator set 13 all axes from ``axis`` on are one."""
        rank = len(x.shape)
        axis = (-1 if scene.opset >= 13 else 1) if axis is None else axis
        if scene.opset >= 13 or axis % rank == rank - 1:
            is_last = axis % rank == rank - 1
            if is_last and isinstance(x, KerasTensor):
                return activated(scene, x, name)
            return scene.call(name, x, axis=axis)
        row = x.shape[axis:]
        if None in row or x.shape[1:axis].count(None):
            raise UncoveredError("is over several axes of which one is open")
        flat = scene.call("reshape", x, (-1, int(np.prod(row))))
        return scene.call("reshape", scene.call(name, flat), (-1, *x.shape[1:]))

    return reader


READERS: dict[str, Reader] = {
    "Abs": _function("absolute"),
    "Acos": _function("arccos"),
    "Acosh": _function("arccosh"),
    "Add": _function("add"),
    "And": _function("logical_and"),
    "Asin": _function("arcsin"),
    "Asinh": _function("arcsinh"),
    "Atan": _function("arctan"),
    "Atanh": _function("arctanh"),
    "Cast": _cast,
    "CastLike": _cast_like,
    "Ceil": _function("ceil"),
    "Celu": _celu,
    "Clip": _clip,
    "Cos": _function("cos"),
    "Cosh": _function("cosh"),
    "Div": _divide,
    "Dropout": _dropout,
    "Elu": _elu,
    "Equal": _function("equal"),
    "Erf": _function("erf"),
    "Exp": _function("exp"),
    "Floor": _function("floor"),
    "Gelu": _gelu,
    "Greater": _function("greater"),
    "GreaterOrEqual": _function("greater_equal"),
    "HardSigmoid": _hard_sigmoid,
    "Identity": _identity,
    "IsInf": _is_infinite,
    "IsNaN": _function("isnan"),
    "LeakyRelu": _leaky_relu,
    "Less": _function("less"),
    "LessOrEqual": _function("less_equal"),
    "Log": _function("log"),
    "LogSoftmax": _softmax("log_softmax"),
    "Max": _joined("maximum"),
    "Mean": _mean,
    "Min": _joined("minimum"),
    "Mod": _mod,
    "Mul": _function("multiply"),
    "Neg": _function("negative"),
    "Not": _function("logical_not"),
    "Or": _function("logical_or"),
    "Pow": _power,
    "Reciprocal": _function("reciprocal"),
    "Round": _function("rint"),
    "Selu": _selu,
    "Shrink": _shrink,
    "Sign": _function("sign"),
    "Sin": _function("sin"),
    "Sinh": _function("sinh"),
    "Softmax": _softmax("softmax"),
    "Sqrt": _function("sqrt"),
    "Sub": _function("subtract"),
    "Sum": _joined("add"),
    "Tan": _function("tan"),
    "ThresholdedRelu": _thresholded_relu,
    "Where": _function("where"),
    "Xor": _function("logical_xor"),
    **{kind: _activation(name) for kind, name in ACTIVATIONS.items()},
}
