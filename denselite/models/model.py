"""``Model``: a layer that knows its layers and can be trained, saved and looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from denselite import tree
from denselite.data import Source
from denselite.errors import ArgumentError, DataError, ShapeError, UncoveredError, suggestion
from denselite.layers.layer import Layer
from denselite.layers.masks import with_masks
from denselite.models.exporting import Exporting
from denselite.models.fitting import fit_input, flat_symbols
from denselite.models.layer_graph import LayerGraph
from denselite.models.outlined import building
from denselite.tensor.symbols import KerasTensor

__all__ = ["Functional", "Model"]

_LOSS = "give compile() a loss of your own, and let call() do add_loss() with what follows from the inputs"
_LOOP = "a step is planned as a whole; write a loss, an optimizer, layers or callbacks, or a loop over train_on_batch()"
_STEPS = {
    **dict.fromkeys(("compute_loss", "compute_metrics"), _LOSS),
    **dict.fromkeys(("train_step", "test_step", "predict_step", "make_train_function", "make_test_function"), _LOOP),
}  # what Keras lets a subclass write, and what to write instead


class Model(Exporting):
    """A graph of layers with ``fit``, ``evaluate`` and ``predict``.

    ``Model(inputs, outputs)`` makes a model of the layers between two sets of Keras tensors; layers
    may be shared, inputs and outputs nested in lists and dicts, models used as layers of models. A subclass
    writes ``call``, or gives its inputs and outputs to ``super().__init__``.

    Args:
        inputs: what ``Input`` returned: one, or a list, tuple or dict of them.
        outputs: Keras tensors that follow from them, in any nesting.
        name: the model's name.
        trainable: whether ``fit`` changes its weights.

    Raises:
        StateError: an output needs an input that is not given.
        ArgumentError: two layers have one name.

    Example:
        >>> from denselite.layers import Dense, Input
        >>> x = Input((3,))
        >>> model = Model(x, Dense(2)(x))
        >>> model.output_shape, model.count_params()
        ((None, 2), 8)
    """

    _keras_module = "keras"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in _STEPS.keys() & cls.__dict__.keys():
            raise UncoveredError(f"{cls.__name__}.{name}() would be Keras', and is not called here: {_STEPS[name]}.")

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return super().__new__(Functional if cls is Model and _is_graph(args, kwargs) else cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if _is_graph(args, kwargs):
            _make_functional(type(self))
            cast(Any, Functional).__init__(self, *args, **kwargs)
        else:
            super().__init__(*args, **kwargs)

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        """Rebuild the model that ``config`` describes; a class of your own is made with what is in it.

        Args:
            config: what ``get_config`` returned, here or in Keras.
            custom_objects: classes and functions of your own in a graph's config, by name.
        """
        return Functional.from_config(config, custom_objects) if cls is Model else super().from_config(config)

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order; of a ``Sequential`` without the input."""
        return self._sublayers

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by ``name`` or by ``index``, its place in ``layers``.

        Raises:
            ArgumentError: neither or both are given, or there is no such layer.
        """
        if (name is None) == (index is None):
            raise ArgumentError(
                f"{type(self).__name__} {self.name!r}: get_layer() takes a name or an index, "
                f"got {'both' if name else 'neither'}."
            )
        names = [str(layer.name) for layer in self.layers]
        if index is not None:
            if not -len(names) <= index < len(names):
                raise ArgumentError(
                    f"{type(self).__name__} {self.name!r} has {len(names)} layers, there is none at index {index}."
                )
            return self.layers[index]
        if name not in names:
            raise ArgumentError(
                f"{type(self).__name__} {self.name!r} has no layer {name!r}.{suggestion(str(name), names)} "
                f"Its layers are: {', '.join(names)}."
            )
        return self.layers[names.index(name)]

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print the layers with their output shapes and numbers of parameters.

        ``print(model)`` shows the arguments of the layers and of ``compile`` too.

        Args:
            line_length: width in characters; as wide as needed by default.
            positions: where each column ends, as shares of the line: ``[0.45, 0.8, 1.0]``.
            print_fn: called with the whole text instead of ``print``.
            expand_nested: show the layers of models inside, too.
            show_trainable: add a column that says whether a layer is trained.
            layer_range: names of the first and the last layer to show, or patterns that names begin with.

        Raises:
            ArgumentError: the columns have no room, or ``layer_range`` matches no layer.
        """
        from denselite.models.summary import summarize

        text = summarize(self, line_length, positions, expand_nested, show_trainable, layer_range)
        (print_fn or print)(text)

    def __str__(self) -> str:
        from denselite.models.summary import describe

        return describe(self)

    def _repr_html_(self) -> str:
        from denselite.models.summary import html_summary

        return html_summary(self)

    def save(self, filepath: Any, overwrite: bool = True) -> None:
        """Write architecture, weights, compile arguments and optimizer state.

        Args:
            filepath: a path that ends in ``.json`` or ``.npz`` (both files are written), or in ``.keras``.
            overwrite: False refuses to replace a file.
        """
        from denselite.saving import save_model

        save_model(self, filepath, overwrite)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Write the weights.

        Args:
            filepath: a path that ends in ``.weights.npz``, or in ``.weights.h5`` for a file as Keras has it.
            overwrite: False refuses to replace a file.
        """
        from denselite.saving import save_weights

        save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, allow_nonfinite: bool = False) -> None:
        """Read weights that ``save_weights`` or ``save`` wrote to ``filepath``; all are set or none.

        Args:
            filepath: the path.
            skip_mismatch: set those that fit, and warn about the others.
            allow_nonfinite: take NaN and infinities too.
        """
        from denselite.saving import load_weights

        load_weights(self, filepath, skip_mismatch, allow_nonfinite)

    def to_json(self, **kwargs: Any) -> str:
        """Return the architecture (and compile arguments) as the JSON that Keras reads.

        Args:
            **kwargs: passed to ``json.dumps``.
        """
        import json

        from denselite.saving import serialize_model

        return json.dumps(serialize_model(self), **kwargs)


class Functional(Model):
    """A model of the layers between ``inputs`` and ``outputs``; see ``Model``.

    Example:
        >>> from denselite.layers import Dense, Input
        >>> x = Input((3,))
        >>> type(Model(x, Dense(2)(x))).__name__
        'Functional'
    """

    _names_outputs = True
    _casts_inputs = False  # each input has a dtype of its own
    _passes_masks = False

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name=name, trainable=trainable)
        self._set_graph(inputs, outputs)

    def _set_graph(self, inputs: Any, outputs: Any) -> None:
        flat_inputs, self._input_structure = flat_symbols(inputs, "inputs", self)
        flat_outputs, self._output_structure = flat_symbols(outputs, "outputs", self)
        self._graph = LayerGraph(flat_inputs, flat_outputs)
        times = Counter(str(layer.name) for layer in self._graph.layers)
        twice = sorted(name for name, count in times.items() if count > 1)
        if twice:
            raise ArgumentError(
                f"{type(self).__name__} {self.name!r} has more than one layer named {', '.join(map(repr, twice))}. "
                "Names have to be unique."
            )
        self._layers = list(self._graph.layers)
        self.built = True
        self.path = self.name

    @property
    def _sublayers(self) -> list[Layer]:
        """The layers of the graph, in order, then what a subclass holds beside them."""
        return list({id(layer): layer for layer in (*self._layers, *super()._sublayers)}.values())

    @property
    def inputs(self) -> list[KerasTensor]:
        """The input placeholders, flat."""
        return self._graph.inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The output placeholders, flat."""
        return self._graph.outputs

    @property
    def input(self) -> Any:
        """The input placeholders as they were given."""
        return tree.unflatten(self._input_structure, self.inputs)

    @property
    def output(self) -> Any:
        """The output placeholders as they were given."""
        return tree.unflatten(self._output_structure, self.outputs)

    @property
    def input_shape(self) -> Any:
        """The shape of the input; a list of shapes where there are several."""
        shapes = [symbol.shape for symbol in self.inputs]
        return shapes[0] if len(shapes) == 1 else shapes

    @property
    def output_shape(self) -> Any:
        """The shape of the output; a list of shapes where there are several."""
        shapes = [symbol.shape for symbol in self.outputs]
        return shapes[0] if len(shapes) == 1 else shapes

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return [symbol.name for symbol in self.inputs]

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that make the outputs; dict keys where the outputs are a dict."""
        if self._output_structure.kind == "dict" and not self._output_structure.is_nested:
            return [str(key) for key in self._output_structure.keys]
        return [str(symbol.history[0].name) for symbol in self.outputs if symbol.history]

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """Run the layers on arrays, tensors or Keras tensors."""
        leaves = self._match(with_masks(inputs, mask))
        return tree.unflatten(self._output_structure, self._graph.run(leaves))

    def _match(self, inputs: Any) -> list[Any]:
        """Put given inputs in the order of ``self.inputs`` and give each the rank it is expected to have."""
        leaves, structure = tree.flatten(inputs)
        if structure.kind == "dict" and self._input_structure.kind != "dict":
            missing = [name for name in self.input_names if name not in inputs]
            if missing:
                raise ShapeError(
                    f"{type(self).__name__} {self.name!r} has inputs {self.input_names}, got a dict without {missing}."
                )
            leaves = [inputs[name] for name in self.input_names]
        if len(leaves) != len(self.inputs):
            raise ShapeError(
                f"{type(self).__name__} {self.name!r} expects {len(self.inputs)} inputs, got {len(leaves)}."
            )
        return [fit_input(leaf, symbol, self) for leaf, symbol in zip(leaves, self.inputs, strict=True)]

    # What the trainer asks.

    def _look_at(self, source: Source) -> None:
        """Build for such data if nobody has; the outputs are what the graph says."""
        if not self.built:
            shapes = [(None, *spec.shape) for spec in source.specs[: source.structure.x.num_leaves]]
            with building:
                self.build_from_shape(tree.unflatten(source.structure.x, shapes))

    def _input_dtypes(self, source: Source) -> list[np.dtype[Any]]:
        """The dtype of the input that each leaf of given data goes to."""
        structure = source.structure.x
        order = self._places(structure)
        return [self.inputs[order.index(k)].dtype for k in range(structure.num_leaves)]

    def _places(self, structure: tree.Structure) -> list[int]:
        """For each input, which leaf of the given data it takes."""
        given = tree.unflatten(structure, range(structure.num_leaves))
        if structure.kind == "dict" and self._input_structure.kind != "dict":
            missing = [name for name in self.input_names if name not in given]
            if missing:
                raise DataError(f"{self._who} has inputs {self.input_names}, x is a dict without {missing}.")
            return [given[name] for name in self.input_names]
        if structure.num_leaves != len(self.inputs):
            raise DataError(
                f"{self._who} expects {len(self.inputs)} inputs ({', '.join(self.input_names)}), "
                f"x holds {structure.num_leaves}."
            )
        return list(range(len(self.inputs)))

    def _check_inputs(self, structure: tree.Structure, shapes: Sequence[tuple[int, ...]]) -> None:
        """Refuse data whose rows do not fit the inputs."""
        paths = structure.paths("x")
        places = self._places(structure)
        for symbol, k in zip(self.inputs, places, strict=True):
            fit_input(np.broadcast_to(np.zeros((), symbol.dtype), (1, *shapes[k])), symbol, self, paths[k])
        unused = sorted({*range(len(paths))} - {*places})
        if unused:
            raise DataError(f"{self._who} has inputs {self.input_names}, x holds {paths[unused[0]]} too.")

    @property
    def _output_labels(self) -> list[str]:
        """The outputs' names; one name more than once where one layer makes several outputs, as in Keras."""
        names: list[str] = Functional.output_names.fget(self)  # type: ignore[attr-defined]
        return names

    def get_config(self) -> dict[str, Any]:
        from denselite.models.config import functional_config

        return functional_config(self)

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        """Rebuild the model that ``config`` describes; ``custom_objects`` has classes of your own by name."""
        from denselite.models.config import functional_from_config

        return functional_from_config(cls, config, custom_objects)


def _is_graph(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether a constructor is given inputs and outputs."""
    return len(args) + ("inputs" in kwargs) + ("outputs" in kwargs) >= 2


def _make_functional(cls: type) -> None:
    """Put ``Functional`` in the place of ``Model`` among the bases of a class whose constructor gives a graph."""
    for base in cls.__bases__:
        if base is not Model and issubclass(base, Model) and not issubclass(base, Functional):
            _make_functional(base)
    cls.__bases__ = tuple(Functional if base is Model else base for base in cls.__bases__)
