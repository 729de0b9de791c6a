"""``Layer``: weights, a name, and a ``call`` that serves arrays, traces and declarations alike."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Annotated, Any, ClassVar, Self

import numpy as np

from denselite import initializers, ops, regularizers, tree
from denselite.declared import Declared, Resolves, keyword
from denselite.errors import ArgumentError, ShapeError, StateError, UncoveredError
from denselite.graph.shapes import infer_specs
from denselite.layers.tracking import Tracker
from denselite.naming import auto_name
from denselite.registry import snake_case
from denselite.tensor.context import current_scope, current_trace, scope, untraced
from denselite.tensor.dtypes import is_float, standardize_dtype
from denselite.tensor.symbols import KerasTensor, Node, Tensor
from denselite.tensor.variable import Variable

__all__ = ["Layer", "policy_config"]

_training: ContextVar[bool | None] = ContextVar("denselite_training", default=None)


def _resolve_dtype(value: Any) -> str:
    if isinstance(value, Mapping):  # Keras' DTypePolicy
        value = value.get("config", {}).get("name")
    return standardize_dtype(value).name


DType = Annotated[str, Resolves(_resolve_dtype)]


def policy_config(dtype: str) -> dict[str, Any]:
    """Return a dtype as Keras writes it in a config."""
    return {"module": "keras", "class_name": "DTypePolicy", "config": {"name": dtype}, "registered_name": None}


# What Keras writes for options that are not here: harmless at these values, refused at others.
_KERAS_OPTIONS = {"autocast": True, "lora_alpha": None, "lora_rank": None, "quantization_config": None}


class Layer(Declared):
    """Base of all layers.

    A layer makes its weights in ``build`` and says what it computes in ``call``, in plain NumPy or
    ``denselite.ops``:

        class Scale(Layer):
            def build(self, input_shape):
                self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")

            def call(self, inputs):
                return inputs * self.factor

    Args:
        name: unique in a model, the class in snake case with a number by default; no ``/`` in it.
        trainable: whether ``fit`` changes the weights.
        dtype: what it computes in, ``floatx()`` by default.
        activity_regularizer: regularizer of the output, added to the loss (divided by the batch size).
    """

    _keras_module = "keras.layers"
    _built_at_init: ClassVar[bool] = False  # True where Keras writes no shape with the config: nothing to build

    name: str | None = keyword(default=None)
    trainable: bool = keyword(default=True)
    dtype: DType = keyword(default=None)
    activity_regularizer: regularizers.Regularized = keyword(default=None)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _in_own_scope(cls.__dict__["build"])  # type: ignore[method-assign]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls, *args, **kwargs)
        object.__setattr__(self, "_tracker", Tracker())
        object.__setattr__(self, "_nodes", [])
        object.__setattr__(self, "built", False)
        object.__setattr__(self, "_build_shape", None)
        object.__setattr__(self, "path", None)
        object.__setattr__(self, "version", 0)
        object.__setattr__(self, "_building", False)
        return self

    def __post_init__(self) -> None:
        if self.name is None:
            self.name = auto_name(snake_case(type(self).__name__))
        if "/" in self.name:
            raise ArgumentError(f"{type(self).__name__} has the name {self.name!r}; a name cannot contain '/'.")

    def __setattr__(self, name: str, value: Any) -> None:
        if current_trace() is None:  # what a trace has seen may have changed
            object.__setattr__(self, "version", self.version + 1)
            _changes[0] += 1
        self._tracker.track(name, value)
        object.__setattr__(self, name, value)
        if name == "trainable":
            for layer in self._sublayers:
                layer.trainable = value

    # What a subclass writes.

    def build(self, input_shape: Any) -> None:
        """Make the weights, with ``add_weight``. Called once, before the first ``call``.

        Args:
            input_shape: the shape of the first argument of ``call``, ``None`` for the batch size; a
                list of shapes where that argument is a list.
        """

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output. An argument ``training`` is given whether the model is being trained."""
        raise NotImplementedError(f"{type(self).__name__} has no call() method.")

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Callable[[Any], Any] | None = None,
        name: str | None = None,
    ) -> Variable:
        """Make a weight.

        Args:
            shape: a tuple of ints.
            initializer: a name or an initializer; ``glorot_uniform`` for floats, ``zeros`` otherwise.
            dtype: the layer's by default.
            trainable: whether ``fit`` changes it.
            regularizer: a name or a regularizer, added to the loss.
            constraint: callable ``(array) -> array`` applied after every update.
            name: its name in the layer.
        """
        found = standardize_dtype(self.dtype if dtype is None else dtype)
        made = initializers.get(initializer or ("glorot_uniform" if is_float(found) else "zeros"))
        name = name or "variable"
        variable = Variable(made, tuple(shape), found, trainable, name, regularizers.get(regularizer), constraint)
        variable.path = f"{current_scope()}/{name}" if current_scope() else f"{self.name}/{name}"
        self._tracker.add_variable(variable)
        return variable

    # Calling.

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Build if needed, then compute on arrays, record on tensors or declare on Keras tensors."""
        leaves, _ = tree.flatten((args, kwargs))
        if any(isinstance(leaf, KerasTensor) for leaf in leaves):
            return self._declare(args, kwargs)
        args, kwargs = self._autocast(args), self._autocast(kwargs)
        self._build_for(args)
        takes_training = "training" in self._call_arguments
        outer = _training.get()
        training = kwargs.pop("training", None)
        training = outer if training is None else bool(training)
        if takes_training:
            kwargs["training"] = bool(training)
        token = _training.set(training)
        try:
            with scope(str(self.name)):
                outputs = self.call(*args, **kwargs)
                self._regularize_activity(outputs)
        finally:
            _training.reset(token)
        if outputs is None:
            raise StateError(f"{type(self).__name__} {self.name!r}: call() returned None. Return the output.")
        return outputs

    @property
    def _call_arguments(self) -> Sequence[str]:
        found: Sequence[str] | None = type(self).__dict__.get("_known_call_arguments")
        if found is None:
            import inspect

            found = tuple(inspect.signature(type(self).call).parameters)
            type(self)._known_call_arguments = found  # type: ignore[attr-defined]
        return found

    def _autocast(self, values: Any) -> Any:
        dtype = standardize_dtype(self.dtype)
        leaves, structure = tree.flatten(values)
        if all(not is_float(leaf.dtype) or leaf.dtype == dtype for leaf in leaves if hasattr(leaf, "dtype")):
            return values
        return tree.unflatten(structure, [ops.cast(leaf, dtype) if isinstance(leaf, np.ndarray | Tensor | Variable) and is_float(leaf.dtype) else leaf for leaf in leaves])

    def _build_for(self, args: tuple[Any, ...]) -> None:
        if not self.built and args:
            leaves, structure = tree.flatten(args[0], is_leaf=_is_numbers)
            shapes = [(None, *np.shape(leaf)[1:]) if np.ndim(leaf) else () for leaf in leaves]
            self.build_from_shape(tree.unflatten(structure, shapes))

    def build_from_shape(self, input_shape: Any) -> None:
        """Build for a shape unless it is built."""
        if not self.built:
            self.build(input_shape)

    def _regularize_activity(self, outputs: Any) -> None:
        trace = current_trace()
        if self.activity_regularizer is not None and trace is not None:
            for output in tree.flatten(outputs)[0]:
                trace.losses.append(self.activity_regularizer(output) / output.shape[0])

    def _declare(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Record a node: what this layer returns for these Keras tensors."""
        if args and not self.built:
            leaves, structure = tree.flatten(args[0])
            self.build_from_shape(tree.unflatten(structure, [getattr(leaf, "shape", None) for leaf in leaves]))
        leaves, structure = tree.flatten((args, kwargs))
        places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, KerasTensor)]
        shape_of: list[Any] = []

        def run(tensors: list[Tensor]) -> list[Any]:
            filled = list(leaves)
            for i, tensor in zip(places, tensors, strict=True):
                filled[i] = tensor
            traced_args, traced_kwargs = tree.unflatten(structure, filled)
            flat, shape_of[:] = (lambda pair: (pair[0], [pair[1]]))(tree.flatten(self(*traced_args, **traced_kwargs)))
            return flat

        specs = infer_specs(run, [(leaves[i].shape, leaves[i].dtype) for i in places])
        node_index = len(self._nodes)
        outputs = [KerasTensor(shape, dtype, f"{self.name}_output_{k}" if k else str(self.name), (self, node_index, k)) for k, (shape, dtype) in enumerate(specs)]
        self._nodes.append(Node(self, args, kwargs, outputs, shape_of[0]))
        return tree.unflatten(shape_of[0], outputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output for an input shape, ``None`` where a size is unknown.

        Args:
            input_shape: a tuple, or a list of tuples for several inputs.

        Example:
            >>> from denselite.layers import Flatten
            >>> Flatten().compute_output_shape((None, 2, 3))
            (None, 6)
        """
        layer = self if self.built else type(self).from_config(self.get_config())
        leaves, structure = tree.flatten(input_shape, is_leaf=_is_shape)
        layer.build_from_shape(input_shape)
        dtype = standardize_dtype(self.dtype)
        nesting: list[Any] = []

        def run(tensors: list[Tensor]) -> list[Any]:
            flat, found = tree.flatten(layer(tree.unflatten(structure, tensors)))
            nesting[:] = [found]
            return flat

        specs = infer_specs(run, [(tuple(leaf), dtype) for leaf in leaves])
        return tree.unflatten(nesting[0], [shape for shape, _ in specs])

    @property
    def input(self) -> Any:
        """The Keras tensors of the layer's first call, as they were given."""
        return self._first_node.args[0]

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
        return self._nodes[0]  # type: ignore[no-any-return]

    # Weights.

    @property
    def variables(self) -> list[Variable]:
        """All weights: own trainable ones, own others, then those of sub-layers in order of assignment."""
        own = self._tracker.variables
        found = [*(v for v in own if v._trainable), *(v for v in own if not v._trainable)]
        for layer in self._sublayers:
            found += layer.variables
        return list({id(v): v for v in found}.values())

    @property
    def _sublayers(self) -> list[Layer]:
        return self._tracker.layers

    @property
    def weights(self) -> list[Variable]:
        """All weights, in the order of ``get_weights``."""
        return self.variables

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that ``fit`` changes; none while the layer is frozen."""
        if not self.trainable:
            return []
        frozen = {id(v) for layer in self._sublayers for v in layer.non_trainable_weights}
        return [v for v in self.variables if v._trainable and id(v) not in frozen]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that ``fit`` does not change by gradient."""
        trainable = {id(v) for v in self.trainable_weights}
        return [v for v in self.variables if id(v) not in trainable]

    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return a copy of each weight."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all weights, or none of them if anything does not fit.

        Args:
            weights: one array for each weight, in the order of ``get_weights``.

        Raises:
            ShapeError: another number of arrays, or shapes that differ; all are listed.
        """
        held = self.weights
        if len(weights) != len(held):
            raise ShapeError(
                f"{type(self).__name__} {self.name!r}: set_weights() got {len(weights)} arrays, the layer has {len(held)} weights"
                f"{'' if self.built else ' since it is not built: call it once or build() it'}."
            )
        arrays = [np.asarray(w) for w in weights]
        wrong = [f"{v.path}: expected {v.shape}, got {a.shape}" for v, a in zip(held, arrays, strict=True) if v.shape != a.shape]
        if wrong:
            raise ShapeError(f"{type(self).__name__} {self.name!r}: set_weights() got arrays of other shapes. {'; '.join(wrong)}.")
        for variable, array in zip(held, arrays, strict=True):
            variable.assign(array)

    def count_params(self) -> int:
        """Return the number of weights' elements.

        Raises:
            StateError: the layer is not built, so it has none yet.
        """
        if not self.built:
            raise StateError(f"{type(self).__name__} {self.name!r} is not built yet, so its parameters cannot be counted. Call it once or build() it.")
        return sum(v.size for v in self.weights)

    # Configuration.

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that rebuild the layer, with Keras' keys."""
        config = {**super().get_config(), "dtype": policy_config(self.dtype)}
        if config.get("activity_regularizer") is None:
            config.pop("activity_regularizer", None)
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Rebuild a layer, also from what Keras wrote.

        Raises:
            UncoveredError: the config asks for an option of Keras that is not here.
        """
        foreign = _KERAS_OPTIONS.keys() - cls._fields
        for option in foreign & config.keys():
            if config[option] != _KERAS_OPTIONS[option]:
                raise UncoveredError(
                    f"{cls.__name__} {config.get('name')!r}: option {option!r} exists in Keras and not in denselite, got {config[option]!r}."
                )
        return cls(**{name: value for name, value in config.items() if name not in foreign})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


_changes = [0]  # how often an attribute of any layer was set outside a trace


def changes() -> int:
    """Return a number that changes whenever an attribute of any layer is set."""
    return _changes[0]


def _in_own_scope(build: Callable[..., Any]) -> Callable[..., Any]:
    """Let ``build`` make its weights under the layer's path, for good, and mark the layer as built."""

    @functools.wraps(build)
    def run(self: Layer, *args: Any, **kwargs: Any) -> None:
        if self._building:  # super().build()
            build(self, *args, **kwargs)
            return
        object.__setattr__(self, "_building", True)
        try:
            with untraced(), scope(str(self.name)) as path:
                self.path = path
                build(self, *args, **kwargs)
        finally:
            object.__setattr__(self, "_building", False)
        object.__setattr__(self, "built", True)
        object.__setattr__(self, "_build_shape", args[0] if args else next(iter(kwargs.values()), None))

    return run


Layer.build = _in_own_scope(Layer.build)  # type: ignore[method-assign]


def _is_shape(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(size is None or isinstance(size, int) for size in value)


def _is_numbers(value: Any) -> bool:
    return bool(value) and all(isinstance(entry, int | float) for entry in value)
