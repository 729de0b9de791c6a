"""``Judged``: what a layer adds to the loss beside its output, and the metrics it keeps."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import tree
from denselite.errors import ArgumentError
from denselite.layers.weighted import Weighted
from denselite.metrics import Metric
from denselite.tensor.context import current_scope, current_trace
from denselite.tensor.symbols import Tensor

__all__ = ["Judged"]


class Judged(Weighted):
    """The part of a layer that is about losses and metrics of its own."""

    def add_loss(self, loss: Any) -> None:
        """Add a number to the loss that a model is trained for; call it in ``call``, with what follows from the inputs.

        Args:
            loss: a tensor or array without axes, or several of them in a list.

        Raises:
            ArgumentError: it is something else.
        """
        added = tree.flatten(loss)[0]
        for value in added:
            if not isinstance(value, Tensor | np.ndarray | np.generic) or np.ndim(value):
                raise ArgumentError(
                    f"{type(self).__name__} {self.name!r}: add_loss() takes a number that follows from the inputs, "
                    f"got {value!r:.80}."
                )
        self._added_losses.extend(added)

    def _clear_losses(self) -> None:
        """Forget what was added, if a call begins here and not inside another layer; calls inside add up, as in Keras.

        In a step the calls that begin are those that the model itself makes.
        """
        trace, outer = current_trace(), current_scope()
        if trace is None and not outer:
            for layer in self._family:
                layer.__dict__.pop("_eager_losses", None)
        elif trace is not None and trace.losses and "/" not in outer:
            for layer in self._family:
                trace.losses.pop(id(layer), None)

    @property
    def _added_losses(self) -> list[Any]:
        """What was added: in the trace under way, or outside of any."""
        trace = current_trace()
        if trace is not None:
            return trace.losses.setdefault(id(self), [])
        held: list[Any] = self.__dict__.setdefault("_eager_losses", [])
        return held

    @property
    def losses(self) -> list[Any]:
        """What is added to the loss: by the last call of this layer and those inside, and by regularizers."""
        added = [loss for layer in self._family for loss in layer._added_losses]
        return added + [v.regularizer(v.value) for v in self.trainable_weights if v.regularizer is not None]

    @property
    def _family(self) -> list[Any]:
        """This layer and all layers inside it, each once."""
        met: dict[int, Any] = {}
        waiting: list[Any] = [self]
        while waiting:
            layer = waiting.pop(0)
            if id(layer) not in met:
                met[id(layer)] = layer
                waiting += layer._sublayers
        return list(met.values())

    @property
    def metrics(self) -> list[Metric]:
        """The metrics that are attributes of this layer and of those inside."""
        own = [value for value in vars(self).values() if isinstance(value, Metric)]
        return own + [metric for layer in self._sublayers for metric in layer.metrics]

    @property
    def metrics_variables(self) -> list[Any]:
        """The variables of the metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]
