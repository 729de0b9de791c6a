"""Speed, memory and size beside the peers: ``python -m benchmarks``; how cost grows: ``python -m benchmarks.sweep``."""
