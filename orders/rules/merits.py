"""How a merchant keeps what was promised to customers (capabilities C14): counted facts, one figure, no opinion."""

from dataclasses import dataclass

ENOUGH = 5  # below so few promises a share says nothing


@dataclass(frozen=True, slots=True)
class Promises:
    """Of one kind: how many were kept and how many were broken."""

    kept: int
    broken: int

    @property
    def made(self) -> int:
        return self.kept + self.broken


@dataclass(frozen=True, slots=True)
class Merits:
    """Shipped within 48 hours of payment; inspected within three working days; the deposit back by its promised day."""

    shipping: Promises
    inspection: Promises
    deposit: Promises

    @property
    def made(self) -> int:
        return self.shipping.made + self.inspection.made + self.deposit.made

    @property
    def score(self) -> int | None:
        """Promises kept of all, in whole percent, never rounded up; None while there are too few.

        19 of 20 kept: 95. 199 of 200: 99.
        """
        kept = self.shipping.kept + self.inspection.kept + self.deposit.kept
        return kept * 100 // self.made if self.made >= ENOUGH else None
