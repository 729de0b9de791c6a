"""``Sequential``: layers one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from denselite import tree
from denselite.errors import ArgumentError, StateError
from denselite.layers.input_layer import Input, InputLayer
from denselite.layers.layer import Layer
from denselite.models.layer_graph import LayerGraph
from denselite.models.model import Functional, Model
from denselite.tensor.context import scope
from denselite.tensor.symbols import KerasTensor

__all__ = ["Sequential"]


class Sequential(Functional):
    """A stack of layers, each with one input and one output.

    With an ``Input`` first, each layer is built when it is added; without one, at the first call,
    ``fit`` or ``build``.

    Args:
        layers: the layers, in order.
        trainable: whether ``fit`` changes the weights.
        name: the model's name.

    Raises:
        ArgumentError: an entry is no layer, or two have one name.

    Example:
        >>> from denselite.layers import Dense, Input
        >>> model = Sequential([Input((4,)), Dense(3, "relu"), Dense(1)])
        >>> model.output_shape, model.count_params()
        ((None, 1), 19)
    """

    def __init__(self, layers: Sequence[Any] | None = None, trainable: bool = True, name: str | None = None) -> None:
        self._stack: list[Layer] = []
        Model.__init__(self, name=name, trainable=trainable)
        self._input_layer: InputLayer | None = None
        self._top: KerasTensor
        self._extend(layers or ())

    def add(self, layer: Any) -> None:
        """Put ``layer`` on top.

        Raises:
            ArgumentError: it is no layer, its name is taken, or an Input comes second.
        """
        self._extend([layer])

    def _extend(self, layers: Iterable[Any]) -> None:
        stack = list(self._stack)
        names = {layer.name for layer in stack}
        for given in layers:
            layer = given
            if isinstance(given, KerasTensor) and given.history and isinstance(given.history[0], InputLayer):
                layer = given.history[0]
            if not isinstance(layer, Layer):
                raise ArgumentError(
                    f"Sequential {self.name!r} holds layers, got {layer!r}. Write Dense(...), not Dense."
                )
            if not isinstance(layer, InputLayer):
                if layer.name in names:
                    raise ArgumentError(
                        f"Sequential {self.name!r} has a layer named {layer.name!r} already. Names have to be unique."
                    )
                names.add(layer.name)
                stack.append(layer)
            elif stack or self._input_layer is not None:
                raise ArgumentError(
                    f"Sequential {self.name!r}: an Input has to be the first layer, got {layer.name!r} after others."
                )
            else:
                self._input_layer, self._top = layer, layer.output
        if len(stack) > len(self._stack):
            self._connect(stack, self._input_layer, len(self._stack))

    def pop(self) -> Layer:
        """Take the last layer off and return it."""
        if not self._stack:
            raise StateError(f"Sequential {self.name!r} has no layer to pop.")
        layer = self._stack[-1]
        self._connect(self._stack[:-1], self._input_layer)
        if not self._stack:
            self.built = False
        return layer

    def build(self, input_shape: Any = None) -> None:
        """Build all layers for the shape of a batch, its first size ``None``."""
        if not self._stack:
            raise StateError(f"Sequential {self.name!r} has no layers. Add one.")
        if self._input_layer is None:
            if input_shape is None:
                raise StateError(f"Sequential {self.name!r} needs an input shape to be built: build((None, 784)).")
            history = Input(batch_shape=tuple(input_shape)).history
            assert history is not None
            self._connect(self._stack, history[0])

    def _connect(self, stack: list[Layer], input_layer: InputLayer | None, connected: int = 0) -> None:
        """Let ``stack`` be the layers, called one after the other if there is an input; or fail and change nothing.

        Args:
            stack: all layers.
            input_layer: where the data comes in, None while nobody knows its shape.
            connected: how many of the layers are part of the graph as it is.
        """
        if input_layer is not None and stack:
            top = self._top if connected else input_layer.output
            with scope(str(self.path or self.name), absolute=True):
                for layer in stack[connected:]:
                    symbol = layer(top)
                    if not isinstance(symbol, KerasTensor):
                        raise ArgumentError(
                            f"Sequential {self.name!r}: layer {layer.name!r} has several outputs. "
                            "Use Model(inputs, outputs)."
                        )
                    top = symbol
            self._top = top
        if connected:
            self._stack.extend(stack[connected:])  # in place: what is assigned is looked through
        else:
            self._stack = stack
        self._input_layer = input_layer
        self.__dict__.pop("_graph", None)
        if input_layer is not None and stack:
            self._input_structure = self._output_structure = tree.LEAF
            self.built = True
            self.path = self.name

    @cached_property
    def _graph(self) -> LayerGraph:  # type: ignore[override]
        """The graph of the layers; made when it is asked for, so that layers can be added one by one."""
        if not self.built or self._input_layer is None:
            raise AttributeError(f"Sequential {self.name!r} is not built, so it has no graph.")
        return LayerGraph([self._input_layer.output], [self._top])

    @property
    def _sublayers(self) -> list[Layer]:
        """The layers in order, without the input."""
        return list(self._stack)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The input placeholder, in a list; empty before the model is built."""
        return self._graph.inputs if self.built else []

    @property
    def outputs(self) -> list[KerasTensor]:
        """The output placeholder, in a list; empty before the model is built."""
        return self._graph.outputs if self.built else []

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """Run the layers on ``inputs``: an array, a tensor or a Keras tensor."""
        if not self.built:
            raise StateError(f"Sequential {self.name!r} is not built. Add an Input or layers first.")
        return super().call(inputs, training, mask)

    def get_config(self) -> dict[str, Any]:
        from denselite.models.config import sequential_config

        return sequential_config(self)

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        """Rebuild the model that ``config`` describes; ``custom_objects`` has classes of your own by name."""
        from denselite.models.config import sequential_from_config

        return sequential_from_config(cls, config, custom_objects)
