"""Running ONNX models, and comparing what comes out with what denselite computes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from denselite import Model, tree


def session_of(model: Any) -> Any:
    """A session for a path or an ONNX model; it is checked first, shapes included."""
    content = model if isinstance(model, bytes) else Path(model).read_bytes()
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def run(session: Any, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    names = [given.name for given in session.get_inputs()]
    found: list[np.ndarray] = session.run(None, dict(zip(names, arrays, strict=True)))
    return found


def assert_exported(model: Model, path: Path, *batches: Any, tolerance: float = 1e-5, **options: Any) -> Any:
    """Export a model once and compare it on every batch: values to 1e-5, dtypes, shapes."""
    model.export(path, **options)
    session = session_of(path)
    for x in batches:
        found = run(session, tree.flatten(x)[0])
        expected = tree.flatten(model.predict(x, verbose=0) if len(tree.flatten(x)[0][0]) else model(x))[0]
        assert [(array.shape, array.dtype) for array in found] == [(array.shape, array.dtype) for array in expected]
        for ours, theirs in zip(expected, found, strict=True):
            np.testing.assert_allclose(theirs, ours, rtol=tolerance, atol=tolerance)
    return session
