"""Keras on JAX as the oracle: every test here runs one recipe in both libraries and compares.

A recipe is a function of `lib`, which is the module `keras` or the module `denselite`; it may use nothing that
the two do not share. `twins.same(recipe)` runs it in both and compares what it returns, `twins.train(build, run)`
also gives both models the same weights first and compares the weights after.

Keras' side of these two is read from `recorded/` unless the test is in the sample that always asks (see oracle.py):

    pytest tests/parity --oracle=live     # ask Keras in every test
    pytest tests/parity --oracle=record   # and keep what it answers, after a change of tests or of Keras
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite
from tests.parity.oracle import Oracle, Recording

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ["JAX_ENABLE_X64"] = "1"  # without it JAX quietly computes in float32
BACKEND = os.environ["KERAS_BACKEND"] = os.environ.get("ORACLE_BACKEND", "jax")  # gap.py asks for another
# Most of the time here goes into compiling programs that run once: a fifth less without optimisation.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

HERE = Path(__file__).parent
ORACLE_NOISE = ("ignore:::keras", "ignore:::jax")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the oracle's own warnings from failing a test; ours still do."""
    for item in items:
        if HERE in item.path.parents:
            for rule in ORACLE_NOISE:
                item.add_marker(pytest.mark.filterwarnings(rule))


def assert_same(theirs: Any, ours: Any, rtol: float, atol: float, where: str = "result") -> None:
    """Compare nested results: the same structure, the same keys in the same order, numbers within the tolerance."""
    if isinstance(theirs, dict):
        assert isinstance(ours, dict), f"{where}: Keras has a dict, denselite a {type(ours).__name__}"
        assert list(ours) == list(theirs), where
        for key, value in theirs.items():
            assert_same(value, ours[key], rtol, atol, f"{where}[{key!r}]")
    elif isinstance(theirs, (list, tuple)):
        assert isinstance(ours, (list, tuple)), f"{where}: Keras has a list, denselite a {type(ours).__name__}"
        assert len(ours) == len(theirs), where
        for index, value in enumerate(theirs):
            assert_same(value, ours[index], rtol, atol, f"{where}[{index}]")
    elif theirs is None or isinstance(theirs, (str, bool)):
        assert ours == theirs, where
    else:
        expected, received = np.asarray(theirs), np.asarray(ours)
        assert received.shape == expected.shape, f"{where}: shape"
        np.testing.assert_allclose(received, expected, rtol=rtol, atol=atol, err_msg=where)


