"""Measure everything: ``python -m benchmarks [--rounds 5] [--only wide-adam] [--peers numpy denselite]``.

Every number comes from a process of its own. The peers take turns within a round, so that a slow
minute of the machine hits them all; ratios are formed within a round. A peer that is missing is
skipped with a notice; one that is installed elsewhere is run there:
``--python "keras on tensorflow=/path/to/bin/python"``. A round takes about half an hour on two cores;
the results are written anew after each.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import chart, machine, report
from benchmarks.tables import PEERS, SUBJECTS

ROOT = Path(__file__).parents[1]
BUSY = 0.5  # load average; OpenMP threads that share a core with other work spin many times longer than they compute
QUIET = {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}


def work(interpreter: str, *arguments: str, peer: str = "numpy") -> Any:
    """Run the worker in a fresh process and return what it says."""
    environment = {**os.environ, **QUIET, **PEERS[peer].environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its byte code
    command = [interpreter, "-m", "benchmarks.worker", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def present(wanted: list[str], interpreters: dict[str, str]) -> dict[str, Any]:
    """Return the versions of the peers that work here, and say why the others do not."""
    versions = {}
    for peer in wanted:
        found = work(interpreters.get(peer, sys.executable), "look", peer, peer=peer)
        if "problem" in found:
            print(f"skipped: {peer} {found['problem']}", file=sys.stderr)
        else:
            versions[peer] = found["versions"]
    return versions


def run_round(series: list[report.Series], interpreters: dict[str, str], folder: str) -> None:
    """Add a number to each series that lacks none so far; what is no time is measured once."""
    number = max(len(entry.rounds) for entry in series)
    for entry in series:
        subject, peer = entry.subject, entry.peer
        if len(entry.rounds) < number or (number and subject.once):
            continue
        try:
            entry.rounds.append(work(interpreters.get(peer, sys.executable), subject.name, peer, folder, peer=peer))
        except subprocess.CalledProcessError:
            print(f"failed: {peer} on {subject.name}", file=sys.stderr)
            continue
        told = f"{subject.name}, {peer}: {report.number(entry.values[-1])} {subject.unit}"
        print(f"round {number + 1}: {told}", file=sys.stderr)


def write(folder: Path, series: list[report.Series], about: dict[str, Any]) -> None:
    """Write the tables, the numbers and the chart."""
    folder.mkdir(parents=True, exist_ok=True)
    report.write_json(folder / "results.json", series, about)
    (folder / "results.md").write_text(report.markdown(series, about), "utf-8")
    chart.draw(series, folder / "results.svg")


def arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Speed, memory and size beside the peers."
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=list(SUBJECTS), metavar="SUBJECT")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS), metavar="PEER")
    parser.add_argument(
        "--python", nargs="+", default=[], metavar="PEER=PATH", help="interpreters of other environments"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("benchmark-results"), help="folder for results.md, .json and .svg"
    )
    return parser.parse_args()


def main() -> int:
    """Measure and write the tables and the chart; 1 if a peer failed or does not compute what the others do."""
    options = arguments()
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > BUSY:
        print("this machine is busy with something else: PyTorch above all will look slow", file=sys.stderr)
    interpreters = dict(pair.split("=", 1) for pair in options.python)
    versions = present(options.peers, interpreters)
    series = [
        report.Series(SUBJECTS[name], peer)
        for name in options.only
        for peer in versions
        if peer in SUBJECTS[name].peers
    ]
    with tempfile.TemporaryDirectory() as folder:
        work(sys.executable, "write", folder)
        for done in range(1, options.rounds + 1):
            run_round(series, interpreters, folder)
            complete = [entry for entry in series if len(entry.rounds) == (1 if entry.subject.once else done)]
            write(options.out, complete, {**machine.describe(), "rounds": done, "versions": versions})
    problems = report.disagreements(series)
    print((options.out / "results.md").read_text("utf-8"))
    print(*problems, sep="\n", file=sys.stderr)
    return bool(problems) or len(complete) < len(series)


if __name__ == "__main__":
    sys.exit(main())
