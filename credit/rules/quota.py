"""The quota as an account book: every step and how the account stands after it (domain.md §4).

The plain model beside the guarded SQL: what the book gives from the facts is what the account's row must hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from core.money import ZERO

LIMIT, HOLD, RELEASE = "LIMIT", "HOLD", "RELEASE"
RANK: Final = {LIMIT: 0, HOLD: 1, RELEASE: 2}  # of steps at one instant


@dataclass(frozen=True, slots=True)
class Step:
    """`amount`: the new limit, or what an order's hold takes or gives back."""

    kind: str
    at: datetime
    amount: Decimal
    order_number: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands between two steps."""

    limit: Decimal = ZERO
    held: Decimal = ZERO

    @property
    def granted(self) -> Decimal:
        return max(self.limit, self.held)

    @property
    def free(self) -> Decimal:
        return max(ZERO, self.limit - self.held)

    def fits(self, amount: Decimal) -> bool:
        return amount <= self.free

    def after(self, step: Step) -> "Standing":
        """A limit changes no hold; a hold and its release are the same amount."""
        if step.kind == LIMIT:
            return Standing(step.amount, self.held)
        return Standing(self.limit, self.held + step.amount if step.kind == HOLD else self.held - step.amount)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the book."""

    step: Step
    before: Standing
    after: Standing


def book(steps: Iterable[Step]) -> list[Line]:
    """Every step in its order, oldest first. Of one instant the limit comes first, then holds, then releases."""
    standing, lines = Standing(), []
    for step in sorted(steps, key=lambda step: (step.at, RANK[step.kind])):
        lines.append(Line(step, standing, standing.after(step)))
        standing = lines[-1].after
    return lines
