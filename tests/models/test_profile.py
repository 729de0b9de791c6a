"""``model.profile``: times of a step's parts, and a model that is afterwards as it was. No test looks at how long."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

import denselite as keras
from denselite.errors import ArgumentError, DataError, StateError
from denselite.models.profile import Peak, Profile, Timed

RNG = np.random.default_rng(5)
X, Y = RNG.random((40, 6), dtype="float32"), RNG.random((40, 2), dtype="float32")


def silent(text: str) -> None:
    """Print nothing."""


def make_model(**options: Any) -> Any:
    keras.utils.set_random_seed(3)
    layers = [
        keras.layers.Dense(5, "relu", name="hidden"),
        keras.layers.BatchNormalization(name="norm"),
        keras.layers.Dropout(0.5, name="drop"),
        keras.layers.Dense(2, name="out", kernel_constraint="non_neg"),
    ]
    model = keras.Sequential([keras.Input((6,)), *layers], name="net")
    adam = keras.optimizers.Adam(use_ema=True, gradient_accumulation_steps=2)
    model.compile(**{"optimizer": adam, "loss": "mse", "metrics": ["mae"], **options})
    return model


def trained() -> Any:
    model = make_model()
    model.fit(X, Y, batch_size=8, verbose=0)
    return model


def state(model: Any) -> list[Any]:
    metrics = [v for metric in model.metrics for v in metric.variables]
    return [v.numpy() for v in (*model.variables, *model.optimizer.variables, *metrics, model._step_count)]


@pytest.mark.parametrize("mode", ["train", "test", "predict"])
def test_profile_changes_nothing_and_training_goes_on_as_if_it_had_not_been(mode: str) -> None:
    model, other = trained(), trained()
    before = state(model)
    model.profile(X, Y, batch_size=8, mode=mode, steps=3, print_fn=silent)
    for a, b in zip(state(model), before, strict=True):
        np.testing.assert_array_equal(a, b)
    for each in (model, other):
        each.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    for a, b in zip(state(model), state(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_step_that_fails_leaves_the_model_as_it_was_too() -> None:
    def fails() -> float:
        raise RuntimeError("no rate today")

    model = make_model(optimizer=keras.optimizers.SGD(fails, momentum=0.5))
    weights = model.get_weights()
    with pytest.raises(RuntimeError, match="no rate today"):
        model.profile(X, Y, steps=1, print_fn=silent)
    for a, b in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_every_call_of_a_step_is_in_one_part_of_the_profile() -> None:
    model = make_model()
    times = model.profile(X, Y, batch_size=8, steps=2, print_fn=silent)
    listing = model.listing(X, Y, batch_size=8)
    assert list(times.phases) == ["batch", "forward", "backward", "state", "update", "Python"]
    for phase, calls in zip(("forward", "backward"), listing.totals.calls, strict=True):
        assert sum(part.calls for part in times.parts if part.phase == phase) == calls
    (step,) = model._t_steps.values()
    with step.program(8).lease(8) as bound:
        assert sum(part.calls for part in times.parts if part.phase == "state") == len(bound.commit)
    assert sum(part.calls for part in times.parts if part.phase == "update") == len(step.prepare) + len(step.commit)
    assert sum(part.flops for part in times.parts) == sum(listing.totals.flops)
    assert set(times.layers) == {"hidden", "norm", "drop", "out", "loss", "metrics"}
    assert times.microseconds == pytest.approx(sum(times.phases.values()))  # rounding


def test_products_are_compared_with_the_peak_of_their_dtype() -> None:
    times = make_model().profile(X, Y, steps=2, print_fn=silent)
    assert [part.op for part in times.products] == ["matmul"] * 5  # forward 2, backward 3: inputs need no gradient
    assert times.peak is not None
    assert (times.peak.dtype, times.peak.threads) == ("float32", "one BLAS thread")
    assert times.fraction_of_peak == times.gflops / times.peak.gflops


def test_model_without_products_has_no_peak() -> None:
    model = keras.Sequential([keras.Input((6,)), keras.layers.ReLU()])
    times = model.profile(X, steps=1, print_fn=silent)
    assert times.peak is None
    assert times.fraction_of_peak is None
    assert "matrix products" not in str(times)


def test_rows_of_an_embedding_are_part_of_the_update() -> None:
    model = keras.Sequential([keras.Input((4,), dtype="int32"), keras.layers.Embedding(9, 3), keras.layers.Flatten()])
    model.compile("sgd", "mse")
    ids, y = np.zeros((8, 4), int), np.zeros((8, 12), "float32")
    weights = model.get_weights()
    times = model.profile(ids, y, steps=2, print_fn=silent)
    assert "setitem" in {part.op for part in times.parts if part.phase == "update"}
    np.testing.assert_array_equal(model.get_weights(), weights)


@pytest.mark.skipif(find_spec("numba") is None, reason="needs the extra compiled")
def test_compiled_sweep_is_one_call() -> None:
    model = make_model(optimizer="adam", jit_compile=True)
    times = model.profile(X, Y, steps=2, print_fn=silent)
    assert "1 sweep" in {part.text for part in times.parts if part.phase == "update"}


def test_generator_is_read_for_as_long_as_it_gives_batches() -> None:
    def batches() -> Iterator[Any]:
        yield X[:8], Y[:8]
        yield X[8:16], Y[8:16]

    model = make_model()
    assert "at batch 8" in model.profile(batches(), mode="train", steps=5, print_fn=silent).title


def numbers() -> Profile:
    parts = [
        Timed("the batch", "gather", "", "batch", 10.0),
        *(Timed(f"v{k} = x @ kernel", "matmul", f"dense_{k}", "forward", 20.0 + k, 1, 2_000_000) for k in range(14)),
        Timed("∂kernel = x.T @ a_name_that_does_not_end", "matmul", "dense_0", "backward", 100.0, 1, 4_000_000),
        Timed("2 add", "add", "", "update", 9.0, 2),
    ]
    return Profile("A step", parts, 0.5, Peak(100.0, "float32", "one BLAS thread"))


def test_text_is_narrow_and_sums_up_what_it_leaves_out() -> None:
    text = str(numbers())
    assert max(map(len, text.splitlines())) <= 80
    assert "forward   371.0    76%" in text  # 14·20 + 91
    assert "dense_0      20.0     100.0    24%" in text  # of 490
    assert "∂kernel = x.T @ a_name_that…  dense_0   backward     40.0  100.0    20%" in text
    assert "(4 more)" in text
    assert "17 NumPy calls of 0.50 µs each before they compute: 2%" in text
    # 32 MFLOP in 471 µs
    assert "matrix products: 471.0 µs, 96%, 67.9 GFLOP/s\n  68% of the 100.0 GFLOP/s of large ones here" in text


def test_page_escapes_what_names_may_hold_and_text_is_short_where_only_a_name_is_asked_for() -> None:
    found = Profile("A <b> step", [Timed("v1 = x < y", "less", "", "forward", 1.0, 1, 1)], 0.5, None)
    assert "A &lt;b&gt; step" in found._repr_html_()
    assert "v1 = x &lt; y" in found._repr_html_()
    assert repr(found) == "<Profile: A <b> step, 1.0 µs>"


def test_text_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    times = make_model().profile(X, Y, steps=1)
    assert capsys.readouterr().out == f"{times}\n"


def test_model_that_runs_eagerly_says_what_to_do_instead() -> None:
    model = make_model(run_eagerly=True)
    with pytest.raises(StateError, match=r"Sequential 'net' runs eagerly, .* compile\(run_eagerly=False\) plans them"):
        model.profile(X, Y)


@pytest.mark.parametrize("steps", [0, 1.5, "many"])
def test_number_of_steps_has_to_be_one(steps: Any) -> None:
    with pytest.raises(ArgumentError, match=r"Sequential.profile\(\): steps expects an integer of 1 or more, got"):
        make_model().profile(X, Y, steps=steps)


def test_other_mode_and_model_that_is_not_compiled_are_errors() -> None:
    with pytest.raises(ArgumentError, match=r"profile\(\) expects mode 'train', 'test' or 'predict', got 'fit'"):
        make_model().profile(X, Y, mode="fit")
    with pytest.raises(StateError, match="not compiled"):
        keras.Sequential([keras.Input((6,)), keras.layers.Dense(2)]).profile(X, Y)


def test_data_without_a_row_are_an_error() -> None:
    with pytest.raises(DataError):
        make_model().profile(X[:0], Y[:0])
