"""ONNX: what ``predict`` computes, written (``export.py``, ``write_*.py``) and read (``load.py``, ``read_*.py``)."""
