"""Who is measured: each peer by name, and what must be installed for it."""

from __future__ import annotations

from importlib.util import find_spec

from benchmarks.workloads import Epoch, Floats, Labels, Workload

NEEDS = {
    "numpy": ["numpy"],
    "denselite": ["denselite"],
    "denselite compiled": ["denselite", "numba"],
    "torch": ["torch"],
    "torch fused": ["torch"],
    "keras on jax": ["keras", "jax"],
}


def is_installed(peer: str) -> bool:
    """Tell whether everything that ``peer`` imports is there."""
    return all(find_spec(module) for module in NEEDS[peer])


def build(peer: str, workload: Workload, weights: list[Floats], x: Floats, y: Labels) -> Epoch:
    """Return the peer's training loop for one workload, importing only what this peer needs."""
    if peer == "numpy":
        from benchmarks import peer_numpy

        return peer_numpy.build(workload, weights, x, y)
    if peer.startswith("torch"):
        from benchmarks import peer_torch

        return peer_torch.build(workload, weights, x, y, fused=peer == "torch fused")
    from benchmarks import peer_fit

    return peer_fit.build(workload, weights, x, y, library=peer.split()[0], jit=peer.endswith("compiled") or "auto")
