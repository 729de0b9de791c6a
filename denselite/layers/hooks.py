"""Hooks: functions that see, and may replace, what goes into a layer, what comes out, and the gradients.

    handle = layer.register_forward_hook(lambda layer, args, output: print(output.mean()))
    ...
    handle.remove()

A hook is an instruction of the program: it is called at every step with copies. A layer without hooks has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self, cast

import numpy as np

from denselite import tree
from denselite.errors import ArgumentError, ShapeError, StateError
from denselite.ops.calling import GradientGate, pass_through
from denselite.ops.op import Array
from denselite.tensor.context import current_trace
from denselite.tensor.dtypes import is_float
from denselite.tensor.masks import keep_mask
from denselite.tensor.symbols import Tensor

__all__ = ["HookHandle", "Hooked", "call_hooked", "hook_changes"]

_changes = 0


def hook_changes() -> int:
    """Return a number that changes whenever a hook is registered or removed anywhere."""
    return _changes


class HookHandle:
    """What registering a hook returns: ``remove()`` takes the hook off, and so does the end of a ``with`` block."""

    def __init__(self, layer: Any, kind: str, function: Callable[..., Any]) -> None:
        self.layer, self.kind, self.function = layer, kind, function
        self._set((*layer._hooks, self))

    def remove(self) -> None:
        """Take the hook off; it is called no more from the next step on."""
        self._set(tuple(hook for hook in self.layer._hooks if hook is not self))

    def _set(self, hooks: tuple[HookHandle, ...]) -> None:
        global _changes
        self.layer._hooks = hooks
        _changes += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()

    def call(self, *args: Any) -> Any:
        """Call the function; an error says where it happened."""
        try:
            return self.function(self.layer, *args)
        except Exception as error:
            error.add_note(f"This happened in the {self}.")
            raise

    def matched(self, returned: Any, values: Sequence[Any], what: str) -> list[Any]:
        """Return the arrays that a hook returned, in the places of ``values``.

        Raises:
            ShapeError: there are more or fewer, or of other shapes.
        """
        found = tree.flatten(returned)[0]
        shapes = [np.shape(value) for value in values]
        if list(map(np.shape, found)) != shapes:
            raise ShapeError(
                f"The {self} has to return {what} of shape {', '.join(map(str, shapes))}, or None to leave it as it "
                f"is; it returned {', '.join(str(np.shape(value)) for value in found) or 'nothing'}."
            )
        return [np.asarray(value) for value in found]

    def __repr__(self) -> str:
        name = getattr(self.function, "__name__", type(self.function).__name__)
        code = getattr(self.function, "__code__", None)
        where = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
        return f"{self.kind} hook {name!r}{where} of {type(self.layer).__name__} {self.layer.name!r}"


class Hooked:
    """The part of a layer that is about hooks."""

    _hooks = cast(tuple[HookHandle, ...], ())

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call ``hook(layer, args)`` before every call of the layer.

        Args:
            hook: takes the layer and the tuple of its positional arguments, arrays; it returns None, or what
                the layer shall compute on instead: arrays of the same shapes (one, or a tuple of all).

        Returns:
            A handle, to ``remove`` the hook or to be used in a ``with`` statement.

        Raises:
            ArgumentError: ``hook`` cannot be called.
            ShapeError: (in a step) it returned something else.

        Source: ``torch.nn.Module.register_forward_pre_hook``.

        Example:
            >>> from denselite.layers import Identity
            >>> layer = Identity()
            >>> with layer.register_forward_pre_hook(lambda layer, args: args[0] * 2):
            ...     layer(np.ones(2)).tolist()
            [2.0, 2.0]
        """
        return self._registered("forward pre", hook)

    def register_forward_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call ``hook(layer, args, output)`` after every call of the layer.

        Args:
            hook: takes the layer, its positional arguments and what it returned, arrays; it returns None, or
                arrays of the same shapes that are the output instead. A gradient goes through as if they
                were what the layer had computed.

        Returns:
            A handle, to ``remove`` the hook or to be used in a ``with`` statement.

        Raises:
            ArgumentError: ``hook`` cannot be called.
            ShapeError: (in a step) it returned something else.

        Source: ``torch.nn.Module.register_forward_hook``.
        """
        return self._registered("forward", hook)

    def register_backward_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call ``hook(layer, grad_input, grad_output)`` whenever a gradient has gone back through the layer.

        Args:
            hook: takes the layer, a tuple of the gradients by its positional arguments (None for integers)
                and one of the gradients by its outputs; it returns None, or gradients of the same shapes
                that go back further instead of ``grad_input``.

        Returns:
            A handle, to ``remove`` the hook or to be used in a ``with`` statement.

        Raises:
            ArgumentError: ``hook`` cannot be called.
            ShapeError: (in a step) it returned something else.

        Source: ``torch.nn.Module.register_full_backward_hook``; here data have a gradient, too.
        """
        return self._registered("backward", hook)

    register_full_backward_hook = register_backward_hook

    def _registered(self, kind: str, hook: Callable[..., Any]) -> HookHandle:
        who = f"{type(self).__name__} {getattr(self, 'name', None)!r}"
        if not callable(hook):
            raise ArgumentError(f"{who}: a {kind} hook is a function, got {hook!r:.80}.")
        if current_trace() is not None:
            raise StateError(f"{who}: a hook cannot be registered in call(). Register it before, or in a callback.")
        return HookHandle(self, kind, hook)


