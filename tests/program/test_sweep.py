from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from denselite.program.sweep import BLOCK, bind_sweep, bind_whole


def sgd(a: Mapping[str, Any], s: Mapping[str, Any]) -> dict[str, Any]:
    momentum = a["m"] * 0.9 - a["g"] * s["lr"]
    return {"m": momentum, "w": a["w"] + momentum}


def adam(a: Mapping[str, Any], s: Mapping[str, Any]) -> dict[str, Any]:
    m = a["m"] + (a["g"] - a["m"]) * 0.1
    v = a["v"] + (np.square(a["g"]) - a["v"]) * 0.001
    alpha = s["lr"] * np.sqrt(1 - np.power(0.999, s["t"])) / (1 - np.power(0.9, s["t"]))
    return {"w": a["w"] - m * alpha / (np.sqrt(v) + 1e-7), "m": m, "v": v}


def arrays(length: int, names: str, dtype: str = "f8") -> dict[str, np.ndarray]:
    rng = np.random.default_rng(length)
    return {name: np.abs(rng.normal(size=length)).astype(dtype) for name in names}


@pytest.mark.parametrize("length", [1, 100, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 17])
@pytest.mark.parametrize(("rule", "names"), [(sgd, "wgm"), (adam, "wgmv")])
def test_three_sweeps_are_the_formula_three_times(rule: Any, names: str, length: int) -> None:
    flat = arrays(length, names)
    plain = {name: array.copy() for name, array in flat.items()}
    scalars = {"lr": np.array(0.01), "t": np.array(0.0)}
    calls = bind_sweep(rule, [flat], scalars)
    for t in (1, 2, 3):
        scalars["t"][...] = t
        scalars["lr"][...] = 0.01 / t
        plain |= rule(plain, {name: float(value) for name, value in scalars.items()})
        for call in calls:
            call()
        for name in names:
            np.testing.assert_allclose(flat[name], plain[name], rtol=1e-12)


def test_several_groups_are_swept_each_in_its_place() -> None:
    first, second = arrays(5, "wgm"), arrays(7, "wgm")
    expected = [sgd(group, {"lr": 0.5})["w"] for group in (first, second)]
    for call in bind_sweep(sgd, [first, second], {"lr": np.array(0.5)}):
        call()
    np.testing.assert_allclose(first["w"], expected[0])
    np.testing.assert_allclose(second["w"], expected[1])


def test_what_depends_on_scalars_alone_is_computed_once_a_sweep() -> None:
    calls = bind_sweep(adam, [arrays(3 * BLOCK, "wgmv")], {"lr": np.array(0.01), "t": np.array(1.0)}, scratch=["g"])
    on_scalars = [call for call in calls if all(np.ndim(a) == 0 for a in call.args)]  # type: ignore[attr-defined]
    assert len(on_scalars) == 7  # two powers, two differences, a root, a product, a quotient
    assert (len(calls) - len(on_scalars)) % 3 == 0


def test_a_gradient_that_is_scratch_may_be_written_over_and_else_is_not() -> None:
    flat = arrays(10, "wgm")
    gradient = flat["g"].copy()
    for call in bind_sweep(sgd, [flat], {"lr": np.array(0.1)}):
        call()
    np.testing.assert_array_equal(flat["g"], gradient)
    reuse = arrays(10, "wgm")
    for call in bind_sweep(sgd, [reuse], {"lr": np.array(0.1)}, scratch=["g"]):
        call()
    np.testing.assert_array_equal(reuse["w"], flat["w"])


def test_results_of_scratch_gradients_are_the_same_for_adam() -> None:
    kept, reused = arrays(100, "wgmv"), arrays(100, "wgmv")
    scalars = {"lr": np.array(0.01), "t": np.array(2.0)}
    for flat, scratch in ((kept, []), (reused, ["g"])):
        for call in bind_sweep(adam, [flat], scalars, scratch=scratch):
            call()
    for name in "wmv":
        np.testing.assert_array_equal(kept[name], reused[name])


def test_a_sweep_allocates_nothing_for_its_blocks() -> None:
    import tracemalloc

    flat = arrays(4 * BLOCK, "wgmv")
    calls = bind_sweep(adam, [flat], {"lr": np.array(0.01), "t": np.array(1.0)}, scratch=["g"])
    for call in calls:
        call()
    tracemalloc.start()
    for call in calls:
        call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 65536


