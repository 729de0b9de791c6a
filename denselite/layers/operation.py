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
        Abs Absolute Add All Any Argmax Argmin Argsort BroadcastTo Ceil Clip Concatenate Cos Cumsum Divide Dot Einsum
        Equal Exp ExpandDims Expm1 Flip Floor FloorDivide FullLike GetItem Greater GreaterEqual Isfinite Isinf Isnan
        Less LessEqual Log Log1p LogicalAnd LogicalNot LogicalOr LogicalXor Matmul Max Maximum Mean Min Minimum Mod
        Moveaxis Multiply Negative NotEqual OnesLike Outer Pad Power Prod Ravel Reciprocal Repeat Reshape Round
        SearchSorted Sign Sin Sort Split Sqrt Square Squeeze Stack Std Subtract Sum Swapaxes Take TakeAlongAxis Tan
        Tanh Tensordot Tile Transpose TrueDivide Var Where ZerosLike
    """,
    "nn": """
        AveragePool Conv ConvTranspose DepthwiseConv Elu Gelu HardSigmoid HardSilu LeakyRelu LogSigmoid LogSoftmax
        MaxPool Normalize OneHot Relu Relu6 Selu SeparableConv Sigmoid Silu Softmax Softplus Softsign SparsePlus
        SparseSigmoid Sparsemax
    """,
    "core": "Cast StopGradient",
    "math": "Erf InTopK Logsumexp TopK",
}
# Where the name that a function has is not that of its class in snake case.
_FUNCTIONS = {"get_item": "getitem", "mod": "remainder", "round": "rint", "search_sorted": "searchsorted"}

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
