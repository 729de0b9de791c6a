"""What hypothesis draws for the parity tests: losses with their targets, metrics, optimizers and ways to fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.parity.drawn import Network, masks, networks
from tests.parity.drawn_layers import BOOLEANS, Part, Shape, optional, part

__all__ = ["LOSSES", "METRICS", "OPTIMIZERS", "SCALE_FREE", "SCHEDULES", "Training", "trainings"]

Given = dict[str, st.SearchStrategy[Any]]
SMOOTHING = st.sampled_from([0.0, 0.125])

# Each loss: the targets it is for, and its arguments. ``from_logits`` goes with a head without an activation.
LOSSES: dict[str, tuple[str, Given]] = {
    "BinaryCrossentropy": ("bits", {"from_logits": BOOLEANS, "label_smoothing": SMOOTHING}),
    "BinaryFocalCrossentropy": (
        "bits",
        {"apply_class_balancing": BOOLEANS, "gamma": st.sampled_from([1.0, 2.0]), "from_logits": BOOLEANS},
    ),
    "CategoricalCrossentropy": ("one-hot", {"from_logits": BOOLEANS, "label_smoothing": SMOOTHING}),
    "CategoricalFocalCrossentropy": ("one-hot", {"from_logits": BOOLEANS, "label_smoothing": SMOOTHING}),
    "CategoricalGeneralizedCrossEntropy": ("labels", {"q": st.sampled_from([0.25, 0.5])}),
    "CategoricalHinge": ("one-hot", {}),
    "CosineSimilarity": ("real", {}),
    "Dice": ("bits", {"axis": st.just(-1)}),
    "Hinge": ("signs", {}),
    "Huber": ("real", {"delta": st.sampled_from([0.5, 1.0])}),
    "KLDivergence": ("shares", {}),
    "LogCosh": ("real", {}),
    "MeanAbsoluteError": ("real", {}),
    "MeanAbsolutePercentageError": ("counts", {}),
    "MeanSquaredError": ("real", {}),
    "MeanSquaredLogarithmicError": ("counts", {}),
    "Poisson": ("counts", {}),
    "SparseCategoricalCrossentropy": ("labels", {"from_logits": BOOLEANS, "ignore_class": st.sampled_from([None, 1])}),
    "SquaredHinge": ("signs", {}),
    "Tversky": ("bits", {"alpha": st.just(0.25), "beta": st.just(0.75), "axis": st.just(-1)}),
}
HEADS = {
    "bits": "sigmoid", "one-hot": "softmax", "labels": "softmax", "shares": "softmax", "signs": "tanh",
    "real": None, "counts": "softplus",
}  # fmt: skip
CLASSES = 4
AT = {"num_thresholds": st.sampled_from([5, 20])}
THRESHOLDS: Given = {"thresholds": st.sampled_from([None, 0.25, [0.25, 0.5]])}
ERRORS: dict[str, Given] = {
    name: {}
    for name in ("MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError", "LogCoshError", "CosineSimilarity")
}
AVERAGES: Given = {"average": st.sampled_from([None, "micro", "macro", "weighted"])}
IOU: Given = {"num_classes": st.just(CLASSES)}
IDS: Given = {"target_class_ids": st.sampled_from([[0], [1, 3]])}

# The metrics for each kind of targets; those from PAIRS on take two axes, (batch, values).
METRICS: dict[str, dict[str, Given]] = {
    "real": {**ERRORS, "Accuracy": {}},
    "counts": {
        **ERRORS, "MeanAbsolutePercentageError": {}, "MeanSquaredLogarithmicError": {}, "Poisson": {},
    },
    "shares": {**ERRORS, "KLDivergence": {}},
    "signs": {**ERRORS, "Hinge": {}, "SquaredHinge": {}},
    "bits": {
        **ERRORS,
        "BinaryAccuracy": {"threshold": st.sampled_from([0.25, 0.5])},
        "BinaryCrossentropy": {"label_smoothing": SMOOTHING},
        "TruePositives": THRESHOLDS, "TrueNegatives": THRESHOLDS,
        "FalsePositives": THRESHOLDS, "FalseNegatives": THRESHOLDS,
        "Precision": THRESHOLDS, "Recall": THRESHOLDS,
        "AUC": {**AT, "curve": st.sampled_from(["ROC", "PR"])},
        "SensitivityAtSpecificity": {"specificity": st.just(0.5), **AT},
        "SpecificityAtSensitivity": {"sensitivity": st.just(0.5), **AT},
        "PrecisionAtRecall": {"recall": st.just(0.5), **AT},
        "RecallAtPrecision": {"precision": st.just(0.5), **AT},
        "BinaryIoU": {},
    },
    "one-hot": {
        **ERRORS,
        "CategoricalAccuracy": {}, "CategoricalHinge": {},
        "CategoricalCrossentropy": {"label_smoothing": SMOOTHING},
        "TopKCategoricalAccuracy": {"k": st.just(2)},
        "OneHotIoU": {**IOU, **IDS}, "OneHotMeanIoU": IOU,
    },
    "labels": {
        "SparseCategoricalAccuracy": {}, "SparseCategoricalCrossentropy": {},
        "SparseTopKCategoricalAccuracy": {"k": st.just(2)},
        "MeanIoU": {**IOU, "sparse_y_pred": st.just(False)}, "IoU": {**IOU, **IDS, "sparse_y_pred": st.just(False)},
    },
}  # fmt: skip
PAIRS: dict[str, dict[str, Given]] = {
    "real": {
        "R2Score": {"class_aggregation": st.sampled_from([None, "uniform_average", "variance_weighted_average"])},
        "PearsonCorrelation": {}, "ConcordanceCorrelation": {},
    },
    "one-hot": {"F1Score": AVERAGES, "FBetaScore": {**AVERAGES, "beta": st.sampled_from([0.5, 2.0])}},
}  # fmt: skip

RATE = st.sampled_from([0.015625, 0.0625])
STEPS = st.sampled_from([2, 4])
SCHEDULES: dict[str, Given] = {
    "CosineDecay": {"initial_learning_rate": RATE, "decay_steps": STEPS, "warmup_target": optional(st.just(0.125)),
                    "warmup_steps": st.just(2)},
    "CosineDecayRestarts": {"initial_learning_rate": RATE, "first_decay_steps": STEPS},
    "ExponentialDecay": {"initial_learning_rate": RATE, "decay_steps": STEPS, "decay_rate": st.just(0.5),
                         "staircase": BOOLEANS},
    "InverseTimeDecay": {"initial_learning_rate": RATE, "decay_steps": STEPS, "decay_rate": st.just(0.5),
                         "staircase": BOOLEANS},
    "PiecewiseConstantDecay": {"boundaries": st.just([1, 4]), "values": st.just([0.0625, 0.03125, 0.015625])},
    "PolynomialDecay": {"initial_learning_rate": RATE, "decay_steps": STEPS, "power": st.sampled_from([1.0, 2.0]),
                        "cycle": BOOLEANS},
}  # fmt: skip
BETAS: Given = {"beta_1": st.sampled_from([0.5, 0.75]), "beta_2": st.sampled_from([0.75, 0.875])}
MOMENTUM = st.sampled_from([0.0, 0.5])
OPTIMIZERS: dict[str, Given] = {
    "Adadelta": {"rho": st.just(0.75)},
    "Adafactor": {"relative_step": BOOLEANS, "clip_threshold": st.sampled_from([0.5, 1.0])},
    "Adagrad": {"initial_accumulator_value": st.sampled_from([0.125, 0.5])},
    "Adam": {**BETAS, "amsgrad": BOOLEANS},
    "AdamW": {**BETAS, "amsgrad": BOOLEANS},
    "Adamax": BETAS,
    "Ftrl": {"l1_regularization_strength": MOMENTUM, "l2_regularization_strength": MOMENTUM, "beta": MOMENTUM},
    "Lamb": BETAS,
    "Lion": BETAS,
    "Muon": {"nesterov": BOOLEANS, "exclude_embeddings": BOOLEANS},
    "Nadam": BETAS,
    "RMSprop": {"rho": st.just(0.75), "momentum": MOMENTUM, "centered": BOOLEANS},
    "SGD": {"momentum": MOMENTUM, "nesterov": BOOLEANS},
    "ScheduleFreeAdamW": {**BETAS, "warmup_steps": st.sampled_from([0, 2])},
}
# What these do depends on a gradient's direction alone, however small it is: one of rounding moves a weight.
SCALE_FREE = {"Adafactor", "Lamb", "Lion", "Muon"}
# And the slopes of these are signs or the like, whose sums vanish but for rounding. The two do not meet.
STEPPED = {"CategoricalHinge", "Hinge", "MeanAbsoluteError", "MeanAbsolutePercentageError"}
CLIPS: list[dict[str, float]] = [{}, {}, {}, {"clipnorm": 0.5}, {"clipvalue": 0.125}, {"global_clipnorm": 0.5}]
OPTIONS: list[dict[str, Any]] = [
    {},
    {},
    {},
    {"gradient_accumulation_steps": 2},
    {"use_ema": True, "ema_momentum": 0.75},
    {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
    {"loss_scale_factor": 8.0},
]


@dataclass(frozen=True)
class Goal:
    """What one output is trained for: the kind of its targets, a loss, metrics without and with sample weights."""

    kind: str
    loss: Part
    metrics: list[Part]
    weighted: list[Part]

    def targets(self, rng: np.random.Generator, shape: Shape) -> Any:
        """Targets for predictions of ``shape``, the batch's axis included."""
        size = shape[-1]
        made: dict[str, Callable[[], Any]] = {
            "real": lambda: rng.normal(size=shape),
            "counts": lambda: rng.integers(1, 5, shape).astype("float64"),
            "signs": lambda: rng.choice([-1.0, 1.0], shape),
            "bits": lambda: rng.integers(0, 2, shape).astype("float64"),
            "labels": lambda: rng.integers(0, size, shape[:-1]),
            "one-hot": lambda: np.eye(size)[rng.integers(0, size, shape[:-1])],
            "shares": lambda: rng.dirichlet(np.ones(size), shape[:-1]),
        }
        return made[self.kind]()


