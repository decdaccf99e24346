"""Measurements of skfer against its peers: ``python -m benchmarks``."""
