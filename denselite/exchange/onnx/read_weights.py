"""Reading ONNX: what has weights becomes layers, so that training can go on: dense, embeddings, normalizations."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.errors import UncoveredError
from denselite.exchange.onnx.contents import Step
from denselite.exchange.onnx.read_elementwise import ACTIVATIONS
from denselite.exchange.onnx.scene import Reader, Scene
from denselite.layers import BatchNormalization, Dense, Embedding, GroupNormalization, LayerNormalization, PReLU
from denselite.ops.op import Array
from denselite.tensor.dtypes import is_float
from denselite.tensor.symbols import KerasTensor

__all__ = ["READERS", "absorb_activation", "absorb_bias", "is_weight"]


def is_weight(value: Any, rank: int) -> bool:
    """Say whether a value is an array of numbers that can be trained."""
    return isinstance(value, np.ndarray) and is_float(value.dtype) and value.ndim == rank and value.size > 0


def absorb_bias(scene: Scene, step: Step, units: int) -> tuple[Array | None, Step]:
    """Return the vector that is added to what a node makes, if that is all that becomes of it, and the last node."""
    after = scene.only_reader(step.makes[0])
    if after is None or after.kind != "Add":
        return None, step
    bias = next((value for value in map(scene.values.get, after.reads) if is_weight(value, 1)), None)
    if bias is None or bias.shape != (units,):
        return None, step
    scene.absorb(after)
    return bias, after


def absorb_activation(scene: Scene, step: Step, rank: int) -> str | None:
    """Return the activation that a node's result, of so many axes, goes through, if that is all that becomes of it."""
    after = scene.only_reader(step.makes[0])
    if after is None:
        return None
    along_last = after.kind == "Softmax" and scene.opset >= 13 and after.attributes.get("axis", -1) in (-1, rank - 1)
    name = "softmax" if along_last else ACTIVATIONS.get(after.kind)
    if name is not None:
        scene.absorb(after)
    return name


def _dense(scene: Scene, x: KerasTensor, kernel: Array, bias: Array | None, owner: Any) -> Any:
    """A dense layer, with the bias and the activation that follow. Of rows of one matrix it sees what they were."""
    base = scene.before_merging(x)
    units, seen, last = kernel.shape[1], x, scene.step
    if bias is None:
        bias, last = absorb_bias(scene, last, units)
    if bias is None and base is not None:
        bias, last = absorb_bias(scene, _behind_splitting(scene, units), units)
        seen = base
    weights = [kernel] if bias is None else [kernel, bias]
    options = {"units": units, "use_bias": bias is not None}
    activation = absorb_activation(scene, last, len(seen.shape))
    if base is None:
        return scene.layer(Dense, x, weights, owner, **options, activation=activation)
    return scene.merge(scene.layer(Dense, base, weights, owner, **options, activation=activation))


def _behind_splitting(scene: Scene, units: int) -> Step:
    """Return the node that makes of the rows of a matrix what they were, if that is all that becomes of them."""
    after = scene.only_reader(scene.step.makes[0])
    shape = None if after is None or after.kind != "Reshape" else scene.values.get(after.reads[1])
    return after if after is not None and isinstance(shape, np.ndarray) and shape[-1:] == [units] else scene.step


def _matmul(scene: Scene, a: Any, b: Any) -> Any:
    if isinstance(a, KerasTensor) and is_weight(b, 2) and len(a.shape) > 1:
        return _dense(scene, a, b, None, b)
    return scene.call("matmul", a, b)


def _gemm(
    scene: Scene, a: Any, b: Any, c: Any = None, *,
    alpha: float = 1.0, beta: float = 1.0, transA: int = 0, transB: int = 0,  # noqa: N803  # ONNX' names
) -> Any:  # fmt: skip
    """``alpha·A @ B + beta·C``."""
    x = scene.transpose(a, (1, 0)) if transA else a
    kernel = scene.transpose(b, (1, 0)) if transB else b
    if isinstance(x, KerasTensor) and is_weight(kernel, 2):
        kernel = kernel if alpha == 1 else kernel * kernel.dtype.type(alpha)
        row = None if c is None else _row(c, kernel.shape[1])
        if c is None or row is not None:
            return _dense(scene, x, kernel, row if row is None or beta == 1 else row * row.dtype.type(beta), b)
    found = scene.call("matmul", x, kernel)
    found = found if alpha == 1 else scene.call("multiply", found, np.asarray(alpha, a.dtype))
    if c is None:
        return found
    return scene.call("add", found, c if beta == 1 else scene.call("multiply", c, np.asarray(beta, a.dtype)))


