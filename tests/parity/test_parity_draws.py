"""Random networks, losses, metrics and optimizers, trained three epochs in both libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from denselite import layers, losses, metrics, optimizers
from denselite.optimizers import schedules
from tests.parity.conftest import assert_same
from tests.parity.drawn_layers import LAYERS, MERGES, UNDRAWN
from tests.parity.drawn_training import LOSSES, METRICS, OPTIMIZERS, PAIRS, SCHEDULES, Training, trainings

pytestmark = pytest.mark.filterwarnings("ignore")
# Keras' 1/n in float32, ten times what single parts are compared with: it adds up over layers, epochs and slots.
RTOL, ATOL = 1e-5, 2e-6
CHECKS = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.function_scoped_fixture,
]


def start(shapes: list[tuple[int, ...]], rng: np.random.Generator) -> list[Any]:
    """Weights to start from: vectors are positive, as variances have to be."""
    drawn = [rng.normal(0.0, 0.5, shape) for shape in shapes]
    return [np.abs(value) + 0.25 if value.ndim == 1 else value for value in drawn]


def results(lib: Any, training: Training, model: Any) -> dict[str, Any]:
    """All that three epochs give and leave."""
    rng = np.random.default_rng(training.jitter)
    x = training.network.data(rng)
    model.set_weights(start([w.shape for w in model.get_weights()], rng))
    before = model.predict(x, batch_size=4, verbose=0)
    parts = before if isinstance(before, list) else [before]
    y = [goal.targets(rng, part.shape) for goal, part in zip(training.goals, parts, strict=True)]
    y = y if len(y) > 1 else y[0]
    training.compile(lib, model)
    more = training.fit_arguments(rng, [part.shape for part in parts])
    fitted = model.fit(
        x, y, batch_size=4, epochs=3, shuffle=False, validation_data=(x, y), validation_batch_size=4, verbose=0, **more
    )
    return {
        "shapes": [list(w.shape) for w in model.get_weights()],
        "before": before,
        "history": fitted.history,
        "weights": model.get_weights(),
        "after": model.predict(x, batch_size=4, verbose=0),
        "optimizer": [np.asarray(v.numpy()) for v in model.optimizer.variables],
    }


def operation_by_operation() -> Any:
    """JAX without its small compiled functions: it then compiles operations, which the draws share, and no programs."""
    import jax

    return jax.disable_jit()


def compare(twins: Any, training: Training) -> None:
    """Train in both libraries; what Keras refuses (a mask that does not fit, say), denselite refuses."""
    keras, denselite = twins.libs
    for lib in twins.libs:
        lib.utils.clear_session()  # names are counted alike, also after a draw that one of them refused
    try:
        with operation_by_operation():
            theirs = training.network.build(keras)
            expected = results(keras, training, theirs)
    except (TypeError, ValueError):
        with pytest.raises((TypeError, ValueError)):
            results(denselite, training, training.network.build(denselite))
        return
    if not all(np.isfinite(weight).all() for weight in expected["weights"]):
        return  # the gradient of a norm of zeros (UnitNormalization after a dead relu) is NaN in Keras, 0 here
    ours = training.network.build(denselite)
    assert_same(expected, results(denselite, training, ours), RTOL, ATOL)
    again = type(ours).from_config(theirs.get_config())
    again.set_weights(expected["weights"])
    x = training.network.data(np.random.default_rng(training.jitter))
    assert_same(expected["after"], again.predict(x, batch_size=4, verbose=0), RTOL, ATOL)


@settings(max_examples=5, derandomize=True, phases=[Phase.generate], suppress_health_check=CHECKS)
@given(training=trainings())
def test_drawn_training_is_keras(twins: Any, training: Training) -> None:
    compare(twins, training)


@pytest.mark.slow
@settings(max_examples=1000, derandomize=True, suppress_health_check=CHECKS)
@given(training=trainings())
def test_thousand_drawn_trainings_are_keras(twins: Any, training: Training) -> None:
    compare(twins, training)


def classes(registry: Any) -> set[str]:
    return {member.__name__ for member in registry.members.values() if isinstance(member, type)}


def test_draws_reach_every_registered_part() -> None:
    assert {*LAYERS, *MERGES, *UNDRAWN} >= classes(layers.layers)
    assert set(LOSSES) == classes(losses.loss.losses)
    assert set(OPTIMIZERS) == classes(optimizers.optimizers)
    assert set(SCHEDULES) == classes(schedules.schedules)
    drawn = {name for table in (METRICS, PAIRS) for kind in table.values() for name in kind}
    assert drawn | {"Mean", "Sum", "MeanMetricWrapper"} == classes(metrics.metric.metrics)
