"""``run_eagerly``: the same numbers as planned, with values while layers, losses and metrics run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import layers
from denselite.errors import StateError
from denselite.utils import set_random_seed

X = np.linspace(-1, 1, 30, dtype="float32").reshape(10, 3)
LABELS = np.arange(10) % 2
IDS = np.arange(20).reshape(10, 2) % 5


def dense(**arguments: Any) -> Any:
    stack = [
        layers.Dense(4, "gelu", kernel_regularizer="l2", kernel_constraint="max_norm"),
        layers.BatchNormalization(),
        layers.Dropout(0.3),
        layers.Dense(2, "softmax", activity_regularizer="l1"),
    ]
    model = dl.Sequential([dl.Input((3,)), *stack])
    model.compile(
        **{"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **arguments}
    )
    return model, X, LABELS  # fmt: skip


def lookup(**arguments: Any) -> Any:
    model = dl.Sequential([dl.Input((2,), dtype="int32"), layers.Embedding(5, 3), layers.Flatten(), layers.Dense(1)])
    model.compile(**{"optimizer": "sgd", "loss": "mse", "metrics": ["mae"], **arguments})
    return model, IDS, X[:, :1]


@pytest.mark.parametrize("make", [dense, lookup])
def test_eager_training_is_planned_training(make: Any) -> None:
    found = []
    for eager in (False, True):
        set_random_seed(3)
        model, x, y = make(run_eagerly=eager)
        history = model.fit(x, y, batch_size=4, epochs=2, validation_split=0.2, verbose=0).history
        found.append([history, model.evaluate(x, y, verbose=0), model.get_weights(), model.predict(x, verbose=0)])
    planned, eager = found
    assert list(planned[0]) == list(eager[0])
    for name, values in planned[0].items():
        np.testing.assert_allclose(eager[0][name], values, rtol=1e-6)
    np.testing.assert_allclose(eager[1], planned[1], rtol=1e-6)
    for ours, theirs in zip([*eager[2], eager[3]], [*planned[2], planned[3]], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


class Looking(layers.Layer):
    """Does what only a value can tell."""

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight((input_shape[-1], 1), "ones", name="w")

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], 1)

    def call(self, inputs: Any) -> Any:
        y = inputs @ self.w
        for _ in range(int(np.sum(y > 0.0))):
            y = y * 0.9
        return y if float(np.mean(y)) < 10 else y / 2


def test_values_may_be_looked_at_in_layers_losses_and_metrics(capsys: Any) -> None:
    def loss(y_true: Any, y_pred: Any) -> Any:
        print("loss", np.asarray(y_pred).shape)
        assert not np.any(np.isnan(np.asarray(y_pred)))
        return np.mean((y_true - y_pred) ** 2, axis=-1)

    def above(y_true: Any, y_pred: Any) -> Any:
        return y_true * 0 + (1.0 if np.asarray(y_pred).max() > 0 else 0.0)

    model = dl.Sequential([dl.Input((3,)), Looking()])
    model.compile("sgd", loss, metrics=[above], run_eagerly=True)
    model.fit(X[-4:], X[-4:, :1], batch_size=2, shuffle=False, verbose=0)
    assert capsys.readouterr().out == "loss (2, 1)\n" * 2
    assert model.evaluate(X[-2:], X[-2:, :1], verbose=0, return_dict=True)["above"] == 1.0
    assert model.predict(X[:2], verbose=0)[0, 0] == pytest.approx(X[0].sum() * model.get_weights()[0].mean(), rel=0.1)


def test_gradient_is_that_of_the_branch_taken() -> None:
    class Branch(dl.Model):
        def __init__(self) -> None:
            super().__init__()
            self.w = self.add_weight((1,), "ones", name="w")

        def call(self, x: Any) -> Any:
            return x * self.w * 3 if np.max(x) > 0 else x * self.w

    model = Branch()
    model.compile(dl.optimizers.SGD(1.0), lambda y, p: np.sum(p, axis=-1), run_eagerly=True)
    for x, slope in ((2.0, 6.0), (-2.0, -2.0)):
        before = model.get_weights()[0][0]
        model.train_on_batch(np.array([[x]]), np.array([[0.0]]))
        assert model.get_weights()[0][0] - before == pytest.approx(-slope)


def test_layer_behind_an_input_may_look_at_values_without_telling_its_shape() -> None:
    class Choosing(layers.Layer):
        def call(self, x: Any) -> Any:
            return x * 2 if float(x.sum()) > 0 else x

    for model in (dl.Sequential([dl.Input((3,)), Choosing()]), dl.Sequential([Choosing(), layers.Dense(3)])):
        model.compile("sgd", "mse", run_eagerly=True)
        model.fit(X, X, verbose=0)
        assert model.predict(X, verbose=0).shape == X.shape
        assert model.compute_gradients(X, X, wrt="inputs").shape == X.shape
        model.run_eagerly = False
        with pytest.raises(StateError, match="has no value yet, so a number cannot be had"):
            model.predict(X, verbose=0)


def test_numpy_random_may_be_drawn_from_eagerly_and_not_when_traced() -> None:
    class Noisy(dl.Model):
        def call(self, x: Any) -> Any:
            return x + np.random.normal()

    set_random_seed(1)
    model = Noisy()
    with pytest.raises(StateError, match=r"drew .* denselite.random.uniform/normal\(seed="):
        model.predict(X, verbose=0)
    model.run_eagerly = True
    assert not np.array_equal(model.predict(X, verbose=0), model.predict(X, verbose=0))


def test_error_in_an_eager_step_leaves_the_weights() -> None:
    class Picky(dl.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x: Any) -> Any:
            if np.max(x) > 0.5:
                raise RuntimeError("too large")
            return self.dense(x)

    model = Picky()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(X[:2], X[:2, :1], verbose=0)
    before = model.get_weights()
    with pytest.raises(RuntimeError, match="too large"):
        model.fit(X, X[:, :1], verbose=0)
    assert all(map(np.array_equal, before, model.get_weights()))


def test_run_eagerly_can_be_set_and_is_saved() -> None:
    model, x, y = dense()
    assert model.run_eagerly is False
    print(model.listing(x, y))
    model.run_eagerly = True
    with pytest.raises(StateError, match="A step that runs eagerly has no plan to list"):
        model.listing(x, y)
    assert dl.models.model_from_json(model.to_json()).run_eagerly is True


def test_value_asked_for_in_a_trace_is_told_with_the_layer_and_the_line() -> None:
    class Asking(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs if inputs[0, 0] > 0 else -inputs

    with pytest.raises(StateError, match=r"has no value yet, so a truth value .* compile\(run_eagerly=True\)") as error:
        dl.Sequential([dl.Input((3,)), Asking(name="ask")]).predict(X, verbose=0)
    first, second = error.value.__notes__[:2]
    assert "test_eager.py:" in first
    assert first.endswith("return inputs if inputs[0, 0] > 0 else -inputs")
    assert second == "This happened in Asking 'ask', in its call()."


def test_tensor_of_an_eager_step_shows_its_value() -> None:
    shown: list[str] = []

    class Show(dl.Model):
        def call(self, x: Any) -> Any:
            shown.append(repr(x * 2))
            return x

    model = Show()
    model.run_eagerly = True
    model.predict(np.ones((1, 2)), verbose=0)
    assert shown[-1] == "Tensor(multiply, shape=(1, 2), dtype=float32 in show, value=[[2. 2.]])"
