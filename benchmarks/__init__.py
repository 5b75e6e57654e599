"""Measure Wye against named peers on the machine at hand. Run `python -m benchmarks`; no test asserts a time."""
