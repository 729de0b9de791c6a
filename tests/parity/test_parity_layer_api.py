"""What every layer can be asked: losses, metrics, specs, build configs, calls without state."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

X = np.linspace(-1.0, 1.0, 12).reshape(4, 3)


def adding(lib: Any, **options: Any) -> Any:
    """A layer that adds to the loss."""

    class Adding(lib.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            self.add_loss(lib.ops.sum(inputs**2))
            self.add_loss([0.5 * lib.ops.mean(inputs), lib.ops.max(inputs)])
            return inputs * 1.0

    return Adding(**options)


def test_added_losses_are_those_of_the_last_call(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer, told = adding(lib), []
        for x in (X, 2 * X):
            layer(x)
            told.append([float(loss) for loss in layer.losses])
        return told

    twins.same(recipe)


def test_input_is_one_tensor_or_a_list(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        a, b = lib.Input((3,), name="a"), lib.Input((3,), name="b")
        one, several = lib.layers.Dense(2), lib.layers.Add()
        one(a), several([a, b])
        read = [layer.input for layer in (one, several, lib.layers.InputLayer((3,)))]
        return [[symbol.name for symbol in symbols] if isinstance(symbols, list) else symbols.name for symbols in read]

    twins.same(recipe)


def test_losses_of_a_layer_and_of_those_inside(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        class Block(lib.layers.Layer):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.inner = adding(lib)
                self.dense = lib.layers.Dense(
                    2, kernel_initializer="ones", kernel_regularizer="l2", activity_regularizer="l1"
                )

            def call(self, inputs: Any) -> Any:
                return self.dense(self.inner(self.inner(inputs)))

        layer = Block()
        layer(X)
        return [sorted(float(loss) for loss in layer.losses), len(layer.inner.losses), len(layer.dense.losses)]

    twins.same(recipe)


@pytest.mark.parametrize("shared", [False, True])
def test_added_losses_are_trained_for(twins: Any, shared: bool) -> None:
    def build(lib: Any) -> Any:
        x = lib.Input((3,))
        layer = adding(lib)
        hidden = layer(lib.layers.Dense(3, "tanh")(x))
        outputs = (layer if shared else adding(lib))(lib.layers.Dense(2)(hidden))
        return twins.compile(lib, lib.Model(x, outputs))

    def run(model: Any) -> Any:
        return [model.train_on_batch(X, X[:, :2]), model.evaluate(X, X[:, :2], verbose=0)]

    twins.train(build, run)


def test_layer_inside_a_layer_adds_its_losses_call_by_call(twins: Any) -> None:
    def build(lib: Any) -> Any:
        class Twice(lib.layers.Layer):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.inner = adding(lib)

            def call(self, inputs: Any) -> Any:
                return self.inner(2.0 * self.inner(inputs))

        return twins.compile(lib, lib.Sequential([lib.Input((3,)), lib.layers.Dense(2), Twice()]))

    twins.train(build, lambda model: model.train_on_batch(X, X[:, :2]))


def test_metrics_that_are_attributes_are_listed(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        class Counting(lib.layers.Layer):  # type: ignore[misc]
            def __init__(self, **options: Any) -> None:
                super().__init__(**options)
                self.size = lib.metrics.Mean(name="size")
                self.inner = lib.layers.Dense(2)

            def call(self, inputs: Any) -> Any:
                return self.inner(inputs)

        layer = Counting()
        layer(X)
        layer.size.update_state(3.0)
        names = [metric.name for metric in layer.metrics]
        return [names, len(layer.metrics_variables), len(layer.weights), float(layer.metrics[0].result())]

    twins.same(recipe)


def test_output_spec_is_told_without_a_call(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.Dense(2)
        spec = layer.compute_output_spec(lib.Input((5, 3)))
        return [str(tuple(spec.shape)), str(np.dtype(str(spec.dtype))), type(spec).__name__]

    twins.same(recipe)


def test_build_config_builds_an_equal_layer(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer, other = lib.layers.Dense(2), lib.layers.Dense(2)
        before = layer.get_build_config()
        layer.build((None, 3))
        other.build_from_config(layer.get_build_config())
        other.build_from_config(None)
        return [before, str(layer.get_build_config()), [list(weight.shape) for weight in other.weights]]

    twins.same(recipe)


def test_stateless_call_leaves_the_weights_as_they_are(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.BatchNormalization(momentum=0.5, gamma_regularizer="l2")
        layer.build((None, 3))
        before = layer.get_weights()
        trainable, others = [np.full(3, 2.0), np.ones(3)], [np.zeros(3), np.ones(3)]
        outputs, after = layer.stateless_call(trainable, others, X, training=True)
        *_, losses = layer.stateless_call(trainable, others, X, training=True, return_losses=True)
        same = all(np.array_equal(a, b) for a, b in zip(before, layer.get_weights(), strict=True))
        return [np.asarray(outputs), [np.asarray(value) for value in after], [float(loss) for loss in losses], same]

    twins.same(recipe)


def test_add_weight_takes_keras_arguments(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        class Holding(lib.layers.Layer):  # type: ignore[misc]
            def build(self, input_shape: Any) -> None:
                self.a = self.add_weight(shape=(2,), initializer="ones", autocast=False, aggregation="mean", name="a")
                self.b = self.add_variable((3,), "zeros", trainable=False, name="b")
                self.c = self.add_weight((), "zeros", dtype="int32", trainable=False, name="c")

            def call(self, inputs: Any) -> Any:
                return inputs

        layer = Holding(name="h")
        layer.build((None, 2))
        return [[w.name, w.path, list(w.shape), str(np.dtype(str(w.dtype))), w.trainable] for w in layer.weights]

    twins.same(recipe)


SPECS: dict[str, Callable[[Any], Any]] = {
    "ndim": lambda lib: lib.InputSpec(ndim=2),
    "min-ndim": lambda lib: lib.InputSpec(min_ndim=2),
    "max-ndim": lambda lib: lib.InputSpec(max_ndim=2),
    "axes": lambda lib: lib.layers.InputSpec(axes={-1: 3}),
    "shape": lambda lib: lib.InputSpec(shape=(None, 3)),
    "dtype": lambda lib: lib.InputSpec(dtype="float64", ndim=2),
    "squeeze": lambda lib: lib.InputSpec(shape=(None, 3, 1), allow_last_axis_squeeze=True),
}
GIVEN = {"row": X[0], "rows": X, "column": X[:, :, None], "short": X[:, :2], "integers": X.astype("int32")}


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("spec", SPECS)
def test_input_spec_takes_and_refuses_the_same(twins: Any, spec: str, given: str) -> None:
    if (spec, given) == ("squeeze", "row"):
        pytest.skip("Keras compares as many axes as both have, and takes a row for rows")

    def recipe(lib: Any) -> Any:
        class Same(lib.layers.Layer):  # type: ignore[misc]
            def call(self, inputs: Any) -> Any:
                return inputs

        layer = Same()
        layer.input_spec = SPECS[spec](lib)
        try:
            layer(GIVEN[given])
        except (ValueError, TypeError):
            return False
        return True

    twins.same(recipe)


@pytest.mark.parametrize("spec", SPECS)
def test_input_spec_has_keras_config(twins: Any, spec: str) -> None:
    twins.same(lambda lib: json.loads(json.dumps(SPECS[spec](lib).get_config())))


def test_input_specs_of_several_inputs(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        class Sum(lib.layers.Layer):  # type: ignore[misc]
            def call(self, inputs: Any) -> Any:
                first, second = inputs.values() if isinstance(inputs, dict) else inputs
                return first + second

        layer, found = Sum(), []
        layer.input_spec = [lib.InputSpec(ndim=2, name="a"), lib.InputSpec(axes={-1: 3}, name="b")]
        for inputs in ([X, X], [X, X[:, :2]], [X], {"b": X, "a": X}, [X, X, X]):
            try:
                layer(inputs)
                found.append(True)
            except ValueError:
                found.append(False)
        return found

    twins.same(recipe)
