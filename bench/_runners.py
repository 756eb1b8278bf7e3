"""Whole business days done by runners in processes of their own, committed as they are every day."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from bench._runner import READY

Process = subprocess.Popen[str]


@dataclass(frozen=True)
class Done:
    """How a day went: seconds, megabytes of the largest runner, and which jobs took longest, all shards together."""

    seconds: float
    memory: int
    jobs: list[tuple[str, float]]


@contextmanager
def started(count: int) -> Iterator[list[Process]]:
    """So many, each ready to go."""
    command = [sys.executable, "-m", "bench._runner"]
    found = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _one in range(count)
    ]
    try:
        for one in found:
            assert _line(one) == READY
        yield found
    finally:
        for one in found:
            one.communicate()


def run(runners: list[Process], on: date) -> Done:
    """They share the day; it is over when the last one says that all of it stands."""
    began = time.monotonic()
    for one in runners:
        assert one.stdin is not None
        one.stdin.write(f"{on}\n")
        one.stdin.flush()
    told = [json.loads(_line(one)) for one in runners]
    return Done(time.monotonic() - began, max(each["memory"] for each in told), _slowest(on))


def _slowest(on: date) -> list[tuple[str, float]]:
    from django.db.models import Sum

    from core.models import JobRun

    rows = JobRun.objects.filter(day=on).values_list("job").annotate(ms=Sum("took_ms")).order_by("-ms")
    return [(name, ms / 1000) for name, ms in rows[:5]]


def _line(one: Process) -> str:
    assert one.stdout is not None
    line = one.stdout.readline().strip()
    if not line:
        raise SystemExit("a runner died")
    return line
