"""What a step is kept by."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import config


def test_modes_and_signatures_have_steps_of_their_own(net: Any, data: Any) -> None:
    x, y = data
    model = net()
    model.fit(x, y, validation_data=(x, y), verbose=0)
    assert sorted(key[0] for key in model._t_steps) == ["test", "train"]
    model.fit(x, y, sample_weight=np.ones(100), verbose=0)
    model.fit(x, y.astype("float32"), verbose=0)
    assert sorted(key[0] for key in model._t_steps) == ["test", "train", "train", "train"]


def test_epsilon_is_part_of_what_was_traced(net: Any, data: Any) -> None:
    x, y = data
    model = net()
    model.set_weights([100 * w for w in model.get_weights()])
    first = model.evaluate(x, y, verbose=0)
    kept = config.epsilon()
    config.set_epsilon(1e-2)
    try:
        assert model.evaluate(x, y, verbose=0) < first
    finally:
        config.set_epsilon(kept)


def test_step_count_is_that_of_the_model_not_of_the_optimizer(net: Any, data: Any) -> None:
    model = net()
    model.fit(*data, batch_size=50, verbose=0)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(*data, batch_size=50, verbose=0)
    assert int(model._step_count) == 4
    assert int(model.optimizer.iterations) == 2
