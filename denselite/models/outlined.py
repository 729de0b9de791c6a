"""``Outlined``: what a model with a ``call`` of its own returns, found by tracing it once for each kind of input.

A model made of inputs and outputs knows all this from its graph, and says so itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import RLock
from typing import Any, cast

import numpy as np

from denselite import tree
from denselite.data import Source
from denselite.errors import DataError, StateError, suggestion
from denselite.graph.shapes import infer_specs
from denselite.layers.layer import Layer, is_shape
from denselite.models.per_output import spread
from denselite.tensor.context import current_scope, scope
from denselite.tensor.dtypes import standardize_dtype
from denselite.tensor.symbols import KerasTensor

__all__ = ["Outlined"]

Spec = tuple[tuple[int | None, ...], np.dtype[Any]]

building = RLock()  # of two threads that use a model not built yet, one builds it


class Outlined(Layer):
    """A layer that knows how many outputs it has, what they are called and how they are nested."""

    # Not annotated: these are no arguments of the constructor.
    _output_structure = cast(tree.Structure, None)
    _outputs = cast("list[KerasTensor] | None", None)
    _input_dtype_names = cast("list[str] | None", None)  # of the inputs that it was built for
    run_eagerly = False
    _unseen = Layer._unseen | {"_output_structure", "_outputs", "_input_dtype_names", "_t_outlines"}

    @property
    def outputs(self) -> list[KerasTensor]:
        """The output placeholders, flat.

        Raises:
            StateError: nobody has called the model yet, so that it does not know.
        """
        if self._outputs is None:
            raise StateError(f"{self._who} does not know its outputs yet. Call fit, predict or build() first.")
        return self._outputs

    @property
    def _who(self) -> str:
        return f"{type(self).__name__} {self.name!r}"

    @property
    def _output_labels(self) -> list[str]:
        """The outputs' names: keys, or numbers where there are none."""
        structure = self._output_structure
        return [str(key) for key in structure.keys] if self._names_outputs else structure.paths("output")

    @property
    def _names_outputs(self) -> bool:
        """Whether logs tell the outputs apart by their names."""
        return self._output_structure.kind == "dict" and not self._output_structure.is_nested

    def _nest_outputs(self, outputs: list[Any]) -> Any:
        return tree.unflatten(self._output_structure, outputs)

    def _match_targets(self, values: Any, who: str) -> list[Any]:
        """Put targets or sample weights in the order of the outputs; None where there is none."""
        names = self._output_labels
        if values is None:
            return [None] * len(names)
        if self._output_structure.is_nested:
            entries = spread(values, self._output_structure, names, f"{self._who}: {who}")
            return [entries[k] for k in range(len(names))]
        if isinstance(values, Mapping):
            unknown = [key for key in values if key not in names]
            if unknown:
                raise DataError(
                    f"{self._who}: {who} names the output {unknown[0]!r}, there are {', '.join(names)}."
                    f"{suggestion(str(unknown[0]), names)}"
                )
            return [values.get(name) for name in names]
        given = list(values) if isinstance(values, list | tuple) else [values]
        if len(given) != len(names):
            raise DataError(f"{self._who} has {len(names)} outputs ({', '.join(names)}), {who} holds {len(given)}.")
        return given

    # Inputs are what the data are.

    def _input_dtypes(self, source: Source) -> list[np.dtype[Any]]:
        """The dtype in which each leaf of given data comes in."""
        return [spec.dtype for spec in source.specs[: source.structure.x.num_leaves]]

    def _check_inputs(self, structure: tree.Structure, shapes: Sequence[tuple[int, ...]]) -> None:
        """Refuse data whose rows do not fit the inputs: ``call`` itself does."""

    def _look_at(self, source: Source) -> None:
        """Learn what the outputs for such data are, and build the layers inside."""
        specs = [((None, *spec.shape), spec.dtype) for spec in source.specs[: source.structure.x.num_leaves]]
        with building:
            self._outline(source.structure.x, specs)

    def _outline(self, structure: tree.Structure, specs: Sequence[Spec]) -> None:
        known = self.__dict__.setdefault("_t_outlines", {})
        key = structure, tuple(specs), self.run_eagerly
        if key not in known:
            if not self.built:
                self._input_dtype_names = [dtype.name for _, dtype in specs]
            found, nesting = infer_specs(
                lambda tensors: self(tree.unflatten(structure, tensors)), specs, eager=self.run_eagerly
            )
            known[key] = (
                nesting,
                [
                    KerasTensor(shape, dtype, f"{self.name}_output_{k}" if k else str(self.name))
                    for k, (shape, dtype) in enumerate(found)
                ],
            )
        self._output_structure, self._outputs = known[key]

    # Building.

    def build(self, input_shape: Any) -> None:
        """Build the layers inside, by tracing ``call`` on floats.

        Args:
            input_shape: the shape of the input, its first size ``None``; shapes nested like the inputs if there
                are several.
        """
        leaves, structure = tree.flatten(input_shape, is_leaf=is_shape)
        names = self._input_dtype_names or [standardize_dtype(None).name] * len(leaves)
        self.built = True  # as far as calling is concerned: the layers inside build themselves
        try:
            with scope(str(self.path).rpartition("/")[0], absolute=True):
                self._outline(structure, [(tuple(s), np.dtype(n)) for s, n in zip(leaves, names, strict=True)])
        except BaseException:
            self.built = False
            raise

    def _build_for(self, args: tuple[Any, ...]) -> None:
        if self.built or type(self).build is not Outlined.build or not args:
            super()._build_for(args)
            return
        leaves, structure = tree.flatten(args[0])
        outer = current_scope()
        self.path = f"{outer}/{self.name}" if outer else str(self.name)
        self._build_shape = tree.unflatten(structure, [(None, *np.shape(leaf)[1:]) for leaf in leaves])
        self.built = True  # the layers inside build themselves when they are called

    def get_build_config(self) -> dict[str, Any] | None:
        """Return what ``build_from_config`` builds an equal model from; None before it is built."""
        config = super().get_build_config()
        names = self._input_dtype_names
        return config if config is None or names is None else {**config, "input_dtypes": names}

    def build_from_config(self, config: Mapping[str, Any] | None) -> None:
        """Build for the inputs in ``config``, as ``get_build_config`` told them."""
        self._input_dtype_names = (config or {}).get("input_dtypes")
        super().build_from_config(config)
