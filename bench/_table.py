"""How a benchmark prints what it found."""

import os
import statistics
from collections.abc import Sequence

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))  # run.py bench --rounds


def spread(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def ratio(product: Sequence[float], limit: Sequence[float]) -> str:
    """Of the medians."""
    return f"{statistics.median(product) / statistics.median(limit):.3f}"


def show(title: str, rows: Sequence[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in rows)
    print(f"\n{title}")
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")
