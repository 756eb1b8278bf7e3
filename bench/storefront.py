"""What a visitor asks for most, the list and a device, not signed in; 1,000 models, 10,000 specifications; c = 8.

Beside the same server and middleware answering a constant page of the same bytes. Four ways to ask: as after a change
of the catalogue, when nothing is kept of the page (each address is new); again (the page is kept); with the ETag of the
page (304). Targets: 0.20, 0.85, 0.85; at most 8 queries a page.
"""

import itertools
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench import _catalogue, _load, _serve, _table
from bench.start import LIMIT_S

SECONDS = 2.0
Ask = Callable[[], float]


def main() -> None:
    _serve.prepare()
    rows = _catalogue.fill()
    paths = _paths()
    queries = {name: _queries(path) for name, path in paths.items()}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        product = servers.enter_context(_serve.serving("rental.wsgi:application", {}))
        for name, path in paths.items():
            (Path(folder) / f"{name}.html").write_bytes(_fetch(product, path)[0])
        constant = servers.enter_context(
            _serve.serving("bench._constant:application", {"BENCH_PAGES": folder}, "list/")
        )
        for name, path in paths.items():
            sizes = len((Path(folder) / f"{name}.html").read_bytes())
            _measure(name, path, product, constant, f"{sizes:,} bytes, {queries[name]} queries")
    _table.show("rows", [(table, f"{count:,}") for table, count in rows.items()])


def _paths() -> dict[str, str]:
    from catalog.models import LeasePlan

    plan = LeasePlan.objects.order_by("pk")[5_000]
    return {"list": "/devices/", "device": f"/devices/{plan.pk}/"}


def _measure(name: str, path: str, product: int, constant: int, said: str) -> None:
    new = (f"{path}?new={number}" for number in itertools.count())
    asks: dict[str, Ask] = {
        "constant page": lambda: _load.rate(constant, _load.same(f"/{name}/"), SECONDS),
        "nothing kept": lambda: _load.rate(product, new, SECONDS),
        "page kept": lambda: _load.rate(product, _load.same(path), SECONDS),
    }
    if _fetch(product, path)[1]:
        asks["304"] = lambda: _load.rate(product, _load.same(path), SECONDS, headers=_known(product, path), status=304)
    found: dict[str, list[float]] = {way: [] for way in asks}
    for number in range(_table.ROUNDS + 1):
        for way, ask in asks.items():
            measured = ask()
            if number:  # the first round warms both sides up
                found[way].append(measured)
    limit = statistics.median(found["constant page"])
    _table.show(
        f"storefront, {name}: {said}; {_table.ROUNDS} rounds, interleaved; answers a second, median (range), ratio",
        [(way, f"{_table.spread(each)}  {statistics.median(each) / limit:.2f}") for way, each in found.items()],
    )


def _known(port: int, path: str) -> str:
    """What a browser says that has the page of this hour."""
    return f"If-None-Match: {_fetch(port, path)[1]}\r\n"


def _queries(path: str) -> int:
    """Of the first page of a process, which remembers nothing yet."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        assert Client(SERVER_NAME="127.0.0.1").get(path).status_code == 200
    return len(seen)


def _fetch(port: int, path: str) -> tuple[bytes, str]:
    """Body and ETag."""
    import urllib.request

    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Language": "zh-CN"})
    with urllib.request.urlopen(asked, timeout=LIMIT_S) as answer:
        return answer.read(), answer.headers.get("ETag", "")


if __name__ == "__main__":
    main()
