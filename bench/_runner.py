"""One runner of business days in a process of its own: for each date on its input it joins that day, then says so."""

import json
import sys
from datetime import date
from pathlib import Path

import django

READY = "ready"


def main() -> None:
    django.setup()
    from core import calendar, jobs

    print(READY, flush=True)
    for line in sys.stdin:
        on = date.fromisoformat(line.strip())
        jobs.join(on, calendar.instant(on, jobs.HOUR, 5))
        print(json.dumps({"day": on.isoformat(), "memory": _most_memory()}), flush=True)


def _most_memory() -> int:
    """Megabytes of this program alone: getrusage tells those of the process that began it, if it was larger."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main()
