"""The tables of the benchmarks hold together, and their report says who is faster and who cheats."""

from __future__ import annotations

import ast
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import measures, memory, peers, tables
from benchmarks.installed import closure, size_of
from benchmarks.peers import fit, numpy_loop
from benchmarks.report import Series, disagreements, markdown, number, write_json
from benchmarks.sweep import Shape
from benchmarks.sweep import measure as measure_shape
from benchmarks.tables import PEERS, SUBJECTS
from benchmarks.workloads import in_chunks
from benchmarks.workloads.net import Net

ABOUT = {
    "processor": "P", "cores": 2, "system": "S", "python": "3", "numpy": "2", "blas": "B", "limits": {}, "rounds": 3,
    "versions": {"torch": {"torch": "2.13"}},
}  # fmt: skip


def functions_of(family: str) -> dict[str, ast.FunctionDef]:
    """Read, not imported: what the file imports need not be installed."""
    source = Path(peers.__path__[0], f"{family}.py").read_text("utf-8")
    return {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


def series(subject: str, peer: str, *values: float, checked: float = 1.0) -> Series:
    return Series(SUBJECTS[subject], peer, [{"value": value, "checked": checked} for value in values])


class TestTables:
    @pytest.mark.parametrize("name", SUBJECTS)
    def test_subject_names_peers_that_can_compute_it(self, name: str) -> None:
        subject = SUBJECTS[name]
        assert "denselite" in subject.peers
        assert len(set(subject.peers)) == len(subject.peers)
        for peer in map(PEERS.__getitem__, subject.peers):
            if not subject.kind:
                continue
            function = functions_of(peer.family)[subject.kind]
            arguments = [argument.arg for argument in function.args.args]
            needed = len(arguments) - len(function.args.defaults)
            given = 1 if subject.kind == "predict" else 2
            missing = set(arguments[given:needed]) - set(peer.options)
            assert not missing, f"{peer.family}.{subject.kind} needs {missing}"
            assert set(peer.options) <= set(arguments), f"{peer.name}: {peer.family}.{subject.kind}"

    def test_every_peer_is_measured_and_every_title_is_its_own(self) -> None:
        assert {peer for subject in SUBJECTS.values() for peer in subject.peers} == set(PEERS)
        assert len({subject.title for subject in SUBJECTS.values()}) == len(SUBJECTS)

    @pytest.mark.parametrize("name", [name for name, s in SUBJECTS.items() if s.measure is measures.training_step])
    def test_workload_has_rows_for_its_steps_and_no_chance_where_losses_are_compared(self, name: str) -> None:
        workload = SUBJECTS[name].workload
        assert workload.checked <= workload.steps
        if not isinstance(workload, Net):  # whose data is 188 MB
            x, y = workload.data("")
            assert len(x) == len(y) >= workload.steps * workload.batch
        assert workload.exact().exact() == workload.exact()
        assert all(kernel.dtype == np.float32 and kernel.ndim > 1 for kernel in workload.kernels())

    def test_page_names_every_subject_and_peer(self) -> None:
        page = Path(tables.__file__).parents[1].joinpath("docs", "benchmarks.md").read_text("utf-8")
        assert [name for name in (*SUBJECTS, *PEERS) if f"| `{name}` |" not in page] == []


class TestPeers:
    @pytest.mark.parametrize(("activation", "optimizer"), [("sigmoid", "sgd"), ("relu", "adam")])
    def test_denselite_comes_to_the_loss_of_the_bare_numpy_loop(
        self, activation: str, optimizer: str, tmp_path: Path
    ) -> None:
        rng = np.random.default_rng(0)
        np.save(tmp_path / "images.npy", rng.standard_normal((64, 784), dtype=np.float32))
        np.save(tmp_path / "labels.npy", rng.integers(0, 10, 64))
        net = Net((8, 8), activation, optimizer, 0.01, 16, steps=4)
        ours = fit.classifier(net, str(tmp_path), library="denselite")
        bare = numpy_loop.classifier(net, str(tmp_path))
        assert ours(64, False, 3) == pytest.approx(bare(64, False, 3), rel=1e-5)
        assert bare(64, True) > bare(64, True)

    def test_denselite_predicts_what_bare_numpy_does_in_chunks(self) -> None:
        net = Net((8, 8), "relu", "adam", 0.01, 16, steps=4)
        x = np.random.default_rng(0).standard_normal((2500, 784), dtype=np.float32)
        ours, bare = fit.predict(net, library="denselite"), numpy_loop.predict(net)
        np.testing.assert_allclose(ours(x), bare(x), rtol=1e-4, atol=1e-5)
        sizes: list[int] = []
        in_chunks(lambda rows: sizes.append(len(rows)) or rows)(x)  # type: ignore[func-returns-value]
        assert sizes == [1000, 1000, 500]


class TestReport:
    def test_summary_compares_with_the_best_framework_and_bare_numpy(self) -> None:
        rows = [
            series("sigmoid-sgd", "numpy", 100, 200, 100),
            series("sigmoid-sgd", "denselite", 150, 300, 150),
            series("sigmoid-sgd", "torch", 450, 900, 400),
            series("sigmoid-sgd", "jax", 200, 400, 200),
            series("sigmoid-sgd", "denselite compiled", 50, 50, 50),
        ]
        page = markdown(rows, ABOUT)
        title = "training step: 784-64-32-10 sigmoid, SGD, batch 32"
        assert f"| {title} | 150 µs | jax 200 µs | **0.75** | 1.50 |" in page
        assert "| torch | 450 | 400–900 | 3.00 | 1.0000 |" in page

    def test_peer_that_computes_something_else_is_named(self) -> None:
        same = [series("relu-adam", peer, 1.0) for peer in ("numpy", "denselite")]
        assert disagreements(same) == []
        found = disagreements([*same, series("relu-adam", "torch", 1.0, checked=1.01)])
        assert found == ["relu-adam: torch comes to 1.01000, the median of all is 1.00000"]

    def test_json_holds_every_round(self, tmp_path: Path) -> None:
        write_json(tmp_path / "results.json", [series("import", "numpy", 1.0, 2.0)], ABOUT)
        found = json.loads((tmp_path / "results.json").read_text("utf-8"))
        assert found["subjects"]["import"]["peers"]["numpy"] == [
            {"value": 1.0, "checked": 1.0},
            {"value": 2.0, "checked": 1.0},
        ]

    @pytest.mark.parametrize(
        ("value", "text"), [(0.0, "0"), (0.1234, "0.123"), (1.234, "1.23"), (12.34, "12.3"), (123456.7, "123,457")]
    )
    def test_numbers_have_three_digits(self, value: float, text: str) -> None:
        assert number(value) == text


class TestMeasures:
    def test_watch_sees_memory_that_was_freed_again(self) -> None:
        with memory.Watch() as watch:
            before = memory.private() if memory.STATUS.exists() else 0
            block: Any = np.ones(8_000_000)
            time.sleep(10 * memory.PAUSE)
            del block
        assert watch.peak > before + 60e6

    def test_installation_of_denselite_includes_its_dependencies(self) -> None:
        pytest.importorskip("packaging")
        names = closure(["denselite"])
        assert {"denselite", "numpy", "pydantic", "threadpoolctl", "tqdm"} <= names
        assert not {"pytest", "torch"} & names
        assert size_of("numpy") > size_of("denselite") > 100_000

    def test_sweep_tells_matrix_products_from_other_calls(self) -> None:
        cost = measure_shape(Shape(16, 3, 4))
        assert 0 < cost.products < 1
        assert cost.calls > 40
        assert cost.step > 0
        assert cost.planning > 0
