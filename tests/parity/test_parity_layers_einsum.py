"""`EinsumDense`: equations, weights, starts and training are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(39)

# equation, output shape, the layer's other arguments, shape of a row
CASES: dict[str, tuple[str, Any, dict[str, Any], tuple[int, ...]]] = {
    "dense": ("ab,bc->ac", 3, {"bias_axes": "c"}, (4,)),
    "without-bias": ("ab,bc->ac", 3, {"activation": "tanh"}, (4,)),
    "sequence": ("abc,cd->abd", (None, 3), {"bias_axes": "d"}, (2, 4)),
    "sequence-told": ("abc,cd->abd", (2, 3), {"bias_axes": "bd"}, (2, 4)),
    "bias-of-the-first": ("abc,cd->abd", (2, 3), {"bias_axes": "b"}, (2, 4)),
    "two-axes-in": ("abc,bcd->ad", 3, {"bias_axes": "d"}, (2, 4)),
    "two-axes-out": ("ab,bcd->acd", (2, 3), {"bias_axes": "cd"}, (4,)),
    "heads": ("abc,cde->abde", (None, 2, 3), {"bias_axes": "de"}, (2, 4)),
    "shared-letter": ("abc,bcd->abd", (2, 3), {"bias_axes": "d"}, (2, 4)),
    "other-order": ("abc,dc->adb", (3, 2), {"bias_axes": "d"}, (2, 4)),
    "dots-first": ("...x,xy->...y", 3, {"bias_axes": "y"}, (2, 4)),
    "dots-first-of-two": ("...x,xy->...y", 3, {"bias_axes": "y"}, (4,)),
    "dots-first-of-none": ("...bx,xy->...by", 3, {"bias_axes": "y"}, (4,)),
    "dots-last": ("abc...,bcd->ad...", 3, {"bias_axes": "d"}, (2, 4, 3)),
    "dots-last-two": ("ab...,bd->ad...", 3, {"bias_axes": "d"}, (2, 4, 3)),
    "options": ("ab,bc->ac", (3,), {"bias_axes": "c", "kernel_regularizer": "l2", "bias_constraint": "non_neg"}, (4,)),
}


@pytest.mark.parametrize("case", CASES)
def test_equation_predicts_and_trains_like_keras(twins: Any, case: str) -> None:
    equation, output_shape, options, row = CASES[case]
    twins.train_layers(
        RNG.normal(size=(5, *row)), lambda lib: [lib.layers.EinsumDense(equation, output_shape, **options)]
    )


@pytest.mark.parametrize("case", CASES)
def test_weights_are_those_of_keras(twins: Any, case: str) -> None:
    equation, output_shape, options, row = CASES[case]

    def recipe(lib: Any) -> Any:
        layer = lib.layers.EinsumDense(equation, output_shape, **options, name="e")
        layer.build((None, *row))
        return [[w.name, w.path, list(w.shape), w.trainable] for w in layer.weights]

    twins.same(recipe)


@pytest.mark.parametrize(
    ("equation", "output_shape", "shape"),
    [
        ("abc,cd->abd", (None, 3), (None, None, 4)),
        ("...x,xy->...y", 3, (None, None, 4)),
        ("ab...,bc->ac...", 3, (None, 4, None)),
    ],
)
def test_output_shape_with_unknown_sizes_is_keras(twins: Any, equation: str, output_shape: Any, shape: Any) -> None:
    twins.same(lambda lib: str(tuple(lib.layers.EinsumDense(equation, output_shape).compute_output_shape(shape))))


@pytest.mark.parametrize("initializer", ["GlorotUniform", "HeNormal", "LecunUniform", "VarianceScaling"])
def test_spread_of_the_kernel_follows_from_the_equation_as_in_keras(twins: Any, initializer: str) -> None:
    def recipe(lib: Any) -> Any:
        chosen = getattr(lib.initializers, initializer)(seed=3)
        layer = lib.layers.EinsumDense("abc,cde->abde", (None, 40, 50), kernel_initializer=chosen)
        layer.build((None, 2, 30))
        return [float(layer.get_weights()[0].std()), layer.get_config()["kernel_initializer"]["config"]["input_axes"]]

    twins.same(recipe, atol=2e-3)  # a spread of about 0.03 to 0.3 of 60000 draws, known to 1/350 of itself


BAD: dict[str, tuple[Any, ...]] = {
    "no-arrow": ("ab,bc", 3, {}, (None, 4)),
    "three-terms": ("ab,bc,cd->ad", 3, {}, (None, 4)),
    "dots-on-one-side": ("...ab,bc->ac", 3, {}, (None, 4)),
    "kernel-letter-alone": ("ab,bcd->ac", 3, {}, (None, 4)),
    "output-letter-alone": ("ab,bc->ad", 3, {}, (None, 4)),
    "bias-letter-alone": ("ab,bc->ac", 3, {"bias_axes": "x"}, (None, 4)),
    "two-sizes": ("abc,cd->abd", (3, 5), {}, (None, 2, 4)),
    "unknown-size": ("ab,bc->ac", 3, {}, (None, None)),
}


@pytest.mark.parametrize("case", BAD)
def test_what_keras_refuses_is_refused(twins: Any, case: str) -> None:
    equation, output_shape, options, shape = BAD[case]

    def recipe(lib: Any) -> bool:
        with pytest.raises(ValueError):  # noqa: PT011  (Keras has its own words)
            lib.layers.EinsumDense(equation, output_shape, **options).build(shape)
        return True

    twins.same(recipe)
