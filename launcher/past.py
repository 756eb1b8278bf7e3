"""The demo's past fills in behind, when the site already answers: two hands, and a line that says how far they are."""

import os
import re
import sys
import time

from launcher.console import say
from launcher.places import PYTHON
from launcher.processes import Child, Family

MOST_HANDS = 2
EVERY = 10  # histories between two lines, where a line cannot be written over
_SAID = re.compile(r"(\d+) of (\d+) histories")


class Past:
    """`look()` is called again and again; it says what is new, and once that all stands."""

    def __init__(self, family: Family) -> None:
        self.began = time.monotonic()
        self.hands: list[Child] = [
            family.start(f"histories-{number}", [PYTHON, "manage.py", "demo_histories"], may_end=True)
            for number in range(1, min(MOST_HANDS, os.cpu_count() or 1) + 1)
        ]
        self.said = self.all = 0
        self.over = False

    def look(self) -> None:
        if self.over:
            return
        self.over = not any(hand.is_alive() for hand in self.hands)
        made = max((self._made(hand) for hand in self.hands), default=0)
        if self.over:
            self._end(made)
        elif made > self.said:
            self._show(made)

    def _made(self, hand: Child) -> int:
        told = _SAID.findall(hand.log.read_text(errors="replace"))
        if told:
            self.all = int(told[-1][1])
        return int(told[-1][0]) if told else 0

    def _show(self, made: int) -> None:
        line = f"  the past fills in: {made} of {self.all} histories"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{line} ")
            sys.stderr.flush()
        elif made // EVERY == self.said // EVERY:
            return
        else:
            say(line)
        self.said = made

    def _end(self, made: int) -> None:
        before = "\r" if sys.stderr.isatty() else ""
        if made and made == self.all:
            say(f"{before}  the past stands: {made} histories, {time.monotonic() - self.began:.0f} s     ")
        else:
            say(f"{before}  the past stopped at {made} of {self.all} histories; {self.hands[0].log} says why.")
            say("  Go on with: python3 run.py manage demo_histories")
