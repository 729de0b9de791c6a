from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, initializers
from denselite.errors import ArgumentError, ShapeError
from denselite.layers import EinsumDense
from denselite.layers.einsum_equation import read_equation

X = np.arange(12.0).reshape(2, 2, 3)


def test_output_is_the_sum_of_products_and_the_bias() -> None:
    layer = EinsumDense("abc,cd->abd", (None, 2), bias_axes="d", activation="relu", dtype="float64")
    layer.build((None, 2, 3))
    kernel, bias = np.arange(6.0).reshape(3, 2) - 3, np.array([1.0, -40.0])
    layer.set_weights([kernel, bias])
    np.testing.assert_allclose(layer(X), np.maximum(X @ kernel + bias, 0.0), rtol=1e-12)


def test_weights_have_the_sizes_of_their_letters() -> None:
    layer = EinsumDense("abc,cde->abde", (None, 4, 5), bias_axes="be", name="e")
    layer.build((None, 2, 3))
    assert [(v.path, v.shape) for v in layer.weights] == [("e/kernel", (3, 4, 5)), ("e/bias", (2, 1, 5))]


def test_without_bias_axes_there_is_no_bias() -> None:
    layer = EinsumDense("ab,bc->ac", 4)
    layer.build((None, 3))
    assert layer.bias is None
    assert len(layer.weights) == 1


def test_initializer_counts_the_inputs_and_outputs_of_the_equation() -> None:
    layer = EinsumDense("abc,bcd->ad", 50, kernel_initializer=initializers.LecunUniform(seed=1))
    layer.build((None, 30, 40))
    # uniform within sqrt(3 / 1200): 30 · 40 inputs go to each output; a plain kernel of this shape would count 1200 too,
    assert abs(layer.get_weights()[0]).max() == pytest.approx(0.05, rel=1e-3)
    layer = EinsumDense("ab,bcd->acd", (30, 40), kernel_initializer=initializers.LecunUniform(seed=1))
    layer.build((None, 48))
    # but 48 · 30 here, where 48 inputs are summed: sqrt(3 / 48)
    assert abs(layer.get_weights()[0]).max() == pytest.approx(0.25, rel=1e-3)


def test_initializer_whose_axes_are_given_keeps_them() -> None:
    chosen = initializers.LecunUniform(seed=1, input_axes=[0, 1], output_axes=[2])
    layer = EinsumDense("ab,bcd->acd", (3, 40), kernel_initializer=chosen)
    layer.build((None, 16))
    assert abs(layer.get_weights()[0]).max() == pytest.approx(0.25, rel=1e-2)  # sqrt(3 / (16 · 3))


def test_declared_output_knows_the_sizes_that_the_input_has() -> None:
    assert EinsumDense("abc,cd->abd", (None, 2))(Input((5, 3))).shape == (None, 5, 2)
    assert EinsumDense("abc,cd->abd", (None, 2))(Input((None, 3))).shape == (None, None, 2)


@pytest.mark.parametrize(
    ("text", "rank", "expected"),
    [
        ("ab,bc->ac", 2, "ab,bc->ac"),
        ("...x,xy->...y", 4, "abcx,xy->abcy"),
        ("...bx,xy->...by", 2, "bx,xy->by"),
        ("ab...,bd->ad...", 4, "abce,bd->adce"),
    ],
)
def test_dots_are_written_out(text: str, rank: int, expected: str) -> None:
    assert str(read_equation(text, rank)) == expected


def made(equation: str, output_shape: Any, shape: Any, **options: Any) -> EinsumDense:
    layer = EinsumDense(equation, output_shape, name="e", **options)
    layer.build(shape)
    return layer


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "form": (lambda: made("ab,bc", 3, (None, 4)), ArgumentError, r"^EinsumDense 'e': 'ab,bc' has not the form 'ab,bc->ac', '\.\.\.a,ab->\.\.\.b' or 'ab\.\.\.,bc->ac\.\.\.'; its input has shape \(None, 4\)\.$"),
    "dots on one side": (lambda: made("...ab,bc->ac", 3, (None, 4)), ArgumentError, "has not the form"),
    "dots on both sides": (lambda: made("...ab...,bc->...ac...", 3, (None, 4)), ArgumentError, "has not the form"),
    "rank": (lambda: made("ab,bc->ac", 3, (None, 4, 5)), ShapeError, r"^EinsumDense 'e': 'ab,bc->ac' takes inputs of 2 axes; its input has shape \(None, 4, 5\)\.$"),
    "rank of dots": (lambda: made("...abc,cd->...abd", 3, (None, 4)), ShapeError, "takes inputs of at least 3 axes"),
    "kernel letter": (lambda: made("ab,bcd->ac", 3, (None, 4)), ArgumentError, "has a letter in the kernel or the output that no other term has"),
    "output letter": (lambda: made("ab,bc->ad", 3, (None, 4)), ArgumentError, "has a letter in the kernel or the output"),
    "bias letter": (lambda: made("ab,bc->ac", 3, (None, 4), bias_axes="x"), ArgumentError, "has the output 'ac', which bias_axes 'x' are not axes of"),
    "no bias letter": (lambda: made("ab,bc->ac", 3, (None, 4), bias_axes=""), ArgumentError, "which bias_axes '' are not axes of"),
    "sizes": (lambda: made("ab,bc->ac", (3, 4), (None, 4)), ShapeError, r"takes an output_shape of 1 sizes, for 'c', got \(3, 4\)"),
    "two sizes": (lambda: made("abc,cd->abd", (3, 5), (None, 2, 4)), ShapeError, "gets two sizes for 'b', 2 of the input and 3 of the output"),
    "unknown": (lambda: made("abc,bcd->ad", 5, (None, None, 4)), ShapeError, r"^EinsumDense 'e' cannot make its kernel: no size is known for b of 'abc,bcd->ad'\. Give it in output_shape\.$"),
    "unknown bias": (lambda: made("abc,cd->abd", (None, 5), (None, None, 4), bias_axes="bd"), ShapeError, "cannot make its bias: no size is known for b"),
    "several inputs": (lambda: made("ab,bc->ac", 3, [(None, 4), (None, 4)]), ShapeError, "^EinsumDense 'e' expects one input"),
    "other size": (lambda: made("ab,bc->ac", 3, (None, 4))(np.zeros((2, 5))), ShapeError, r"^EinsumDense 'e' expects an input with size 4 on axis 1, got one of shape \(2, 5\)\.$"),
    "other rank": (lambda: made("ab,bc->ac", 3, (None, 4))(np.zeros((2, 3, 4))), ShapeError, r"^EinsumDense 'e' expects an input of 2 axes, the batch included, got one of shape \(2, 3, 4\)"),
    "output shape of 0": (lambda: EinsumDense("ab,bc->ac", 0), ArgumentError, r"^EinsumDense\(\) argument 'output_shape': it holds sizes greater than 0 and None, got 0"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