@pytest.mark.parametrize("order", ["old first", "w first"])
def test_a_former_value_that_a_rule_keeps_is_the_former_one(order: str) -> None:
    def rule(a: Mapping[str, Any], s: Mapping[str, Any]) -> dict[str, Any]:
        new = {"old": a["w"], "w": a["w"] - a["g"]}
        return new if order == "old first" else dict(reversed(new.items()))

    flat = {"w": np.full(3, 5.0), "g": np.ones(3), "old": np.zeros(3)}
    for call in bind_sweep(rule, [flat], {}):
        call()
    assert (flat["w"].tolist(), flat["old"].tolist()) == ([4.0] * 3, [5.0] * 3)


def test_arrays_that_a_rule_exchanges_do_not_lose_one() -> None:
    flat = {"a": np.full(3, 1.0), "b": np.full(3, 2.0)}
    for call in bind_sweep(lambda a, s: {"a": a["b"], "b": a["a"]}, [flat], {}):
        call()
    assert (flat["a"].tolist(), flat["b"].tolist()) == ([2.0] * 3, [1.0] * 3)


def test_two_arrays_may_get_the_same_value() -> None:
    flat = arrays(3, "wgm")
    expected = flat["w"] + flat["g"]
    for call in bind_sweep(lambda a, s: {"w": a["w"] + a["g"], "m": a["w"] + a["g"]}, [flat], {}):
        call()
    np.testing.assert_array_equal(flat["w"], expected)
    np.testing.assert_array_equal(flat["m"], expected)


def test_a_value_that_stays_costs_nothing_and_a_number_fills_the_array() -> None:
    flat = arrays(3, "wg")
    before = flat["w"].copy()
    calls = bind_sweep(lambda a, s: {"w": a["w"], "g": s["lr"]}, [flat], {"lr": np.array(0.25)})
    for call in calls:
        call()
    assert flat["g"].tolist() == [0.25] * 3
    np.testing.assert_array_equal(flat["w"], before)
    assert len(calls) == 1


def test_a_rule_keeps_the_dtype_of_its_arrays() -> None:
    flat = arrays(3, "wgm", "f4")
    for call in bind_sweep(lambda a, s: {"w": a["w"] - a["g"] * np.sqrt(2.0)}, [flat], {}):
        call()
    assert flat["w"].dtype == np.float32


def normalize(a: Mapping[str, Any], s: Mapping[str, Any]) -> dict[str, Any]:
    return {"w": a["w"] - a["g"] / np.sqrt(np.sum(np.square(a["g"]))) * (1 - np.power(0.5, s["t"]))}


def test_whole_arrays_of_any_shape_are_each_updated_by_themselves() -> None:
    rng = np.random.default_rng(3)
    groups = [{name: rng.normal(size=shape) for name in "wg"} for shape in [(2, 3), (4,), (), (2, 3)]]
    scalars = {"t": np.array(2.0)}
    expected = [normalize(group, scalars)["w"] for group in groups]
    for call in bind_whole(normalize, groups, scalars):
        call()
    for group, value in zip(groups, expected, strict=True):
        np.testing.assert_allclose(group["w"], value, rtol=1e-12)


def test_whole_arrays_share_what_depends_on_scalars_and_the_memory_in_between() -> None:
    def calls_of(count: int) -> tuple[int, int]:
        groups = [arrays(100, "wg") for _ in range(count)]
        calls = bind_whole(normalize, groups, {"t": np.array(1.0)})
        outs = [call.args[-1] for call in calls if getattr(call.args[-1], "shape", None) == (100,)]  # type: ignore[attr-defined]
        own = {out.ctypes.data for out in outs} - {group["w"].ctypes.data for group in groups}
        return len(calls), len(own)

    one, three = calls_of(1), calls_of(3)
    assert three[0] - one[0] == 2 * (one[0] - 2)  # 0.5ᵗ and 1 - 0.5ᵗ once
    assert three[1] == one[1]


def test_whole_arrays_may_differ_in_what_they_keep() -> None:
    def rule(a: Mapping[str, Any], s: Mapping[str, Any]) -> dict[str, Any]:
        return {"w": a["w"] + 1, "rows": np.sum(a["w"], axis=1)} if "rows" in a else {"w": a["w"] * 2}

    first, second = {"w": np.ones((2, 3)), "rows": np.zeros(2)}, {"w": np.ones(2)}
    for call in bind_whole(rule, [first, second], {}):
        call()
    assert (first["w"].tolist(), first["rows"].tolist()) == ([[2.0] * 3] * 2, [3.0] * 2)
    assert second["w"].tolist() == [2.0, 2.0]


def test_nothing_to_sweep_is_no_calls() -> None:
    assert bind_sweep(sgd, [], {}) == []
