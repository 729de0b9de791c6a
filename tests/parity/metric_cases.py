"""What every metric of Keras is made with and fed, for the parity tests."""

from __future__ import annotations

from typing import Any

import numpy as np

RNG = np.random.default_rng(23)
ROWS = 12
LABELS = RNG.integers(0, 4, ROWS)
ONE_HOT = np.eye(4)[LABELS]
BITS = RNG.integers(0, 2, (ROWS, 4)).astype(float)
SCORES = np.round(RNG.random((ROWS, 4)), 2)  # rounded, so that some lie on thresholds
REAL = RNG.normal(size=(ROWS, 4))
OTHER = RNG.normal(size=(ROWS, 4))
SIGNS = np.where(BITS > 0, 1.0, -1.0)
SHARES = SCORES / SCORES.sum(1, keepdims=True)
COUNTS = RNG.integers(0, 5, (ROWS, 4)).astype(float)
MAPS = RNG.integers(0, 3, (ROWS, 2, 2))
WEIGHTS = np.round(RNG.random(ROWS), 3)
WHOLE = RNG.integers(0, 3, ROWS)  # weights that an integer metric takes in full
RANKED = np.argsort(-SCORES, axis=1)

UNEVEN = [0.1, 0.15, 0.7]
MIXED = [0.9, 0.3, 0.5]

