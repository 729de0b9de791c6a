"""Keras on JAX as the oracle: every test here runs one recipe in both libraries and compares.

A recipe is a function of `lib`, which is the module `keras` or the module `denselite`; it may use nothing that
the two do not share. `twins.same(recipe)` runs it in both and compares what it returns, `twins.train(build, run)`
also gives both models the same weights first and compares the weights after.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ["JAX_ENABLE_X64"] = "1"  # without it JAX quietly computes in float32
os.environ["KERAS_BACKEND"] = "jax"
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
        keras: the oracle.
        denselite: the library under test.
        dtype: the float type both compute in; the tolerance follows from it.
    """

    def __init__(self, keras: Any, denselite: Any, dtype: str) -> None:
        self.libs = (keras, denselite)
        self.dtype = dtype
        # Keras takes the 1/n of its means in float32 even where all else is float64 (a mean of three ones
        # has the gradient 0.33333334), which is 3e-8 of a gradient and grows over the steps of a fit.
        # In float32 another order of summation alone reaches 1e-5.
        self.rtol, self.atol = (1e-6, 2e-7) if dtype == "float64" else (1e-4, 1e-4)

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
        theirs, ours = (recipe(lib) for lib in self.libs)
        self.compare(theirs, ours, atol)

    def models(self, build: Callable[[Any], Any], seed: int = 7) -> tuple[Any, Any]:
        """Build the same model in both libraries and give both the same weights, biases included."""
        theirs, ours = (build(lib) for lib in self.libs)
        rng = np.random.default_rng(seed)
        shapes = [weight.shape for weight in theirs.get_weights()]
        assert [weight.shape for weight in ours.get_weights()] == shapes
        weights = [rng.normal(0.0, 0.5, shape).astype(self.dtype) for shape in shapes]
        theirs.set_weights(weights)
        ours.set_weights(weights)
        return theirs, ours

    def train(
        self, build: Callable[[Any], Any], run: Callable[[Any], Any], atol: float | None = None
    ) -> tuple[Any, Any]:
        """Build, equalise the weights, do `run(model)`, then compare what it returned and the weights it left."""
        theirs, ours = self.models(build)
        self.compare(run(theirs), run(ours), atol)
        self.compare(theirs.get_weights(), ours.get_weights(), atol)
        return theirs, ours


def use_floatx(keras: Any, denselite: Any, dtype: str) -> None:
    """Set the default float type of both libraries."""
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)  # Keras keeps the first policy it made, whatever floatx becomes
    denselite.config.set_floatx(dtype)


@pytest.fixture(scope="session")
def libraries() -> tuple[Any, Any]:
    pytest.importorskip("jax", reason="the comparison with Keras needs jax: pip install jax")
    keras = pytest.importorskip("keras", reason="the comparison with Keras needs keras: pip install keras")
    if keras.config.backend() != "jax":
        pytest.skip("the comparison with Keras needs its JAX backend; keras was imported with another one")
    import denselite

    return keras, denselite


def in_floatx(libraries: tuple[Any, Any], dtype: str) -> Iterator[Twins]:
    keras, denselite = libraries
    before = denselite.config.floatx()
    use_floatx(keras, denselite, dtype)
    yield Twins(keras, denselite, dtype)
    use_floatx(keras, denselite, before)


@pytest.fixture
def twins(libraries: tuple[Any, Any]) -> Iterator[Twins]:
    """Both libraries in float64."""
    yield from in_floatx(libraries, "float64")


@pytest.fixture
def twins32(libraries: tuple[Any, Any]) -> Iterator[Twins]:
    """Both libraries in float32."""
    yield from in_floatx(libraries, "float32")
