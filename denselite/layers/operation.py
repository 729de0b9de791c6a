"""Ops as layers: ``x + 1`` or ``ops.relu(x)`` on a Keras tensor is a node of the declared graph too.

Keras has a class for each function; the table below says which, and in which of its modules. Only
the names are used: they are constants in the JSON that both libraries read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from denselite import ops, tree
from denselite.errors import UnknownNameError, suggestion
from denselite.layers.declaring import declare
from denselite.layers.layer import Layer
from denselite.layers.watching import watched
from denselite.naming import auto_name
from denselite.ops.indexing import getitem
from denselite.ops.op import declare_with
from denselite.registry import snake_case
from denselite.tensor.symbols import KerasTensor

__all__ = ["CLASSES", "Operation", "class_of"]

_FAMILIES = {
    "numpy": """
        Abs Absolute Add All AllClose Any Append Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh Argmax Argmin
        Argsort ArraySplit Average BroadcastTo Cbrt Ceil Clip Concatenate Copy Cos Cosh CountNonzero Cumprod Cumsum
        Deg2rad Diag Diagflat Diagonal Diff Digitize Divide DivideNoNan Dot Dsplit Dstack Einsum EmptyLike Equal Exp
        Exp2 ExpandDims Expm1 Flip Fliplr Flipud Floor FloorDivide Fmod FullLike GetItem Greater GreaterEqual Heaviside
        Hsplit Hstack Hypot Inner Isclose Isfinite Isinf Isnan Isneginf Isposinf Less LessEqual Log Log10 Log1p Log2
        Logaddexp Logaddexp2 LogicalAnd LogicalNot LogicalOr LogicalXor Matmul Max Maximum Mean Median Meshgrid Min
        Minimum Mod Moveaxis Multiply NanToNum Nanmax Nanmean Nanmin Nanprod Nanstd Nansum Nanvar Negative NotEqual
        OnesLike Outer Pad Percentile Power Prod Ptp Quantile Rad2deg Ravel Reciprocal Repeat Reshape Roll Rot90 Round
        SearchSorted Select Sign Sin Sinc Sinh Sort Split Sqrt Square Squeeze Stack Std Subtract Sum Swapaxes Take
        TakeAlongAxis Tan Tanh Tensordot Tile Trace Transpose Trapezoid Tril Triu TrueDivide Trunc Var Vdot Vsplit
        Vstack Where ZerosLike
    """,
    "nn": """
        AveragePool BatchNorm BinaryCrossentropy CategoricalCrossentropy Celu Conv ConvTranspose DepthwiseConv Elu Gelu
        Glu HardShrink HardSigmoid HardSilu HardTanh LayerNorm LeakyRelu LogSigmoid LogSoftmax MaxPool Moments MultiHot
        Normalize OneHot RMSNorm Relu Relu6 Selu SeparableConv Sigmoid Silu SoftShrink Softmax Softplus Softsign
        SparseCategoricalCrossentropy SparsePlus SparseSigmoid Sparsemax Squareplus TanhShrink Threshold
    """,
    "core": "Cast SaturateCast Scatter ScatterUpdate Slice SliceUpdate StopGradient Unstack",
    "math": "Erf InTopK Logsumexp Rsqrt SegmentSum TopK",
    "linalg": "Norm",
}
# Where the name that a function has is not that of its class in snake case.
_FUNCTIONS = {
    "all_close": "allclose", "batch_norm": "batch_normalization", "get_item": "getitem",
    "layer_norm": "layer_normalization", "mod": "remainder", "rms_norm": "rms_normalization", "round": "rint",
    "search_sorted": "searchsorted",
}  # fmt: skip

# function -> (Keras' module of ops, Keras' class)
CLASSES: dict[str, tuple[str, str]] = {
    _FUNCTIONS.get(snake_case(name), snake_case(name)): (family, name)
    for family, names in _FAMILIES.items()
    for name in names.split()
}


class Operation(Layer):
    """A call of a function of ``denselite.ops`` in a model.

    Args:
        function: the name of the function.

    Raises:
        UnknownNameError: ``denselite.ops`` has no such function.
    """

    _built_at_init = True

    function: str

    def __post_init__(self) -> None:
        self._function: Callable[..., Any] = find(self.function)
        self.name = self.name or auto_name(snake_case(CLASSES[self.function][1]))
        super().__post_init__()
        self.built = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the function, or declare that it will be."""
        declares = any(isinstance(leaf, KerasTensor) for leaf in tree.flatten((args, kwargs))[0])
        return declare(self, args, kwargs) if declares else watched(self, self._function(*args, **kwargs))

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


def class_of(layer: Layer) -> str:
    """Return the name of a layer's class; of an operation the class that it is in Keras."""
    return CLASSES[layer.function][1] if isinstance(layer, Operation) else type(layer).__name__


def find(name: str) -> Callable[..., Any]:
    """Return the function of ``denselite.ops`` that is called ``name``."""
    if name not in CLASSES:
        raise UnknownNameError(f"denselite.ops has no function {name!r}.{suggestion(name, CLASSES)}")
    if name == "getitem":
        return getitem
    found: Callable[..., Any] = getattr(ops, name, None) or getattr(ops, snake_case(CLASSES[name][1]))
    return found


declare_with(lambda function, args, kwargs: Operation(function=function.__name__)(*args, **kwargs))
