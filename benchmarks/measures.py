"""How a number is measured, in a process that does nothing else.

Each function is given a subject, a peer and the folder of the data, and returns the number as ``value``;
what peers have to agree on, where there is such a thing, is ``checked``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import timeit
from typing import Any

import numpy as np

from benchmarks import memory
from benchmarks.workloads import CHUNK, Fit
from benchmarks.workloads.net import FEATURES, many_rows

Measured = dict[str, float]

EPOCHS = 3
WHOLE_EPOCHS = 5
RUNS, RUN_SECONDS = 9, 0.25  # of predictions
RUN_WHOLE = "from benchmarks import measures; measures.train_whole({!r}, {!r}, {!r})"
TIME_IMPORT = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def training_step(subject: Any, peer: Any, folder: str) -> Measured:
    """Measure a step: the median of whole shuffled epochs after one that warms up.

    The first steps run unshuffled; their mean loss shows whether every peer computes the same thing.
    """
    workload = subject.workload
    fit, checked = _checked_fit(subject, peer, folder)
    if workload.exact() != workload:
        fit = peer.build(subject.kind, workload, folder)
    rows = workload.batch * workload.steps
    fit(rows, True)
    times = []
    for _ in range(EPOCHS):
        start = time.perf_counter()
        loss = fit(rows, True)
        times.append(time.perf_counter() - start)
    return {"value": statistics.median(times) / workload.steps * 1e6, "checked": checked, "last_loss": loss}


def _checked_fit(subject: Any, peer: Any, folder: str) -> tuple[Fit, float]:
    workload = subject.workload.exact()
    fit: Fit = peer.build(subject.kind, workload, folder)
    return fit, fit(workload.checked * workload.batch, False)


def whole_run(subject: Any, peer: Any, folder: str) -> Measured:
    """Measure seconds from the start of a process that trains to its end, imports included."""
    start = time.perf_counter()
    output = _run(RUN_WHOLE.format(subject.name, peer.name, folder))
    return {"value": time.perf_counter() - start, "last_loss": float(output)}


def train_whole(subject: str, peer: str, folder: str) -> None:
    """Train and print the last loss: the process that ``whole_run`` starts."""
    from benchmarks.tables import PEERS, SUBJECTS

    workload = SUBJECTS[subject].workload
    fit = PEERS[peer].build(SUBJECTS[subject].kind, workload, folder)
    print(fit(workload.batch * workload.steps, True, WHOLE_EPOCHS))


def predicting_one(subject: Any, peer: Any, folder: str) -> Measured:
    """Measure microseconds a call."""
    return _predicting(subject, peer, rows=1, factor=1e6)


def predicting_many(subject: Any, peer: Any, folder: str) -> Measured:
    """Measure milliseconds for 10,000 rows in memory, in batches of a size that suits everyone."""
    return _predicting(subject, peer, rows=10 * CHUNK, factor=1e3)


def _predicting(subject: Any, peer: Any, rows: int, factor: float) -> Measured:
    """Measure a call: the median of several runs of calls after some that warm up."""
    x = np.random.default_rng(0).random((rows, FEATURES), dtype=np.float32)
    predict = peer.build(subject.kind, subject.workload)
    checked = float(np.abs(np.asarray(predict(x))).mean())
    calls, seconds = 1, 0.0
    while seconds < RUN_SECONDS / 2:
        calls *= 2
        seconds = timeit.timeit(lambda: predict(x), number=calls)
    times = timeit.repeat(lambda: predict(x), number=calls, repeat=RUNS)
    return {"value": statistics.median(times) / calls * factor, "checked": checked}


def memory_of_training(subject: Any, peer: Any, folder: str) -> Measured:
    """Measure the largest resident memory of a process that trains for an epoch."""
    fit, checked = _checked_fit(subject, peer, folder)
    fit(subject.workload.batch * subject.workload.steps, True)
    return {"value": memory.peak() / 1e6, "checked": checked}


def memory_100k(subject: Any, peer: Any, folder: str) -> Measured:
    """Measure the largest private memory while 100,000 rows of a file are predicted, but for the predictions."""
    return _memory_of_predicting(subject, peer, many_rows(folder, 100_000))


def memory_1m(subject: Any, peer: Any, folder: str) -> Measured:
    """Measure the largest private memory while a million rows of a file are predicted, but for the predictions."""
    return _memory_of_predicting(subject, peer, many_rows(folder, 1_000_000))


def _memory_of_predicting(subject: Any, peer: Any, rows: Any) -> Measured:
    with memory.Watch() as watch:
        outputs = peer.build(subject.kind, subject.workload)(rows)
    if len(outputs) != len(rows):
        raise RuntimeError(f"{len(outputs)} predictions for {len(rows)} rows")
    return {"value": (watch.peak - outputs.nbytes) / 1e6}


def import_time(subject: Any, peer: Any, folder: str) -> Measured:
    """Measure milliseconds to import, after a first import has written byte code and filled the file cache."""
    timer = TIME_IMPORT.format(", ".join(peer.modules))
    _run(timer)
    return {"value": float(_run(timer)) * 1e3}


def installed_size(subject: Any, peer: Any, folder: str) -> Measured:
    """Add up the files of the distributions that the peer needs."""
    from benchmarks.installed import closure, size_of

    return {"value": sum(size_of(name) for name in closure(peer.modules)) / 1e6}


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()[-1]
