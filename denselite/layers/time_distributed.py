"""``TimeDistributed``: one layer for every step of a sequence."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.errors import ShapeError
from denselite.layers.declaring import is_shape
from denselite.layers.single import Single, told_shape
from denselite.layers.wrapper import Wrapper

__all__ = ["TimeDistributed"]


class TimeDistributed(Single, Wrapper):
    """Apply a layer to every step of a sequence, with the same weights.

    The steps are rows to the layer inside: it sees ``batch * steps`` of them at once. Where its state
    follows from the rows of a batch (``BatchNormalization`` in training), or its activity is penalised, it sees one
    step after the other: a penalty is the sum of those of the steps.

    Args:
        layer: the layer for one step.

    Shapes:
        ``(batch, steps, ...)`` -> ``(batch, steps, ...)``, where ``...`` goes through the layer.

    Raises:
        ArgumentError: ``layer`` is no layer.
        ShapeError: the input has fewer than three axes, or the mask does not begin with batch and steps.

    Example:
        >>> import numpy as np
        >>> from denselite.layers import Flatten
        >>> TimeDistributed(Flatten())(np.ones((2, 5, 3, 4), "float32")).shape
        (2, 5, 12)
    """

    supports_masking = True

    def build(self, input_shape: Any) -> None:
        super().build(self._step_shape(input_shape))

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        self._step_shape(told_shape(inputs))
        batch, steps = inputs.shape[:2]
        takes_mask = mask is not None and "mask" in self.layer._call_arguments
        if mask is not None and tuple(mask.shape[:2]) != (batch, steps):
            raise ShapeError(
                f"{self._who} expects a mask that begins with the batch and the steps of the input "
                f"{told_shape(inputs)}, got one of shape {told_shape(mask)}."
            )
        if self._needs_single_steps(training):
            slices = [{"mask": mask[:, step]} if takes_mask else {} for step in range(steps)]
            return ops.stack([self.layer(inputs[:, step], **given) for step, given in enumerate(slices)], axis=1)
        given = {"mask": _joined(mask)} if takes_mask else {}
        outputs = self.layer(_joined(inputs), **given)
        return ops.reshape(outputs, (batch, steps, *outputs.shape[1:]))

    def _needs_single_steps(self, training: bool) -> bool:
        keeps_state = training and any(not weight._trainable for weight in self.layer.weights)
        return keeps_state or any(layer.activity_regularizer is not None for layer in self.layer._family)

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, *inner = self.layer.compute_output_shape(self._step_shape(input_shape))
        return (batch, input_shape[1], *inner)

    def _step_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        if not is_shape(input_shape) or len(input_shape) < 3:
            raise ShapeError(
                f"{self._who} expects an input of shape (batch, steps, ...) with three axes or more, got {input_shape}."
            )
        return (input_shape[0], *input_shape[2:])


def _joined(x: Any) -> Any:
    """Steps as rows: the first two axes as one."""
    return ops.reshape(x, (x.shape[0] * x.shape[1], *x.shape[2:]))
