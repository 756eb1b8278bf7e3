"""What the person at the terminal sees: short steps with their time, and one clear line when something stops us."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(Exception):
    """We cannot go on; the message is one line that says what to do."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


def say(line: str = "") -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextmanager
def step(name: str) -> Iterator[None]:
    """Show a step and, when it is over, the seconds that it took."""
    sys.stderr.write(f"  {name} … ")
    sys.stderr.flush()
    started = time.monotonic()
    try:
        yield
    except BaseException:
        say("stopped")
        raise
    say(f"{time.monotonic() - started:.1f} s")
