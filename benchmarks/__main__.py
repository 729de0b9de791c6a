"""Measure everything: ``python -m benchmarks [--rounds 5] [--only wide-adam] [--peers numpy denselite]``.

Every number comes from a process of its own. The peers take turns within a round, so that a slow
minute of the machine hits them all; ratios are formed within a round.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import cnn, embedding, peers, report
from benchmarks.workloads import EMBEDDINGS, WORKLOADS

IMPORT_TIMER = "import time; t = time.perf_counter(); import {}; print((time.perf_counter() - t) * 1e6)"
BUSY = 0.5  # load average; OpenMP threads that share a core with other work spin many times longer than they compute
UPDATES = ("torch fused", "denselite compiled")  # what is special about them is the optimizer's update
SUBJECTS = {
    **{name: f"training step: {workload}" for name, workload in WORKLOADS.items()},
    **{name: f"training step: embedding of {rows:,} rows, SGD, batch 128" for name, rows in EMBEDDINGS.items()},
    "cnn": "training step: two convolutions 3×3×32 on 28×28, Adam, batch 128",
    "predict": "prediction of one row: 784-512-512-10 relu",
    "import": "import, NumPy's included",
}


def measure(kind: str, peer: str) -> dict[str, float]:
    """Run one measurement in a fresh process."""
    if kind == "import":
        command = [sys.executable, "-c", IMPORT_TIMER.format(peer.split()[0])]
        return {"microseconds": float(_output(command))}
    result: dict[str, float] = json.loads(_output([sys.executable, "-m", "benchmarks.worker", kind, peer]))
    return result


def _output(command: list[str]) -> str:
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its byte code
    completed = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return completed.stdout.splitlines()[-1]


def chosen_peers(wanted: list[str]) -> list[str]:
    """Return the peers that are installed, and say which are not."""
    for peer in wanted:
        if not peers.is_installed(peer):
            print(f"skipped: {peer} needs {' and '.join(peers.NEEDS[peer])}", file=sys.stderr)
    return [peer for peer in wanted if peers.is_installed(peer)]


def main() -> int:
    """Measure, print the tables, write the JSON; 1 if a peer does not compute what the others do."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed beside the peers.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=list(SUBJECTS), metavar="SUBJECT")
    parser.add_argument("--peers", nargs="+", choices=peers.NEEDS, default=list(peers.NEEDS), metavar="PEER")
    parser.add_argument("--json", type=Path, default=Path("benchmark.json"))
    options = parser.parse_args()

    if os.getloadavg()[0] > BUSY:
        print("this machine is busy with something else: PyTorch above all will look slow", file=sys.stderr)
    names = chosen_peers(options.peers)
    series = {
        (kind, peer): report.Series(SUBJECTS[kind], peer)
        for kind in options.only
        for peer in names
        if not (peer in UPDATES and kind in ("predict", "import"))
        and not (kind in EMBEDDINGS and peer not in embedding.PEERS)
        and not (kind == "cnn" and peer not in cnn.PEERS)
    }
    for turn in range(options.rounds):
        for (kind, peer), entry in series.items():
            entry.rounds.append(measure(kind, peer))
            print(f"round {turn + 1}: {kind}, {peer}: {entry.values()[-1]:,.0f} µs", file=sys.stderr)
    print(report.markdown(list(series.values())))
    report.write_json(options.json, list(series.values()))
    problems = report.disagreements(list(series.values()))
    print(*problems, sep="\n", file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
