"""The verbs of run.py."""

import argparse
import os
import sys

from launcher import checks, demo, environment, postgres, processes, settings
from launcher.console import Stopped, say
from launcher.places import PYTHON

EPILOG = """
Each verb makes what it needs: a virtual environment in .venv and a PostgreSQL server of its own (or DATABASE_URL),
both quick the second time. All that a run keeps lies in var/.
"""
DEFAULT_PORT = 8000


def main(arguments: list[str]) -> int:
    """Run one verb and answer with its exit code: 0 well, 1 a part failed, 2 something is missing here, 130 Ctrl-C."""
    if os.name != "posix":
        say("Xinzu runs on Linux and macOS. On Windows, use it inside WSL.")
        return 2
    if not arguments:
        arguments = ["--help"]
    known, rest = _parser().parse_known_args(arguments)
    try:
        with processes.stoppable():
            return _run(known, rest)
    except Stopped as reason:
        say(f"\n{reason}")
        return reason.code
    except processes.Interrupted:
        say("\nstopped")
        return 130


def _run(known: argparse.Namespace, rest: list[str]) -> int:
    if known.verb in {"test", "manage"}:
        rest = [*known.arguments, *rest]
    elif rest:
        raise Stopped(f"run.py {known.verb} does not know {' '.join(rest)}: see python3 run.py {known.verb} --help")
    match known.verb:
        case "demo":
            return demo.run(known.port, known.fresh)
        case "test":
            return checks.test(rest)
        case "check":
            return checks.check(with_tests=not known.static)
        case "bench":
            return checks.bench(known.name, known.rounds)
        case _:
            return _manage(rest)


def _manage(arguments: list[str]) -> int:
    """manage.py with the demo's database and settings."""
    environment.prepare("demo")
    with postgres.serve("demo") as database:
        site, sandbox = (f"http://127.0.0.1:{port}" for port in (DEFAULT_PORT, DEFAULT_PORT + 1))
        return processes.run([PYTHON, "manage.py", *arguments], settings.demo(database, site, sandbox))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("run.py", description=__doc__, epilog=EPILOG, allow_abbrev=False)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    verb = verbs.add_parser("demo", help="a running site with demo data, from nothing; Ctrl-C stops it")
    verb.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="of the site; the sandbox takes the next (default 8000)"
    )
    verb.add_argument("--fresh", action="store_true", help="delete the demo's data first")
    for name, what in (
        ("test", "run the tests (arguments go to pytest)"),
        ("manage", "manage.py on the demo's database"),
    ):
        passing = verbs.add_parser(name, help=what, add_help=False, prefix_chars="\0", allow_abbrev=False)
        passing.add_argument("arguments", nargs=argparse.REMAINDER)
    verb = verbs.add_parser("check", help="what CI runs: lint, format, types, layers, migrations, tests")
    verb.add_argument("--static", action="store_true", help="without the tests")
    verb = verbs.add_parser("bench", help="measure the product beside its limits")
    verb.add_argument("name", nargs="?", help="one benchmark; all of them without")
    verb.add_argument("--rounds", type=int, default=5, help="interleaved rounds; figures to be quoted take 5 or more")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
