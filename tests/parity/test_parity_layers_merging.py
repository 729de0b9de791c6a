"""Layers of several inputs: outputs, gradients, shapes and masks are Keras'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(35)
NAMES = ["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"]
SHAPES: dict[str, list[tuple[int, ...]]] = {
    "equal": [(3,), (3,)],
    "broadcast": [(2, 3), (1, 3)],
    "of-two-ranks": [(2, 3), (3,)],
    "of-three-ranks": [(3,), (2, 4, 3)],
}


def feed(shapes: list[tuple[int, ...]]) -> list[Any]:
    return [RNG.normal(size=(5, *shape)) for shape in shapes]


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_elementwise_layer_predicts_and_trains_like_keras(twins: Any, name: str, shapes: str) -> None:
    twins.train_merge(feed(SHAPES[shapes]), lambda lib: getattr(lib.layers, name)())


@pytest.mark.parametrize("name", NAMES[:-1])
def test_elementwise_layer_takes_any_number_like_keras(twins: Any, name: str) -> None:
    twins.train_merge(feed([(3,), (3,), (3,)]), lambda lib: getattr(lib.layers, name)())
    x = feed([(3,)])
    twins.same(lambda lib: np.asarray(getattr(lib.layers, name)()(x)))


OTHERS: dict[str, tuple[Callable[[Any], Any], list[tuple[int, ...]]]] = {
    "concatenate": (lambda lib: lib.layers.Concatenate(), [(4,), (2,)]),
    "concatenate-three": (lambda lib: lib.layers.Concatenate(), [(4,), (2,), (1,)]),
    "concatenate-axis-1": (lambda lib: lib.layers.Concatenate(axis=1), [(2, 3), (4, 3)]),
    "dot": (lambda lib: lib.layers.Dot(1), [(4,), (4,)]),
    "dot-from-the-end": (lambda lib: lib.layers.Dot(-1), [(2, 4), (3, 4)]),
    "dot-of-two-axes": (lambda lib: lib.layers.Dot((1, 2)), [(4, 2), (3, 4)]),
    "dot-list": (lambda lib: lib.layers.Dot(axes=[2, 1]), [(2, 4), (4,)]),
    "dot-with-a-row": (lambda lib: lib.layers.Dot((1, 2)), [(4,), (3, 4)]),
    "dot-of-rank-4": (lambda lib: lib.layers.Dot((2, 1)), [(2, 4, 3), (4, 2, 5)]),
    "dot-of-rank-4-and-2": (lambda lib: lib.layers.Dot((3, 1)), [(2, 3, 4), (4,)]),
    "dot-normalized": (lambda lib: lib.layers.Dot(1, True), [(4,), (4,)]),
    "dot-normalized-inner": (lambda lib: lib.layers.Dot((1, 2), normalize=True), [(4, 2), (3, 4)]),
}


@pytest.mark.parametrize("case", OTHERS)
def test_joining_layer_predicts_and_trains_like_keras(twins: Any, case: str) -> None:
    make, shapes = OTHERS[case]
    twins.train_merge(feed(shapes), make)


@pytest.mark.parametrize("name", [*map(str.lower, NAMES), "concatenate", "dot"])
def test_function_is_its_layer_as_in_keras(twins: Any, name: str) -> None:
    x = feed([(3,), (3,)])
    twins.same(lambda lib: np.asarray(getattr(lib.layers, name)(x)))
    twins.same(lambda lib: str(getattr(lib.layers, name)([lib.Input((3,)), lib.Input((3,))]).shape))


SOME: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
    "add": (lambda lib: lib.layers.Add(), [(None, 2), (None, 2)]),
    "add-unknown": (lambda lib: lib.layers.Add(), [(None, None, 2), (None, 1, 2)]),
    "maximum-of-two-ranks": (lambda lib: lib.layers.Maximum(), [(None, 3, 2), (None, 2)]),
    "concatenate": (lambda lib: lib.layers.Concatenate(), [(None, None, 2), (None, None, 3)]),
    "concatenate-unknown": (lambda lib: lib.layers.Concatenate(1), [(None, None, 2), (None, 3, 2)]),
    "dot": (lambda lib: lib.layers.Dot(1), [(None, 2), (None, 2)]),
    "dot-unknown": (lambda lib: lib.layers.Dot(-1), [(None, None, 2), (None, 3, 2)]),
}


@pytest.mark.parametrize("case", SOME)
def test_output_shape_with_unknown_sizes_is_keras(twins: Any, case: str) -> None:
    make, shapes = SOME[case]
    twins.same(lambda lib: str(tuple(make(lib).compute_output_shape(shapes))))


def test_normalized_dot_of_nothing_is_nothing(twins: Any) -> None:
    x = [np.zeros((1, 3)), np.ones((1, 3))]
    twins.same(lambda lib: np.asarray(lib.layers.Dot(1, normalize=True)(x)))


def padded(seed: int) -> Any:
    """Sequences of which some places are 0 in all channels, which is what ``Masking`` leaves out."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(4, 3, 2)) * rng.integers(0, 2, size=(4, 3, 1))


@pytest.mark.parametrize("masked", [(True, True), (True, False), (False, True)], ids=["both", "first", "second"])
@pytest.mark.parametrize("name", ["Add", "Concatenate", "Maximum", "Multiply"])
def test_masks_of_the_inputs_are_joined_like_keras(twins: Any, name: str, masked: tuple[bool, bool]) -> None:
    def build(lib: Any) -> Any:
        inputs = [lib.Input((3, 2)), lib.Input((3, 2))]
        parts = [lib.layers.Masking()(x) if is_masked else x for x, is_masked in zip(inputs, masked, strict=True)]
        outputs = lib.layers.Dense(2)(getattr(lib.layers, name)()(parts))
        return twins.compile(lib, lib.Model(inputs, outputs))

    x = [padded(1), padded(2)]
    twins.train(build, lambda model: [model.predict(x, verbose=0), model.train_on_batch(x, np.ones((4, 3, 2)))])


def test_masks_of_three_inputs_are_joined_like_keras(twins: Any) -> None:
    def build(lib: Any) -> Any:
        inputs = [lib.Input((3, 2)) for _ in range(3)]
        parts = [lib.layers.Masking()(x) for x in inputs]
        return twins.compile(
            lib,
            lib.Model(
                inputs, [lib.layers.Dense(1)(layer(parts)) for layer in (lib.layers.Maximum(), lib.layers.Multiply())]
            ),
        )

    x, y = [padded(1), padded(2), padded(3)], [np.ones((4, 3, 1))] * 2
    twins.train(build, lambda model: [model.predict(x, verbose=0), model.train_on_batch(x, y)])
