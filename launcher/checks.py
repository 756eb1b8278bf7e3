"""`run.py test`, `check` and `bench`."""

import os
import subprocess
import tempfile
from collections.abc import Mapping

from launcher import environment, postgres, processes, settings, system
from launcher.console import Stopped, say, step
from launcher.places import PYTHON, ROOT

STATIC = {
    "ruff": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "layers": ("-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"),
    "types": ("-m", "mypy", "."),
    "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
}
JOURNEYS = "tests/journeys"


def test(arguments: list[str]) -> int:
    """Run pytest; its exit code is ours. Without arguments: every test."""
    _prepare()
    with postgres.serve("test", careless=True) as database:
        variables = settings.tests(database)
        return processes.run([PYTHON, "-m", "pytest", *arguments], variables) if arguments else _all_tests(variables)


def check(with_tests: bool) -> int:
    """Everything that CI asks for: all static checks, so that one round shows all; then the tests."""
    _prepare()
    with postgres.serve("test", careless=True) as database:
        variables = settings.tests(database)
        failed = [name for name, command in STATIC.items() if not _passes(name, command, variables)]
        if failed:
            say(f"\nFailed: {', '.join(failed)}.")
            return 1
        return _all_tests(variables) if with_tests else 0


def bench(name: str | None, rounds: int) -> int:
    """Benchmarks are modules of bench/; each prints one table. `day-end` is day_end."""
    name = name.replace("-", "_") if name else None
    known = sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
    if not known or (name and name not in known):
        raise Stopped(f"There is no benchmark {name or 'yet'}. Known: {', '.join(known) or 'none'}.")
    environment.prepare("demo")
    with postgres.serve("bench") as database:
        variables = settings.bench(database) | {"BENCH_ROUNDS": str(max(1, rounds))}
        return max(processes.run([PYTHON, "-m", f"bench.{each}"], variables) for each in ([name] if name else known))


def _all_tests(variables: Mapping[str, str]) -> int:
    """The journeys in their browser beside everything else, each with a database of its own: two cores, half the time.

    What the journeys print is shown when both are done.
    """
    with tempfile.TemporaryFile() as output:
        journeys = subprocess.Popen(
            [PYTHON, "-m", "pytest", JOURNEYS], cwd=ROOT, env={**variables, "TEST_DATABASE": "test_journeys"},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            code = processes.run([PYTHON, "-m", "pytest", f"--ignore={JOURNEYS}"], variables)
            also = journeys.wait()
        finally:
            journeys.terminate()
            journeys.wait()
        output.seek(0)
        print("\nThe journeys:\n\n" + output.read().decode(errors="replace"), flush=True)  # noqa: T201
    return code or also


def _prepare() -> None:
    environment.prepare("dev")
    system.need_pango()
    if system.find_browser() is None and os.environ.get("CI") and system.can_apt():
        system.apt_install("a browser for the journeys", "chromium")


def _passes(name: str, command: tuple[str, ...], variables: Mapping[str, str]) -> bool:
    with step(name):
        done = subprocess.run(
            [PYTHON, *command], cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        say(done.stdout)
    return done.returncode == 0
