"""Every operation, as functions: they compute on arrays and are recorded on tensors."""

from __future__ import annotations

from denselite.ops.activation import *  # noqa: F403
from denselite.ops.convolution import *  # noqa: F403
from denselite.ops.creation import *  # noqa: F403
from denselite.ops.custom import *  # noqa: F403
from denselite.ops.depthwise import *  # noqa: F403
from denselite.ops.einsum import *  # noqa: F403
from denselite.ops.elementwise import *  # noqa: F403
from denselite.ops.erf import *  # noqa: F403
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
