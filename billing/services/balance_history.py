"""The credit balance's history, told from the facts that it is computed from (read only)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.db.models import OuterRef, Prefetch, Subquery

from accounts.models import Customer
from billing.models import Allocation, BalanceUse, Chargeback, Payment, Refund
from billing.services.balance import PAID_OUT
from core import money
from core.fields import exact_sum
from core.money import ZERO


class Kind(StrEnum):
    """OVERPAID comes in, the others go out. RETURNED: late money that went back by itself."""

    OVERPAID = "OVERPAID"
    USED_WHEN_DUE = "USED_WHEN_DUE"
    USED_ON_WISH = "USED_ON_WISH"
    PAID_OUT = "PAID_OUT"
    RETURNED = "RETURNED"
    TAKEN_BACK = "TAKEN_BACK"


@dataclass(frozen=True, slots=True)
class Movement:
    """`bills`: lease number and bill number of what was paid; `refund`: how the money went back."""

    at: datetime
    kind: Kind
    amount: Decimal
    number: str
    bills: tuple[tuple[str, int], ...] = ()
    refund: Refund | None = None

    @property
    def is_in(self) -> bool:
        return self.kind is Kind.OVERPAID


def of(customer: Customer) -> list[Movement]:
    """Newest first; their sum is the balance."""
    found = [*_overpaid(customer), *_used(customer), *_gone_back(customer), *_taken_back(customer)]
    return sorted(found, key=lambda one: (one.at, not one.is_in), reverse=True)


def left(movements: Iterable[Movement]) -> Decimal:
    """What all of them come to: the balance."""
    return money.total(one.amount if one.is_in else -one.amount for one in movements)


def _overpaid(customer: Customer) -> list[Movement]:
    received = Payment.objects.filter(customer=customer, state=Payment.State.SUCCEEDED, holds=False)
    rows = Allocation.objects.filter(payment=OuterRef("pk"), use=None).order_by().values("payment")
    laid = Subquery(rows.annotate(sum=exact_sum("amount")).values("sum"))
    rests = [(row, row.amount - (row.laid or ZERO)) for row in received.annotate(laid=laid)]
    return [Movement(row.posted_at or row.created_at, Kind.OVERPAID, rest, row.number) for row, rest in rests if rest]


def _taken_back(customer: Customer) -> list[Movement]:
    """What a lost dispute took that lay on no bill."""
    rows = Chargeback.objects.filter(payment__customer=customer, payment__holds=False, state=Chargeback.State.LOST)
    off = {row.pk: money.total(back.amount for back in row.reversals.all()) for row in rows}
    return [
        Movement(row.decided_at or row.known_at, Kind.TAKEN_BACK, row.amount - off[row.pk], row.number)
        for row in rows
        if row.amount > off[row.pk]
    ]


def _used(customer: Customer) -> list[Movement]:
    rows = Allocation.objects.select_related("bill__lease").order_by("id")
    uses = BalanceUse.objects.filter(customer=customer).prefetch_related(Prefetch("allocations", queryset=rows))
    kinds = {BalanceUse.Why.DUE: Kind.USED_WHEN_DUE, BalanceUse.Why.ASKED: Kind.USED_ON_WISH}
    return [Movement(use.at, kinds[BalanceUse.Why(use.why)], use.amount, use.number, _named(use)) for use in uses]


def _named(use: BalanceUse) -> tuple[tuple[str, int], ...]:
    """Each bill that it was laid on, once."""
    named = ((row.bill.lease.number, row.bill.number) for row in use.allocations.all())
    return tuple(dict.fromkeys(named))


def _gone_back(customer: Customer) -> list[Movement]:
    rows = Refund.objects.filter(
        payment__customer=customer, payment__holds=False, lease=None, deposit=None, replaced_by=None
    )
    return [
        Movement(
            row.requested_at,
            Kind.PAID_OUT if row.reason == PAID_OUT else Kind.RETURNED,
            row.amount,
            row.number,
            refund=row,
        )
        for row in rows.select_related("payment")
    ]
