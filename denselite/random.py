"""Random draws for layers and scripts: by key, never from a global generator.

Inside a training step a draw follows from (seed, call site, step); outside, from the seed and how
often it was used. ``denselite.utils.set_random_seed`` makes a whole script repeat itself. The numbers
are not those of Keras, whose draws differ between its own backends too.
"""

from __future__ import annotations

from denselite.ops.distributions import beta, binomial, categorical, dropout, gamma, shuffle
from denselite.ops.random import SeedGenerator, normal, randint, truncated_normal, uniform

__all__ = [
    "SeedGenerator", "beta", "binomial", "categorical", "dropout", "gamma", "normal", "randint", "shuffle",
    "truncated_normal", "uniform",
]  # fmt: skip
