"""Draws by key: the same (seed, call site, step) gives the same numbers, whatever was drawn before.

Inside a training step the step is the model's own counter, an input of the program; the call site
counts the draws that one seed makes in one trace. SFC64 (Doty-Humphrey, PractRand) makes the numbers, NumPy's fastest:
its state starts as (seed, site, step) and is mixed before the first number, so no state is carried.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np

from denselite.errors import ArgumentError, ShapeError
from denselite.naming import auto_name
from denselite.ops.identity import cast
from denselite.ops.op import Array, Op, Run, Spec
from denselite.tensor.context import constant, current_trace
from denselite.tensor.dtypes import is_float, is_integer, standardize_dtype
from denselite.tensor.keys import mix, next_seed

__all__ = ["Seed", "SeedGenerator", "draw_floats", "draw_integers", "draw_op", "store"]

MIXING = 24  # numbers that are passed over: PractRand itself passes over 18 after a seed of three words


class SeedGenerator:
    """Names one stream of draws: a seed and, outside a training step, how often it was used.

    Args:
        seed: an integer >= 0; None takes a fresh one from the library's own sequence.
        name: the name in configs.

    Example:
        >>> stream = SeedGenerator(1)
        >>> [int(stream.next()[0]) for _ in range(2)]  # the steps that two draws start from
        [0, 1]
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        if seed is not None and (not is_integer(seed) or seed < 0):
            raise ArgumentError(f"SeedGenerator expects an integer seed >= 0 or None, got {seed!r}.")
        self._given = seed
        self.name = name or auto_name("seed_generator")
        self.seed = next_seed() if seed is None else int(seed)
        self.used = 0

    def next(self) -> tuple[Any, int]:
        """Return ``(step, site)`` for one draw."""
        if current_trace() is not None:
            return _present(self.seed)
        self.used += 1
        return np.asarray(self.used - 1, np.int64), 0

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that rebuild the generator, at the start of its stream."""
        return {"seed": self._given, "name": self.name}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Rebuild a generator from what ``get_config`` returned."""
        return cls(**config)


Seed = int | SeedGenerator | None


def _present(seed: int) -> tuple[Any, int]:
    """The step that is traced, and the site of one more draw of ``seed`` in it."""
    trace = current_trace()
    assert trace is not None
    return (_start_of_time() if trace.step is None else trace.step), trace.call_site(seed)


def _start_of_time() -> Any:
    """Step 0: a tensor inside a trace, so that what is drawn has the shape each batch size needs."""
    step = np.zeros((), np.int64)
    return step if current_trace() is None else constant(step)


def _stream(seed: Seed) -> tuple[Any, dict[str, int]]:
    """The step and the key of one draw."""
    trace = current_trace()
    if isinstance(seed, SeedGenerator):
        (step, site), number = seed.next(), seed.seed
    elif seed is not None:  # a plain number means the same draws at every call
        step, site, number = _start_of_time(), 0, SeedGenerator(seed, "seed").seed
    elif trace is None or trace.seed is None:
        step, site, number = _start_of_time(), 0, next_seed()
    else:
        number = trace.seed
        step, site = _present(number)
    return step, {"seed": number, "site": site}


class _Stream:
    """A generator for one seed and call site; a call puts it at the start of the stream for the present step."""

    __slots__ = ("bits", "rng", "start", "state", "step")

    def __init__(self, seed: int, site: int, step: Array) -> None:
        self.bits, self.step = np.random.SFC64(0), step
        self.rng = np.random.Generator(self.bits)
        self.state: Any = self.bits.state
        self.start = self.state["state"]["state"]
        self.start[:] = mix(seed), mix(seed, site), 0, 1

    def __call__(self) -> None:
        self.start[2] = self.step
        self.bits.state = self.state
        self.bits.random_raw(MIXING, False)


def draw_op(
    name: str,
    fill: Callable[..., None],
    *parameters: Any,
    dtype: str = "float32",
    scratch: Callable[..., list[Spec]] | None = None,
    **attrs: Any,
) -> Op:
    """Return an op that draws by key.

    Args:
        name: its name.
        fill: ``(run, rng, out, *parameters, *scratch, **attrs)``: says which calls fill ``out`` from a generator.
        *parameters: arrays to sample it with, each of a shape that broadcasts to that of the draws.
            No gradient flows into them.
        dtype: a dtype to sample it with.
        scratch: as ``Op`` takes it.
        **attrs: attributes to sample it with.
    """

    def infer(step: Any, *given: Any, shape: tuple[int, ...], dtype: str, **_: Any) -> Spec:
        for parameter in given:
            if not _fits(tuple(parameter.shape), shape):
                raise ShapeError(
                    f"{name} draws shape {shape}, to which a parameter of shape {tuple(parameter.shape)} does not "
                    "broadcast."
                )
        return shape, np.dtype(dtype)

    def kernel(
        run: Run, out: Array, step: Array, *given: Array, shape: Any, dtype: str, seed: int, site: int, **attrs: Any
    ) -> None:
        stream = _Stream(seed, site, step)
        run(stream)
        fill(run, stream.rng, out, *given, **attrs)

    return Op(
        name,
        infer,
        kernel,
        vjp=lambda g, out, *operands, **_: (None,) * len(operands),
        scratch=scratch,
        python=True,
        sample=lambda rng: (
            [np.asarray(3, np.int64), *map(np.asarray, parameters)],
            {"shape": (3, 4), "seed": 1, "site": 0, "dtype": dtype, **attrs},
        ),
    )


def _fits(given: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether one shape broadcasts to another."""
    ends = zip(given[::-1], shape[::-1], strict=False)
    return len(given) <= len(shape) and all(size in (1, wanted) for size, wanted in ends)


def draw_floats(op: Op, shape: Any, dtype: Any, seed: Seed, *parameters: Any, **attrs: Any) -> Any:
    """Draw floats; float16 is drawn as float32 and cast.

    Raises:
        ArgumentError: ``shape`` holds no sizes, or ``dtype`` is no float dtype.
    """
    wanted = standardize_dtype(dtype)
    if not is_float(wanted):
        raise ArgumentError(f"{op.name} draws floats, got dtype {wanted.name!r}.")
    drawn = "float32" if wanted == np.float16 else wanted.name
    step, key = _stream(seed)
    values = op(step, *parameters, shape=_sizes(op, shape), dtype=drawn, **key, **attrs)
    return values if drawn == wanted.name else cast(values, wanted.name)


def draw_integers(op: Op, shape: Any, dtype: Any, seed: Seed, *parameters: Any, **attrs: Any) -> Any:
    """Draw integers.

    Raises:
        ArgumentError: ``shape`` holds no sizes, or ``dtype`` is no integer dtype.
    """
    wanted = standardize_dtype(dtype)
    if wanted.kind not in "iu":
        raise ArgumentError(f"{op.name} draws integers, got dtype {wanted.name!r}.")
    step, key = _stream(seed)
    return op(step, *parameters, shape=_sizes(op, shape), dtype=wanted.name, **key, **attrs)


def store(out: Array, draw: Callable[..., Array], *args: Any) -> None:
    """Put what a generator's method that takes no ``out`` returns into ``out``."""
    out[...] = draw(*args)


def _sizes(op: Op, shape: Any) -> tuple[int, ...]:
    try:
        sizes = tuple(map(operator.index, shape if isinstance(shape, list | tuple) else (shape,)))
    except TypeError:
        sizes = (-1,)
    if any(size < 0 for size in sizes):
        raise ArgumentError(f"{op.name} expects a shape, a tuple of integers >= 0, got {shape!r}.")
    return sizes
