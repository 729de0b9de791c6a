"""Update rules on weights of any shape: the values, the slots, the configs and what is refused are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

NAMES = [
    "SGD", "RMSprop", "Adam", "AdamW", "Adamax", "Nadam", "Adagrad", "Adadelta", "Ftrl", "Lion", "Lamb", "Adafactor",
    "Muon", "ScheduleFreeAdamW",
]  # fmt: skip
SHAPES: list[tuple[int, ...]] = [(4, 2), (2, 5), (3, 3), (3,), (2, 3, 2), (1, 1), ()]
RNG = np.random.default_rng(23)
START = [RNG.normal(size=shape) for shape in SHAPES]
GRADIENTS = [[RNG.normal(size=shape) for shape in SHAPES] for _ in range(4)]
# Arguments in Keras' order.
POSITIONAL: dict[str, tuple[Any, ...]] = {
    "SGD": (0.5, 0.25, True),
    "RMSprop": (0.5, 0.75, 0.25, 0.125, True),
    "Adam": (0.5, 0.25, 0.75, 0.125, True),
    "AdamW": (0.5, 0.0625, 0.25, 0.75, 0.125, True),
    "Adamax": (0.5, 0.25, 0.75, 0.125),
    "Nadam": (0.5, 0.25, 0.75, 0.125),
    "Adagrad": (0.5, 0.25, 0.125),
    "Adadelta": (0.5, 0.25, 0.125),
    "Ftrl": (0.5, -0.25, 0.75, 0.125, 0.0625, 0.03125, 1.5),
    "Lion": (0.5, 0.25, 0.75),
    "Lamb": (0.5, 0.25, 0.75, 0.125),
    "Adafactor": (0.5, -0.25, 0.125, 0.0625, 1.5, False),
    "Muon": (0.5, 0.25, 0.75, 0.0625, 0.125, 0.03125),
    "ScheduleFreeAdamW": (0.5, 0.25, 0.75, 0.125, 3),
}


def after_four_updates(name: str, dtype: str, **options: Any) -> Any:
    """A recipe: all weights and all variables of the optimizer after four updates."""

    def recipe(lib: Any) -> Any:
        schedule = options.get("learning_rate")
        given = {**options, "learning_rate": schedule(lib)} if callable(schedule) else options
        optimizer = getattr(lib.optimizers, name)(**given)
        weights = [lib.Variable(value.astype(dtype), name=f"w{k}") for k, value in enumerate(START)]
        for gradients in GRADIENTS:
            optimizer.apply([g.astype(dtype) for g in gradients], weights)
        return [np.asarray(v.numpy(), np.float64) for v in (*weights, *optimizer.variables)]

    return recipe


@pytest.mark.parametrize("name", NAMES)
def test_four_updates_of_every_shape_in_float64_are_keras(twins: Any, name: str) -> None:
    twins.same(after_four_updates(name, "float64"))


@pytest.mark.parametrize("name", NAMES)
def test_four_updates_of_every_shape_in_float32_are_keras(twins32: Any, name: str) -> None:
    twins32.same(after_four_updates(name, "float32", learning_rate=0.05))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options",
    [{"weight_decay": 0.3}, {"clipnorm": 0.1}, {"global_clipnorm": 0.2, "weight_decay": 0.1}],
    ids=lambda options: "-".join(options),
)
def test_decay_and_clipping_of_every_rule_are_keras(twins: Any, name: str, options: dict[str, float]) -> None:
    twins.same(after_four_updates(name, "float64", learning_rate=0.05, **options))


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_under_a_schedule_is_keras(twins: Any, name: str) -> None:
    def rate(lib: Any) -> Any:
        return lib.optimizers.schedules.ExponentialDecay(0.5, 2, 0.25, staircase=True)

    twins.same(after_four_updates(name, "float64", learning_rate=rate))


@pytest.mark.parametrize("name", NAMES)
def test_slots_are_keras_by_order_and_shape(twins: Any, name: str) -> None:
    def recipe(lib: Any) -> Any:
        optimizer = getattr(lib.optimizers, name)()
        optimizer.build([lib.Variable(value, name=f"w{k}") for k, value in enumerate(START)])
        slots = [v for v in optimizer.variables[2:] if v.name.startswith("w") and "_" in v.name]
        # Keras calls Adafactor's r and c as their weight, and Nadam's product "variable"
        told = [v.name for v in slots if not v.name.endswith(("_r", "_c"))]
        return [[v.shape for v in optimizer.variables], told]

    twins.same(recipe)


@pytest.mark.parametrize("name", NAMES)
def test_default_config_is_keras(twins: Any, name: str) -> None:
    theirs, ours = (getattr(lib.optimizers, name)(name="given").get_config() for lib in twins.libs)
    assert set(ours) == set(theirs)
    twins.compare(theirs, {key: ours[key] for key in theirs})


@pytest.mark.parametrize("name", NAMES)
def test_arguments_by_position_are_keras(twins: Any, name: str) -> None:
    theirs, ours = (getattr(lib.optimizers, name)(*POSITIONAL[name], name="given").get_config() for lib in twins.libs)
    twins.compare(theirs, {key: ours[key] for key in theirs})


@pytest.mark.parametrize("name", NAMES)
def test_config_is_read_by_the_other_library(twins: Any, name: str) -> None:
    keras, denselite = (lib.optimizers for lib in twins.libs)
    theirs, ours = (getattr(part, name)(*POSITIONAL[name], clipnorm=0.5, name="given") for part in (keras, denselite))
    taken = denselite.deserialize(keras.serialize(theirs))
    assert (type(taken), taken.get_config()) == (type(ours), ours.get_config())
    if name == "Lamb":  # which Keras writes and does not read
        return
    given = keras.deserialize(denselite.serialize(ours))
    assert (type(given), given.get_config()) == (type(theirs), theirs.get_config())


@pytest.mark.parametrize("name", [name for name in NAMES if name != "Lamb"])  # a string that Keras does not know
@pytest.mark.parametrize("spell", [str, str.lower, str.upper], ids=["as is", "lower", "upper"])
def test_name_in_any_case_is_keras(twins: Any, name: str, spell: Any) -> None:
    twins.same(lambda lib: [type(lib.optimizers.get(spell(name))).__name__, lib.optimizers.get(spell(name)).name[:3]])


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "Lion without a momentum": ("Lion", {"beta_1": 0.0}),
    "Lion's momentum above 1": ("Lion", {"beta_1": 1.5}),
    "Ftrl's power": ("Ftrl", {"learning_rate_power": 0.5}),
    "Ftrl's start": ("Ftrl", {"initial_accumulator_value": -0.5}),
    "Ftrl's l1": ("Ftrl", {"l1_regularization_strength": -0.5}),
    "Ftrl's l2": ("Ftrl", {"l2_regularization_strength": -0.5}),
    "Ftrl's shrinkage": ("Ftrl", {"l2_shrinkage_regularization_strength": -0.5}),
    "SGD's momentum": ("SGD", {"momentum": 1.5}),
    "two ways to clip": ("Lamb", {"clipnorm": 1.0, "clipvalue": 1.0}),
    "unknown": ("Muon", {"nonsense": 1.0}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_keras_refuses_is_refused(twins: Any, case: str) -> None:
    name, options = REFUSED[case]
    for lib in twins.libs:
        with pytest.raises(ValueError, match=r"."):
            getattr(lib.optimizers, name)(**options)


@pytest.mark.parametrize("options", [{}, {"exclude_embeddings": False}, {"exclude_layers": ["^out", "den.e/k"]}])
def test_muon_gives_the_same_weights_to_adam(twins: Any, options: dict[str, Any]) -> None:
    paths = ["dense/kernel", "dense/bias", "my_Embedding/table", "output/kernel", "hidden/kernel"]

    def recipe(lib: Any) -> Any:
        optimizer = lib.optimizers.Muon(**options)
        weights = [lib.Variable(np.ones((2,) if "bias" in path else (2, 3)), name="w") for path in paths]
        for weight, path in zip(weights, paths, strict=True):
            set_path(weight, path)
        optimizer.build(weights)
        return [v.name for v in optimizer.variables]

    def set_path(weight: Any, path: str) -> None:
        if hasattr(weight, "_path"):
            weight._path = path
        else:
            weight.path = path

    twins.same(recipe)
