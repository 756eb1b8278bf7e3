"""`run.py demo`: everything from nothing to a site that answers."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping

from launcher import environment, postgres, settings, system
from launcher.console import Stopped, say, step
from launcher.past import Past
from launcher.places import LOGS, PYTHON, ROOT, VAR
from launcher.processes import Child, Family, Interrupted, tail

HOST = "127.0.0.1"
READY_LIMIT_S = 60.0
KEPT_BY_FRESH = {"postgres"}  # deleted by its own module
HIGHEST_PORT = 65534
GUNICORN = ("-m", "gunicorn", "--no-control-socket", "--worker-class", "gthread", "--threads", "4", "--worker-tmp-dir")


def run(port: int, fresh: bool) -> int:
    """Run the demo until it is asked to stop (0) or a part of it dies (1)."""
    if not 1 <= port <= HIGHEST_PORT:
        raise Stopped(f"--port takes a number from 1 to {HIGHEST_PORT}: the sandbox gets the one above it.")
    started = time.monotonic()
    with system.only_one("demo", otherwise=_already()):
        for number in (port, port + 1):
            _need_port(number, port)
        if fresh:
            _forget()
        environment.prepare("demo")
        system.need_space(ROOT)
        system.need_pango()
        with postgres.serve("demo") as database:
            try:
                _live(settings.demo(database, _url(port), _url(port + 1)), port, started)
            except Interrupted:
                say("Xinzu has stopped.")
    return 0


def _live(variables: Mapping[str, str], port: int, started: float) -> None:
    family = Family(variables)
    for folder in ("broker", "static", "tmp"):
        (VAR / folder).mkdir(exist_ok=True)
    try:
        _manage("database tables", variables, "migrate", "--verbosity=0")
        sandbox = family.start("sandbox", _site("sandbox.wsgi:application", port + 1, workers=1))
        web = family.start("web", _site("rental.wsgi:application", port, workers=2))
        _manage("demo data", variables, "demo_seed")
        family.start("worker", _worker())
        family.start("relay", [PYTHON, "manage.py", "relay"])
        with step("web, sandbox, worker, relay"):
            family.wait_until(lambda: _answers(web, port) and _answers(sandbox, port + 1), READY_LIMIT_S, "the site")
        _remember(port)
        _announce(variables, port, time.monotonic() - started)
        family.watch(Past(family).look)
    finally:
        with step("\n  stopping"):
            family.stop()


def _site(application: str, port: int, workers: int) -> list[str]:
    places = [str(VAR / "tmp"), "--workers", str(workers), "--bind", f"{HOST}:{port}"]
    return [str(PYTHON), *GUNICORN, *places, application]


def _worker() -> list[str]:
    beat = ["-B", "--schedule", str(VAR / "tmp" / "beat-schedule")]
    return [str(PYTHON), "-m", "celery", "-A", "rental", "worker", *beat, "-c", "2", "--loglevel=warning"]


def _manage(what: str, variables: Mapping[str, str], *arguments: str) -> None:
    log = LOGS / f"{arguments[0]}.log"
    LOGS.mkdir(parents=True, exist_ok=True)
    command = [str(PYTHON), "manage.py", *arguments]
    with step(what), log.open("wb") as output:
        code = subprocess.call(
            command, cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        if code:
            raise Stopped(f"{tail(log)}\nmanage.py {arguments[0]} failed (exit {code}). All of its log: {log}", code=1)


def _announce(variables: Mapping[str, str], port: int, seconds: float) -> None:
    accounts = subprocess.run(
        [PYTHON, "manage.py", "demo_accounts"], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    rule = "─" * 78
    lines = [
        "",
        rule,
        f"  Xinzu is ready ({seconds:.0f} s)      {_url(port)}/",
        f"  the pretended outside world  {_url(port + 1)}/      (text messages, Alipay)",
        "",
        *(f"  {line}".rstrip() for line in accounts.stdout.strip().splitlines()),
        "",
        f"  logs in {LOGS}   ·   Ctrl-C stops everything",
        rule,
    ]
    print("\n".join(lines), flush=True)  # noqa: T201 - the one thing that this command is asked for


def _answers(child: Child, port: int) -> bool:
    """Any page that is not a server error: a redirect or a 404 is an answer too. Waiting cures no error."""
    try:
        with urllib.request.urlopen(f"{_url(port)}/", timeout=10):
            return True
    except urllib.error.HTTPError as answer:
        if answer.code >= 500:
            raise Stopped(
                f"{tail(child.log)}\nThe {child.name} answers {answer.code}. All of its log: {child.log}", 1
            ) from None
        return True
    except OSError:
        return False


def _need_port(number: int, first: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except PermissionError:
            raise Stopped(
                f"Port {number} is not for everybody: choose another, python3 run.py demo --port 8000"
            ) from None
        except OSError:
            other = first + 100 if first + 101 < HIGHEST_PORT else 8000
            raise Stopped(
                f"Port {number} is in use: stop what listens there, or take another: python3 run.py demo --port {other}"
            ) from None


def _forget() -> None:
    with step("old demo data deleted"):
        postgres.forget("demo")
        for place in VAR.iterdir():
            if place.is_dir() and place.name not in KEPT_BY_FRESH:
                shutil.rmtree(place)


def _already() -> str:
    try:
        port = json.loads((VAR / "demo.json").read_text(encoding="utf-8"))["port"]
    except (OSError, ValueError, KeyError):
        return "The demo of this checkout already runs or is starting: stop it there with Ctrl-C."
    return f"The demo of this checkout already runs at {_url(port)}/ : stop it there with Ctrl-C."


def _remember(port: int) -> None:
    (VAR / "demo.json").write_text(json.dumps({"port": port}), encoding="utf-8")


def _url(port: int) -> str:
    return f"http://{HOST}:{port}"
