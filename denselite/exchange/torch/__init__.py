"""Weights as PyTorch names and lays them out, without PyTorch: ``state.py``."""
