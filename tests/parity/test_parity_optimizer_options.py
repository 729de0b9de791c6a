"""What all optimizers share: averages of weights, accumulated gradients, scaled losses, constraints after updates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(41)
X = RNG.normal(size=(12, 4))
Y = RNG.normal(size=(12, 2))

# Rates at which eight steps of each rule do not amplify the oracle's float32 noise.
RULES: dict[str, dict[str, Any]] = {
    "SGD": {"learning_rate": 0.1, "momentum": 0.5},
    "RMSprop": {"learning_rate": 0.01},
    "Adam": {"learning_rate": 0.01, "weight_decay": 0.1},
}
OPTIONS: dict[str, dict[str, Any]] = {
    "ema": {"use_ema": True, "ema_momentum": 0.7},
    "ema-default": {"use_ema": True},
    "ema-overwrite": {"use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 3},
    "accumulation": {"gradient_accumulation_steps": 3},
    "accumulation-clipped": {"gradient_accumulation_steps": 2, "global_clipnorm": 0.3},
    "scaled": {"loss_scale_factor": 100.0},
    "scaled-clipped": {"loss_scale_factor": 3.0, "clipnorm": 0.2},
    "all": {
        "use_ema": True, "ema_momentum": 0.6, "ema_overwrite_frequency": 2, "gradient_accumulation_steps": 2,
        "loss_scale_factor": 7.0, "clipvalue": 0.1,
    },
}  # fmt: skip
every_option = pytest.mark.parametrize("option", OPTIONS)


def builder(twins: Any, rule: str, constraint: Any = None, **options: Any) -> Any:
    def build(lib: Any) -> Any:
        limit = None if constraint is None else constraint(lib)
        hidden = lib.layers.Dense(3, "tanh", kernel_constraint=limit, name="a")
        model = lib.Sequential(
            [lib.Input((4,)), hidden, lib.layers.Dense(2, bias_constraint=limit, name="b")], name="s"
        )
        return twins.compile(lib, model, optimizer=getattr(lib.optimizers, rule)(**RULES[rule], **options))

    return build


def fit(model: Any, **arguments: Any) -> Any:
    return model.fit(X, Y, **{"epochs": 2, "batch_size": 3, "shuffle": False, "verbose": 0, **arguments}).history


def state(model: Any) -> list[Any]:
    return [np.asarray(v) for v in model.optimizer.variables]


def two_fits(model: Any) -> Any:
    first = fit(model)
    return [first, model.get_weights(), fit(model, epochs=1), state(model), int(model.optimizer.iterations)]


@pytest.mark.parametrize(
    ("rule", "option"), [*(("Adam", option) for option in OPTIONS), ("SGD", "all"), ("RMSprop", "all"), ("SGD", "ema")]
)
def test_weights_and_state_after_two_fits_are_keras(twins: Any, rule: str, option: str) -> None:
    twins.train(builder(twins, rule, **OPTIONS[option]), two_fits)


def test_weights_and_state_in_float32_are_keras(twins32: Any) -> None:
    twins32.train(builder(twins32, "SGD", **OPTIONS["all"]), two_fits)


@every_option
def test_variables_are_keras_by_name_and_order(twins: Any, option: str) -> None:
    def recipe(lib: Any) -> Any:
        model = builder(twins, "RMSprop", **OPTIONS[option])(lib)
        model.optimizer.build(model.trainable_variables)
        return [[v.name, tuple(v.shape)] for v in model.optimizer.variables]

    twins.same(recipe)


@every_option
def test_config_is_keras_and_is_read_back(twins: Any, option: str) -> None:
    theirs, ours = (lib.optimizers.Adam(0.5, name="o", **OPTIONS[option]) for lib in twins.libs)
    assert ours.get_config() == theirs.get_config()
    assert type(ours).from_config(theirs.get_config()).get_config() == theirs.get_config()


def test_weights_that_are_trained_on_under_averages_are_keras(twins: Any) -> None:
    def run(model: Any) -> Any:
        taken = [[model.train_on_batch(X, Y), *model.get_weights()] for _ in range(3)]
        model.optimizer.finalize_variable_values(model.trainable_variables)
        return taken

    twins.train(builder(twins, "SGD", use_ema=True, ema_momentum=0.8), run)


def test_schedule_sees_every_step_and_the_rule_every_update(twins: Any) -> None:
    def build(lib: Any) -> Any:
        rate = lib.optimizers.schedules.ExponentialDecay(0.05, 2, 0.7)
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(2)])
        return twins.compile(lib, model, optimizer=lib.optimizers.Adam(rate, gradient_accumulation_steps=2))

    twins.train(build, lambda model: [fit(model), state(model)])


@pytest.mark.parametrize("clip", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_applied_gradients_are_unscaled_then_clipped(twins: Any, clip: str) -> None:
    gradients = [3.0 * RNG.normal(size=shape) for shape in [(4, 3), (3,), (3, 2), (2,)]]

    def run(model: Any) -> Any:
        for _ in range(2):
            model.optimizer.apply(gradients, model.trainable_variables)

    twins.train(builder(twins, "SGD", loss_scale_factor=2.0, **{clip: 0.5}), run)


def test_weights_without_a_gradient_stay(twins: Any) -> None:
    def run(model: Any) -> Any:
        for _ in range(2):
            model.optimizer.apply([None, np.ones(3), None, np.ones(2)], model.trainable_variables)
        return state(model)

    twins.train(builder(twins, "Adam"), run)


@pytest.mark.parametrize("names", [["bias"], ["^kern", "nothing"], ["a/kernel"], ["^k.*l$"]])
def test_excluded_names_are_expressions_found_in_a_name(twins: Any, names: list[str]) -> None:
    def build(lib: Any) -> Any:
        model = builder(twins, "Adam")(lib)
        model.optimizer.exclude_from_weight_decay(var_names=names)
        return model

    twins.train(build, fit)


def test_excluded_variables_are_known_by_identity(twins: Any) -> None:
    def build(lib: Any) -> Any:
        model = builder(twins, "Adam")(lib)
        model.optimizer.exclude_from_weight_decay(var_list=model.trainable_variables[:2])
        return model

    twins.train(build, fit)


def test_stateless_apply_returns_the_update_and_makes_none(twins: Any) -> None:
    gradients = [RNG.normal(size=shape) for shape in [(4, 3), (3,), (3, 2), (2,)]]

    def run(model: Any) -> Any:
        optimizer = model.optimizer
        optimizer.build(model.trainable_variables)
        weights, own = [np.asarray(w) for w in model.trainable_variables], state(model)
        for _ in range(2):
            weights, own = optimizer.stateless_apply(own, gradients, weights)
        return [[np.asarray(value) for value in values] for values in (weights, own)], state(model)

    twins.train(builder(twins, "Adam"), run)


def test_scale_loss_is_keras(twins: Any) -> None:
    twins.same(lambda lib: [lib.optimizers.SGD(loss_scale_factor=factor).scale_loss(2.0) for factor in (None, 3.0)])


CONSTRAINTS: dict[str, Any] = {
    "max": lambda lib: lib.constraints.MaxNorm(0.3),
    "unit": lambda lib: "unit_norm",
    "non-negative": lambda lib: lib.constraints.NonNeg(),
    "min-max": lambda lib: lib.constraints.MinMaxNorm(0.2, 0.4, rate=0.5),
    "callable": lambda lib: lambda w: w * 0.5,
}


@pytest.mark.parametrize(
    ("rule", "constraint"), [*(("Adam", constraint) for constraint in CONSTRAINTS), ("SGD", "max"), ("RMSprop", "unit")]
)
def test_constrained_weights_are_keras(twins: Any, rule: str, constraint: str) -> None:
    twins.train(builder(twins, rule, CONSTRAINTS[constraint]), fit)


@pytest.mark.parametrize("option", ["ema", "ema-overwrite", "accumulation", "all"])
def test_constraints_come_after_averages_and_at_every_step(twins: Any, option: str) -> None:
    build = builder(twins, "SGD", CONSTRAINTS["min-max"], **OPTIONS[option])
    twins.train(build, lambda model: [model.train_on_batch(X, Y) for _ in range(5)] + state(model))


def test_constraint_of_a_frozen_layer_is_not_applied(twins: Any) -> None:
    def build(lib: Any) -> Any:
        frozen = lib.layers.Dense(3, kernel_constraint="max_norm", trainable=False)
        return twins.compile(lib, lib.Sequential([lib.Input((4,)), frozen, lib.layers.Dense(2)]))

    twins.train(build, fit)


@pytest.mark.parametrize(
    "wrong",
    [{"gradient_accumulation_steps": 1}, {"use_ema": True, "ema_momentum": 1.5},
     {"use_ema": True, "ema_overwrite_frequency": -1}],
    ids=lambda wrong: list(wrong)[-1],
)  # fmt: skip
def test_option_out_of_range_is_a_value_error(twins: Any, wrong: dict[str, Any]) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError, match=list(wrong)[-1]):
            lib.optimizers.SGD(**wrong)
