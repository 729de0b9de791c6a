"""How far Keras on JAX and Keras on PyTorch are apart: the floor under the tolerance of these tests.

    python -m tests.parity.gap

asks Keras on PyTorch what Keras on JAX was asked when `recorded/` was written, in float64, and lists the tests by
the largest difference that rtol does not cover. What is more than ROUNDING is another rule, not rounding: the slope
at a kink, how ties and draws are decided.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.parity.oracle import RECORDED, Recording, decode

HERE = Path(__file__).parent
TRAINING = ("compile", "convolution", "embedding", "fit", "layers", "layers_activation", "layers_merging",
            "loss_gradients", "masks", "normalization", "optimizer_options", "optimizer_rules", "optimizers",
            "regularizers", "wrappers")  # fmt: skip
RTOL = 1e-6
ROUNDING = 1e-4


def differences(jax: Any, torch: Any) -> Iterator[float]:
    """Yield the largest difference of each pair of float arrays of one shape, but for what ``RTOL`` covers."""
    if isinstance(jax, dict) and isinstance(torch, dict):
        for key in jax.keys() & torch.keys():
            yield from differences(jax[key], torch[key])
    elif isinstance(jax, list) and isinstance(torch, list):
        for one, other in zip(jax, torch, strict=False):
            yield from differences(one, other)
    elif is_finite(jax) and is_finite(torch) and jax.shape == torch.shape:
        apart = np.abs(jax - torch)
        yield float(np.max(apart, initial=0.0, where=apart > RTOL * np.abs(jax)))


def is_finite(answer: Any) -> bool:
    return isinstance(answer, np.ndarray) and answer.dtype.kind == "f" and bool(np.isfinite(answer).all())


def measure() -> dict[str, float]:
    """Return the gap of each test that both could answer."""
    files = [f"test_parity_{name}" for name in TRAINING]
    with tempfile.TemporaryDirectory() as folder:
        asked = [str(HERE / f"{file}.py") for file in files]
        environment = {**os.environ, "ORACLE_BACKEND": "torch", "ORACLE_RECORDED": folder}
        # What fails there is our comparison with PyTorch's numbers; they are kept all the same.
        command = [sys.executable, "-m", "pytest", "-q", "--oracle=record", "-p", "no:cacheprovider", *asked]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        gaps = {}
        for file in files:
            theirs = Recording(file, Path(folder)).answers
            for test, answers in Recording(file, RECORDED).answers.items():
                pairs = zip(map(decode, answers), map(decode, theirs.get(test, ())), strict=False)
                found = [gap for pair in pairs for gap in differences(*pair)]
                if found:
                    gaps[f"{file}::{test}"] = max(found)
    return gaps


if __name__ == "__main__":
    gaps = measure()
    rounding = {test: gap for test, gap in gaps.items() if gap <= ROUNDING}
    print(f"{len(gaps)} tests; {len(gaps) - len(rounding)} with another rule:")
    for test in sorted(gaps.keys() - rounding.keys()):
        print(f"  {gaps[test]:.1e} {test}")
    print("the largest of the others:")
    for test, gap in sorted(rounding.items(), key=lambda item: -item[1])[:20]:
        print(f"  {gap:.1e} {test}")
