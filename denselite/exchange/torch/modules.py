"""The modules that a model is in torch: what a line of ``nn.Sequential`` says of each, and where its tensors come from.

    Conv2D(8, 3, activation="relu")   →   Conv2d(1, 8, (3, 3)), ReLU()
    Flatten()                         →   Flatten()
    Dense(10)                         →   Linear(5408, 10)

Torch is not imported: a module is its text and its tensors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from denselite.ops.op import Array
from denselite.tensor.variable import Variable

__all__ = ["Fixed", "Module", "Weight", "tensors_of"]


class Weight(NamedTuple):
    """A tensor that is a weight with its entries in other places.

    Attributes:
        variable: the weight.
        axes: its axes in torch's order.
        columns: the entries of its first axis in torch's order; None where it is the same.
        shape: torch's shape, if it is another than that of the axes in this order.
    """

    variable: Variable
    axes: Sequence[int]
    columns: Array | None = None
    shape: tuple[int, ...] | None = None

    def value(self) -> Array:
        """Return torch's tensor, an array of its own."""
        array = self.variable.storage if self.columns is None else self.variable.storage[self.columns]
        return np.array(array.transpose(self.axes).reshape(self.torch_shape), order="C")

    def restored(self, tensor: Array) -> Array:
        """Return the weight that has this tensor in torch."""
        array = tensor.reshape([self.variable.shape[axis] for axis in self.axes]).transpose(np.argsort(self.axes))
        return array if self.columns is None else array[np.argsort(self.columns)]

    @property
    def torch_shape(self) -> tuple[int, ...]:
        """The shape of torch's tensor."""
        return self.shape or tuple(self.variable.shape[axis] for axis in self.axes)


class Fixed(NamedTuple):
    """A tensor that torch has and the layer has not.

    Attributes:
        array: its value.
        counts: whether another value would change what the model computes.
    """

    array: Array
    counts: bool = True


class Module(NamedTuple):
    """A module of torch.

    Attributes:
        text: its class in ``torch.nn`` and its arguments; empty for an ``nn.Sequential`` of the modules inside.
        tensors: its tensors by name.
        inside: the modules of an ``nn.Sequential``.
    """

    text: str
    tensors: dict[str, Weight | Fixed] = {}  # noqa: RUF012  # nobody adds to it
    inside: tuple[Any, ...] = ()


def tensors_of(modules: Sequence[Module], prefix: str = "") -> Iterator[tuple[str, Weight | Fixed]]:
    """Yield the tensors of modules by their names in a state dict: ``0.weight``, ``2.0.bias``."""
    for index, module in enumerate(modules):
        yield from ((f"{prefix}{index}.{name}", tensor) for name, tensor in module.tensors.items())
        yield from tensors_of(module.inside, f"{prefix}{index}.")
