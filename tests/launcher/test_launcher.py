"""run.py on a copy of the checkout: what stops it says so in one line, and what it starts it also ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from launcher import checks, environment, past, postgres, processes, settings, system
from launcher.console import Stopped

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the launcher in it, and this run's packages as its environment."""
    shutil.copytree(ROOT / "launcher", tmp_path / "launcher", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "run.py", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def run(checkout: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def only_line(done: subprocess.CompletedProcess[str]) -> str:
    """What was said, which is one line and no traceback; the exit code says that we cannot go on."""
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line]
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_is_named_with_another_to_take(checkout: Path, taken_port: int) -> None:
    line = only_line(run(checkout, "run.py", "demo", "--port", str(taken_port)))
    assert line.startswith(f"Port {taken_port} is in use")
    assert "demo --port" in line


def test_the_sandbox_port_is_looked_at_too(checkout: Path, taken_port: int) -> None:
    line = only_line(run(checkout, "run.py", "demo", "--port", str(taken_port - 1)))
    assert f"Port {taken_port} is in use" in line


@pytest.mark.parametrize("port", ["0", "65535", "-1"])
def test_an_impossible_port_is_refused(checkout: Path, port: str) -> None:
    assert "--port takes a number" in only_line(run(checkout, "run.py", "demo", f"--port={port}"))


def test_a_second_demo_of_a_checkout_is_refused(checkout: Path) -> None:
    script = "from launcher import system, cli\nwith system.only_one('demo'): raise SystemExit(cli.main(['demo']))"
    assert "already runs" in only_line(run(checkout, "-c", script))


def test_a_database_url_where_nothing_answers_is_named(checkout: Path, taken_port: int) -> None:
    script = "from launcher import postgres\nwith postgres.serve('demo'): pass"
    url = f"postgres://x@127.0.0.1:{_free_port()}/x"
    done = run(checkout, "-c", script, DATABASE_URL=url)
    assert "Nothing answers at 127.0.0.1" in done.stderr


def test_fresh_never_deletes_somebody_elses_database(checkout: Path) -> None:
    done = run(
        checkout, "-c", "from launcher import postgres\npostgres.forget('demo')", DATABASE_URL="postgres://x@h/x"
    )
    assert "--fresh deletes only run.py's own database" in done.stderr


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "SPACE_NEEDED", 10**18)
    with pytest.raises(Stopped, match="Make room"):
        system.need_space(ROOT)


def test_a_missing_pango_is_said_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "PANGO_LIBRARIES", {sys.platform: ("libnothing-of-this-name.so",)})
    monkeypatch.setattr(system, "can_apt", lambda: False)
    with pytest.raises(Stopped, match=r"pango is missing.*Install it: "):
        system.need_pango()


def test_an_old_python_reads_run_py_and_is_told() -> None:
    """An old interpreter must parse the file before it can refuse: no syntax that is younger than Python 3.0."""
    lines = (ROOT / "run.py").read_text(encoding="utf-8")
    compile(lines, "run.py", "exec", dont_inherit=True)
    assert 'f"' not in lines
    assert ":=" not in lines
    assert "->" not in lines
    assert lines.index("sys.version_info < (3, 11)") < lines.index("from launcher")


def test_no_verb_shows_the_verbs(checkout: Path) -> None:
    done = run(checkout, "run.py")
    assert done.returncode == 0
    assert all(verb in done.stdout for verb in ("demo", "test", "check", "manage", "bench"))


def test_an_unknown_argument_is_refused(checkout: Path) -> None:
    assert "does not know --quick" in only_line(run(checkout, "run.py", "check", "--quick"))


SERVER = """
    import os, signal, subprocess, time
    from launcher import postgres

    def answers(url):
        server = postgres._Server.of("demo", careless=True)
        code, said = server._run("psql", url, "-At", "-c", "SHOW server_encoding")
        return said.strip()

    def pid():
        server = postgres._Server.of("demo", careless=True)
        file = server.data / "postmaster.pid"
        return int(file.read_text().split()[0]) if file.exists() else None

    with postgres.serve("demo", careless=True) as url:
        first = pid()
        assert answers(url) == "UTF8", answers(url)
        with postgres.serve("demo", careless=True) as shared:
            assert shared == url and pid() == first
        assert pid() == first and answers(url) == "UTF8"    # the other user left: ours goes on
        os.kill(first, signal.SIGKILL)
        with postgres.serve("demo", careless=True) as again:
            assert pid() != first and answers(again) == "UTF8"
        (postgres._Server.of("demo", careless=True).data / "probe").exists()
    assert pid() is None
    print("well", url)
"""


def test_the_server_is_shared_survives_a_kill_and_ends_with_its_last_user(checkout: Path) -> None:
    done = run(checkout, "-c", textwrap.dedent(SERVER))
    home = Path(done.stdout.strip().rpartition("host=")[2])
    try:
        assert done.stdout.startswith("well"), done.stderr
        assert home.stat().st_mode & 0o077 == 0
        assert len(str(home)) < 90
    finally:
        if home.name.startswith("xinzu-demo-"):
            shutil.rmtree(home)


