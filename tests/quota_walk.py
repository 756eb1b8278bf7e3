"""A random walk of orders on one quota, with the plainest model of it: a number and the open holds by order."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from core.money import ZERO
from credit.rules.quota import HOLD, LIMIT, RELEASE, Step

ENDS = ("by_customer", "refused", "not_paid", "settled", "recovered")


class Walk:
    """Knows nothing of the product: what is allowed next, and what then must hold.

    A written-off order keeps its hold; only the recovery of its debt gives it back (domain.md §4).
    """

    def __init__(self, dice: random.Random, since: datetime) -> None:
        self.dice, self.since = dice, since
        self.limit, self.taken, self.returned = ZERO, ZERO, ZERO
        self.open: dict[str, Decimal] = {}
        self.written_off: set[str] = set()
        self.closed: set[str] = set()
        self.refused = [ZERO]  # what did not fit
        self._count = 0

    def next(self) -> Step | None:
        """The next step that takes effect; None for one that the quota refuses or that changes nothing."""
        self._count += 1
        at = self.since + timedelta(minutes=self._count)
        chosen = self.dice.choices(("hold", "release", "limit", "write off"), (10, 8, 2, 1))[0]
        if chosen == "hold":
            return self._hold(at)
        if chosen == "limit":
            self.limit = Decimal(self.dice.randrange(0, 1_200_000)) / 100
            return Step(LIMIT, at, self.limit, reason="decision")
        if not self.open:
            return None
        number = self.dice.choice(sorted(self.open))
        if chosen == "write off":
            self.written_off.add(number)
            return None
        return self._release(number, at)

    def _hold(self, at: datetime) -> Step | None:
        amount = Decimal(self.dice.randrange(1, 300_000)) / 100
        if sum(self.open.values(), ZERO) + amount > self.limit:
            self.refused.append(amount)
            return None
        number = f"XO{self._count}"
        self.open[number] = amount
        self.taken += amount
        return Step(HOLD, at, amount, number)

    def _release(self, number: str, at: datetime) -> Step:
        amount = self.open.pop(number)
        self.returned += amount
        self.closed.add(number)
        reason = "recovered" if number in self.written_off else self.dice.choice(ENDS[:-1])
        return Step(RELEASE, at, amount, number, reason)
