"""What users hand to fit, evaluate and predict becomes batches; knows nothing of models."""

from __future__ import annotations

from denselite.data.array_source import ArraySource
from denselite.data.batch import Batch
from denselite.data.labels import check_finite, check_labels
from denselite.data.make import make_source
from denselite.data.source import Source, Spec, Structures
from denselite.data.split import shuffled, split_validation

__all__ = [
    "ArraySource",
    "Batch",
    "Source",
    "Spec",
    "Structures",
    "check_finite",
    "check_labels",
    "make_source",
    "shuffled",
    "split_validation",
]
