"""Models with a call of their own: trained, judged, saved as configs, logged like Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

X = np.linspace(-1.0, 1.0, 24).reshape(6, 4)
IDS = np.arange(12).reshape(6, 2) % 5


def block(lib: Any, outputs: str = "one") -> Any:
    """A model of layers in attributes, a list and a dict."""

    class Block(lib.Model):  # type: ignore[misc]
        def __init__(self, units: int = 3, **options: Any) -> None:
            super().__init__(**options)
            self.units = units
            self.first = lib.layers.Dense(units, activation="tanh")
            self.stack = [lib.layers.Dense(3), lib.layers.Dropout(0.0)]
            self.heads = {"b": lib.layers.Dense(1), "a": lib.layers.Dense(2)}

        def call(self, x: Any, training: bool = False) -> Any:
            x = self.first(x)
            for layer in self.stack:
                x = layer(x, training=training) if layer is self.stack[1] else layer(x)
            a, b = self.heads["a"](x), self.heads["b"](x)
            return {"one": a, "list": [a, b], "dict": {"q": b, "p": a}}[outputs]

        def get_config(self) -> Any:
            return {**super().get_config(), "units": self.units}

    return Block


def built(twins: Any, lib: Any, outputs: str, **arguments: Any) -> Any:
    model = block(lib, outputs)(name="own")
    model(X)
    return twins.compile(lib, model, **arguments)


def targets(outputs: str) -> Any:
    a, b = X[:, :2], X[:, :1]
    return {"one": a, "list": [a, b], "dict": {"p": a, "q": b}}[outputs]


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "one": ("one", {"metrics": ["mae"]}),
    "list": ("list", {"loss": ["mse", "mae"], "metrics": [["mae"], ["mse", "mae"]]}),
    "list-weighted": ("list", {"loss": ["mse", "mse"], "loss_weights": [1.0, 0.5]}),
    "dict": ("dict", {"loss": {"p": "mse", "q": "mae"}, "metrics": {"q": ["mae"], "p": "mse"}}),
}


@pytest.mark.parametrize("case", CASES)
def test_subclass_trains_and_is_judged_as_in_keras(twins: Any, case: str) -> None:
    outputs, arguments = CASES[case]

    def run(model: Any) -> Any:
        history = model.fit(X, targets(outputs), batch_size=4, shuffle=False, verbose=0).history
        judged = model.evaluate(X, targets(outputs), verbose=0)
        seen = model.predict(X, verbose=0)
        return [history, judged, dict(sorted(seen.items())) if outputs == "dict" else seen, len(model.layers)]

    twins.train(lambda lib: built(twins, lib, outputs, **arguments), run)


def test_subclass_that_nobody_called_is_built_by_fit_with_keras_paths(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        model = twins.compile(lib, block(lib)(name="own"))
        before = [model.built, len(model.weights)]
        model.fit(X, X[:, :2], verbose=0)
        kinds = [weight.path.split("/")[0] + "/" + weight.path.split("/")[-1] for weight in model.weights]
        return [before, model.built, kinds, [w.shape for w in model.get_weights()]]

    twins.same(recipe)


def test_inputs_of_a_subclass_come_in_the_dtype_of_the_data(twins: Any) -> None:
    def build(lib: Any) -> Any:
        class Lookup(lib.Model):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.table, self.dense = lib.layers.Embedding(5, 3), lib.layers.Dense(1)

            def call(self, inputs: Any) -> Any:
                ids, x = inputs["ids"], inputs["x"]
                return self.dense(lib.ops.concatenate([lib.ops.mean(self.table(ids), axis=1), x], axis=-1))

        model = Lookup()
        model({"ids": IDS, "x": X})
        return twins.compile(lib, model)

    twins.train(build, lambda model: model.fit({"ids": IDS, "x": X}, X[:, :1], shuffle=False, verbose=0).history)


def test_config_of_a_subclass_makes_it_again(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        made = block(lib)(4)
        again = type(made).from_config(made.get_config())
        return [again.units, again.trainable, again.built]

    twins.same(recipe)


def test_regularizers_and_added_losses_of_a_subclass_are_trained_for(twins: Any) -> None:
    def build(lib: Any) -> Any:
        class Penalized(lib.Model):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.dense = lib.layers.Dense(2, kernel_regularizer="l2")

            def call(self, x: Any) -> Any:
                y = self.dense(x)
                self.add_loss(lib.ops.mean(y**2))
                return y

        model = Penalized()
        model(X)
        return twins.compile(lib, model)

    twins.train(build, lambda model: [model.train_on_batch(X, X[:, :2]), model.evaluate(X, X[:, :2], verbose=0)])
