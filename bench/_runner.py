"""One runner of business days in a process of its own: for each date on its input it joins that day, then says so."""

import json
import resource
import sys
from datetime import date

import django

READY = "ready"


def main() -> None:
    django.setup()
    from core import calendar, jobs

    print(READY, flush=True)
    for line in sys.stdin:
        on = date.fromisoformat(line.strip())
        jobs.join(on, calendar.instant(on, jobs.HOUR, 5))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"day": on.isoformat(), "memory": memory}), flush=True)


if __name__ == "__main__":
    main()
