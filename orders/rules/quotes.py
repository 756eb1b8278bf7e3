"""What a way out of a lease costs, frozen as it was shown (domain.md §5: the quote holds to the end of its day)."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from billing.rules.payoff import Payoff

PARTS = tuple(field.name for field in fields(Payoff))


@dataclass(frozen=True, slots=True)
class Quote:
    """The figures of day `on`. `period`: how many bills were due; `days`: days used, where days are what is paid."""

    on: date
    period: int
    payoff: Payoff
    days: int = 0

    @property
    def code(self) -> str:
        """What the page sends back: other figures than the ones shown are refused."""
        parts = [str(getattr(self.payoff, name)) for name in PARTS]
        return "/".join([self.on.isoformat(), str(self.period), str(self.days), *parts])

    def to_json(self) -> dict[str, Any]:
        """Every Decimal is a string."""
        figures = {name: str(getattr(self.payoff, name)) for name in PARTS}
        return {"on": self.on.isoformat(), "period": self.period, "days": self.days, **figures}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Quote":
        figures = Payoff(**{name: Decimal(stored[name]) for name in PARTS})
        return cls(date.fromisoformat(stored["on"]), stored["period"], figures, stored["days"])
