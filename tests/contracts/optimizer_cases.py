"""Every optimizer with its formula again, in plain Python on one weight: what tests/contracts/test_optimizers.py runs."""

from __future__ import annotations

from math import sqrt
from typing import Any

__all__ = ["CASES", "GRADIENTS"]

GRADIENTS = [0.5, -2.0, 0.25]  # of three steps, from weight 1.0
LR = 0.125  # a learning rate is a float32: 1/8 is one exactly


def sgd(momentum: float = 0.0, nesterov: bool = False) -> list[float]:
    w, m, path = 1.0, 0.0, []
    for g in GRADIENTS:
        m = momentum * m - LR * g
        w += momentum * m - LR * g if nesterov else m
        path.append(w)
    return path


def rmsprop(momentum: float = 0.0, centered: bool = False, rho: float = 0.8) -> list[float]:
    w, v, mean, moved, path = 1.0, 0.0, 0.0, 0.0, []
    for g in GRADIENTS:
        v = rho * v + (1 - rho) * g * g
        mean = rho * mean + (1 - rho) * g
        moved = momentum * moved + LR * g / sqrt(v - (mean * mean if centered else 0.0) + 1e-7)
        w -= moved
        path.append(w)
    return path


def adam(decay: float = 0.0, amsgrad: bool = False, b1: float = 0.9, b2: float = 0.99) -> list[float]:
    w, m, v, top, path = 1.0, 0.0, 0.0, 0.0, []
    for t, g in enumerate(GRADIENTS, 1):
        w -= LR * decay * w
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        top = max(top, v)
        w -= LR * sqrt(1 - b2**t) / (1 - b1**t) * m / (sqrt(top if amsgrad else v) + 1e-7)
        path.append(w)
    return path


def adamax(b1: float = 0.9, b2: float = 0.5) -> list[float]:
    w, m, u, path = 1.0, 0.0, 0.0, []
    for t, g in enumerate(GRADIENTS, 1):
        m, u = b1 * m + (1 - b1) * g, max(b2 * u, abs(g))
        w -= LR / (1 - b1**t) * m / (u + 1e-7)
        path.append(w)
    return path


def nadam(b1: float = 0.9, b2: float = 0.99) -> list[float]:
    w, m, v, product, path = 1.0, 0.0, 0.0, 1.0, []
    for t, g in enumerate(GRADIENTS, 1):
        here, ahead = (b1 * (1 - 0.5 * 0.96**s) for s in (t, t + 1))
        product *= here
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        mean = ahead * m / (1 - product * ahead) + (1 - here) * g / (1 - product)
        w -= LR * mean / (sqrt(v / (1 - b2**t)) + 1e-7)
        path.append(w)
    return path


def schedule_free(b1: float = 0.9, b2: float = 0.99, warmup: int = 1) -> list[float]:
    """Here with the average ``x`` kept, which the optimizer works out from ``w`` and ``z``."""
    z = x = 1.0
    v, path = 0.0, []
    for t, g in enumerate(GRADIENTS, 1):
        v = b2 * v + (1 - b2) * g * g
        z -= LR * min(t / warmup, 1) * g / (sqrt(v / (1 - b2**t)) + 1e-8)
        x += (z - x) / t
        path.append((1 - b1) * z + b1 * x)
    return path


def adagrad() -> list[float]:
    w, a, path = 1.0, 0.5, []
    for g in GRADIENTS:
        a += g * g
        w -= LR * g / sqrt(a + 1e-7)
        path.append(w)
    return path


def adadelta(rho: float = 0.8, epsilon: float = 0.125) -> list[float]:
    w, a, d, path = 1.0, 0.0, 0.0, []
    for g in GRADIENTS:
        a = rho * a + (1 - rho) * g * g
        s = g * sqrt(d + epsilon) / sqrt(a + epsilon)
        d = rho * d + (1 - rho) * s * s
        w -= LR * s
        path.append(w)
    return path


def ftrl(power: float, l1: float, l2: float, shrinkage: float, beta: float) -> list[float]:
    w, a, z, path = 1.0, 0.5, 0.0, []
    for g in GRADIENTS:
        z += g + 2 * shrinkage * w - ((a + g * g) ** power - a**power) / LR * w
        a += g * g
        w = (max(-l1, min(l1, z)) - z) / ((a**power + beta) / LR + 2 * l2)
        path.append(w)
    return path


def lion(b1: float = 0.9, b2: float = 0.5) -> list[float]:
    w, m, path = 1.0, 0.0, []
    for g in GRADIENTS:
        w -= LR if b1 * m + (1 - b1) * g > 0 else -LR
        m = b2 * m + (1 - b2) * g
        path.append(w)
    return path


