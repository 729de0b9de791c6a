"""``SpectralNormalization``: a layer whose kernel is divided by its largest singular value in training."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import config, initializers, ops
from denselite.declared import PositiveInt
from denselite.errors import ArgumentError
from denselite.layers.single import Single
from denselite.layers.wrapper import Wrapper
from denselite.tensor.context import current_trace
from denselite.tensor.variable import Variable

__all__ = ["SpectralNormalization"]


class SpectralNormalization(Single, Wrapper):
    """In training, run a layer with ``kernel / σ``, where ``σ`` is about the kernel's largest singular value.

    ``σ = v · kernel · uᵀ`` after ``power_iterations`` turns of ``v ∝ u · kernelᵀ``, ``u ∝ v · kernel``; ``u`` is
    kept from step to step, the gradient takes both for constants. As in Keras on JAX, a regularizer of the kernel sees
    ``kernel / σ``, ``fit`` updates the kernel itself, and a training call on arrays leaves ``kernel / σ`` in its place.

    Args:
        layer: a layer with a ``kernel`` (or ``embeddings``).
        power_iterations: turns a step, at least 1.

    Shapes:
        those of ``layer``; ``u``: ``(1, last size of the kernel)``.

    Raises:
        ArgumentError: ``layer`` is no layer, or ``power_iterations`` is no integer above 0; (when built) the layer
            has neither a ``kernel`` nor ``embeddings``.

    Source: Miyato et al., 2018.

    Example:
        >>> from denselite.layers import Dense
        >>> layer = SpectralNormalization(Dense(1, kernel_initializer="ones"))
        >>> layer(np.array([[1.0, 1.0, 1.0, 1.0]], "float32"), training=True).tolist()
        [[2.0]]
    """

    power_iterations: PositiveInt = 1

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        found = getattr(self.layer, "kernel", getattr(self.layer, "embeddings", None))
        if not isinstance(found, Variable):
            raise ArgumentError(
                f"{self._who} normalizes the kernel or the embeddings of a layer; "
                f"{type(self.layer).__name__} {self.layer.name!r} has neither."
            )
        self.kernel = found
        self.vector_u = self.add_weight(
            (1, found.shape[-1]), initializers.TruncatedNormal(stddev=0.02), found.dtype, False, name="vector_u"
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return self.layer(inputs)
        normalized, vector_u = self._normalized(self.kernel.value)
        self.vector_u.assign(vector_u)
        trace = current_trace()
        if trace is None:
            self.kernel.assign(normalized)
        else:
            trace.lend(self.kernel, normalized)
        return self.layer(inputs)

    def _normalized(self, kernel: Any) -> tuple[Any, Any]:
        """Return the kernel divided by ``σ``, and the next ``u``; a kernel of zeros leaves both as they are."""
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        u = self.vector_u.value
        for _ in range(self.power_iterations):
            v = _unit(u @ matrix.T)
            u = _unit(v @ matrix)
        u, v = ops.stop_gradient(u), ops.stop_gradient(v)
        alive = ops.any(ops.not_equal(kernel, 0.0))
        sigma = ops.where(alive, ops.reshape(v @ matrix @ u.T, ()), 1.0)
        return kernel / sigma, ops.where(alive, u, self.vector_u.value)


def _unit(x: Any) -> Any:
    return x / np.sqrt(np.maximum(np.sum(np.square(x)), config.epsilon() ** 2))