CASES: dict[str, tuple[str, dict[str, Any], Any, Any]] = {
    "mape": ("MeanAbsolutePercentageError", {}, REAL, OTHER),
    "msle": ("MeanSquaredLogarithmicError", {}, COUNTS, SCORES),
    "rmse": ("RootMeanSquaredError", {}, REAL, OTHER),
    "rmse-column": ("RootMeanSquaredError", {}, REAL[:, 0], OTHER[:, :1]),
    "logcosh": ("LogCoshError", {}, REAL, OTHER),
    "cosine": ("CosineSimilarity", {}, REAL, OTHER),
    "cosine-batch": ("CosineSimilarity", {"axis": 1}, REAL, OTHER),
    "r2": ("R2Score", {}, REAL, OTHER),
    "r2-each": ("R2Score", {"class_aggregation": None}, REAL, OTHER),
    "r2-variance": ("R2Score", {"class_aggregation": "variance_weighted_average"}, REAL, OTHER),
    "r2-adjusted": ("R2Score", {"num_regressors": 2}, REAL, OTHER),
    "r2-column": ("R2Score", {}, REAL[:, :1], OTHER[:, :1]),
    "pearson": ("PearsonCorrelation", {}, REAL, OTHER),
    "pearson-positional": ("PearsonCorrelation", {"axis": 1, "name": "p"}, REAL, OTHER),
    "concordance": ("ConcordanceCorrelation", {}, REAL, OTHER),
    "accuracy": ("Accuracy", {}, LABELS, LABELS[::-1].copy()),
    "top-k": ("TopKCategoricalAccuracy", {"k": 2}, ONE_HOT, SCORES),
    "top-k-all": ("TopKCategoricalAccuracy", {}, ONE_HOT, SCORES),
    "sparse-top-k": ("SparseTopKCategoricalAccuracy", {"k": 2}, LABELS, SCORES),
    "sparse-top-k-column": ("SparseTopKCategoricalAccuracy", {"k": 2}, LABELS[:, None], SCORES),
    "sparse-top-k-ids": ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, LABELS, RANKED),
    "bce": ("BinaryCrossentropy", {"label_smoothing": 0.1}, BITS, SCORES),
    "bce-logits": ("BinaryCrossentropy", {"from_logits": True}, BITS, REAL),
    "cce": ("CategoricalCrossentropy", {"label_smoothing": 0.2}, ONE_HOT, SCORES),
    "cce-logits": ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, REAL),
    "scce": ("SparseCategoricalCrossentropy", {}, LABELS, SCORES),
    "scce-logits": ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS, REAL),
    "kld": ("KLDivergence", {}, SHARES, SHARES[::-1].copy()),
    "poisson": ("Poisson", {}, COUNTS, SCORES),
    "hinge": ("Hinge", {}, SIGNS, REAL),
    "hinge-bits": ("Hinge", {}, BITS, REAL),
    "squared-hinge": ("SquaredHinge", {}, SIGNS, REAL),
    "categorical-hinge": ("CategoricalHinge", {}, ONE_HOT, REAL),
    "tp": ("TruePositives", {}, BITS, SCORES),
    "tn": ("TrueNegatives", {"thresholds": 0.25}, BITS, SCORES),
    "fp": ("FalsePositives", {"thresholds": MIXED}, BITS, SCORES),
    "fn": ("FalseNegatives", {"thresholds": [0.0, 0.5, 1.0]}, BITS, SCORES),
    "precision": ("Precision", {}, BITS, SCORES),
    "precision-flat": ("Precision", {}, BITS[:, 0], SCORES[:, 0]),
    "precision-column": ("Precision", {}, BITS[:, 0], SCORES[:, :1]),
    "precision-uneven": ("Precision", {"thresholds": UNEVEN}, BITS, SCORES),
    "precision-top-k": ("Precision", {"top_k": 2}, BITS, SCORES),
    "precision-top-k-tied": ("Precision", {"top_k": 2}, BITS, np.round(SCORES)),
    "precision-top-k-over": ("Precision", {"top_k": 3, "thresholds": [0.2, 0.6]}, BITS, SCORES),
    "precision-class": ("Precision", {"class_id": 2}, BITS, SCORES),
    "precision-class-top-k": ("Precision", {"class_id": 1, "top_k": 2}, BITS, SCORES),
    "recall": ("Recall", {}, BITS, SCORES),
    "recall-even": ("Recall", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, BITS, SCORES),
    "recall-top-k": ("Recall", {"top_k": 1}, ONE_HOT, SCORES),
    "recall-class": ("Recall", {"class_id": 0, "thresholds": 0.4}, BITS, SCORES),
    "recall-labels-2": ("Recall", {}, BITS * 2, SCORES),
    "precision-at-recall": ("PrecisionAtRecall", {"recall": 0.6}, BITS, SCORES),
    "precision-at-recall-class": ("PrecisionAtRecall", {"recall": 0.6, "class_id": 3}, BITS, SCORES),
    "recall-at-precision": ("RecallAtPrecision", {"precision": 0.5, "num_thresholds": 11}, BITS, SCORES),
    "recall-at-impossible": ("RecallAtPrecision", {"precision": 1.0, "num_thresholds": 3}, BITS, SCORES),
    "sensitivity": ("SensitivityAtSpecificity", {"specificity": 0.4}, BITS, SCORES),
    "specificity": ("SpecificityAtSensitivity", {"sensitivity": 0.4, "num_thresholds": 1}, BITS, SCORES),
    "f1": ("F1Score", {}, ONE_HOT, SCORES),
    "f1-micro": ("F1Score", {"average": "micro"}, ONE_HOT, SCORES),
    "f1-macro": ("F1Score", {"average": "macro", "threshold": 0.5}, BITS, SCORES),
    "f1-weighted": ("F1Score", {"average": "weighted"}, ONE_HOT, SCORES),
    "f1-tied": ("F1Score", {}, ONE_HOT, np.round(SCORES)),
    "fbeta": ("FBetaScore", {"beta": 2.0, "threshold": 0.3}, BITS, SCORES),
    "fbeta-micro": ("FBetaScore", {"beta": 0.5, "average": "micro"}, ONE_HOT, SCORES),
    "iou": ("IoU", {"num_classes": 4, "target_class_ids": [0, 2]}, LABELS, LABELS[::-1].copy()),
    "iou-ignore": ("IoU", {"num_classes": 4, "target_class_ids": [1], "ignore_class": 2}, LABELS, LABELS[::-1].copy()),
    "iou-beyond": ("IoU", {"num_classes": 3, "target_class_ids": [0, 1]}, LABELS, LABELS[::-1].copy()),
    "iou-scores": ("IoU", {"num_classes": 4, "target_class_ids": [0], "sparse_y_pred": False}, LABELS, SCORES),
    "binary-iou": ("BinaryIoU", {"threshold": 0.4}, BITS[:, 0], SCORES[:, 0]),
    "binary-iou-one": ("BinaryIoU", {"target_class_ids": [1]}, BITS[:, :1], SCORES[:, :1]),
    "mean-iou": ("MeanIoU", {"num_classes": 4}, LABELS, LABELS[::-1].copy()),
    "one-hot-iou": ("OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 3]}, ONE_HOT, SCORES),
    "one-hot-mean-iou": ("OneHotMeanIoU", {"num_classes": 4}, ONE_HOT, SCORES),
    "one-hot-mean-iou-sparse": ("OneHotMeanIoU", {"num_classes": 4, "sparse_y_pred": True}, ONE_HOT, LABELS[::-1].copy()),
    "auc": ("AUC", {}, BITS, SCORES),
    "auc-flat": ("AUC", {"num_thresholds": 11}, BITS[:, 0], SCORES[:, 0]),
    "auc-logits": ("AUC", {"from_logits": True}, BITS, REAL),
    "auc-two": ("AUC", {"num_thresholds": 2}, BITS, SCORES),
    "auc-uneven": ("AUC", {"thresholds": MIXED}, BITS, SCORES),
    "auc-even": ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, BITS, SCORES),
    "auc-weighted-labels": ("AUC", {"num_thresholds": 20, "label_weights": [1.0, 2.0, 0.5, 0.0]}, BITS, SCORES),
    "auc-weighted-labels-uneven": ("AUC", {"thresholds": UNEVEN, "label_weights": [1.0, 2.0, 0.5, 0.0]}, BITS, SCORES),
    "auc-multi": ("AUC", {"num_thresholds": 20, "multi_label": True}, BITS, SCORES),
    "auc-multi-known": ("AUC", {"num_thresholds": 20, "multi_label": True, "num_labels": 4, "curve": "PR"}, BITS, SCORES),
    "auc-multi-weighted": (
        "AUC",
        {"num_thresholds": 20, "multi_label": True, "num_labels": 4, "label_weights": [1.0, 2.0, 0.5, 0.0]},
        BITS,
        SCORES,
    ),
}  # fmt: skip
for _curve in ("ROC", "pr", "PRGAIN"):
    for _method in ("interpolation", "Minoring", "majoring"):
        CASES[f"auc-{_curve}-{_method}"] = (
            "AUC",
            {"num_thresholds": 30, "curve": _curve, "summation_method": _method},
            BITS,
            SCORES,
        )


def plain(value: Any) -> Any:
    """Sort the keys and make tuples lists: all that JSON would not keep."""
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in sorted(value)}
    return [plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value


CLASSES = sorted({name for name, *_ in CASES.values()})
ARGUMENTS: dict[str, dict[str, Any]] = {name: options for name, options, *_ in reversed(CASES.values())}