def lamb(b1: float = 0.9, b2: float = 0.99) -> list[float]:
    w, m, v, path = 1.0, 0.0, 0.0, []
    for t, g in enumerate(GRADIENTS, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        u = m / (1 - b1**t) / (sqrt(v / (1 - b2**t)) + 1e-7)
        w -= LR * abs(w) / abs(u) * u
        path.append(w)
    return path


def adafactor(decay: float = -0.8) -> list[float]:
    """Of a weight with one axis, where nothing is factored."""
    w, v, path = 1.0, 0.0, []
    for t, g in enumerate(GRADIENTS, 1):
        v = (1 - t**decay) * v + t**decay * (g * g + 1e-30)
        u = g / sqrt(v)
        w -= min(LR, 1 / sqrt(t)) * max(1e-3, abs(w)) * u / max(1, abs(u))
        path.append(w)
    return path


def names(*slots: str) -> list[str]:
    """The slots of two weights, weight by weight."""
    return [f"{w}_{slot}" for w in "ab" for slot in slots]


MOMENTS = names("momentum", "velocity")
FTRL = {
    "learning_rate_power": -0.25, "l1_regularization_strength": 0.03125, "l2_regularization_strength": 0.5,
    "l2_shrinkage_regularization_strength": 0.125, "beta": 0.75,
}  # fmt: skip

# name -> class, arguments besides the learning rate, the weight after each step, the names of the variables after
# the step count and the learning rate once two weights were updated
CASES: dict[str, tuple[str, dict[str, Any], list[float], list[str]]] = {
    # 1 - 0.5/8 = 0.9375, then + 2/8, then - 0.25/8
    "sgd": ("SGD", {}, [0.9375, 1.1875, 1.15625], []),
    # m = 0.9·m - g/8 is -0.0625, 0.19375, 0.143125
    "sgd-momentum": ("SGD", {"momentum": 0.9}, [0.9375, 1.13125, 1.274375], names("momentum")),
    "sgd-nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}, sgd(0.9, True), names("momentum")),
    "rmsprop": ("RMSprop", {"rho": 0.8}, rmsprop(), names("velocity")),
    "rmsprop-momentum": ("RMSprop", {"rho": 0.8, "momentum": 0.9}, rmsprop(0.9), [*names("velocity"), *names("momentum")]),
    "rmsprop-centered": (
        "RMSprop", {"rho": 0.8, "momentum": 0.9, "centered": True}, rmsprop(0.9, True),
        [*names("velocity"), *names("momentum"), *names("average_gradient")],
    ),
    "adam": ("Adam", {"beta_2": 0.99}, adam(), MOMENTS),
    "adam-amsgrad": (
        "Adam", {"beta_2": 0.99, "amsgrad": True}, adam(amsgrad=True), [*MOMENTS, *names("velocity_hat")],
    ),
    "adamw": ("AdamW", {"beta_2": 0.99, "weight_decay": 0.5}, adam(0.5), MOMENTS),
    "adamax": ("Adamax", {"beta_2": 0.5}, adamax(), names("momentum", "norm")),
    "nadam": ("Nadam", {"beta_2": 0.99}, nadam(), [*MOMENTS, "u_product"]),
    "schedule-free": ("ScheduleFreeAdamW", {"beta_2": 0.99}, schedule_free(), MOMENTS),
    "schedule-free-warmup": (
        "ScheduleFreeAdamW", {"beta_1": 0.5, "beta_2": 0.99, "warmup_steps": 2}, schedule_free(0.5, warmup=2), MOMENTS,
    ),
    "adagrad": ("Adagrad", {"initial_accumulator_value": 0.5}, adagrad(), names("accumulator")),
    "adadelta": (
        "Adadelta", {"rho": 0.8, "epsilon": 0.125}, adadelta(), names("accumulated_grad", "accumulated_delta_var"),
    ),
    "ftrl": ("Ftrl", {"initial_accumulator_value": 0.5}, ftrl(0.5, 0, 0, 0, 0), names("accumulator", "linear")),
    "ftrl-regularized": (
        "Ftrl", {"initial_accumulator_value": 0.5, **FTRL}, ftrl(0.25, 0.03125, 0.5, 0.125, 0.75),
        names("accumulator", "linear"),
    ),
    "lion": ("Lion", {"beta_2": 0.5}, lion(), names("momentum")),
    "lamb": ("Lamb", {"beta_2": 0.99}, lamb(), MOMENTS),
    "adafactor": ("Adafactor", {}, adafactor(), names("r", "c", "velocity")),
    "muon": ("Muon", {"adam_beta_2": 0.99, "adam_weight_decay": 0.5}, adam(0.5), MOMENTS),  # a vector, by AdamW
}  # fmt: skip