@dataclass(frozen=True)
class Training:
    """A network, what it is trained for and how."""

    network: Network
    goals: list[Goal]
    optimizer: Part
    weights: str | None
    jitter: int

    def compile(self, lib: Any, model: Any) -> Any:
        """Compile and return the model; Keras runs op by op."""
        options: dict[str, Any] = {"jit_compile": False} if lib.__name__ == "keras" else {}
        lists = {
            "loss": [goal.loss.make(lib) for goal in self.goals],
            "metrics": [[metric.make(lib) for metric in goal.metrics] for goal in self.goals],
            "weighted_metrics": [[metric.make(lib) for metric in goal.weighted] for goal in self.goals],
        }
        alone = len(self.goals) == 1
        given = {key: value[0] if alone else value for key, value in lists.items()}
        if not alone:
            options["loss_weights"] = [1.0, 0.5]
        model.compile(optimizer=self.optimizer.make(lib), **given, **options)
        return model

    def fit_arguments(self, rng: np.random.Generator, shapes: list[Shape]) -> dict[str, Any]:
        """Sample weights (zeros among them) for predictions of these shapes, or class weights."""
        if self.weights == "samples":
            drawn = [rng.choice([0.0, 0.5, 1.0, 2.0], shape[:-1]) for shape in shapes]
            return {"sample_weight": drawn[0] if len(drawn) == 1 else drawn}
        return {"class_weight": {0: 0.5, 1: 2.0}} if self.weights == "classes" else {}


