"""Tests of ONNX files are collected where ONNX's packages are installed."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("onnx") and find_spec("onnxruntime") else ["*onnx*.py"]
