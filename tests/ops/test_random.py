from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.graph.graph import BATCH, trace_graph
from denselite.ops.random import SeedGenerator, dropout_mask, normal, uniform
from denselite.program.program import Program

MANY = 200_000


def stepped(draw: Any, sites: int = 1) -> Any:
    """A function of (batch, step) that replays draws planned once; two sites give two results."""

    def function(trace: Any, inputs: dict[str, Any]) -> list[Any]:
        trace.step = inputs["step"]
        return [draw((inputs["x"].shape[0], 500)) for _ in range(sites)]

    program = Program(trace_graph(function, {"x": ((BATCH,), np.dtype("f4")), "step": ((), np.dtype("i8"))}))

    def run(batch: int, step: int) -> list[np.ndarray]:
        with program.lease(batch) as bound:
            bound.inputs["step"][...] = step
            bound()
            return [output.copy() for output in bound.outputs]

    return run


def test_uniform_draws_are_uniform() -> None:
    x = np.sort(uniform((MANY,), -1.0, 3.0, seed=1).astype("f8"))
    assert -1.0 <= x[0] < x[-1] < 3.0
    distance = np.abs((x + 1) / 4 - (np.arange(MANY) + 0.5) / MANY).max()
    assert distance < 1.95 / np.sqrt(MANY)  # Kolmogorov-Smirnov, one run in a thousand


def test_normal_draws_are_normal() -> None:
    x = normal((MANY,), 2.0, 0.5, seed=1).astype("f8")
    z = (x - 2.0) / 0.5
    assert abs(z.mean()) < 4 / np.sqrt(MANY)
    assert abs(z.var() - 1) < 4 * np.sqrt(2 / MANY)
    assert abs((z**3).mean()) < 4 * np.sqrt(15 / MANY)
    assert abs((z**4).mean() - 3) < 4 * np.sqrt(96 / MANY)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_dropout_mask_drops_its_rate_and_keeps_the_mean(rate: float) -> None:
    mask = dropout_mask((MANY,), rate, seed=1)
    assert set(np.unique(mask)) == {np.float32(0), np.float32(1 / (1 - rate))}
    assert abs((mask == 0).mean() - rate) < 4 * np.sqrt(rate * (1 - rate) / MANY)


@pytest.mark.parametrize(("rate", "value"), [(0.0, 1.0), (1.0, 0.0)])
def test_dropping_nothing_or_all_is_exact(rate: float, value: float) -> None:
    assert (dropout_mask((1000,), rate, seed=1) == value).all()


def test_a_number_as_seed_gives_the_same_draws_and_a_generator_goes_on() -> None:
    assert (uniform((5,), seed=3) == uniform((5,), seed=3)).all()
    seeds = SeedGenerator(3)
    assert (uniform((5,), seed=seeds) != uniform((5,), seed=seeds)).all()
    assert (uniform((5,)) != uniform((5,))).all()


@pytest.mark.parametrize("draw", [uniform, normal, lambda shape, seed: dropout_mask(shape, 0.5, seed=seed)])
def test_a_step_replays_its_own_draws_in_any_order(draw: Any) -> None:
    run = stepped(lambda shape: draw(shape, seed=SeedGenerator(9)))
    (third,) = run(4, 3)
    (fourth,) = run(4, 4)
    assert (third != fourth).any()
    np.testing.assert_array_equal(run(4, 3)[0], third)
    np.testing.assert_array_equal(run(4, 2**40)[0], run(4, 2**40)[0])


def test_a_shorter_batch_draws_the_first_rows() -> None:
    run = stepped(lambda shape: uniform(shape, seed=SeedGenerator(9)))
    np.testing.assert_array_equal(run(2, 1)[0], run(6, 1)[0][:2])


def test_call_sites_and_steps_are_independent() -> None:
    seeds = SeedGenerator(5)
    run = stepped(lambda shape: uniform(shape, seed=seeds), sites=3)
    streams = np.array([site.ravel() for step in range(20) for site in run(8, step)], "f8")
    correlation = np.corrcoef(streams) - np.eye(len(streams))
    assert abs(correlation).max() < 5.5 / np.sqrt(streams.shape[1])  # 1770 pairs
    pooled = np.sort(streams.ravel())
    assert np.abs(pooled - (np.arange(pooled.size) + 0.5) / pooled.size).max() < 1.95 / np.sqrt(pooled.size)


def test_a_draw_without_a_step_follows_the_batch() -> None:
    specs = {"x": ((BATCH, 3), np.dtype("f4"))}
    program = Program(trace_graph(lambda _, i: [i["x"] * 0 + uniform(tuple(i["x"].shape), seed=2)], specs))
    for batch in (2, 5):
        with program.lease(batch) as step:
            step()
            np.testing.assert_array_equal(step.outputs[0], uniform((batch, 3), seed=2))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_draws_have_the_dtype_asked_for(dtype: str) -> None:
    for draw in (uniform, normal):
        assert draw((2,), dtype=dtype, seed=1).dtype == np.dtype(dtype)
    assert uniform((2,), seed=1).dtype == np.float32


@pytest.mark.parametrize("rate", [1e-4, 0.1, 1 / 3, 0.5, 0.9, 0.999])
def test_masks_drop_the_share_asked_for_at_even_and_odd_places_alike(rate: float) -> None:
    dropped = dropout_mask((999, 1001), rate, seed=3).ravel() == 0
    places = [dropped, dropped[::2], dropped[1::2]]  # the lower and the upper word of a float64
    for part in places:
        assert abs(part.mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / part.size)
    assert dropout_mask((7,), rate, seed=0).max() in (0, np.float32(1 / (1 - rate)))


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_masks_of_neighbours_steps_and_sites_are_independent(rate: float) -> None:
    seeds = SeedGenerator(5)
    run = stepped(lambda shape: dropout_mask(shape, rate, seed=seeds), sites=3)
    masks = [site.ravel() for step in range(20) for site in run(101, step)]
    correlation = np.corrcoef(np.array(masks, "f8")) - np.eye(len(masks))
    assert abs(correlation).max() < 5.5 / np.sqrt(masks[0].size)  # 1770 pairs
    flat = np.concatenate(masks)
    for far in range(1, 9):
        assert abs(np.corrcoef(flat[:-far], flat[far:])[0, 1]) < 5 / np.sqrt(flat.size)


def test_every_unit_of_a_layer_is_dropped_as_often() -> None:
    run = stepped(lambda shape: dropout_mask(shape, 0.25, seed=SeedGenerator(9)))
    counts = sum((run(2, step)[0] == 0).astype(int) for step in range(4000))
    expected, spread = 1000, np.sqrt(4000 * 0.25 * 0.75)
    assert abs(counts - expected).max() < 5 * spread
    assert 0.3 < ((counts - expected) ** 2).mean() / spread**2 < 2.5
