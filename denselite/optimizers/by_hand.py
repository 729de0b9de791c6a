"""Updates by gradients that a training loop of one's own has computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from denselite.errors import ArgumentError
from denselite.ops.op import Array
from denselite.tensor.variable import Variable

__all__ = ["ByHand"]


class ByHand:
    """What can bind an update can also make one at once."""

    _built: list[Variable]
    variables: Any
    bind: Callable[..., Any]

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> None:
        """Update variables once: ``grads_and_vars`` holds pairs of a gradient, as an array, and its variable."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Update variables by gradients given as arrays, once.

        Args:
            grads: an array for each variable; None for one that is to stay as it is.
            trainable_variables: the variables; those the optimizer was built for by default.

        Raises:
            ArgumentError: not one gradient for each variable, another shape, or None for all of them.
        """
        variables = self._built if trainable_variables is None else list(trainable_variables)
        expected = [v.shape for v in variables]
        shapes = [None if g is None else np.shape(g) for g in grads]
        if len(shapes) != len(expected) or any(a not in (None, b) for a, b in zip(shapes, expected, strict=True)):
            raise ArgumentError(f"{type(self).__name__}.apply() expects gradients of shapes {expected}, got {shapes}.")
        if shapes and not any(g is not None for g in grads):
            raise ArgumentError(f"{type(self).__name__}.apply() got None as the gradient of every variable.")
        arrays = [None if g is None else np.array(g, v.dtype) for g, v in zip(grads, variables, strict=True)]
        prepare, update = self.bind(variables, arrays)
        with np.errstate(all="ignore"):
            for call in (*prepare, *update):
                call()

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> tuple[list[Array], list[Array]]:
        """Return what ``apply`` would make of values, and leave all variables as they are.

        Args:
            optimizer_variables: a value for each of ``variables``.
            grads: a gradient for each variable the optimizer was built for.
            trainable_variables: a value for each of these.

        Returns:
            The values of the trainable and of the optimizer's variables after the update.

        Raises:
            ArgumentError: not one value for each variable: ``build`` the optimizer first.
        """
        held = [*self._built, *self.variables]
        given = [*trainable_variables, *optimizer_variables]
        if [np.shape(value) for value in given] != [v.shape for v in held]:
            raise ArgumentError(
                f"{type(self).__name__}.stateless_apply() takes a value for each of the {len(self._built)} variables "
                f"it was built for and of its {len(self.variables)} own, in their shapes."
            )
        before = [v.storage.copy() for v in held]
        try:
            for v, value in zip(held, given, strict=True):
                v.assign(value)
            self.apply(grads)
            after = [v.numpy() for v in held]
        finally:
            for v, stored in zip(held, before, strict=True):
                np.copyto(v.storage, stored)
        return after[: len(self._built)], after[len(self._built) :]