@st.composite
def goals(draw: st.DrawFn, names: set[str]) -> Goal:
    name = draw(st.sampled_from(sorted(names)))
    kind, given = LOSSES[name]
    reduction = st.sampled_from(
        ["sum_over_batch_size", "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"]
    )
    loss = draw(part("losses", name, **given, reduction=reduction))
    known = {**METRICS[kind], **PAIRS.get(kind, {})}
    named = draw(st.lists(st.sampled_from(sorted(known)), max_size=3, unique=True))
    metrics = [draw(part("metrics", metric, **known[metric])) for metric in named]
    return Goal(kind, loss, metrics[:2], metrics[2:])


@st.composite
def optimizers(draw: st.DrawFn, name: str) -> Part:
    schedules = [part("optimizers.schedules", schedule, **given) for schedule, given in SCHEDULES.items()]
    rate = RATE if name == "ScheduleFreeAdamW" else st.one_of(RATE, RATE, *schedules)
    drawn = draw(part("optimizers", name, learning_rate=rate, **OPTIMIZERS[name]))
    decay = draw(optional(st.just({"weight_decay": 0.125}))) or {}
    options = {**drawn.given, **decay, **draw(st.sampled_from(CLIPS)), **draw(st.sampled_from(OPTIONS))}
    return Part(drawn.family, name, options)


@st.composite
def trainings(draw: st.DrawFn) -> Training:
    """Random networks, ready to be trained."""
    rule = draw(st.sampled_from(sorted(OPTIMIZERS)))
    drawn: list[Goal] = []
    flat: list[bool] = []

    def heads(shape: Shape, number: int) -> st.SearchStrategy[Part]:
        goal = draw(goals(set(LOSSES) - STEPPED if rule in SCALE_FREE else set(LOSSES)))
        if len(shape) > 1:
            pairs = PAIRS.get(goal.kind, {})
            kept = [[m for m in some if m.name not in pairs] for some in (goal.metrics, goal.weighted)]
            goal = Goal(goal.kind, goal.loss, *kept)
        drawn.append(goal)
        flat.append(len(shape) == 1)
        least = 2 if goal.loss.name == "CosineSimilarity" else 1  # of one number it is a sign, and has no slope
        several = st.sampled_from([units for units in (1, 2, 4) if units >= least])
        units = CLASSES if goal.kind in ("labels", "one-hot", "shares") else draw(several)
        activation = None if goal.loss.given.get("from_logits") else HEADS[goal.kind]
        return part(
            "layers", "Dense", units=st.just(units), activation=st.just(activation), name=st.just(f"out_{number}")
        )

    network = draw(networks(heads, normalizing=rule not in SCALE_FREE))
    if any(masks(layer) for layer in network.parts):
        # Keras on JAX loses an output's mask on its way out of the gradient: its metrics count all in training.
        drawn[:] = [
            goal if alone else Goal(goal.kind, goal.loss, [], []) for goal, alone in zip(drawn, flat, strict=True)
        ]
    ways: list[str | None] = [None, None, "samples"]
    if len(drawn) == 1 and drawn[0].kind in ("labels", "one-hot") and flat[0]:
        ways.append("classes")
    return Training(network, drawn, draw(optimizers(rule)), draw(st.sampled_from(ways)), draw(st.integers(0, 2**16)))
