"""An ONNX graph while it is read: what its values are by now, and what they are called here.

A reader of an operator gets the scene, what the node reads, and the node's attributes by name; it returns what the node
makes:

    def _softsign(scene, x):
        return scene.call("softsign", x)

A value is a Keras tensor, an array that is known (then ``call`` computes at once), or an array of sizes that follow
from the batch (``sizes.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from denselite import tree
from denselite.errors import UncoveredError
from denselite.exchange.onnx.contents import Contents, Step
from denselite.exchange.onnx.names import Names
from denselite.exchange.onnx.sizes import SIZED, UNKNOWN, Size, are_sizes, as_sizes
from denselite.exchange.onnx.tensors import check_finite
from denselite.graph.dims import Affine
from denselite.graph.shapes import infer_specs
from denselite.layers.operation import Operation, find
from denselite.ops.op import Array
from denselite.registry import snake_case
from denselite.tensor.symbols import KerasTensor

__all__ = ["LARGEST", "Reader", "Scene", "inverse"]

LARGEST = 1 << 16  # elements of an array that is computed here, or that a call in the model's JSON holds
Reader = Callable[..., Any]  # (scene, *operands, **attributes) -> what the node makes, a tuple if that is several


def inverse(axes: Sequence[int]) -> tuple[int, ...]:
    """Return the order of axes that undoes another.

    Example:
        >>> inverse((0, 2, 3, 1))
        (0, 3, 1, 2)
    """
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


class Scene:
    """The values of a graph, and the layers that are made for them.

    Args:
        contents: what the file holds.
        fixed: the batch size in the file where it has one and the model shall have none, else 0.

    Attributes:
        opset: the version of the operators.
        names: what layers are called.
        values: what was made so far, by name; None for what is refused.
        inputs: the inputs of the model.
        step: the node that is read at present.
    """

    step: Step

    def __init__(self, contents: Contents, fixed: int) -> None:
        self.opset, self.fixed, self._allow_nonfinite = contents.opset, fixed, contents.allow_nonfinite
        self.names = Names(contents.name, contents.weights, contents.outputs)
        self.values: dict[str, Any] = dict(contents.weights)
        self.inputs: list[KerasTensor] = []
        self._names_of = {id(array): (name, array) for name, array in contents.weights.items()}
        self._absorbed: set[Step] = set()
        self._shared: dict[Any, Any] = {}
        self._turned: dict[int, tuple[KerasTensor, tuple[int, ...], KerasTensor]] = {}
        self._merged: dict[int, tuple[KerasTensor, KerasTensor]] = {}
        self._readers: dict[str, list[Step | None]] = {}
        for step in contents.steps:
            for name in step.reads:
                self._readers.setdefault(name, []).append(step)
        for name in contents.outputs:
            self._readers.setdefault(name, []).append(None)

    def name_of(self, array: Any) -> str:
        """Return what the file calls an array, or the one it is computed from; nothing for others."""
        return self._names_of.get(id(array), ("", None))[0]

    # Calls.

    def call(self, function: str, *args: Any, **options: Any) -> Any:
        """Call a function of ``denselite.ops``: compute it if all it reads is known, else record it in the model.

        Raises:
            UncoveredError: that would take much memory, or a large array in the model's JSON.
        """
        leaves, structure = tree.flatten((args, options))
        if any(map(are_sizes, leaves)):
            wide = function == "cast" and np.dtype(args[1]).kind != "i"
            if function in SIZED and not wide and not any(isinstance(leaf, KerasTensor) for leaf in leaves):
                return as_sizes(SIZED[function](*args, **options))
            leaves = [self.counted(leaf) if are_sizes(leaf) else leaf for leaf in leaves]
            args, options = tree.unflatten(structure, leaves)
        arrays = [leaf for leaf in leaves if isinstance(leaf, np.ndarray)]
        if not any(isinstance(leaf, KerasTensor) for leaf in leaves):
            found = _computed(find(function), leaves, structure, arrays)
            names = {self.name_of(array) for array in arrays} - {""}
            if len(names) == 1 and isinstance(found, np.ndarray):
                self._names_of[id(found)] = names.pop(), found
            return found
        large = next((array for array in arrays if array.size > LARGEST), None)
        if large is not None:
            raise UncoveredError(
                f"needs {self.name_of(large) or 'a constant'} of shape {large.shape} in the model's JSON, which takes "
                f"arrays of {LARGEST:,} numbers"
            )
        return Operation(function=function, name=self.names.of_node(self.step.name, function))(*args, **options)

    def layer(self, cls: Any, x: Any, weights: Sequence[Array] = (), owner: Any = None, **options: Any) -> Any:
        """Call a layer: one of these weights and options, which is made unless there is one already.

        Args:
            cls: its class.
            x: what it is called on.
            weights: its weights, in the layer's order.
            owner: the array of the file by which it is called.
            **options: its arguments.

        Raises:
            UncoveredError: it would be called on an array.
            FormatError: a weight is NaN or infinite, and nobody asked for such.
        """
        if not isinstance(x, KerasTensor):
            raise UncoveredError("is a layer of constants")
        for array in () if self._allow_nonfinite else weights:
            check_finite("a weight", array)
        views = [(array.__array_interface__["data"][0], array.shape, array.strides) for array in weights]
        key = (cls, *views, repr(sorted(options.items())))
        if weights and key in self._shared:
            return self._shared[key][0](x)
        dtype = (weights[0] if weights else x).dtype.name
        layer = cls(name=self._name_for(cls, owner, options), dtype=dtype, **options)
        if weights:
            layer.build_from_shape(x.shape)
            layer.set_weights(list(weights))
            self._shared[key] = layer, weights  # these are kept, so that no other has their place in memory
        return layer(x)

    def _name_for(self, cls: Any, owner: Any, options: dict[str, Any]) -> str:
        """Return a name for a layer: that of its weights' owner, else one for what it does at its place."""
        kind = snake_case(cls.__name__)
        if owner is None:
            return self.names.of_node(self.step.name, options.get("activation") or kind)
        name = self.names.owner(self.name_of(owner)) or self.names.place(self.step.name) or kind
        return self.names.unique(name, reserved=True)

    # Looking ahead.

    def only_reader(self, name: str) -> Step | None:
        """Return the node that reads a value, if it is one and the graph does not return the value itself."""
        readers = self._readers.get(name, [])
        return readers[0] if len(readers) == 1 else None

    def absorb(self, step: Step) -> None:
        """Let a node hand on what it reads: what it does, a layer before it does already."""
        self._absorbed.add(step)

    def is_left(self, step: Step) -> bool:
        """Whether a node has to be read: it was not absorbed."""
        return step not in self._absorbed

    def handed_on(self, step: Step) -> Any:
        """Return what an absorbed node hands on."""
        return next(value for value in map(self.values.get, step.reads) if isinstance(value, KerasTensor))

    # Orders of axes, and axes made one.

    def transpose(self, x: Any, axes: Sequence[int]) -> Any:
        """Return ``x`` with its axes in another order; what was turned forth and back is what it was."""
        if id(x) in self._turned:
            x, before, _ = self._turned[id(x)]
            axes = [before[axis] for axis in axes]
        if list(axes) == list(range(len(axes))):
            return x
        found = self.call("transpose", x, tuple(axes))
        if isinstance(found, KerasTensor):
            self._turned[id(found)] = x, tuple(axes), found
        return found

    def before_turning(self, x: Any, axes: Sequence[int]) -> Any:
        """Return what ``x`` is the transpose of, if its axes are in this order."""
        base, found, _ = self._turned.get(id(x), (None, (), None))
        return base if found == tuple(axes) else None

    def merge(self, x: KerasTensor) -> KerasTensor:
        """Return ``x`` as a matrix: all its axes but the last are one."""
        found: KerasTensor = self.call("reshape", x, (-1, x.shape[-1]))
        self._merged[id(found)] = x, found
        return found

    def before_merging(self, x: Any) -> Any:
        """Return what ``x`` is a matrix of, if ``merge`` made it."""
        return self._merged.get(id(x), (None,))[0]

    # Sizes.

    def sizes_of(self, x: Any) -> tuple[Any, ...]:
        """Return the shape of a value, with a ``Size`` for each that follows from the batch."""
        sizes = x.sizes if isinstance(x, KerasTensor) else x.shape
        return tuple(UNKNOWN if size is None else _as_size(size) for size in sizes)

    def static(self, what: str, value: Any) -> Array:
        """Return a value that has to be known beforehand.

        Raises:
            UncoveredError: it is not.
        """
        if isinstance(value, KerasTensor) or are_sizes(value):
            raise UncoveredError(f"needs {what} to be known, and it follows from the inputs")
        return np.asarray(value)

    def ints(self, what: str, value: Any) -> list[int]:
        """Return integers that have to be known beforehand."""
        return [int(entry) for entry in self.static(what, value).ravel()]

    def ones(self, size: Size, dtype: Any = np.int64) -> Any:
        """Return a vector of so many ones.

        Raises:
            UncoveredError: the size does not follow from the batch alone.
        """
        given = next((x for x in self.inputs if x.shape[0] is None and None not in x.shape[1:]), None)
        if given is None or not size.is_known or size.slope < 1:
            raise UncoveredError("needs a size that does not follow from the batch in a simple way")
        first = self.call("getitem", given, (slice(None), *(0,) * (len(given.shape) - 1)))
        found = self.call("ones_like", first, dtype=np.dtype(dtype).name)
        found = found if size.slope == 1 else self.call("tile", found, int(size.slope))
        if size.offset < 0:
            return self.call("getitem", found, slice(int(-size.offset), None))
        return self.call("pad", found, ((0, int(size.offset)),), constant_values=1) if size.offset else found

    def counted(self, sizes: Array) -> Any:
        """Return sizes as numbers that are computed from the batch at hand."""
        found = [
            self.call("sum", self.ones(entry)) if isinstance(entry, Size) else np.asarray(entry, np.int64)
            for entry in sizes.ravel()
        ]
        return found[0] if not sizes.shape else self.call("reshape", self.call("stack", found), sizes.shape)


def _as_size(size: Any) -> Any:
    return Size(size.slope, size.offset) if isinstance(size, Affine) else size


def _computed(function: Any, leaves: list[Any], structure: Any, arrays: Sequence[Array]) -> Any:
    """Compute what follows from arrays alone, if it is not much larger than they are."""
    places = [k for k, leaf in enumerate(leaves) if isinstance(leaf, np.ndarray)]

    def call(tensors: Sequence[Any]) -> Any:
        filled = list(leaves)
        for k, tensor in zip(places, tensors, strict=True):
            filled[k] = tensor
        args, options = tree.unflatten(structure, filled)
        return function(*args, **options)

    specs: Any = infer_specs(call, [(array.shape, array.dtype) for array in arrays])[0]
    if sum(prod(shape) for shape, _ in specs) > max(LARGEST, sum(array.size for array in arrays)):
        raise UncoveredError(f"makes a constant of shape {specs[0][0]}, and {LARGEST:,} numbers are made at most")
    with np.errstate(all="ignore"):
        found, nesting = tree.flatten(call(arrays))
    return tree.unflatten(nesting, [np.asarray(array) for array in found])
