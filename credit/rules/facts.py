"""What a scorecard may read: plain facts that we lawfully have, each room's own (domain.md §4). No address books."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Record:
    """What orders and billing know of a customer and hand to credit, frozen (docs/architecture.md).

    `kept_leases`: completed, of at least six months, without arrears. `phones_shared`, `addresses_shared`: how many
    known defaulters gave the same; `devices_shared`: how many signed in at the same browser. `rents_monthly`: of all
    leases that run or are ordered.
    """

    live_leases: int = 0
    completed_leases: int = 0
    kept_leases: int = 0
    bills_paid: int = 0
    bills_late: int = 0
    days_overdue: int = 0
    orders_cancelled: int = 0
    phones_shared: int = 0
    addresses_shared: int = 0
    devices_shared: int = 0
    rents_monthly: Decimal = Decimal("0.00")

    @property
    def shared(self) -> int:
        """With known defaulters, of every kind."""
        return self.phones_shared + self.addresses_shared + self.devices_shared


NEWCOMER = Record()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a factor may be read from; None is not known."""

    record: Record
    age: int | None = None
    months_verified: int | None = None
    owns_phone: bool | None = None
    months_here: int = 0
    addresses_added: int = 0
    codes_failed: int = 0
    accounts_shared: int = 0
    income_monthly: Decimal | None = None
    income_documented: bool = False
