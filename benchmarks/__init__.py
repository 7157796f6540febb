"""Measurements against peers and against limits, in one run on one core. Each command is a module: `benchmarks.matching`."""
