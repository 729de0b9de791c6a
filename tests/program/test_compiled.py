"""A compiled sweep leaves the bits that NumPy's leaves; without Numba one warning says what to install."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite as keras
from denselite import ops
from denselite.program import compiled
from denselite.program.sweep import BLOCK, bind_sweep

pytest.importorskip("numba", reason="compiled sweeps need numba: pip install numba")

RULES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("RMSprop", {"centered": True, "momentum": 0.9}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {"clipvalue": 0.5}),
    ("Nadam", {}),
    ("Ftrl", {"l1_regularization_strength": 0.01}),
]


def trained(jit_compile: bool, name: str, options: dict[str, Any], dtype: str) -> tuple[Any, int]:
    keras.utils.set_random_seed(3)
    layers = [keras.Input((5,)), *(keras.layers.Dense(n, activation="tanh", dtype=dtype) for n in (6, 1))]
    model = keras.Sequential(layers)
    model.compile(getattr(keras.optimizers, name)(**options), "mse", jit_compile=jit_compile)
    x = np.random.default_rng(0).normal(size=(20, 5)).astype(dtype)
    model.fit(x, x[:, :1], epochs=3, batch_size=7, verbose=0)
    (step,) = model._t_steps.values()
    return [*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)], len(step.commit)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), RULES)
def test_compiled_update_leaves_the_same_bits_in_fewer_calls(name: str, options: dict[str, Any], dtype: str) -> None:
    (plain, calls), (fused, fused_calls) = (trained(jit, name, options, dtype) for jit in (False, True))
    for ours, theirs in zip(fused, plain, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert fused_calls < calls or calls == 3  # plain SGD: three calls


def test_sweep_longer_than_a_block_is_one_loop() -> None:
    flat = np.arange(2 * BLOCK + 3, dtype="float32")
    calls = bind_sweep(
        lambda arrays, scalars: {"w": arrays["w"] * scalars["lr"]},
        [{"w": flat}],
        {"lr": np.array(2, "float32")},
        compiled=True,
    )
    assert len(calls) == 1
    calls[0]()
    np.testing.assert_array_equal(flat, np.arange(2 * BLOCK + 3, dtype="float32") * 2)


def test_rule_that_is_no_loop_over_elements_runs_in_numpy() -> None:
    def rule(arrays: Any, scalars: Any) -> Any:
        return {"w": arrays["w"] - ops.sum(arrays["w"]) * 0.5}

    flat = np.array([1.0, 2.0, 3.0])
    for call in bind_sweep(rule, [{"w": flat}], {}, compiled=True):
        call()
    np.testing.assert_array_equal(flat, [-2.0, -1.0, 0.0])


def test_without_numba_a_warning_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "find_spec", lambda name: None)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.warns(UserWarning, match=r"jit_compile=True needs numba.*pip install 'denselite\[compiled\]'"):
        model.compile("sgd", "mse", jit_compile=True)
    assert model.jit_compile is False
