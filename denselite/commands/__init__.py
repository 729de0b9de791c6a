"""What ``python -m denselite`` does, a command a file."""
