"""``Layer``: weights, a name, and a ``call`` that serves arrays, traces and declarations alike."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, ClassVar, Self

import numpy as np

from denselite import ops, regularizers, tree
from denselite.declared import keyword
from denselite.errors import ArgumentError, StateError, UncoveredError
from denselite.graph.shapes import infer_specs
from denselite.layers.tracking import Tracker
from denselite.layers.weighted import Weighted, policy_config
from denselite.naming import auto_name
from denselite.registry import snake_case
from denselite.tensor.context import current_trace, scope, untraced
from denselite.tensor.dtypes import is_float, is_integer, standardize_dtype
from denselite.tensor.symbols import KerasTensor, Node, Tensor
from denselite.tensor.variable import Variable

__all__ = ["Layer", "changes", "is_shape"]

_training: ContextVar[bool | None] = ContextVar("denselite_training", default=None)

# What Keras writes for options that are not here: harmless at these values, refused at others.
_ABSENT = "It exists in Keras and not in denselite"
_KERAS_OPTIONS = {"autocast": True, "lora_alpha": None, "lora_rank": None, "quantization_config": None}


class Layer(Weighted):
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

    Raises:
        ArgumentError: the name is empty or contains ``/``.
        StateError: (when called) ``call`` returned None.

    Example:
        >>> class Double(Layer):
        ...     def call(self, inputs):
        ...         return inputs * 2
        >>> Double()(np.array([[1.0, 2.0]], "float32")).tolist()
        [[2.0, 4.0]]
    """

    _keras_module = "keras.layers"
    _built_at_init: ClassVar[bool] = False  # True where Keras writes no shape with the config: nothing to build
    _casts_inputs: ClassVar[bool] = True  # False where inputs have dtypes of their own
    _hints = {  # noqa: RUF012 (a ClassVar of the base)
        "input_shape": "Put Input(shape) before the first layer",
        "input_dim": "Put Input((size,)) before the first layer",
        "batch_input_shape": "Put Input(batch_shape=...) before the first layer",
        "batch_size": "Put Input(shape, batch_size) before the first layer",
        "weights": "Call set_weights() once the layer is built",
        **dict.fromkeys(("autocast", "lora_rank", "lora_alpha", "quantization_config"), _ABSENT),
    }
    # Attributes that say how far a layer has come. No trace sees them: setting one makes no step stale.
    _unseen: ClassVar[frozenset[str]] = frozenset({"_build_shape", "_building", "built", "path", "version"})

    activity_regularizer: regularizers.Regularized = keyword(default=None, kw_only=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _in_own_scope(cls.__dict__["build"])  # type: ignore[method-assign]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls, *args, **kwargs)
        self.__dict__.update(_tracker=Tracker(), _nodes=[])
        return self

    def __post_init__(self) -> None:
        if self.name is None:
            self.name = auto_name(snake_case(type(self).__name__))
        if "/" in self.name or not self.name:
            raise ArgumentError(
                f"{type(self).__name__}() has the name {self.name!r}; a name cannot be empty or contain '/', "
                "which joins the names of layers and weights to paths."
            )

    def __setattr__(self, name: str, value: Any) -> None:
        global _changes
        if name in self._unseen:
            object.__setattr__(self, name, value)
            return
        if current_trace() is None:  # what a trace has seen may have changed
            self.version += 1
            _changes += 1
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
        raise NotImplementedError(
            f"{type(self).__name__} {self.name!r} has no call(). Write what it computes: def call(self, inputs): ..."
        )

    # Calling.

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Build if needed, then compute on arrays, record on tensors or declare on Keras tensors."""
        leaves, _ = tree.flatten((args, kwargs))
        if any(isinstance(leaf, KerasTensor) for leaf in leaves):
            return self._declare(args, kwargs)
        if self._casts_inputs:
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
        except Exception as error:
            if repr(self.name) not in str(error):
                error.add_note(f"This happened in {type(self).__name__} {self.name!r}, in its call().")
            raise
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
        return tree.unflatten(
            structure,
            [
                ops.cast(leaf, dtype)
                if isinstance(leaf, np.ndarray | Tensor | Variable) and is_float(leaf.dtype)
                else leaf
                for leaf in leaves
            ],
        )

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
            flat = tree.flatten(outputs)[0]
            trace.losses[id(self)] = [self.activity_regularizer(output) / output.shape[0] for output in flat]

    def _declare(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Record a node: what this layer returns for these Keras tensors."""
        if args and not self.built:
            leaves, structure = tree.flatten(args[0])
            self.build_from_shape(tree.unflatten(structure, [getattr(leaf, "shape", None) for leaf in leaves]))
        leaves, structure = tree.flatten((args, kwargs))
        places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, KerasTensor)]

        def call(tensors: list[Tensor]) -> Any:
            filled = list(leaves)
            for i, tensor in zip(places, tensors, strict=True):
                filled[i] = tensor
            traced_args, traced_kwargs = tree.unflatten(structure, filled)
            return self(*traced_args, **traced_kwargs)

        specs, nesting = infer_specs(call, [(leaves[i].shape, leaves[i].dtype) for i in places])
        node_index = len(self._nodes)
        outputs = [
            KerasTensor(shape, dtype, f"{self.name}_output_{k}" if k else str(self.name), (self, node_index, k))
            for k, (shape, dtype) in enumerate(specs)
        ]
        self._nodes.append(Node(self, args, kwargs, outputs, nesting))
        return tree.unflatten(nesting, outputs)

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
        leaves, structure = tree.flatten(input_shape, is_leaf=is_shape)
        layer.build_from_shape(input_shape)
        dtype = standardize_dtype(self.dtype)
        specs, nesting = infer_specs(
            lambda tensors: layer(tree.unflatten(structure, tensors)), [(tuple(leaf), dtype) for leaf in leaves]
        )
        return tree.unflatten(nesting, [shape for shape, _ in specs])

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
        return self._nodes[0]

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
            ArgumentError: the class has a constructor of its own that does not take what the config holds.
        """
        if not isinstance(config, Mapping):
            raise ArgumentError(
                f"{cls.__name__}.from_config() takes a dict, as get_config() returns it, got {config!r:.80}."
            )
        foreign = _KERAS_OPTIONS.keys() - cls._fields
        for option in foreign & config.keys():
            if config[option] != _KERAS_OPTIONS[option]:
                who = f"{cls.__name__} {config['name']!r}" if config.get("name") else cls.__name__
                raise UncoveredError(
                    f"{who}: option {option!r} exists in Keras and not in denselite, got {config[option]!r}."
                )
        try:
            return cls(**{name: value for name, value in config.items() if name not in foreign})
        except TypeError as error:
            raise ArgumentError(
                f"{cls.__name__} cannot be made from its config: {error}. Let its __init__ take **kwargs and hand them "
                "to super().__init__(**kwargs), so that name, trainable and dtype reach the layer."
            ) from error

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


_changes = 0  # how often an attribute of any layer was set outside a trace


def changes() -> int:
    """Return a number that changes whenever an attribute of any layer is set."""
    return _changes


def _in_own_scope(build: Callable[..., Any]) -> Callable[..., Any]:
    """Let ``build`` make its weights under the layer's path, for good, and mark the layer as built."""

    @functools.wraps(build)
    def run(self: Layer, *args: Any, **kwargs: Any) -> None:
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


Layer.build = _in_own_scope(Layer.build)  # type: ignore[method-assign]


def is_shape(value: Any) -> bool:
    """Say whether a value is one shape: a tuple or list of sizes, of which None stands for an unknown one."""
    return isinstance(value, list | tuple) and all(size is None or is_integer(size) for size in value)


def _is_numbers(value: Any) -> bool:
    return bool(value) and all(isinstance(entry, int | float) for entry in value)
