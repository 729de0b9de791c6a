"""Layers."""

from __future__ import annotations

from typing import Any

from denselite.layers.core import Activation, Dropout, Flatten, Rescaling, Reshape
from denselite.layers.dense import Dense
from denselite.layers.input_layer import Input, InputLayer
from denselite.layers.layer import Layer
from denselite.layers.merging import Add, Concatenate, add, concatenate
from denselite.layers.operation import Operation
from denselite.registry import Registry

__all__ = [
    "Activation", "Add", "Concatenate", "Dense", "Dropout", "Flatten", "Input", "InputLayer", "Layer", "Rescaling",
    "Reshape", "add", "concatenate",
]  # fmt: skip

# What Keras has and we do not: asking for one says so.
_ABSENT = (
    "AdaptiveAveragePooling1D", "AlphaDropout", "Attention", "Average", "AveragePooling1D", "AveragePooling2D",
    "BatchNormalization", "Bidirectional", "CategoryEncoding", "Conv1D", "Conv2D", "Conv2DTranspose", "Cropping1D",
    "Cropping2D", "DepthwiseConv2D", "Discretization", "Dot", "ELU", "EinsumDense", "Embedding", "GRU",
    "GaussianDropout", "GaussianNoise", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D",
    "GlobalMaxPooling2D", "GroupNormalization", "HashedCrossing", "Hashing", "Identity", "IntegerLookup", "LSTM",
    "Lambda", "LayerNormalization", "LeakyReLU", "Masking", "MaxPooling1D", "MaxPooling2D", "Maximum", "Minimum",
    "MultiHeadAttention", "Multiply", "Normalization", "PReLU", "Permute", "RMSNormalization", "RNN", "ReLU",
    "RepeatVector", "SeparableConv2D", "SimpleRNN", "Softmax", "SpatialDropout1D", "SpatialDropout2D",
    "SpectralNormalization", "StringLookup", "Subtract", "TextVectorization", "TimeDistributed",
    "UnitNormalization", "UpSampling1D", "UpSampling2D", "Wrapper", "ZeroPadding1D", "ZeroPadding2D",
)  # fmt: skip
layers: Registry[Any] = Registry("layer", absent=_ABSENT)
for _layer in (Activation, Add, Concatenate, Dense, Dropout, Flatten, InputLayer, Rescaling, Reshape, Operation):
    layers.add(_layer)


def __getattr__(name: str) -> Any:
    layers.refuse(__name__, name)
