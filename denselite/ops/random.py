"""Draws by key: the same (seed, call site, step) gives the same numbers, whatever was drawn before.

Inside a training step the step is the model's own counter, an input of the program; the call site
counts the draws that one seed makes in one trace. Philox (Salmon et al., 2011) makes the numbers:
its key is (seed, site) and its counter starts at the step, so no state is carried.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.errors import ArgumentError
from denselite.ops.op import Array, Op, Run, scalar
from denselite.tensor.context import constant, current_trace
from denselite.tensor.dtypes import is_integer, standardize_dtype
from denselite.tensor.keys import generator, next_seed

__all__ = ["SeedGenerator", "dropout_mask", "normal", "uniform"]


class SeedGenerator:
    """Names one stream of draws: a seed and, outside a training step, how often it was used.

    Args:
        seed: an integer >= 0; None takes a fresh one from the library's own sequence.

    Example:
        >>> uniform((2,), seed=SeedGenerator(1)).tolist() == uniform((2,), seed=SeedGenerator(1)).tolist()
        True
    """

    def __init__(self, seed: int | None = None) -> None:
        if seed is not None and (not is_integer(seed) or seed < 0):
            raise ArgumentError(f"SeedGenerator expects an integer seed >= 0 or None, got {seed!r}.")
        self.seed = next_seed() if seed is None else int(seed)
        self.used = 0

    def next(self) -> tuple[Any, int]:
        """Return ``(step, site)`` for one draw."""
        trace = current_trace()
        if trace is not None:
            site = trace.call_site(self.seed)
            return (_start_of_time() if trace.step is None else trace.step), site
        self.used += 1
        return np.asarray(self.used - 1, np.int64), 0


def _start_of_time() -> Any:
    """Step 0: a tensor inside a trace, so that what is drawn has the shape each batch size needs."""
    step = np.zeros((), np.int64)
    return step if current_trace() is None else constant(step)


class _Restart:
    """Puts a generator at the start of the stream for the present step."""

    __slots__ = ("bits", "counter", "state", "step")

    def __init__(self, rng: np.random.Generator, step: Array) -> None:
        self.bits, self.step = rng.bit_generator, step
        self.state: Any = self.bits.state
        self.counter = self.state["state"]["counter"]

    def __call__(self) -> None:
        self.counter[1] = self.step
        self.bits.state = self.state


def _start(run: Run, step: Array, seed: int, site: int) -> np.random.Generator:
    rng = generator(seed, site)
    run(_Restart(rng, step))
    return rng


def _uniform_kernel(
    run: Run, out: Array, step: Array, *, shape: Any, low: float, high: float, seed: int, site: int, dtype: str
) -> None:
    rng = _start(run, step, seed, site)
    run(rng.random, None, out.dtype, out)
    run(np.multiply, out, scalar(high - low, out), out)
    run(np.add, out, scalar(low, out), out)


def _normal_kernel(
    run: Run, out: Array, step: Array, *, shape: Any, mean: float, stddev: float, seed: int, site: int, dtype: str
) -> None:
    rng = _start(run, step, seed, site)
    run(rng.standard_normal, None, out.dtype, out)
    run(np.multiply, out, scalar(stddev, out), out)
    run(np.add, out, scalar(mean, out), out)


def _dropout_kernel(
    run: Run, out: Array, step: Array, *, shape: Any, rate: float, seed: int, site: int, dtype: str
) -> None:
    rng = _start(run, step, seed, site)
    run(rng.random, None, out.dtype, out)
    run(np.greater_equal, out, scalar(rate, out), out)
    run(np.multiply, out, scalar(1.0 / (1.0 - rate) if rate < 1 else 0.0, out), out)


def _draw(name: str, kernel: Any, **attrs: Any) -> Op:
    return Op(
        name,
        infer=lambda step, *, shape, dtype, **_: (shape, np.dtype(dtype)),
        kernel=kernel,
        vjp=lambda g, out, step, **_: (None,),
        python=True,
        sample=lambda rng: (
            [np.asarray(3, np.int64)],
            {"shape": (3, 4), "seed": 1, "site": 0, "dtype": "float32", **attrs},
        ),
    )


_uniform = _draw("random_uniform", _uniform_kernel, low=-1.0, high=1.0)
_normal = _draw("random_normal", _normal_kernel, mean=0.0, stddev=2.0)
_dropout_mask = _draw("dropout_mask", _dropout_kernel, rate=0.25)

Seed = int | SeedGenerator | None


def _stream(seed: Seed, dtype: Any) -> tuple[Any, dict[str, Any]]:
    if isinstance(seed, SeedGenerator) or seed is None:
        stream = SeedGenerator() if seed is None else seed
        step, site = stream.next()
    else:
        stream = SeedGenerator(seed)
        step, site = _start_of_time(), 0  # a plain number means the same draws at every call
    found = standardize_dtype(dtype).name
    return step, {"seed": stream.seed, "site": site, "dtype": "float32" if found == "float16" else found}


def uniform(
    shape: tuple[int, ...], minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Seed = None
) -> Any:
    """Return uniform draws from ``[minval, maxval)``.

    Args:
        shape: a tuple of ints.
        minval: the low end.
        maxval: the high end.
        dtype: a float dtype, ``floatx()`` when None.
        seed: an int gives the same draws at every call; a ``SeedGenerator`` goes on; None is fresh.

    Example:
        >>> draws = uniform((1000,), -1.0, 1.0, seed=1)
        >>> bool(abs(draws).max() <= 1.0)
        True
    """
    step, key = _stream(seed, dtype)
    return _uniform(step, shape=tuple(shape), low=float(minval), high=float(maxval), **key)


def normal(shape: tuple[int, ...], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Seed = None) -> Any:
    """Return normal draws.

    Args:
        shape: a tuple of ints.
        mean: the mean.
        stddev: the standard deviation.
        dtype: a float dtype, ``floatx()`` when None.
        seed: an int gives the same draws at every call; a ``SeedGenerator`` goes on; None is fresh.
    """
    step, key = _stream(seed, dtype)
    return _normal(step, shape=tuple(shape), mean=float(mean), stddev=float(stddev), **key)


def dropout_mask(shape: tuple[int, ...], rate: float, dtype: Any = None, seed: Seed = None) -> Any:
    """Return a mask that is 0 with probability ``rate`` and ``1 / (1 - rate)`` elsewhere."""
    step, key = _stream(seed, dtype)
    return _dropout_mask(step, shape=tuple(shape), rate=float(rate), **key)
