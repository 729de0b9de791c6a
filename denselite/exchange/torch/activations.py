"""Activations as modules of torch: those that compute the same."""

from __future__ import annotations

from typing import Any

from denselite import activations
from denselite.errors import ArgumentError
from denselite.exchange.torch.modules import Module, Weight
from denselite.exchange.torch.rows import Rows
from denselite.layers import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax

__all__ = ["ACTIVATIONS", "activated"]

Made = tuple[list[Module], Rows]

_EACH = {  # of each entry by itself
    activations.celu: "CELU()",
    activations.elu: "ELU()",
    activations.gelu: "GELU()",
    activations.hard_shrink: "Hardshrink()",
    activations.hard_sigmoid: "Hardsigmoid()",
    activations.hard_silu: "Hardswish()",
    activations.hard_tanh: "Hardtanh()",
    activations.leaky_relu: "LeakyReLU(0.2)",
    activations.log_sigmoid: "LogSigmoid()",
    activations.mish: "Mish()",
    activations.relu: "ReLU()",
    activations.relu6: "ReLU6()",
    activations.selu: "SELU()",
    activations.sigmoid: "Sigmoid()",
    activations.silu: "SiLU()",
    activations.soft_shrink: "Softshrink()",
    activations.softplus: "Softplus()",
    activations.softsign: "Softsign()",
    activations.tanh: "Tanh()",
    activations.tanh_shrink: "Tanhshrink()",
}
_ALONG = {activations.softmax: "Softmax", activations.log_softmax: "LogSoftmax"}  # the last axis


def activated(function: Any, rows: Rows, who: str) -> Made:
    """Return the module that a layer's activation is, none if it is linear.

    Raises:
        ArgumentError: torch has none that computes the same.
    """
    if function is None or function is activations.linear:
        return [], rows
    if function in _ALONG:
        rows = rows.settled()
        return [Module(f"{_ALONG[function]}(dim={rows.dim(rows.last)})")], rows
    if function in _EACH:
        return [Module(_EACH[function])], rows
    name = getattr(function, "__name__", repr(function))
    raise ArgumentError(f"{who} has the activation {name}, of which torch has no module")


def _activation(layer: Any, rows: Rows, who: str) -> Made:
    made, rows = activated(layer.activation, rows, who)
    return made or [Module("Identity()")], rows


def _relu(layer: Any, rows: Rows, who: str) -> Made:
    bent = layer.negative_slope, layer.max_value, layer.threshold
    if bent == (0, None, 0):
        return [Module("ReLU()")], rows
    if bent == (0, 6, 0):
        return [Module("ReLU6()")], rows
    if bent[1:] == (None, 0):
        return [Module(f"LeakyReLU({layer.negative_slope})")], rows
    raise ArgumentError(f"{who} has a ceiling or a threshold that no module of torch has")


def _leaky_relu(layer: Any, rows: Rows, who: str) -> Made:
    return [Module(f"LeakyReLU({layer.negative_slope})")], rows


def _elu(layer: Any, rows: Rows, who: str) -> Made:
    return [Module(f"ELU({layer.alpha})")], rows


def _softmax(layer: Any, rows: Rows, who: str) -> Made:
    rank = len(rows.sizes) + 1
    if not isinstance(layer.axis, int) or not layer.axis % rank:
        raise ArgumentError(f"{who} sums along axis={layer.axis}, torch's Softmax along one axis that is not the batch")
    rows = rows.settled()
    return [Module(f"Softmax(dim={rows.dim(layer.axis % rank - 1)})")], rows


def _prelu(layer: Any, rows: Rows, who: str) -> Made:
    sizes = layer.alpha.shape
    varied = [axis for axis, size in enumerate(sizes) if size != 1]
    if len(varied) > 1:
        raise ArgumentError(f"{who} has slopes of shape {sizes}, torch's PReLU has one for each channel or one for all")
    if varied:
        rows = rows.with_channels(varied[0], who)
    weight = Weight(layer.alpha, range(len(sizes)), rows.columns if varied else None, (layer.alpha.size,))
    return [Module(f"PReLU({layer.alpha.size})", {"weight": weight})], rows


ACTIVATIONS: dict[type, Any] = {
    Activation: _activation,
    ELU: _elu,
    LeakyReLU: _leaky_relu,
    PReLU: _prelu,
    ReLU: _relu,
    Softmax: _softmax,
}