def _row(c: Any, units: int) -> Array | None:
    """Return what is added to every row alike as a vector."""
    if not isinstance(c, np.ndarray) or c.size not in (1, units) or c.size != (c.shape or (1,))[-1]:
        return None
    return c.reshape(-1) if c.size == units else np.full(units, c.reshape(()))


def _gather(scene: Scene, x: Any, indices: Any, *, axis: int = 0) -> Any:
    if isinstance(indices, KerasTensor) and is_weight(x, 2) and not axis:
        return scene.layer(Embedding, indices, [x], x, input_dim=x.shape[0], output_dim=x.shape[1])
    return scene.call("take", x, indices, axis=axis)


def _vectors(names: str, *values: Any) -> list[Array]:
    if not all(is_weight(value, 1) for value in values):
        raise UncoveredError(f"needs {names} to be vectors in the file")
    return list(values)


def _batch_normalization(
    scene: Scene, x: Any, scale: Any, bias: Any, mean: Any, variance: Any, *,
    epsilon: float = 1e-5, momentum: float = 0.9, training_mode: int = 0, spatial: int = 1,
) -> Any:  # fmt: skip
    if training_mode or not spatial:
        raise UncoveredError("computes with the statistics of its batch")
    weights = _vectors("scale, bias, mean and variance", scale, bias, mean, variance)
    first = (0, len(x.shape) - 1, *range(1, len(x.shape) - 1))
    base = scene.before_turning(x, first)
    options = {"epsilon": epsilon, "momentum": momentum}
    if base is None:
        return scene.layer(BatchNormalization, x, weights, scale, axis=1 if len(x.shape) > 2 else -1, **options)
    return scene.transpose(scene.layer(BatchNormalization, base, weights, scale, axis=-1, **options), first)


def _layer_normalization(
    scene: Scene, x: Any, scale: Any, bias: Any = None, *, axis: int = -1, epsilon: float = 1e-5, stash_type: int = 1
) -> Any:
    rank = len(x.shape)
    axes = list(range(axis % rank, rank))
    sizes = tuple(x.shape[k] for k in axes)
    weights = [scale] if bias is None else [scale, bias]
    if 0 in axes or not all(isinstance(w, np.ndarray) and w.shape == sizes for w in weights):
        raise UncoveredError("needs scale and bias in the file, of the sizes of the axes behind the batch")
    place = axes[0] if len(axes) == 1 else axes
    return scene.layer(LayerNormalization, x, weights, scale, axis=place, epsilon=epsilon, center=bias is not None)


def _group_normalization(
    scene: Scene, x: Any, scale: Any, bias: Any, *, num_groups: int, epsilon: float = 1e-5, stash_type: int = 1
) -> Any:
    weights = _vectors("scale and bias", scale, bias)
    if scene.opset < 21:
        raise UncoveredError("had a scale for each group before operator set 21, which no layer here has")
    return scene.layer(GroupNormalization, x, weights, scale, groups=num_groups, axis=1, epsilon=epsilon)


def _instance_normalization(scene: Scene, x: Any, scale: Any, bias: Any, *, epsilon: float = 1e-5) -> Any:
    weights = _vectors("scale and bias", scale, bias)
    return scene.layer(GroupNormalization, x, weights, scale, groups=x.shape[1], axis=1, epsilon=epsilon)


def _prelu(scene: Scene, x: Any, slope: Any) -> Any:
    row = x.shape[1:]
    if isinstance(x, KerasTensor) and isinstance(slope, np.ndarray) and slope.size and slope.ndim <= len(row) + 1:
        shape = (1,) * (len(row) + 1 - slope.ndim) + slope.shape
        shared = [axis for axis, size in enumerate(shape) if axis and size == 1]
        if shape[0] == 1 and all(size in (1, known) for size, known in zip(shape[1:], row, strict=True)):
            return scene.layer(PReLU, x, [slope.reshape(shape[1:])], slope, shared_axes=shared or None)
    below = scene.call("multiply", slope, scene.call("minimum", x, np.zeros((), x.dtype)))
    return scene.call("add", scene.call("relu", x), below)


READERS: dict[str, Reader] = {
    "BatchNormalization": _batch_normalization,
    "Gather": _gather,
    "Gemm": _gemm,
    "GroupNormalization": _group_normalization,
    "InstanceNormalization": _instance_normalization,
    "LayerNormalization": _layer_normalization,
    "MatMul": _matmul,
    "PRelu": _prelu,
}