def call_hooked(layer: Any, call: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Return ``call(*args)`` with the hooks of ``layer`` around it."""
    leaves, nesting = tree.flatten(args)
    for hook in _of(layer, "forward pre"):
        leaves = _before(hook, leaves, nesting)
    gates = []
    for hook in _of(layer, "backward"):
        places = [k for k, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
        floats = [k for k in places if is_float(leaves[k].dtype)]
        if current_trace() is not None and places:
            gates.append(_gate(hook, places, floats))
            _replace(leaves, floats, gates[-1].enter([leaves[k] for k in floats]))
    outputs, structure = tree.flatten(call(*tree.unflatten(nesting, leaves)))
    for gate in reversed(gates):
        floats = [k for k, leaf in enumerate(outputs) if isinstance(leaf, Tensor) and is_float(leaf.dtype)]
        _replace(outputs, floats, gate.leave([outputs[k] for k in floats]))
    for hook in _of(layer, "forward"):
        outputs = _after(hook, leaves, nesting, outputs, structure)
    return tree.unflatten(structure, outputs)


def _of(layer: Any, kind: str) -> list[HookHandle]:
    return [hook for hook in layer._hooks if hook.kind == kind]


def _replace(leaves: list[Any], places: Sequence[int], values: Sequence[Any]) -> None:
    for k, value in zip(places, values, strict=True):
        leaves[k] = keep_mask(leaves[k], value)


def _arrays(leaves: Sequence[Any]) -> list[int]:
    return [k for k, leaf in enumerate(leaves) if isinstance(leaf, Tensor | np.ndarray)]


def _before(hook: HookHandle, leaves: list[Any], nesting: tree.Structure) -> list[Any]:
    places, leaves = _arrays(leaves), list(leaves)

    def run(values: list[Array], seen: list[Array]) -> list[Any] | None:
        filled = list(leaves)
        for k, value in zip(places, values, strict=True):
            filled[k] = value
        found = hook.call(tuple(tree.unflatten(nesting, filled)))
        return None if found is None else hook.matched(found, values, "inputs")

    result = list(leaves)
    if places:
        _replace(result, places, pass_through(run, (hook, nesting), [leaves[k] for k in places]))
    return result


def _after(
    hook: HookHandle, given: Sequence[Any], nesting: tree.Structure, outputs: list[Any], structure: tree.Structure
) -> list[Any]:
    places, inside = _arrays(outputs), _arrays(given)

    def run(values: list[Array], seen: list[Array]) -> list[Any] | None:
        args, made = list(given), list(outputs)
        for k, value in zip(inside, seen, strict=True):
            args[k] = value
        for k, value in zip(places, values, strict=True):
            made[k] = value
        found = hook.call(tuple(tree.unflatten(nesting, args)), tree.unflatten(structure, made))
        return None if found is None else hook.matched(found, values, "outputs")

    result = list(outputs)
    if places:
        values, seen = [outputs[k] for k in places], [given[k] for k in inside]
        _replace(result, places, pass_through(run, (hook, nesting, structure), values, seen))
    return result


def _gate(hook: HookHandle, places: Sequence[int], floats: Sequence[int]) -> GradientGate:
    """What calls a backward hook; integers among the inputs have no gradient."""

    def run(inner: list[Any], outer: list[Any]) -> list[Any] | None:
        held = dict(zip(floats, inner, strict=True))
        found = hook.call(tuple(held.get(k) for k in places), tuple(outer))
        if found is None:
            return None
        new = iter(hook.matched(found, [g for g in inner if g is not None], "gradients"))
        return [None if g is None else next(new) for g in inner]

    return GradientGate(run, (hook, *places))
