"""Calling a layer on Keras tensors: what it would return, and the node that remembers the call."""

from __future__ import annotations

from typing import Any

from denselite import tree
from denselite.errors import NoValueError, StateError
from denselite.graph.shapes import infer_sizes, infer_specs, opened
from denselite.layers.built import Built
from denselite.tensor.dtypes import is_integer, standardize_dtype
from denselite.tensor.masks import get_mask, set_mask
from denselite.tensor.symbols import KerasTensor, Node, Tensor, symbols_of

__all__ = ["Declaring", "declare", "is_shape"]


class Declaring(Built):
    """The part of a layer that is about Keras tensors."""

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return what a call on these Keras tensors would return, as Keras tensors; it is no call."""
        return _spec(self, args, kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output for an input shape, ``None`` where a size is unknown.

        Args:
            input_shape: a tuple, or a list of tuples for several inputs.

        Example:
            >>> from denselite.layers import Flatten
            >>> Flatten().compute_output_shape((None, 2, 3))
            (None, 6)
        """
        return _shape(self, input_shape)

    @property
    def input(self) -> Any:
        """The Keras tensors that the layer's first call read: one, or a list of several; an input has an empty list.

        Raises:
            StateError: the layer was not called on Keras tensors.
        """
        symbols = symbols_of(self._first_node)
        return symbols[0] if len(symbols) == 1 else symbols

    @property
    def output(self) -> Any:
        """The Keras tensors that the layer's first call returned.

        Raises:
            StateError: the layer was not called on Keras tensors.
        """
        node = self._first_node
        return tree.unflatten(node.structure, node.outputs)

    @property
    def _first_node(self) -> Node:
        if not self._nodes:
            raise StateError(f"{type(self).__name__} {self.name!r} has no output yet: it was not called on an Input.")
        return self._nodes[0]


def is_shape(value: Any) -> bool:
    """Say whether a value is one shape: a tuple or list of sizes, of which None stands for an unknown one."""
    return isinstance(value, list | tuple) and all(size is None or is_integer(size) for size in value)


def declare(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Record a node: what ``layer`` returns for these Keras tensors."""
    made = _spec(layer, args, kwargs)
    outputs, structure = tree.flatten(made)
    for k, output in enumerate(outputs):
        output.history = (layer, len(layer._nodes), k)
    layer._nodes.append(Node(layer, args, kwargs, outputs, structure))
    return made


def _spec(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return what ``layer`` would return for these Keras tensors, as Keras tensors that no call makes."""
    if args and not layer.built:
        leaves, structure = tree.flatten(args[0])
        layer.build_from_shape(tree.unflatten(structure, [getattr(leaf, "shape", None) for leaf in leaves]))
    leaves, structure = tree.flatten((args, kwargs))
    places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, KerasTensor)]
    masked = [i for i in places if leaves[i].mask is not None]

    def call(tensors: list[Tensor]) -> Any:
        filled = list(leaves)
        for i, tensor in zip(places, tensors, strict=False):
            filled[i] = tensor
        for i, mask in zip(masked, tensors[len(places) :], strict=True):
            set_mask(filled[i], mask)
        traced_args, traced_kwargs = tree.unflatten(structure, filled)
        outputs = layer(*traced_args, **traced_kwargs)
        return outputs, [get_mask(output) for output in tree.flatten(outputs)[0]]

    wanted = [*(leaves[i] for i in places), *(leaves[i].mask for i in masked)]
    given = [(symbol.sizes, symbol.dtype) for symbol in wanted]
    try:
        specs, nesting = infer_sizes(call, given)
    except NoValueError:  # it is for models that run eagerly
        if type(layer).compute_output_shape is not Declaring.compute_output_shape:
            return _told(layer, args)
        specs, nesting = infer_sizes(call, given, eager=True)
    nested, masks = nesting.children
    outputs = [
        KerasTensor(opened(sizes), dtype, f"{layer.name}_output_{k}" if k else str(layer.name), sizes=sizes)
        for k, (sizes, dtype) in enumerate(specs[: nested.num_leaves])
    ]
    kept = [output for output, mask in zip(outputs, masks.children, strict=True) if mask == tree.LEAF]
    for output, (sizes, dtype) in zip(kept, specs[nested.num_leaves :], strict=True):
        set_mask(output, KerasTensor(opened(sizes), dtype, f"{output.name}_mask", sizes=sizes))
    return tree.unflatten(nested, outputs)


def _told(layer: Any, args: tuple[Any, ...]) -> Any:
    """What a layer that looks at values says of its output."""
    leaves, structure = tree.flatten(args[0])
    told = layer.compute_output_shape(tree.unflatten(structure, [leaf.shape for leaf in leaves]))
    shapes, nesting = tree.flatten(told, is_leaf=is_shape)
    dtype = standardize_dtype(layer.compute_dtype)
    return tree.unflatten(nesting, [KerasTensor(tuple(shape), dtype, str(layer.name)) for shape in shapes])


def _shape(layer: Any, input_shape: Any) -> Any:
    """Return the shape of the output for an input shape; a layer that is not built stays so."""
    made = layer if layer.built else type(layer).from_config(layer.get_config())
    leaves, structure = tree.flatten(input_shape, is_leaf=is_shape)
    made.build_from_shape(input_shape)
    dtype = standardize_dtype(made.dtype)
    specs, nesting = infer_specs(
        lambda tensors: made(tree.unflatten(structure, tensors)), [(tuple(leaf), dtype) for leaf in leaves]
    )
    return tree.unflatten(nesting, [shape for shape, _ in specs])
