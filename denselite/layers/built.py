"""``Built``: a layer makes its weights once, when it first learns the shape of its input."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from denselite import tree
from denselite.layers.weighted import Weighted
from denselite.tensor.context import scope, untraced

__all__ = ["Built"]


class Built(Weighted):
    """The part of a layer that is about building."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _in_own_scope(cls.__dict__["build"])  # type: ignore[method-assign]

    def build(self, input_shape: Any) -> None:
        """Make the weights, with ``add_weight``. Called once, before the first ``call``.

        Args:
            input_shape: the shape of the first argument of ``call``, ``None`` for the batch size; a
                list of shapes where that argument is a list.
        """

    def build_from_shape(self, input_shape: Any) -> None:
        """Build for ``input_shape`` unless it is built."""
        if not self.built:
            self.build(input_shape)

    def _build_for(self, args: tuple[Any, ...]) -> None:
        """Build for what the layer is called with."""
        if not self.built and args:
            leaves, structure = tree.flatten(args[0], is_leaf=_is_numbers)
            shapes = [(None, *np.shape(leaf)[1:]) if np.ndim(leaf) else () for leaf in leaves]
            self.build_from_shape(tree.unflatten(structure, shapes))

    def get_build_config(self) -> dict[str, Any] | None:
        """Return what ``build_from_config`` builds an equal layer from; None before the layer is built."""
        return None if self._build_shape is None else {"input_shape": self._build_shape}

    def build_from_config(self, config: Mapping[str, Any] | None) -> None:
        """Build for the shape in ``config``, as ``get_build_config`` told it."""
        if config and config.get("input_shape") is not None:
            self.build_from_shape(config["input_shape"])


def _in_own_scope(build: Callable[..., Any]) -> Callable[..., Any]:
    """Let ``build`` make its weights under the layer's path, for good, and mark the layer as built."""

    @functools.wraps(build)
    def run(self: Built, *args: Any, **kwargs: Any) -> None:
        if self._building:  # super().build()
            build(self, *args, **kwargs)
            return
        self._building = True
        before = list(self._tracker.variables)
        try:
            with untraced(), scope(str(self.name)) as path:
                self.path = path
                build(self, *args, **kwargs)
        except BaseException:
            self._tracker.variables[:] = before  # a weight of a build that failed is none
            raise
        finally:
            self._building = False
        self.built = True
        self._build_shape = args[0] if args else next(iter(kwargs.values()), None)

    return run


Built.build = _in_own_scope(Built.build)  # type: ignore[method-assign]


def _is_numbers(value: Any) -> bool:
    return bool(value) and all(isinstance(entry, int | float) for entry in value)
