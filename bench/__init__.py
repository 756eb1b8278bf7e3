"""Benchmarks: the product beside its limit, in one run on one machine, interleaved; `python3 run.py bench [name]`."""
