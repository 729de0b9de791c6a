"""What hypothesis draws for the parity tests: layers and their arguments, as data that either library makes.

A size is a power of two, and so is a learning rate: their reciprocals are exact in float32 too, in which Keras
takes 1/n of its means, so that what is left between the libraries is the order of summation in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from operator import attrgetter
from typing import Any

from hypothesis import strategies as st

from denselite import activations, constraints

__all__ = [
    "BOOLEANS", "EMBEDDING", "LAYERS", "MERGES", "NORMALIZING", "SAME_SHAPED", "TOKENS", "UNDRAWN", "Part", "Shape",
    "merges", "optional", "part",
]  # fmt: skip

SIZES = (2, 4)
TOKENS = 4  # of an integer input

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """A class of either library and what it is made with: ``Part("layers", "Dense", {"units": 4})``."""

    family: str
    name: str
    given: dict[str, Any]

    def make(self, lib: Any) -> Any:
        """The object, with the parts it is made with made first."""
        given = {key: value.make(lib) if isinstance(value, Part) else value for key, value in self.given.items()}
        return getattr(attrgetter(self.family)(lib), self.name)(**given)

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{key}={value!r}' for key, value in self.given.items())})"


def part(family: str, name: str, /, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Part]:
    """A part with these arguments drawn."""
    return st.fixed_dictionaries(given).map(lambda drawn: Part(family, name, drawn))


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """None most of the time: an option is met often enough alone, and then an example says what matters."""
    return st.one_of(st.none(), st.none(), strategy)


# An exponential runs away over a few steps, glu halves its axis, two jump: a last bit decides; Keras' sparsemax does
# not sum to 1.
UNTAMED = {"exponential", "glu", "hard_shrink", "sparsemax", "threshold"}
ACTIVATION = st.sampled_from(sorted(set(activations.activations.members) - UNTAMED))
REGULARIZER = st.one_of(
    part("regularizers", "L1", l1=st.just(0.0625)),
    part("regularizers", "L2", l2=st.just(0.0625)),
    part("regularizers", "L1L2", l1=st.just(0.0625), l2=st.just(0.125)),
)
CONSTRAINT = st.sampled_from(
    sorted(name for name in constraints.constraints.members if name[0].islower() and name != "constraint")
)
MATRIX_REGULARIZER = st.one_of(REGULARIZER, part("regularizers", "OrthogonalRegularizer", factor=st.just(0.125)))
HALVES = st.sampled_from([0.25, 0.5, 1.0, 2.0])
BOOLEANS = st.booleans()


def weight_options(*names: str) -> dict[str, st.SearchStrategy[Any]]:
    """A regularizer and a constraint for each of these weights."""
    return {
        **{f"{name}_regularizer": optional(REGULARIZER) for name in names},
        **{f"{name}_constraint": optional(CONSTRAINT) for name in names},
    }


Drawer = Callable[[Shape], "st.SearchStrategy[Part] | None"]  # None: no layer for that shape


def of_rank(name: str, *ranks: int, **given: st.SearchStrategy[Any]) -> Drawer:
    """A layer for samples of these ranks (any, if none is said)."""
    strategy = part("layers", name, **given)
    return lambda shape: strategy if not ranks or len(shape) in ranks else None


def axes(shape: Shape) -> st.SearchStrategy[Any]:
    """The last axis, or several."""
    return st.sampled_from([-1, *([[-1, 1], [1, 2]] if len(shape) > 1 else [])])


def last_axes(shape: Shape) -> st.SearchStrategy[Any]:
    """The last axis, or all: in Keras others must not be behind those that are normalized over."""
    return st.sampled_from([-1, *([[1, 2]] if len(shape) == 2 else [])])


PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "units": st.sampled_from(SIZES),
    "activation": optional(ACTIVATION),
    "use_bias": BOOLEANS,
    "bias_regularizer": optional(REGULARIZER),
    "kernel_constraint": optional(CONSTRAINT),
}
DENSE = part(
    "layers",
    "Dense",
    **PLAIN,
    kernel_regularizer=optional(MATRIX_REGULARIZER),
    bias_constraint=optional(CONSTRAINT),
    activity_regularizer=optional(REGULARIZER),
)


EQUATIONS = {
    1: [("ab,bc->ac", 4, "c"), ("ab,bcd->acd", (2, 4), "cd"), ("ab,b->ab", 4, None)],
    2: [("abc,cd->abd", (None, 4), "d"), ("abc,bd->adc", (2, None), "dc"), ("abc,bcd->ad", 4, "d")],
    3: [("abcd,de->abce", (None, None, 2), "e"), ("abcd,cde->abe", (None, 4), None)],
}


def einsum_dense(shape: Shape) -> st.SearchStrategy[Part] | None:
    def chosen(case: tuple[str, Any, str | None]) -> st.SearchStrategy[Part]:
        equation, output, bias = case
        known = dict(zip(equation.split(",")[0], (0, *shape), strict=True))
        sizes = iter(output if isinstance(output, tuple) else (output,))
        told = tuple(known.get(letter, size) for letter, size in zip(equation.split("->")[1][1:], sizes, strict=True))
        fixed = {"equation": equation, "output_shape": told, "bias_axes": bias}
        return part(
            "layers",
            "EinsumDense",
            **{key: st.just(value) for key, value in fixed.items()},
            activation=optional(ACTIVATION),
            kernel_regularizer=optional(REGULARIZER),
        )

    return st.sampled_from(EQUATIONS[len(shape)]).flatmap(chosen) if len(shape) in EQUATIONS else None


def reshape(shape: Shape) -> st.SearchStrategy[Part]:
    size = prod(shape)
    targets: list[Shape] = [(size,), (size, 1), (1, -1)]
    targets += [(2, size // 2), (-1, 2)] if size % 2 == 0 else []
    targets += [(2, size // 4, 2), (2, -1, 2)] if size % 4 == 0 else []
    return part("layers", "Reshape", target_shape=st.sampled_from(targets))


def permute(shape: Shape) -> st.SearchStrategy[Part] | None:
    dims = list(range(1, len(shape) + 1))
    return part("layers", "Permute", dims=st.permutations(dims).map(tuple)) if len(shape) > 1 else None


def prelu(shape: Shape) -> st.SearchStrategy[Part]:
    shared = st.sampled_from([None, *([[1]] if len(shape) > 1 else [])])
    return part("layers", "PReLU", shared_axes=shared, **weight_options("alpha"))


def group_normalization(shape: Shape) -> st.SearchStrategy[Part]:
    groups = st.sampled_from([n for n in (1, 2, -1) if shape[-1] % n == 0])
    return part("layers", "GroupNormalization", groups=groups, center=BOOLEANS, scale=BOOLEANS, epsilon=HALVES)


def normalization(shape: Shape) -> st.SearchStrategy[Part]:
    mean = st.just([0.5] * shape[-1])
    return part("layers", "Normalization", mean=mean, variance=st.just([0.25] * shape[-1]), invert=BOOLEANS)


def of_an_inner_dense(name: str, *ranks: int) -> Drawer:
    """A wrapper; no activity or kernel is regularized inside, which the libraries take differently."""
    return of_rank(name, *ranks, layer=part("layers", "Dense", **PLAIN))


def cropping(name: str, rank: int, amounts: list[Any]) -> Drawer:
    strategy = part("layers", name, cropping=st.sampled_from(amounts))
    return lambda shape: strategy if len(shape) == rank and min(shape[: rank - 1]) > 2 else None


def spatial(name: str, rank: int, **given: st.SearchStrategy[Any]) -> Drawer:
    """A layer whose window of two fits the axes between batch and channels."""
    strategy = part("layers", name, **given)
    return lambda shape: strategy if len(shape) == rank and min(shape[:-1]) > 1 else None


PADDING = {"padding": st.sampled_from(["valid", "same"])}
POOL = {**PADDING, "pool_size": st.just(2), "strides": st.sampled_from([None, 1])}
KERNEL = {
    **PADDING,
    "kernel_size": st.sampled_from([1, 2]),
    "strides": st.sampled_from([1, 2]),
    "activation": optional(ACTIVATION),
    "use_bias": BOOLEANS,
}
FILTERS = {**KERNEL, "filters": st.sampled_from(SIZES)}
CONVOLUTIONS: dict[str, Drawer] = {
    f"{kind}{rank}D": spatial(f"{kind}{rank}D", rank + 1, **given)
    for rank in (1, 2)
    for kind, given in {
        "AveragePooling": POOL,
        "MaxPooling": POOL,
        "Conv": {**FILTERS, **weight_options("kernel", "bias")},
        "DepthwiseConv": {**KERNEL, "depth_multiplier": st.sampled_from([1, 2])},
        "SeparableConv": FILTERS,
        "GlobalAveragePooling": {"keepdims": BOOLEANS},
        "GlobalMaxPooling": {"keepdims": BOOLEANS},
    }.items()
}
for _rank in (1, 2):
    _name = f"Conv{_rank}DTranspose"
    CONVOLUTIONS[_name] = spatial(_name, _rank + 1, **FILTERS)

# The layers of one input that are drawn. NORMALIZING ones undo a shift or a scale, so that gradients are zero but for
# rounding, which a rule that looks at nothing but a gradient's sign or direction (Lion) makes a whole step of.
LAYERS: dict[str, Drawer] = {
    **CONVOLUTIONS,
    "Activation": of_rank("Activation", activation=ACTIVATION),
    "ActivityRegularization": of_rank("ActivityRegularization", l1=st.just(0.0625), l2=HALVES),
    "BatchNormalization": of_rank(
        "BatchNormalization",
        axis=st.sampled_from([-1, 1]),
        momentum=st.sampled_from([0.5, 0.75]),
        epsilon=HALVES,
        center=BOOLEANS,
        scale=BOOLEANS,
        **weight_options("beta", "gamma"),
    ),
    "Cropping1D": cropping("Cropping1D", 2, [1, (0, 2), (1, 0)]),
    "Cropping2D": cropping("Cropping2D", 3, [1, (1, 0), ((0, 1), (1, 1))]),
    "Dense": lambda shape: DENSE,
    "ELU": of_rank("ELU", alpha=HALVES),
    "EinsumDense": einsum_dense,
    "Flatten": of_rank("Flatten"),
    "GroupNormalization": group_normalization,
    "Identity": of_rank("Identity"),
    "LayerNormalization": lambda shape: part(
        "layers", "LayerNormalization", axis=axes(shape), epsilon=HALVES, center=BOOLEANS, scale=BOOLEANS
    ),
    "LeakyReLU": of_rank("LeakyReLU", negative_slope=HALVES),
    "Masking": of_rank("Masking", 2, mask_value=st.just(0.0)),
    "Normalization": normalization,
    "PReLU": prelu,
    "Permute": permute,
    "RMSNormalization": lambda shape: part("layers", "RMSNormalization", axis=last_axes(shape), epsilon=HALVES),
    "ReLU": of_rank("ReLU", max_value=st.sampled_from([None, 1.0]), negative_slope=HALVES, threshold=st.just(0.25)),
    "RepeatVector": of_rank("RepeatVector", 1, n=st.sampled_from([2, 4])),
    "Rescaling": of_rank("Rescaling", scale=HALVES, offset=HALVES),
    "Reshape": reshape,
    "Softmax": lambda shape: part("layers", "Softmax", axis=axes(shape)),
    "SpectralNormalization": of_an_inner_dense("SpectralNormalization", 1, 2),
    "TimeDistributed": of_an_inner_dense("TimeDistributed", 2, 3),
    "UnitNormalization": lambda shape: part("layers", "UnitNormalization", axis=axes(shape)),
    "UpSampling1D": of_rank("UpSampling1D", 2, size=st.just(2)),
    "UpSampling2D": of_rank(
        "UpSampling2D", 3, size=st.sampled_from([2, (1, 2)]), interpolation=st.sampled_from(["nearest", "bilinear"])
    ),
    "ZeroPadding1D": of_rank("ZeroPadding1D", 2, padding=st.sampled_from([1, (0, 2)])),
    "ZeroPadding2D": of_rank("ZeroPadding2D", 3, padding=st.sampled_from([1, (0, 1), ((0, 1), (1, 0))])),
}
NORMALIZING = {
    "BatchNormalization", "GroupNormalization", "LayerNormalization", "RMSNormalization", "Softmax",
    "SpectralNormalization", "UnitNormalization",
}  # fmt: skip
SAME_SHAPED = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract")
MERGES = (*SAME_SHAPED, "Dot")
UNDRAWN = {
    "AlphaDropout": "random", "Dropout": "random", "GaussianDropout": "random", "GaussianNoise": "random",
    "SpatialDropout1D": "random", "SpatialDropout2D": "random",
    "CategoryEncoding": "before a network", "Discretization": "before a network", "HashedCrossing": "before a network",
    "Hashing": "before a network", "IntegerLookup": "before a network", "StringLookup": "before a network",
    "Embedding": "drawn where ids come in", "InputLayer": "drawn as an input",
    "Lambda": "a user's code", "Operation": "no layer of Keras", "Wrapper": "abstract in use",
}  # fmt: skip


EMBEDDING = part(
    "layers",
    "Embedding",
    input_dim=st.just(TOKENS),
    output_dim=st.sampled_from([2, 4]),
    mask_zero=BOOLEANS,
    **weight_options("embeddings"),
)


def merges(name: str) -> st.SearchStrategy[Part]:
    if name == "Dot":
        return part("layers", "Dot", axes=st.just(-1), normalize=BOOLEANS)
    return part("layers", name, **({"axis": st.sampled_from([-1, 1])} if name == "Concatenate" else {}))
