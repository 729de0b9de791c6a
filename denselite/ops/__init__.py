"""Every operation, as functions: they compute on arrays and are recorded on tensors."""

from __future__ import annotations

from denselite.ops.activation import *  # noqa: F403
from denselite.ops.arranging import *  # noqa: F403
from denselite.ops.control import *  # noqa: F403
from denselite.ops.convolution import *  # noqa: F403
from denselite.ops.creation import *  # noqa: F403
from denselite.ops.crossentropy import binary_crossentropy as binary_crossentropy
from denselite.ops.crossentropy import categorical_crossentropy as categorical_crossentropy
from denselite.ops.crossentropy import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from denselite.ops.custom import *  # noqa: F403
from denselite.ops.depthwise import *  # noqa: F403
from denselite.ops.einsum import *  # noqa: F403
from denselite.ops.elementwise import *  # noqa: F403
from denselite.ops.erf import *  # noqa: F403
from denselite.ops.filling import *  # noqa: F403
from denselite.ops.functions import *  # noqa: F403
from denselite.ops.identity import *  # noqa: F403
from denselite.ops.indexing import *  # noqa: F403
from denselite.ops.joining import *  # noqa: F403
from denselite.ops.lengths import *  # noqa: F403
from denselite.ops.linalg import *  # noqa: F403
from denselite.ops.logic import *  # noqa: F403
from denselite.ops.nn import *  # noqa: F403
from denselite.ops.pooling import *  # noqa: F403
from denselite.ops.reduction import *  # noqa: F403
from denselite.ops.shaping import *  # noqa: F403
from denselite.ops.sorting import *  # noqa: F403
from denselite.ops.sparsemax import *  # noqa: F403
from denselite.ops.standardizing import *  # noqa: F403
from denselite.ops.statistics import *  # noqa: F403
from denselite.ops.updating import *  # noqa: F403
from denselite.registry import refuse_name as _refuse_name

# What Keras has and we do not: asking for one says so.
_ABSENT = (
    "adaptive_average_pool", "adaptive_max_pool", "angle", "argpartition", "associative_scan", "bartlett", "bincount",
    "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift",
    "bitwise_xor", "blackman", "cdist", "cholesky", "cholesky_inverse", "conj", "conjugate", "corrcoef", "correlate",
    "cross", "ctc_decode", "ctc_loss", "depth_to_space", "det", "dot_product_attention", "eig", "eigh", "erfc",
    "erfinv", "extract_sequences", "fft", "fft2", "fmax", "fmin", "fold", "gcd", "geomspace", "hamming", "hanning",
    "histogram", "i0", "ifft2", "imag", "image", "inv", "irfft", "isin", "isreal", "istft", "jvp", "kaiser", "kron",
    "lcm", "ldexp", "left_shift", "logdet", "lstsq", "lu_factor", "matrix_rank", "nanargmax", "nanargmin",
    "nancumprod", "nancumsum", "nanmedian", "nanpercentile", "nanquantile", "nextafter", "nonzero", "numpy", "pinv",
    "polar", "psnr", "qr", "real", "rearrange", "rfft", "right_shift", "segment_max", "segment_min", "segment_prod",
    "signbit", "slogdet", "solve", "solve_triangular", "space_to_depth", "stft", "svd", "switch", "unfold", "unique",
    "unravel_index", "vander", "vectorize", "view", "view_as_complex", "view_as_real",
)  # fmt: skip


def __getattr__(name: str) -> object:
    _refuse_name(__name__, name, _ABSENT, (known for known, value in globals().items() if callable(value)))
