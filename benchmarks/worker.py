"""One measurement in a process of its own: ``python -m benchmarks.worker SUBJECT PEER`` prints one line of JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
import timeit
from collections.abc import Callable

from benchmarks import cnn, embedding, peers, predict
from benchmarks.workloads import EMBEDDINGS, WORKLOADS, initial_weights, make_data

CHECKED_STEPS = 50
EPOCHS = 3


def train(name: str, peer: str) -> dict[str, float]:
    """Measure microseconds a step: the median of whole shuffled epochs after one that warms up.

    The first steps run unshuffled; their mean loss shows whether every peer computes the same thing.
    """
    workload = WORKLOADS[name]
    epoch = peers.build(peer, workload, initial_weights(workload), *make_data())
    checked_loss = epoch(CHECKED_STEPS * workload.batch, False)
    epoch(workload.rows, True)
    times = []
    for _ in range(EPOCHS):
        start = time.perf_counter()
        loss = epoch(workload.rows, True)
        times.append(time.perf_counter() - start)
    steps = workload.rows // workload.batch
    return {"microseconds": statistics.median(times) / steps * 1e6, "checked_loss": checked_loss, "last_loss": loss}


def predict_row(peer: str) -> dict[str, float]:
    """Measure microseconds a call: the median of 9 runs of 500 calls."""
    call = predict.build(peer)
    call()
    times = timeit.repeat(call, number=500, repeat=10)[1:]
    return {"microseconds": statistics.median(times) / 500 * 1e6}


def run_epochs(epoch: Callable[[], float], steps: int) -> dict[str, float]:
    """Measure microseconds a step: the median of epochs after two that warm up."""
    epoch()
    epoch()
    times = []
    for _ in range(2 * EPOCHS):
        start = time.perf_counter()
        loss = epoch()
        times.append(time.perf_counter() - start)
    return {"microseconds": statistics.median(times) / steps * 1e6, "last_loss": loss}


def measure(subject: str, peer: str) -> dict[str, float]:
    """Measure one peer on one subject."""
    if subject == "predict":
        return predict_row(peer)
    if subject in EMBEDDINGS:
        return run_epochs(embedding.build(peer, EMBEDDINGS[subject]), embedding.STEPS)
    if subject == "cnn":
        return run_epochs(cnn.build(peer), cnn.STEPS)
    return train(subject, peer)


if __name__ == "__main__":
    subject, peer = sys.argv[1:]
    print(json.dumps(measure(subject, peer)))