def test_a_foreign_folder_in_the_servers_place_is_refused(tmp_path: Path) -> None:
    from launcher import postgres

    planted = tmp_path / "home"
    planted.mkdir()
    planted.chmod(0o777)
    with pytest.raises(Stopped, match="open to others"):
        postgres._own(planted, postgres._Account(os.getuid(), os.getgid()))


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[processes.Family]:
    monkeypatch.setattr(processes, "LOGS", tmp_path)
    monkeypatch.setattr(processes, "GRACE_S", 1.0)
    members = processes.Family(os.environ)
    yield members
    members.stop()


def test_a_child_that_dies_is_named_with_the_end_of_its_log(family: processes.Family) -> None:
    family.start("web", ["sleep", "60"])
    family.start("worker", ["sh", "-c", "echo no broker here; exit 3"])
    with pytest.raises(Stopped, match=r"(?s)no broker here.*The worker stopped \(exit 3\)") as stopped:
        family.watch()
    assert stopped.value.code == 1


def test_a_child_with_an_end_may_end(family: processes.Family) -> None:
    family.start("web", ["sleep", "60"])
    passing = family.start("histories-1", ["true"], may_end=True)
    passing.process.wait()
    family.check()


class _Enough(Exception):
    """The test has seen what it waited for."""


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("for n in 9 10 11 12; do echo $n of 12 histories; sleep 0.5; done", "the past stands: 12 histories"),
        ("echo 3 of 12 histories; exit 1", "stopped at 3 of 12 histories; "),
    ],
)
def test_the_past_says_how_far_it_is(
    family: processes.Family,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    script: str,
    said: str,
) -> None:
    hand = tmp_path / "python"
    hand.write_text(f"#!/bin/sh\n{script}\n")
    hand.chmod(0o755)
    monkeypatch.setattr(past, "PYTHON", hand)
    filling = past.Past(family)

    def look() -> None:
        filling.look()
        if filling.over:
            raise _Enough

    with pytest.raises(_Enough):
        family.watch(look)
    told = capsys.readouterr().err
    assert said in told
    assert ("fills in: 10 of 12" in told or "fills in: 11 of 12" in told) == ("stands" in said)


def test_stopping_ends_grandchildren_and_the_stubborn(family: processes.Family) -> None:
    stubborn = family.start("web", ["sh", "-c", "trap '' TERM; sleep 61 & echo $!; wait; sleep 61"])
    while not stubborn.log.read_text():
        time.sleep(0.02)
    grandchild = int(stubborn.log.read_text())
    family.stop()
    assert not stubborn.is_alive()
    end = time.monotonic() + 5  # a killed process goes when the kernel comes to it
    while _lives(grandchild) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _lives(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_children_end_when_run_py_is_killed(checkout: Path) -> None:
    script = """
        import os, time
        from launcher.processes import Family
        family = Family(os.environ)
        print(family.start("web", ["sleep", "62"]).process.pid, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=checkout, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    give_up = time.monotonic() + 5
    while _lives(child) and time.monotonic() < give_up:
        time.sleep(0.02)
    assert not _lives(child)


def test_ctrl_c_becomes_one_interruption() -> None:
    with pytest.raises(processes.Interrupted) as interrupted, processes.stoppable():
        signal.raise_signal(signal.SIGINT)
    assert interrupted.value.by_terminal


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_all_tests_run_in_two_halves_and_a_failure_of_either_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = tmp_path / "asked"
    stand_in = tmp_path / "python"
    stand_in.write_text(
        f'#!/bin/sh\necho "$TEST_DATABASE $*" >> {asked}\necho "half of it"\nexit ${{TEST_DATABASE:+3}}\n'
    )
    stand_in.chmod(0o755)
    monkeypatch.setattr(checks, "PYTHON", stand_in)

    assert checks._all_tests({"PATH": os.environ["PATH"]}) == 3
    assert sorted(asked.read_text().splitlines()) == [
        " -m pytest --ignore=tests/journeys",
        "test_journeys -m pytest tests/journeys",
    ]
    assert "The journeys:\n\nhalf of it" in capsys.readouterr().out


def test_a_benchmark_may_be_named_as_one_types_it(monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[str] = []

    def noted(command: list[str], variables: dict[str, str]) -> int:
        run.append(command[-1])
        return 0

    monkeypatch.setattr(environment, "prepare", lambda kind: None)
    monkeypatch.setattr(postgres, "serve", lambda name: nullcontext("postgres://nowhere"))
    monkeypatch.setattr(settings, "bench", lambda database: {})
    monkeypatch.setattr(processes, "run", noted)
    assert checks.bench("day-end", 1) == checks.bench("day_end", 1) == 0
    assert run == ["bench.day_end", "bench.day_end"]
