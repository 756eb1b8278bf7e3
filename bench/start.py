"""Process start to the first page, and the memory of a worker, beside a bare Django under the same server.

Target: at most 2.5 times the bare start; at most 120 MB (PSS) a worker.
"""

import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench import _table

LIMIT_S = 120.0
SITES = {"bare Django": "bench._bare:application", "Xinzu": "rental.wsgi:application"}
Measured = tuple[float, float]  # seconds to the first page, MB of one worker


def main() -> None:
    os.environ.update({"ALLOWED_HOSTS": "127.0.0.1", "SECURE_SSL_REDIRECT": "0", "LOG_LEVEL": "ERROR"})
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], check=True)
    found: dict[str, list[Measured]] = {name: [] for name in SITES}
    for _ in range(_table.ROUNDS):
        for name, application in SITES.items():
            found[name].append(_measure(application))
    seconds = {name: [second for second, _ in rounds] for name, rounds in found.items()}
    memory = {name: [megabytes for _, megabytes in rounds] for name, rounds in found.items()}
    ratio = statistics.median(seconds["Xinzu"]) / statistics.median(seconds["bare Django"])
    _table.show(
        f"start: {_table.ROUNDS} rounds, interleaved; gunicorn gthread, 1 worker; median (range)",
        [
            *((f"{name}: seconds to the first page", _table.spread(values)) for name, values in seconds.items()),
            *((f"{name}: PSS of the worker, MB", _table.spread(values)) for name, values in memory.items()),
            ("ratio (at most 2.5)", f"{ratio:.2f}"),
        ],
    )


def _measure(application: str) -> Measured:
    port = free_port()
    server = ["gunicorn", "--no-control-socket", "--worker-class", "gthread", "--bind", f"127.0.0.1:{port}"]
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", *server, application], stderr=subprocess.PIPE, text=True)
    try:
        wait(process, f"http://127.0.0.1:{port}/", LIMIT_S)
        return time.monotonic() - started, _worker_memory(process.pid)
    finally:
        process.terminate()
        process.communicate()


def wait(process: "subprocess.Popen[str]", url: str, limit_s: float) -> None:
    """Until the server answers with a page. SystemExit with the end of what it said when it does not."""
    give_up = time.monotonic() + limit_s
    while True:
        try:
            with urllib.request.urlopen(url, timeout=LIMIT_S) as answer:
                assert answer.status == 200
            return
        except urllib.error.HTTPError as answer:
            raise SystemExit(f"{url} answered {answer.code}") from answer
        except OSError:
            if process.poll() is not None or time.monotonic() > give_up:
                process.terminate()
                raise SystemExit(f"no page: {process.communicate()[1][-500:]}") from None
            time.sleep(0.005)


def _worker_memory(master: int) -> float:
    """Proportional set size of the only worker: shared pages count once among those who share them."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    rollup = Path(f"/proc/{workers[0]}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    assert found
    return int(found[1]) / 1000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
