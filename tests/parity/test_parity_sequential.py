"""Sequential: deferred building, what it knows about itself, nesting and editing are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np

RNG = np.random.default_rng(31)
X = RNG.normal(size=(10, 4))
Y = RNG.normal(size=(10, 3))


def about(model: Any) -> Any:
    return {
        "built": model.built,
        "layers": [layer.name for layer in model.layers],
        "weights": [[w.name, w.path, list(w.shape)] for w in model.weights],
        "trainable": len(model.trainable_weights),
        "count": model.count_params(),
    }


def test_model_with_an_input_is_built_at_once(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layers = [lib.Input((4,), name="i"), lib.layers.Dense(3, name="h"), lib.layers.Dense(3, name="o")]
        return about(lib.Sequential(layers, name="m"))

    twins.same(recipe)


def test_model_without_an_input_waits_for_data(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        model = lib.Sequential([lib.layers.Dense(3, name="h"), lib.layers.Dense(3, name="o")], name="m")
        before = [model.built, model.weights, model.get_weights(), len(model.layers)]
        twins.compile(lib, model)
        after = [model.predict(X, verbose=0).shape, about(model)]
        return [before, after]

    twins.same(recipe)


def test_build_with_a_shape_builds(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        model = lib.Sequential([lib.layers.Dense(3, name="h"), lib.layers.Dense(3, name="o")], name="m")
        model.build((None, 4))
        return about(model)

    twins.same(recipe)


def test_deferred_model_trains_like_keras_once_built(twins: Any) -> None:
    def build(lib: Any) -> Any:
        model = lib.Sequential()
        model.add(lib.layers.Dense(3, activation="tanh"))
        model.add(lib.layers.Dense(3))
        model.build((None, 4))
        return twins.compile(lib, model)

    twins.train(build, lambda model: model.fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0).history)


def test_first_fit_of_a_deferred_model_logs_like_keras(twins: Any) -> None:
    """With constant weights at the start nothing is left to chance."""

    def recipe(lib: Any) -> Any:
        start = {"kernel_initializer": lib.initializers.Constant(0.2)}
        model = lib.Sequential([lib.layers.Dense(3, activation="tanh", **start), lib.layers.Dense(3, **start)])
        history = twins.compile(lib, model).fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0).history
        return [history, model.get_weights()]

    twins.same(recipe)


def test_added_and_popped_layers_leave_keras_model(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,), name="i"), lib.layers.Dense(3, name="h")], name="m")
        model.add(lib.layers.Dense(3, name="o"))
        model.add(lib.layers.Dense(5, name="gone"))
        model.pop()
        return about(model)

    twins.same(recipe)


def test_nested_sequential_trains_like_keras(twins: Any) -> None:
    def build(lib: Any) -> Any:
        inner = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="tanh"), lib.layers.Dense(3)])
        return twins.compile(lib, lib.Sequential([lib.Input((4,)), inner, lib.layers.Dense(3)]))

    twins.train(build, lambda model: model.fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0).history)


def test_model_called_on_an_array_computes_like_predict(twins: Any) -> None:
    def build(lib: Any) -> Any:
        return lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="relu"), lib.layers.Dense(3)])

    twins.train(build, lambda model: [np.asarray(model(X)), model.predict(X, batch_size=5, verbose=0)])


def test_get_layer_finds_by_name_and_index(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, name="h"), lib.layers.Dense(3, name="o")])
        return [model.get_layer("o").units, model.get_layer(index=0).name, model.get_layer(index=-1).name]

    twins.same(recipe)


def test_default_layer_names_count_up_like_keras(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layers = lib.layers
        made = [layers.Dense(1), layers.Dense(1), layers.Dropout(0.1), layers.Flatten(), layers.Concatenate()]
        names = [layer.name for layer in made]
        first, second = (int([*name.split("_"), "0"][1]) for name in names[:2])
        return [[name.rstrip("_0123456789") for name in names], second - first]

    twins.same(recipe)


def test_model_with_integer_inputs_computes_in_floatx(twins: Any) -> None:
    whole = np.arange(40).reshape(10, 4)

    def build(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Rescaling(1 / 40), lib.layers.Dense(3)])
        return twins.compile(lib, model)

    def run(model: Any) -> Any:
        predicted = model.predict(whole, verbose=0)
        return [str(predicted.dtype), predicted, model.train_on_batch(whole, Y), model.predict(whole, verbose=0)]

    twins.train(build, run)
