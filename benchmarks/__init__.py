"""Training and prediction speed beside hand-written NumPy, PyTorch and Keras: ``python -m benchmarks``."""
