"""Layers, a family a file: what a file's ``__all__`` names is public here, and its classes are registered."""

from __future__ import annotations

from typing import Any

from denselite.layers.activation import *  # noqa: F403
from denselite.layers.batch_normalization import *  # noqa: F403
from denselite.layers.category_encoding import *  # noqa: F403
from denselite.layers.convolution import *  # noqa: F403
from denselite.layers.convolution_depthwise import *  # noqa: F403
from denselite.layers.convolution_separable import *  # noqa: F403
from denselite.layers.convolution_transpose import *  # noqa: F403
from denselite.layers.cropping import *  # noqa: F403
from denselite.layers.dense import *  # noqa: F403
from denselite.layers.described import *  # noqa: F403
from denselite.layers.discretization import *  # noqa: F403
from denselite.layers.dropout import *  # noqa: F403
from denselite.layers.einsum_dense import *  # noqa: F403
from denselite.layers.embedding import *  # noqa: F403
from denselite.layers.feature_normalization import *  # noqa: F403
from denselite.layers.global_pooling import *  # noqa: F403
from denselite.layers.group_normalization import *  # noqa: F403
from denselite.layers.hashed_crossing import *  # noqa: F403
from denselite.layers.hashing import *  # noqa: F403
from denselite.layers.identity import *  # noqa: F403
from denselite.layers.input_layer import *  # noqa: F403
from denselite.layers.input_spec import InputSpec as InputSpec
from denselite.layers.integer_lookup import *  # noqa: F403
from denselite.layers.joining import *  # noqa: F403
from denselite.layers.lambda_layer import *  # noqa: F403
from denselite.layers.layer import Layer as Layer
from denselite.layers.layer_normalization import *  # noqa: F403
from denselite.layers.masked_merging import *  # noqa: F403
from denselite.layers.masking import *  # noqa: F403
from denselite.layers.merging import *  # noqa: F403
from denselite.layers.noise import *  # noqa: F403
from denselite.layers.operation import Operation
from denselite.layers.padding import *  # noqa: F403
from denselite.layers.pooling import *  # noqa: F403
from denselite.layers.prelu import *  # noqa: F403
from denselite.layers.products import *  # noqa: F403
from denselite.layers.rectifiers import *  # noqa: F403
from denselite.layers.reordering import *  # noqa: F403
from denselite.layers.rescaling import *  # noqa: F403
from denselite.layers.reshaping import *  # noqa: F403
from denselite.layers.rms_normalization import *  # noqa: F403
from denselite.layers.softmax import *  # noqa: F403
from denselite.layers.spatial_dropout import *  # noqa: F403
from denselite.layers.spectral_normalization import *  # noqa: F403
from denselite.layers.string_lookup import *  # noqa: F403
from denselite.layers.time_distributed import *  # noqa: F403
from denselite.layers.unit_normalization import *  # noqa: F403
from denselite.layers.upsampling import *  # noqa: F403
from denselite.layers.wrapper import *  # noqa: F403
from denselite.registry import Registry

_PUBLIC = {
    name: value
    for name, value in globals().items()
    if getattr(value, "__module__", "").startswith(__name__) and value is not Operation
}
__all__ = sorted(_PUBLIC)

# What Keras has and we do not: asking for one says so.
_ABSENT = (
    "AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D", "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D", "AdditiveAttention", "Attention", "AugMix", "AutoContrast",
    "AveragePooling3D", "AvgPool3D", "Bidirectional", "CenterCrop", "ContrastLimitedAdaptiveHistogramEqualization",
    "Conv3D", "Conv3DTranspose", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Convolution3D", "Convolution3DTranspose",
    "Cropping3D", "CutMix", "Equalization", "FlaxLayer", "GRU", "GRUCell", "GlobalAveragePooling3D", "GlobalAvgPool3D",
    "GlobalMaxPool3D", "GlobalMaxPooling3D", "GroupQueryAttention", "JaxLayer", "LSTM", "LSTMCell",
    "MaxNumBoundingBoxes", "MaxPool3D", "MaxPooling3D", "MelSpectrogram", "MixUp", "MultiHeadAttention", "Pipeline",
    "RNN", "RandAugment", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast",
    "RandomCrop", "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale",
    "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomRotation", "RandomSaturation",
    "RandomSharpness", "RandomShear", "RandomTranslation", "RandomZoom", "Resizing", "ReversibleEmbedding",
    "STFTSpectrogram", "SimpleRNN", "SimpleRNNCell", "Solarization", "SpatialDropout3D", "StackedRNNCells", "TFSMLayer",
    "TextVectorization", "TorchModuleWrapper", "UpSampling3D", "ZeroPadding3D",
)  # fmt: skip
layers: Registry[Any] = Registry("layer", absent=_ABSENT)
for _layer in (*_PUBLIC.values(), Operation):
    if isinstance(_layer, type) and issubclass(_layer, Layer) and _layer is not Layer:
        layers.add(_layer)


def __getattr__(name: str) -> Any:
    layers.refuse(__name__, name)
