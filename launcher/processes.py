"""The children of a demo: each in its own process group, its output in a log file, all of them gone when we go."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from launcher.console import Stopped
from launcher.places import LOGS, ROOT

GRACE_S = 8.0
TAIL_LINES = 15
TAIL_WIDTH = 200
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Interrupted(Exception):
    """Somebody asked us to stop: Ctrl-C (SIGINT) or SIGTERM."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.by_terminal = number == signal.SIGINT


@dataclass(frozen=True)
class Child:
    name: str
    process: "subprocess.Popen[bytes]"
    log: Path
    may_end: bool = False  # its work has an end; the others go on without it

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def ask_to_end(self) -> None:
        """Tell the leader alone: it ends its own helpers in its own order (a Celery pool told twice hangs)."""
        self.process.terminate()

    def kill(self) -> None:
        """The whole group, and so also what outlived its leader."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Family:
    """Children that live and die together."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self.children: list[Child] = []

    def start(self, name: str, command: Sequence[str | Path], *, may_end: bool = False) -> Child:
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone; we tell the children
                preexec_fn=_die_with_parent if LIBC else None,
            )
        child = Child(name, process, log, may_end)
        self.children.append(child)
        return child

    def check(self) -> None:
        """Stopped, with the end of its log, when a child is dead."""
        for child in self.children:
            if not child.is_alive() and not child.may_end:
                code = child.process.returncode
                raise Stopped(
                    f"{tail(child.log)}\nThe {child.name} stopped (exit {code}). All of its log: {child.log}", code=1
                )

    def wait_until(self, ready: Callable[[], bool], limit_s: float, what: str) -> None:
        give_up = time.monotonic() + limit_s
        while not ready():
            self.check()
            if time.monotonic() > give_up:
                raise Stopped(f"No answer from {what} after {limit_s:.0f} s: see the logs in {LOGS}", code=1)
            time.sleep(0.1)

    def watch(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Return never: raises Stopped when a child dies, Interrupted when we are asked to stop."""
        while True:
            self.check()
            meanwhile()
            time.sleep(0.3)

    def stop(self) -> None:
        """Ask all children to end, the last started first; kill whoever still lives after the grace."""
        for child in reversed(self.children):
            child.ask_to_end()
        give_up = time.monotonic() + GRACE_S
        while any(child.is_alive() for child in self.children) and time.monotonic() < give_up:
            time.sleep(0.05)
        for child in self.children:
            child.kill()


@contextmanager
def stoppable() -> Iterator[None]:
    """Inside, SIGINT and SIGTERM raise Interrupted, once; more of them do not disturb the tidying up."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> int:
    """Run a command in our terminal and answer with its exit code. Ctrl-C reaches it too: we wait for how it ends."""
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, env=environment)
    try:
        code = process.wait()
    except Interrupted as interrupted:
        if not interrupted.by_terminal:
            process.terminate()
        code = process.wait()
    return code if code >= 0 else 128 - code


def tail(log: Path) -> str:
    return "\n".join(f"    {line[:TAIL_WIDTH]}" for line in log.read_text(errors="replace").splitlines()[-TAIL_LINES:])


def _die_with_parent() -> None:
    """Linux: the kernel ends the child when we are killed and cannot do it ourselves."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # type: ignore[union-attr]
