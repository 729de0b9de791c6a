"""``Layer``: weights, a name, and a ``call`` that serves arrays, traces and declarations alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from denselite import regularizers, tree
from denselite.changes import changed
from denselite.declared import keyword, serialize
from denselite.errors import ArgumentError, StateError, UncoveredError
from denselite.layers.blame import tell_where
from denselite.layers.declaring import Declaring, declare, is_shape
from denselite.layers.hooks import Hooked, call_hooked
from denselite.layers.input_spec import check_input
from denselite.layers.judged import Judged
from denselite.layers.masks import attach_masks, fill_masks, inherited_mask
from denselite.layers.stateless import stateless_call
from denselite.layers.tracking import Tracker
from denselite.layers.watching import watched
from denselite.naming import auto_name
from denselite.registry import snake_case
from denselite.tensor.context import current_trace, scope
from denselite.tensor.symbols import KerasTensor

__all__ = ["Layer", "is_shape"]

_training: ContextVar[bool | None] = ContextVar("denselite_training", default=None)

# What Keras writes for options that are not here: harmless at these values, refused at others.
_ABSENT = "It exists in Keras and not in denselite"
_KERAS_OPTIONS = {"lora_alpha": None, "lora_rank": None, "quantization_config": None}


class Layer(Hooked, Judged, Declaring):
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
        dtype: what it computes in, a dtype or a dtype policy; ``config.dtype_policy()`` by default.
        autocast: whether float inputs are converted to that.
        activity_regularizer: regularizer of the output, added to the loss (divided by the batch size).

    Raises:
        ArgumentError: the name is empty or contains ``/``.
        StateError: (when called) ``call`` returned None.

    Example:
        >>> import numpy as np
        >>> class Double(Layer):
        ...     def call(self, inputs):
        ...         return inputs * 2
        >>> Double()(np.array([[1.0, 2.0]], "float32")).tolist()
        [[2.0, 4.0]]
    """

    _keras_module = "keras.layers"
    _built_at_init: ClassVar[bool] = False  # True where Keras writes no shape with the config: nothing to build
    _casts_inputs: ClassVar[bool] = True  # False where the layers inside see to the dtypes
    _passes_masks: ClassVar[bool] = True  # False where the layers inside see to the masks
    _hints = {  # noqa: RUF012 (a ClassVar of the base)
        "input_shape": "Put Input(shape) before the first layer",
        "input_dim": "Put Input((size,)) before the first layer",
        "batch_input_shape": "Put Input(batch_shape=...) before the first layer",
        "batch_size": "Put Input(shape, batch_size) before the first layer",
        "weights": "Call set_weights() once the layer is built",
        **dict.fromkeys(("lora_rank", "lora_alpha", "quantization_config"), _ABSENT),
    }
    # Attributes that say how far a layer has come. No trace sees them: setting one makes no step stale.
    _unseen: ClassVar[frozenset[str]] = frozenset({"_build_shape", "_building", "built", "path", "version"})

    input_spec = cast(Any, None)  # what the first argument of call has to be: an InputSpec, or several
    supports_masking = False  # whether the output has a mask where the input has one: see compute_mask

    if TYPE_CHECKING:  # no field: where a subclass declares it is its place in the order
        activity_regularizer = cast(Any, None)
    else:
        activity_regularizer: regularizers.Regularized = keyword(default=None, kw_only=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "compute_mask" in cls.__dict__ and "supports_masking" not in cls.__dict__:
            cls.supports_masking = True

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
        if name in self._unseen:
            object.__setattr__(self, name, value)
            return
        if current_trace() is None:  # what a trace has seen may have changed
            self.version += 1
            changed()
        again = name in self.__dict__
        self._tracker.track(name, value)
        object.__setattr__(self, name, value)
        if name == "trainable" and again:  # not from the constructor: a layer inside may come frozen
            for layer in self._sublayers:
                layer.trainable = value

    # What a subclass writes, beside build.

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output.

        An argument ``training`` is given whether the model is being trained; an argument ``mask``
        the mask of the input, a list of masks where the input is a list.
        """
        raise NotImplementedError(
            f"{type(self).__name__} {self.name!r} has no call(). Write what it computes: def call(self, inputs): ..."
        )

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the output: which of its entries count; None if all do.

        It is asked after ``call`` if ``supports_masking`` is True, which it is by default in a class
        that writes this method. Where nobody writes it, the output has the mask of the input.

        Args:
            inputs: the first argument of ``call``.
            previous_mask: its mask; a list of masks, some None, where that argument is a list.
        """
        return previous_mask

    # Calling.

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Build if needed, then compute on arrays, record on tensors or declare on Keras tensors."""
        check_input(self, args)
        if any(isinstance(leaf, KerasTensor) for leaf in tree.flatten((args, kwargs))[0]):
            return declare(self, args, kwargs)
        if self._casts_inputs:
            args, kwargs = self._cast_inputs(args), self._cast_inputs(kwargs)
        self._build_for(args)
        self._clear_losses()
        outer = _training.get()
        training = kwargs.pop("training", None)
        training = outer if training is None else bool(training)
        if "training" in self._call_arguments:
            kwargs["training"] = bool(training)
        fill_masks(self._call_arguments, args, kwargs)
        previous = inherited_mask(args, kwargs)
        token = _training.set(training)
        try:
            with scope(str(self.name)):
                if self._hooks:
                    return call_hooked(self, lambda *inner: self._called(inner, kwargs, previous), args)
                return self._called(args, kwargs, previous)
        except Exception as error:
            tell_where(error, self)
            raise
        finally:
            _training.reset(token)

    def _called(self, args: tuple[Any, ...], kwargs: dict[str, Any], previous: Any) -> Any:
        outputs = self._finished(self.call(*args, **kwargs))
        return attach_masks(self, args, kwargs, outputs, previous) if self._passes_masks else outputs

    @property
    def _call_arguments(self) -> Sequence[str]:
        found: Sequence[str] | None = type(self).__dict__.get("_known_call_arguments")
        if found is None:
            import inspect

            found = tuple(inspect.signature(type(self).call).parameters)[1:]
            type(self)._known_call_arguments = found  # type: ignore[attr-defined]
        return found

    def _finished(self, outputs: Any) -> Any:
        """What ``call`` returned, judged and in the dtype that goes out."""
        if outputs is None:
            code = type(self).call.__code__
            raise StateError(
                f"{type(self).__name__} {self.name!r}: call() ({code.co_filename}:{code.co_firstlineno}) returned "
                "None. Return the output."
            )
        if self.activity_regularizer is not None:
            flat = tree.flatten(outputs)[0]
            self.add_loss([self.activity_regularizer(output) / max(1, output.shape[0]) for output in flat])
        return watched(self, self._round_outputs(outputs) if self._casts_inputs else outputs)

    def stateless_call(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Call the layer with other values for its weights, which keep their own.

        Args:
            trainable_variables: a value for each of ``trainable_variables``.
            non_trainable_variables: a value for each of ``non_trainable_variables``.
            *args: arguments of the call.
            return_losses: whether the losses are returned, too.
            **kwargs: arguments of the call.

        Returns:
            The outputs, the non-trainable weights after the call, and the losses if asked for.

        Example:
            >>> import numpy as np
            >>> from denselite.layers import Dense
            >>> layer = Dense(1, use_bias=False)
            >>> layer.build((None, 2))
            >>> kernel, x = np.array([[2.0], [3.0]]), np.array([[1.0, 10.0]], "float32")
            >>> layer.stateless_call([kernel], [], x)[0].tolist()
            [[32.0]]
        """
        found = stateless_call(self, trainable_variables, non_trainable_variables, args, kwargs)
        return found if return_losses else found[:2]

    # Configuration.

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that rebuild the layer, with Keras' keys."""
        config = {**super().get_config(), "dtype": serialize(self.dtype_policy)}
        for option, usual in (("activity_regularizer", None), ("autocast", True)):  # written where they differ
            if config.get(option) is usual:
                config.pop(option, None)
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Rebuild a layer from ``config``, also from what Keras wrote.

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
