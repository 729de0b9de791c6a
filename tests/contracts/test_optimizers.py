"""The laws that every optimizer keeps. An optimizer enters by being registered; its case is its formula again."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, layers, optimizers
from denselite.models import load_model
from denselite.program.sweep import BLOCK
from denselite.tensor.variable import Variable
from tests.contracts.optimizer_cases import CASES, GRADIENTS

HEAD = ["iteration", "learning_rate"]
every_case = pytest.mark.parametrize("case", CASES)
elementwise_case = pytest.mark.parametrize(
    "case", [case for case in CASES if getattr(optimizers, CASES[case][0]).elementwise]
)


def make(case: str, **options: Any) -> Any:
    name, arguments, *_ = CASES[case]
    return getattr(optimizers, name)(**{"learning_rate": 0.125, **arguments, **options})


def weight(values: Any, name: str = "a", dtype: str = "float64") -> Variable:
    return Variable(np.asarray(values, dtype), name=name)


def data(rows: int = 24) -> tuple[Any, Any]:
    rng = np.random.default_rng(11)
    x = rng.normal(size=(rows, 6)).astype("float32")
    return x, np.tanh(x[:, :1] - x[:, 1:2])


def model_of(optimizer: Any, widths: tuple[int, ...] = (5, 1)) -> Model:
    stack = [layers.Dense(width, "tanh", kernel_initializer=spread(k)) for k, width in enumerate(widths)]
    model = Sequential([Input((6,)), *stack])
    model.compile(optimizer, "mse")
    return model


def spread(seed: int) -> Any:
    from denselite import initializers

    return initializers.GlorotUniform(seed=seed)


def pickled(model: Model) -> Model:
    again: Model = pickle.loads(pickle.dumps(model))  # noqa: S301
    return again


def saved(model: Model) -> Model:
    with TemporaryDirectory() as folder:
        model.save(Path(folder) / "m.npz")
        return load_model(Path(folder) / "m.npz")


def fit(model: Model, epochs: int = 2) -> list[Any]:
    x, y = data()
    model.fit(x, y, batch_size=8, epochs=epochs, shuffle=False, verbose=0)
    return model.get_weights()


def assert_equal(ours: list[Any], theirs: list[Any]) -> None:
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_cases_here_reach_every_registered_optimizer() -> None:
    assert {name for name, *_ in CASES.values()} == {cls.__name__ for cls in optimizers.optimizers.members.values()}


@every_case
def test_three_steps_are_the_formula(case: str) -> None:
    # The two sides group their terms differently: a few ulps of float64.
    w, optimizer = weight([1.0]), make(case)
    for g, expected in zip(GRADIENTS, CASES[case][2], strict=True):
        optimizer.apply([np.array([g])], [w])
        assert w.numpy()[0] == pytest.approx(expected, rel=1e-12)
    assert int(optimizer.iterations) == 3


@every_case
def test_float32_steps_are_those_of_float64_rounded(case: str) -> None:
    w, optimizer = weight([1.0], dtype="float32"), make(case)
    for g, expected in zip(GRADIENTS, CASES[case][2], strict=True):
        optimizer.apply_gradients([(np.array([g]), w)])
        assert w.numpy()[0] == pytest.approx(expected, rel=2e-6, abs=1e-7)  # some tens of roundings of 6e-8
    assert {v.dtype.name for v in optimizer.variables[2:]} <= {"float32"}


@every_case
def test_variables_are_in_keras_order(case: str) -> None:
    optimizer = make(case)
    optimizer.apply([np.ones(2), np.ones(3)], [weight([1.0, 2.0], "a"), weight([1.0, 2.0, 3.0], "b")])
    assert [v.name for v in optimizer.variables] == [*HEAD, *CASES[case][3]]


@every_case
def test_config_goes_round_through_json(case: str) -> None:
    optimizer = make(case, clipnorm=2.0, name="given")
    spec = json.loads(json.dumps(optimizers.serialize(optimizer)))
    again = optimizers.deserialize(spec)
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()
    assert (again.clipnorm, again.name) == (2.0, "given")


@every_case
def test_schedule_is_asked_at_each_step_from_0(case: str) -> None:
    rates = [0.125, 0.0625, 0.25]
    by_hand, scheduled, called = make(case), [], []
    w = weight([1.0])
    for rate, g in zip(rates, GRADIENTS, strict=True):
        by_hand.learning_rate = rate
        by_hand.apply([np.array([g])], [w])
        scheduled.append(w.numpy()[0])

    schedule = optimizers.schedules.PiecewiseConstantDecay([0, 1], rates)
    optimizer, w = make(case, learning_rate=schedule), weight([1.0])
    for g in GRADIENTS:
        optimizer.apply([np.array([g])], [w])
        called.append(w.numpy()[0])
    assert called == scheduled
    assert [v.name for v in optimizer.variables][:2] != HEAD  # a schedule is no state


@every_case
def test_callable_rate_is_called_at_each_step(case: str) -> None:
    asked: list[int] = []
    optimizer, w = make(case, learning_rate=lambda: asked.append(1) or 0.125), weight([1.0])
    for g, expected in zip(GRADIENTS, CASES[case][2], strict=True):
        optimizer.apply([np.array([g])], [w])
        assert w.numpy()[0] == pytest.approx(expected, rel=1e-12)
    assert len(asked) == 3


@every_case
@pytest.mark.parametrize(
    ("option", "limited"),
    [
        # |g| = 5: scaled by 2/5; limited to ±2; all of g and h = (0, 12) have norm 13: scaled by 6.5/13
        ({"clipnorm": 2.0}, [[1.2, -1.6], [0.0, 2.0]]),
        ({"clipvalue": 2.0}, [[2.0, -2.0], [0.0, 2.0]]),
        ({"global_clipnorm": 6.5}, [[1.5, -2.0], [0.0, 6.0]]),
        ({"global_clipnorm": 50.0}, [[3.0, -4.0], [0.0, 12.0]]),
    ],
    ids=["clipnorm", "clipvalue", "global_clipnorm", "global_clipnorm-far"],
)
def test_clipping_is_clipped_gradients(case: str, option: dict[str, float], limited: list[list[float]]) -> None:
    given = [np.array([3.0, -4.0]), np.array([0.0, 12.0])]
    clipped, plain = [weight([1.0, 2.0], name) for name in "ab"], [weight([1.0, 2.0], name) for name in "ab"]
    make(case, **option).apply(given, clipped)
    make(case).apply([np.array(g) for g in limited], plain)
    for a, b in zip(clipped, plain, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)
    np.testing.assert_array_equal(given[0], [3.0, -4.0])  # the caller's own


@every_case
def test_weight_decay_takes_its_share_before_the_step(case: str) -> None:
    # What decay takes away is lr·decay·w = 0.2·w/8: the step goes on from 0.975·w.
    start, gradient = np.array([[1.0, -2.0]]), np.array([[0.5, 1.0]])
    decayed, spared, plain, shrunk = weight(start), weight(start, "b"), weight(start), weight(0.975 * start)
    optimizer = make(case, weight_decay=0.2)
    optimizer.exclude_from_weight_decay(var_names=["b"])
    optimizer.apply([gradient, gradient], [decayed, spared])
    for w in (plain, shrunk):
        make(case, weight_decay=None).apply([gradient], [w])
    if "schedule-free" in case:  # what it steps from are not the weights
        shrunk = plain
    np.testing.assert_allclose(decayed.numpy(), shrunk.numpy(), rtol=1e-12)
    np.testing.assert_array_equal(spared.numpy(), plain.numpy())


@every_case
def test_excluded_variable_is_known_by_identity(case: str) -> None:
    decayed, plain = weight([[1.0, -2.0]]), weight([[1.0, -2.0]])
    optimizer = make(case, weight_decay=0.2)
    optimizer.exclude_from_weight_decay(var_list=[decayed])
    optimizer.apply([np.ones((1, 2))], [decayed])
    make(case, weight_decay=None).apply([np.ones((1, 2))], [plain])
    np.testing.assert_array_equal(decayed.numpy(), plain.numpy())


@every_case
def test_zero_gradient_moves_nothing_and_stays_finite(case: str) -> None:
    w = weight([[1.0, -2.0]])
    make(case, weight_decay=None).apply([np.zeros((1, 2))], [w])
    if "ftrl" in case:  # makes the weights anew from its gradients and regularization
        assert np.isfinite(w.numpy()).all()
    else:
        np.testing.assert_array_equal(w.numpy(), [[1.0, -2.0]])


@elementwise_case
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_several_blocks_are_one(case: str, dtype: str) -> None:
    # Every element is updated alone: a long array's are those of short ones.
    rng = np.random.default_rng(2)
    size = 2 * BLOCK + 17
    values, gradients = rng.normal(size=size).astype(dtype), rng.normal(size=(2, size)).astype(dtype)
    long, first, last = weight(values, dtype=dtype), weight(values[:5], dtype=dtype), weight(values[-5:], dtype=dtype)
    for variable, part in ((long, slice(None)), (first, slice(5)), (last, slice(-5, None))):
        optimizer = make(case)
        for g in gradients:
            optimizer.apply([g[part]], [variable])
    np.testing.assert_array_equal(long.numpy()[:5], first.numpy())
    np.testing.assert_array_equal(long.numpy()[-5:], last.numpy())
    assert np.isfinite(long.numpy()).all()


@every_case
def test_fit_takes_the_steps_of_apply(case: str) -> None:
    # One Dense without bias on one row x = 2, target 1, loss (w·x - 1)²: gradient 2·(2w - 1)·2.
    model = Sequential([Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones", dtype="float64")])
    model.compile(make(case), "mse")
    w, other = weight([[1.0]]), make(case)
    for _ in range(3):
        model.train_on_batch(np.array([[2.0]]), np.array([[1.0]]))
        other.apply([4 * (2 * w.numpy() - 1)], [w])
        np.testing.assert_allclose(model.get_weights()[0], w.numpy(), rtol=1e-6)


@every_case
def test_training_lowers_the_loss(case: str) -> None:
    model = model_of(make(case, learning_rate=0.01, weight_decay=None))
    x, y = data()
    before = model.evaluate(x, y, verbose=0)
    fit(model, epochs=10)
    assert model.evaluate(x, y, verbose=0) < before


@every_case
def test_same_instance_keeps_its_slots_when_compiled_again(case: str) -> None:
    straight, halfway = model_of(make(case)), model_of(make(case))
    fit(straight, 4)
    fit(halfway, 2)
    halfway.compile(halfway.optimizer, "mse")
    assert_equal(fit(halfway, 2), straight.get_weights())
    assert int(halfway.optimizer.iterations) == 12


@every_case
@pytest.mark.parametrize("way", [copy.deepcopy, pickled], ids=["copy", "pickle"])
def test_copy_of_a_trained_model_goes_on_as_the_model(case: str, way: Callable[[Any], Any]) -> None:
    model = model_of(make(case))
    fit(model)
    again = way(model)
    assert again.optimizer is not model.optimizer
    assert_equal(fit(again), fit(model))
    assert_equal([v.numpy() for v in again.optimizer.variables], [v.numpy() for v in model.optimizer.variables])


@every_case
def test_saved_model_goes_on_as_the_model(case: str, tmp_path: Path) -> None:
    model = model_of(make(case))
    fit(model)
    model.save(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz")
    assert_equal(fit(again), fit(model))


@every_case
@pytest.mark.parametrize("way", [copy.deepcopy, pickled, saved], ids=["copy", "pickle", "file"])
def test_model_with_averages_and_half_an_accumulation_goes_on(case: str, way: Callable[[Any], Any]) -> None:
    options = {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2, "gradient_accumulation_steps": 2}
    model = model_of(make(case, **options))
    fit(model, epochs=1)  # three steps
    again = way(model)
    assert_equal(fit(again), fit(model))
    assert_equal([v.numpy() for v in again.optimizer.variables], [v.numpy() for v in model.optimizer.variables])


@every_case
def test_frozen_layer_stays_and_the_others_are_trained(case: str) -> None:
    model = model_of(make(case), (5, 4, 1))
    fit(model, 1)
    model.layers[1].trainable = False
    before = model.get_weights()
    after = fit(model, 1)  # three updates: the steps of Lion, all of one size, cannot cancel out
    moved = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert moved == [True, True, False, False, True, True]


@every_case
def test_thawed_layer_finds_its_slots_again(case: str) -> None:
    model = model_of(make(case), (5, 4, 1))
    fit(model, 1)
    state = [v.numpy() for v in model.optimizer.variables[2:]]
    model.layers[1].trainable = False
    model.compile(model.optimizer, "mse")
    model.layers[1].trainable = True
    model.compile(model.optimizer, "mse")
    assert_equal([v.numpy() for v in model.optimizer.variables[2:]], state)


@every_case
def test_shared_layer_is_updated_once_with_the_sum_of_its_gradients(case: str) -> None:
    # y = w·x₁ + w·x₂ = w·(x₁ + x₂): the model with one input x₁ + x₂ takes the same steps.
    inputs = [Input((1,)), Input((1,))]
    shared = layers.Dense(1, use_bias=False, kernel_initializer="ones")
    twice = Model(inputs, layers.Add()([shared(symbol) for symbol in inputs]))
    once = Sequential([Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    a, b, y = np.array([[1.0]]), np.array([[2.0]]), np.array([[0.5]])
    for model, x in ((twice, [a, b]), (once, a + b)):
        model.compile(make(case), "mse")
        for _ in range(3):
            model.train_on_batch(x, y)
    np.testing.assert_allclose(twice.get_weights()[0], once.get_weights()[0], rtol=1e-5)


@every_case
def test_two_models_that_share_a_layer_train_it_each_with_slots_of_their_own(case: str) -> None:
    shared = layers.Dense(4, "tanh")
    models = [Sequential([Input((6,)), shared, layers.Dense(1)]) for _ in range(2)]
    for model in models:
        model.compile(make(case), "mse")
    kernel = shared.get_weights()[0]
    for model in (*models, *models):
        fit(model, 1)
        assert not np.array_equal(shared.get_weights()[0], kernel)
        kernel = shared.get_weights()[0]
    assert [int(model.optimizer.iterations) for model in models] == [6, 6]
