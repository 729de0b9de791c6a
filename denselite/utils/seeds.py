"""One seed for everything that draws."""

from __future__ import annotations

import numpy as np

from denselite.tensor.keys import set_seed

__all__ = ["set_random_seed"]


def set_random_seed(seed: int) -> None:
    """Seed Python's ``random``, ``numpy.random`` and the library's own sequence of seeds.

    The library draws from its own only; the other two are for the code around it.

    Args:
        seed: an integer from 0 to 2**32 - 1.

    Raises:
        ArgumentError: ``seed`` is no such integer.

    Example:
        >>> from denselite.tensor.keys import next_seed
        >>> set_random_seed(1); first = next_seed()
        >>> set_random_seed(1); first == next_seed()
        True
    """
    import random

    set_seed(seed)
    random.seed(int(seed))
    np.random.seed(int(seed))  # noqa: NPY002 (the one place: scripts may draw from it)