class Twins:
    """One recipe, two libraries.

    Args:
        oracle: Keras' answers, live or recorded.
        dtype: the float type both compute in; the tolerance follows from it.
    """

    def __init__(self, oracle: Oracle, dtype: str) -> None:
        self._oracle = oracle
        self.dtype = dtype
        # Keras takes the 1/n of its means in float32 even where all else is float64 (a mean of three ones
        # has the gradient 0.33333334), which is 3e-8 of a gradient and grows over the steps of a fit. Keras on
        # JAX and Keras on PyTorch are up to 3.6e-7 apart where 1e-6 of a number does not cover it (gap.py, 571 tests);
        # here 2e-7 is enough. In float32 another order of summation alone reaches 1e-5.
        self.rtol, self.atol = (1e-6, 2e-7) if dtype == "float64" else (1e-4, 1e-4)

    @cached_property
    def libs(self) -> tuple[Any, Any]:
        """Keras itself, for what cannot be recorded, and denselite."""
        keras = load_keras()
        keras.config.set_floatx(self.dtype)
        keras.config.set_dtype_policy(self.dtype)  # Keras keeps the first policy it made, whatever floatx becomes
        return keras, denselite

    @staticmethod
    def compile(lib: Any, model: Any, **arguments: Any) -> Any:
        """Compile (SGD and mse unless told otherwise) and return the model; Keras runs op by op, faster when tiny."""
        if lib.__name__ == "keras":
            arguments["jit_compile"] = False
        model.compile(**{"optimizer": lib.optimizers.SGD(0.1), "loss": "mse", **arguments})
        return model

    def compare(self, theirs: Any, ours: Any, atol: float | None = None) -> None:
        """Compare two nested results within this dtype's tolerance."""
        assert_same(theirs, ours, self.rtol, self.atol if atol is None else atol)

    def same(self, recipe: Callable[[Any], Any], atol: float | None = None) -> None:
        """Run `recipe(lib)` in both libraries and compare what it returns."""
        theirs = self._oracle(lambda: recipe(self.libs[0]))
        self.compare(theirs, recipe(denselite), atol)

    def models(self, build: Callable[[Any], Any], seed: int = 7) -> tuple[Any, Any]:
        """Build the same model in both libraries, live, and give both the same weights, biases included."""
        theirs, ours = (build(lib) for lib in self.libs)
        shapes = _shapes(theirs)
        assert _shapes(ours) == shapes
        for model in (theirs, ours):
            model.set_weights(self._weights(shapes, seed))
        return theirs, ours

    def train(self, build: Callable[[Any], Any], run: Callable[[Any], Any], atol: float | None = None) -> Any:
        """Build, equalise the weights, do `run(model)`, compare what it returned and the weights it left.

        Returns:
            Our model.
        """

        def ask() -> list[Any]:
            model = build(self.libs[0])
            shapes = _shapes(model)
            model.set_weights(self._weights(shapes))
            return [shapes, run(model), model.get_weights()]

        shapes, result, weights = self._oracle(ask)
        model = build(denselite)
        assert _shapes(model) == [tuple(shape) for shape in shapes]
        model.set_weights(self._weights(_shapes(model)))
        self.compare(result, run(model), atol)
        self.compare(weights, model.get_weights(), atol)
        return model

    def train_layers(self, x: Any, layers: Callable[[Any], list[Any]]) -> None:
        """Compare a chain of layers: its shape, its number of weights, a prediction, a training step and its end."""

        def build(lib: Any) -> Any:
            return self.compile(lib, lib.Sequential([lib.Input(x.shape[1:]), *layers(lib)]))

        def run(model: Any) -> Any:
            seen = model.predict(x, verbose=0)
            told = [known if size is None else size for size, known in zip(model.output_shape, seen.shape, strict=True)]
            loss = model.train_on_batch(x, np.ones(seen.shape))
            return [told, model.count_params(), seen, loss, model.predict_on_batch(x)]

        self.train(build, run)

    def train_merge(self, x: list[Any], merge: Callable[[Any], Any]) -> None:
        """Compare a layer of several inputs, each behind a ``Dense`` of its own, so that gradients go to each."""

        def build(lib: Any) -> Any:
            inputs = [lib.Input(part.shape[1:]) for part in x]
            dense = [lib.layers.Dense(part.shape[-1], activation="tanh") for part in x]
            outputs = merge(lib)([layer(i) for layer, i in zip(dense, inputs, strict=True)])
            return self.compile(lib, lib.Model(inputs, outputs))

        def run(model: Any) -> Any:
            seen = model.predict(x, verbose=0)
            return [list(model.output_shape[1:]), seen, model.train_on_batch(x, np.ones(seen.shape))]

        self.train(build, run)

    def _weights(self, shapes: Sequence[tuple[int, ...]], seed: int = 7) -> list[Any]:
        rng = np.random.default_rng(seed)
        return [rng.normal(0.0, 0.5, shape).astype(self.dtype) for shape in shapes]


def _shapes(model: Any) -> list[tuple[int, ...]]:
    return [weight.shape for weight in model.get_weights()]


def load_keras() -> Any:
    pytest.importorskip(BACKEND, reason=f"the comparison with Keras needs {BACKEND}: pip install {BACKEND}")
    keras = pytest.importorskip("keras", reason="the comparison with Keras needs keras: pip install keras")
    if keras.config.backend() != BACKEND:
        pytest.skip(f"the comparison with Keras needs its {BACKEND} backend; keras was imported with another one")
    return keras


@pytest.fixture(scope="session")
def recordings(request: pytest.FixtureRequest) -> Iterator[dict[str, Recording]]:
    """The recorded answers by file of tests, read where needed, written after `--oracle=record`."""
    found: dict[str, Recording] = {}
    yield found
    if request.config.getoption("oracle") == "record":
        versions = {name: __import__(name).__version__ for name in ("keras", BACKEND)}
        for recording in found.values():
            recording.save(versions)


def in_floatx(recordings: dict[str, Recording], request: pytest.FixtureRequest, dtype: str) -> Iterator[Twins]:
    file = request.path.stem
    recording = recordings.get(file) or recordings.setdefault(file, Recording(file))
    before = denselite.config.floatx()
    use_floatx(dtype)
    yield Twins(Oracle(request.node.name, recording, request.config.getoption("oracle")), dtype)
    use_floatx(before)


def use_floatx(dtype: str) -> None:
    denselite.config.set_floatx(dtype)
    denselite.config.set_dtype_policy(dtype)


@pytest.fixture
def twins(recordings: dict[str, Recording], request: pytest.FixtureRequest) -> Iterator[Twins]:
    """Both libraries in float64."""
    yield from in_floatx(recordings, request, "float64")


@pytest.fixture
def twins32(recordings: dict[str, Recording], request: pytest.FixtureRequest) -> Iterator[Twins]:
    """Both libraries in float32."""
    yield from in_floatx(recordings, request, "float32")
