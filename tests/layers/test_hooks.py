"""Hooks: called at every step with copies, may replace what they see, cost nothing where there are none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import layers
from denselite.errors import ArgumentError, ShapeError, StateError

X = np.linspace(-1, 1, 15, dtype="float32").reshape(5, 3)
Y = X[:, :1] * 2


def net(**arguments: Any) -> Any:
    model = dl.Sequential(
        [
            dl.Input((3,)),
            layers.Dense(2, "tanh", kernel_initializer=dl.initializers.GlorotUniform(seed=1), name="a"),
            layers.Dense(1, kernel_initializer="ones", name="b"),
        ],
        name="m",
    )
    model.compile(**{"optimizer": "sgd", "loss": "mse", **arguments})
    return model


def nothing(*args: Any) -> None:
    pass


KINDS: dict[str, Callable[[Any, Any], Any]] = {
    "pre": lambda layer, hook: layer.register_forward_pre_hook(hook),
    "forward": lambda layer, hook: layer.register_forward_hook(hook),
    "backward": lambda layer, hook: layer.register_backward_hook(hook),
}


@pytest.mark.parametrize("kind", KINDS)
def test_hook_that_returns_nothing_changes_no_number(kind: str) -> None:
    hooked, plain = net(), net()
    for layer in (*hooked.layers, hooked):
        KINDS[kind](layer, nothing)
    for model in (hooked, plain):
        model.fit(X, Y, batch_size=2, epochs=2, shuffle=False, verbose=0)
    assert all(map(np.array_equal, hooked.get_weights(), plain.get_weights()))
    assert np.array_equal(hooked.predict(X, verbose=0), plain.predict(X, verbose=0))


@pytest.mark.parametrize("kind", KINDS)
def test_removed_hook_leaves_the_instructions_of_a_net_without_hooks(kind: str) -> None:
    model = net()
    before = str(model.listing(X, Y))
    handle = KINDS[kind](model.layers[0], nothing)
    assert "python_call" in str(model.listing(X, Y))
    handle.remove()
    assert str(model.listing(X, Y)) == before
    handle.remove()  # twice is fine


def test_hooks_see_copies_of_arrays_at_every_step() -> None:
    model, seen = net(), []
    model.layers[0].register_forward_pre_hook(lambda layer, args: seen.append((layer.name, *args)))
    model.layers[0].register_forward_hook(lambda layer, args, output: seen.append((*args, output)))
    kernel, bias = (v.numpy() for v in model.layers[0].weights)
    model.train_on_batch(X[:2], Y[:2])
    assert (seen[0][0], len(seen)) == ("a", 2)
    np.testing.assert_array_equal(seen[0][1], X[:2])
    np.testing.assert_allclose(seen[1][1], np.tanh(X[:2] @ kernel + bias), rtol=1e-6)
    seen[0][1][...] = np.nan  # a copy: nothing of the model's
    assert np.isfinite(model.train_on_batch(X[:2], Y[:2]))
    model.predict(X, batch_size=2, verbose=0)
    assert [len(entry[0]) for entry in seen[5::2]] == [2, 2, 1]


def test_backward_hook_sees_the_gradients_by_input_and_output() -> None:
    model, seen = net(), []
    for layer in model.layers:
        layer.register_backward_hook(lambda layer, inner, outer: seen.append((layer.name, *inner, *outer)))
    kernel, prediction = model.layers[1].kernel.numpy(), model.predict(X, verbose=0)
    model.train_on_batch(X, Y)
    by_output = 2 * (prediction - Y) / 5  # of the mean of squares
    (first, inner, outer), (second, by_data, hidden) = seen
    assert (first, second) == ("b", "a")
    np.testing.assert_allclose(outer, by_output, rtol=1e-5)
    np.testing.assert_allclose(inner, by_output @ kernel.T, rtol=1e-5)
    np.testing.assert_array_equal(hidden, inner)
    assert by_data.shape == X.shape  # also by the data, where no weight lies behind


def test_what_hooks_return_takes_the_place() -> None:
    model = net()
    with model.layers[0].register_forward_pre_hook(lambda layer, args: (args[0] * 0,)):
        np.testing.assert_array_equal(model.predict(X, verbose=0), 0)
    with model.layers[1].register_forward_hook(lambda layer, args, output: np.full(output.shape, 7.0)):
        np.testing.assert_array_equal(model.predict(X, verbose=0), 7)
        np.testing.assert_array_equal(model(X), 7)  # called on arrays, too
    before = model.get_weights()
    with model.layers[1].register_backward_hook(lambda layer, inner, outer: inner[0] * 0):
        model.train_on_batch(X, Y)
    after = model.get_weights()
    assert np.array_equal(before[0], after[0])
    assert not np.array_equal(before[2], after[2])


def test_layer_of_several_inputs_and_outputs_is_hooked_as_nested() -> None:
    class Pair(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return {"sum": inputs[0] + inputs[1], "product": inputs[0] * inputs[1]}

    a, b = dl.Input((3,)), dl.Input((3,))
    pair = Pair()
    made = pair([a, b])
    model = dl.Model([a, b], layers.Dense(1)(layers.concatenate([made["sum"], made["product"]])))
    model.compile("sgd", "mse")
    seen: list[Any] = []
    pair.register_forward_hook(lambda layer, args, output: seen.append((args, output)))
    pair.register_forward_hook(lambda layer, args, output: {**output, "sum": output["sum"] * 1})
    pair.register_backward_hook(lambda layer, inner, outer: seen.append((inner, outer)))
    model.train_on_batch([X, X], Y)
    args, output = seen[0]
    np.testing.assert_array_equal(args[0][1], X)
    np.testing.assert_array_equal(output["product"], X * X)
    assert [g.shape for side in seen[1] for g in side] == [(5, 3)] * 4


def test_integers_have_no_gradient_and_the_hook_is_called_all_the_same() -> None:
    model = dl.Sequential([dl.Input((2,), dtype="int32"), layers.Embedding(4, 3), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    seen: list[Any] = []
    model.layers[0].register_backward_hook(lambda layer, inner, outer: seen.append((inner, outer[0].shape)))
    model.train_on_batch(np.ones((5, 2), int), Y)
    assert seen == [((None,), (5, 2, 3))]


def test_hook_registered_in_a_callback_is_called_from_the_next_step_on() -> None:
    model, calls, handles = net(), [], []

    class Register(dl.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 0:
                handles.append(model.layers[0].register_forward_hook(lambda *args: calls.append(batch)))
            if batch == 2:
                handles[0].remove()

    model.fit(X, Y, batch_size=1, verbose=0, callbacks=[Register()])
    assert len(calls) == 2


@pytest.mark.parametrize("run", ["fit", "evaluate", "predict"])
@pytest.mark.parametrize("eager", [False, True])
def test_hook_that_takes_itself_off_is_not_called_at_the_next_step(run: str, eager: bool) -> None:
    model, calls = net(run_eagerly=eager), []

    def once(layer: Any, args: Any, output: Any) -> None:
        calls.append(len(output))
        handle.remove()

    handle = model.layers[0].register_forward_hook(once)
    data = (X,) if run == "predict" else (X, Y)
    getattr(model, run)(*data, batch_size=2, verbose=0)
    assert calls == [2]


@pytest.mark.parametrize("kind", KINDS)
def test_hook_that_raises_stops_the_step_and_leaves_the_weights(kind: str) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("no")

    model = net(metrics=["mae"])
    before = model.get_weights()
    KINDS[kind](model.layers[0], broken)
    with pytest.raises(RuntimeError, match="no") as error:
        model.fit(X, Y, verbose=0)
    assert any(
        re.search(r"hook 'broken' \(.*test_hooks\.py:\d+\) of Dense 'a'", note) for note in error.value.__notes__
    )
    assert all(map(np.array_equal, before, model.get_weights()))
    assert int(model.optimizer.iterations) == 0


def test_predict_inside_a_hook_has_memory_of_its_own() -> None:
    model, seen = net(), []
    other = net()
    expected = other.predict(X, verbose=0)

    def look(layer: Any, args: Any, output: Any) -> None:
        handle.remove()
        seen.append(model.predict(X, verbose=0))

    handle = model.layers[1].register_forward_hook(look)
    assert np.array_equal(model.predict(X, verbose=0), expected)
    assert np.array_equal(seen[0], expected)


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "no-function": (
        lambda model: model.layers[0].register_forward_hook(3),
        ArgumentError,
        "Dense 'a': a forward hook is a function, got 3.",
    ),
    "shape": (
        lambda model: model.layers[0].register_forward_hook(lambda layer, args, output: output[:1]),
        ShapeError,
        r"The forward hook '<lambda>' \(.*test_hooks\.py:\d+\) of Dense 'a' has to return outputs of shape \(5, 2\), or None .*returned \(1, 2\)\.",
    ),
    "count": (
        lambda model: model.layers[0].register_forward_pre_hook(lambda layer, args: ()),
        ShapeError,
        r"forward pre hook .* inputs of shape \(5, 3\), .* it returned nothing\.",
    ),
    "gradient": (
        lambda model: model.layers[1].register_backward_hook(lambda layer, inner, outer: outer),
        ShapeError,
        r"backward hook .* gradients of shape \(5, 2\), .* it returned \(5, 1\)\.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told(mistake: str) -> None:
    register, kind, message = MISTAKES[mistake]

    def step() -> None:
        model = net()
        register(model)
        model.train_on_batch(X, Y)

    with pytest.raises(kind, match=message):
        step()


def test_hook_registered_in_a_call_is_refused() -> None:
    class Registering(layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.register_forward_hook(nothing)
            return inputs

    with pytest.raises(StateError, match=r"'r': a hook cannot be registered in call\(\)\."):
        Registering(name="r")(dl.Input((3,)))
