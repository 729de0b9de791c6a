"""Who is measured, on what: the table of peers and the table of subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from benchmarks import measures
from benchmarks.workloads import net
from benchmarks.workloads.convolutional import Convolutional
from benchmarks.workloads.embedding import Lookup
from benchmarks.workloads.tabular import Tabular


@dataclass(frozen=True)
class Peer:
    """Somebody who is measured.

    Args:
        name: what tables and options call it.
        family: the file in ``benchmarks/peers`` that holds the code.
        modules: what is imported, which is also what must be installed.
        options: arguments for the family's functions.
        environment: variables that are set for its processes.
        also: further modules that only the benchmark needs.
        tried: whether it can be installed and yet not work, so that it has to be tried.
    """

    name: str
    family: str
    modules: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    tried: bool = False

    def build(self, kind: str, workload: Any, *arguments: Any) -> Any:
        """Return what the family's function of that name makes of a workload."""
        return getattr(import_module(f"benchmarks.peers.{self.family}"), kind)(workload, *arguments, **self.options)


def _keras(backend: str) -> Peer:
    return Peer(f"keras on {backend}", "fit", ("keras", backend), {"library": "keras"}, {"KERAS_BACKEND": backend})


PEERS = {
    peer.name: peer
    for peer in (
        Peer("numpy", "numpy_loop", ("numpy",)),
        Peer("denselite", "fit", ("denselite",), {"library": "denselite"}),
        Peer("denselite compiled", "fit", ("denselite", "numba"), {"library": "denselite", "jit": True}),
        Peer("torch", "torch_loop", ("torch",)),
        Peer("torch fused", "torch_loop", ("torch",), {"fused": True}),
        Peer("torch.compile", "torch_loop", ("torch",), {"compiled": True}, tried=True),  # needs a C++ compiler
        _keras("jax"),
        _keras("tensorflow"),
        _keras("torch"),
        Peer("jax", "jax_loop", ("jax",)),
        Peer("scikit-learn", "sklearn_fit", ("sklearn.neural_network",)),
        Peer("onnxruntime", "onnx_session", ("onnxruntime",), also=("onnx",)),
    )
}

_LIBRARIES = ("denselite", "torch", "keras on jax", "keras on tensorflow", "keras on torch")
_TRAINERS = (*_LIBRARIES, "denselite compiled", "torch fused", "torch.compile", "jax")
_CLASSIFIERS = ("numpy", *_TRAINERS, "scikit-learn")
_SERVERS = ("numpy", *_LIBRARIES, "torch.compile", "jax", "scikit-learn", "onnxruntime")
_INSTALLED = ("numpy", *_LIBRARIES, "denselite compiled", "jax", "scikit-learn", "onnxruntime")


@dataclass(frozen=True)
class Subject:
    """Something that is measured.

    Args:
        name: what options call it.
        title: what it is, for a reader of the table.
        unit: of the number.
        measure: returns the number, as ``value``, and what is compared, as ``checked``.
        peers: whom it can be measured on.
        kind: the function in the peers' files that it takes.
        workload: the argument of that function.
        once: whether one round is enough, since it is not a time.
    """

    name: str
    title: str
    unit: str
    measure: Callable[[Any, Any, str], dict[str, float]]
    peers: tuple[str, ...]
    kind: str = ""
    workload: Any = None
    once: bool = False


def _step(name: str, kind: str, workload: Any, peers: tuple[str, ...]) -> Subject:
    return Subject(name, f"training step: {workload}", "µs", measures.training_step, peers, kind, workload)


def _predict(name: str, title: str, unit: str, measure: Any, once: bool = False) -> Subject:
    return Subject(name, f"{title}: 784-512-512-10 relu", unit, measure, _SERVERS, "predict", net.WIDE_ADAM, once)


SUBJECTS = {
    subject.name: subject
    for subject in (
        _step("sigmoid-sgd", "classifier", net.SIGMOID_SGD, _CLASSIFIERS),
        _step("relu-adam", "classifier", net.RELU_ADAM, _CLASSIFIERS),
        _step("wide-adam", "classifier", net.WIDE_ADAM, _CLASSIFIERS),
        _step("huge-adam", "classifier", net.HUGE_ADAM, _CLASSIFIERS),
        _step("tabular", "tabular", Tabular(), _TRAINERS),
        _step("embedding-1k", "embedding", Lookup(1_000), _LIBRARIES),
        _step("embedding-100k", "embedding", Lookup(100_000), _LIBRARIES),
        _step("cnn", "convolutional", Convolutional(), _LIBRARIES),
        Subject(
            "whole", f"5 epochs, from the start of the process to its end: {net.SIGMOID_SGD}",
            "s", measures.whole_run, _CLASSIFIERS, "classifier", net.SIGMOID_SGD,
        ),
        _predict("predict-1", "prediction of one row", "µs", measures.predicting_one),
        _predict("predict-10k", "prediction of 10,000 rows", "ms", measures.predicting_many),
        Subject(
            "memory-training", f"peak memory of training, 188 MB of images included: {net.WIDE_ADAM}",
            "MB", measures.memory_of_training, _CLASSIFIERS, "classifier", net.WIDE_ADAM, once=True,
        ),
        _predict("memory-100k", "peak memory, results aside, of predicting 10⁵ rows", "MB", measures.memory_100k, True),
        _predict("memory-1m", "peak memory, results aside, of predicting 10⁶ rows", "MB", measures.memory_1m, True),
        Subject("import", "import, NumPy's included", "ms", measures.import_time, _INSTALLED),
        Subject("size", "installed files, dependencies included", "MB", measures.installed_size, _INSTALLED, once=True),
    )
}  # fmt: skip
