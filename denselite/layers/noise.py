"""``Noise``: what layers that draw in training have in common; ``GaussianDropout`` and ``GaussianNoise``."""

from __future__ import annotations

from math import sqrt
from typing import Annotated, Any, ClassVar, cast

from denselite.declared import Fraction, Interval
from denselite.initializers.random import Seed
from denselite.layers.single import Single
from denselite.ops.random import SeedGenerator, normal

__all__ = ["GaussianDropout", "GaussianNoise"]

Share = Annotated[float, Interval(ge=0, lt=1)]


class Noise(Single):
    """A layer that changes its input at random in training and returns it as it is otherwise.

    The draws follow from the layer's seed, the call and the training step, so a run repeats.
    """

    _built_at_init = True
    supports_masking = True

    _strength: ClassVar[str] = "rate"  # the argument that says how much, nothing at 0

    seed = cast(Any, None)  # no field: each layer declares it in its place

    def __post_init__(self) -> None:
        super().__post_init__()
        self._stream = SeedGenerator(self.seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.disturb(inputs) if training and getattr(self, self._strength) else inputs

    def disturb(self, inputs: Any) -> Any:
        """Return what ``inputs`` become in training."""
        raise NotImplementedError(f"{self._who} has no disturb(). Return there what the inputs become in training.")


class GaussianDropout(Noise):
    """In training, multiply the inputs by draws of mean 1 and standard deviation ``sqrt(rate / (1 - rate))``.

    Args:
        rate: 0 or more and less than 1; the factors vary as those of a ``Dropout`` of this rate.
        seed: an integer >= 0; None takes one from the library's own sequence.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: ``rate`` is not in [0, 1), ``seed`` is negative.

    Source: Srivastava et al., 2014, section 10.

    Example:
        >>> import numpy as np
        >>> GaussianDropout(0.5)(np.ones((1, 3), "float32")).tolist()
        [[1.0, 1.0, 1.0]]
    """

    rate: Share
    seed: Seed = None

    def disturb(self, inputs: Any) -> Any:
        return inputs * normal(tuple(inputs.shape), 1.0, sqrt(self.rate / (1 - self.rate)), self.dtype, self._stream)


class GaussianNoise(Noise):
    """In training, add draws of mean 0 to the inputs.

    Args:
        stddev: standard deviation of the draws, 0 to 1.
        seed: an integer >= 0; None takes one from the library's own sequence.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: ``stddev`` is not between 0 and 1, ``seed`` is negative.

    Example:
        >>> import numpy as np
        >>> GaussianNoise(0.5)(np.ones((1, 3), "float32")).tolist()
        [[1.0, 1.0, 1.0]]
    """

    _strength = "stddev"

    stddev: Fraction
    seed: Seed = None

    def disturb(self, inputs: Any) -> Any:
        return inputs + normal(tuple(inputs.shape), 0.0, self.stddev, self.dtype, self._stream)
