"""What every test gets: global state that is watched, settings for hypothesis, and optional data."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from denselite import config
from denselite.tensor import keys

# A first call traces and plans: what an example takes says nothing. In CI every run tries the same examples.
hypothesis.settings.register_profile("denselite", deadline=None)
hypothesis.settings.register_profile("denselite-ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("denselite-ci" if os.environ.get("CI") else "denselite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--oracle",
        choices=("recorded", "live", "record"),
        default="recorded",
        help="where Keras' side of tests/parity comes from: see tests/parity/oracle.py",
    )


@pytest.fixture(scope="session")
def blas() -> ThreadpoolController:
    return ThreadpoolController()


# Global state that a test may change and has to put back: how to read it, how to set it right for the next test.
WATCHED: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "denselite.config.floatx()": (config.floatx, config.set_floatx),
    "denselite.config.dtype_policy()": (config.dtype_policy, config.set_dtype_policy),
    "denselite.config.epsilon()": (config.epsilon, config.set_epsilon),
    "denselite.config.image_data_format()": (config.image_data_format, config.set_image_data_format),
    "denselite.config.is_interactive_logging_enabled()": (
        config.is_interactive_logging_enabled,
        lambda enabled: config.enable_interactive_logging() if enabled else config.disable_interactive_logging(),
    ),
    "numpy.geterr()": (np.geterr, lambda kept: np.seterr(**kept)),
    "the working directory": (Path.cwd, os.chdir),
}


@pytest.fixture(autouse=True)
def leaks_nothing(request: pytest.FixtureRequest, blas: ThreadpoolController) -> Iterator[None]:
    """Fail a test that leaves global state behind, or draws from NumPy's global generator.

    Seeds are put back, so that a test may call ``set_random_seed``; one that did not, and not the
    parity tests (Keras itself draws), must leave NumPy's global generator as it was.
    """
    before = {name: read() for name, (read, _) in WATCHED.items()}
    limits, root = thread_limits(blas), keys._sequence.root
    numpy_state, python_state = np.random.get_state(legacy=False), random.getstate()
    yield
    seeded = keys._sequence.root != root
    drawn = not same_state(np.random.get_state(legacy=False), numpy_state)
    np.random.set_state(numpy_state)
    random.setstate(python_state)
    keys._sequence.restart(root)

    leaked = []
    for name, (read, restore) in WATCHED.items():
        if (now := read()) != before[name]:
            leaked.append(f"{name}: {before[name]} became {now}")
            restore(before[name])
    if (now := thread_limits(blas)) != limits:
        leaked.append(f"the BLAS thread limits: {limits} became {now}")
    if drawn and not seeded and "parity" not in request.path.parts:
        leaked.append("NumPy's global generator was drawn from")
    if leaked:
        pytest.fail(f"the test changes global state: {'; '.join(leaked)}")


def thread_limits(blas: ThreadpoolController) -> list[int]:
    return [library.num_threads for library in blas.lib_controllers]


def same_state(a: Any, b: Any) -> bool:
    return a["state"]["pos"] == b["state"]["pos"] and np.array_equal(a["state"]["key"], b["state"]["key"])


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data sets (``mnist.npz``): ``$DENSELITE_DATA``, else ``shared/data`` beside the checkout."""
    folder = Path(os.environ.get("DENSELITE_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no real data here: set DENSELITE_DATA to a folder with mnist.npz")
    return folder
