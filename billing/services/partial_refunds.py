"""An operator gives back a part of a payment, as often as something is left of it (domain.md §6, reliability.md 33).

What the bills took stays with them: they stay paid, and what was earned on them is less. Up to the limit one operator
does it alone, counted over all that operators gave back of the payment; above it another one has to approve.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from billing.models import Bill, Lease, Payment, Refund
from billing.rules import limits as limit_rules
from billing.rules import settlement
from billing.rules.limits import Deed
from billing.rules.settlement import Parts
from billing.services import laid, limits, refunds
from billing.services.refunds import Instruction, RefundTooLarge
from core import calendar, canonical, money
from core.fields import exact_sum
from core.models import Approval
from core.services import approvals
from core.services.events import PLATFORM
from notices.services import messages

OPERATORS = Q(requested_by__startswith="operator:")


@dataclass(frozen=True, slots=True)
class Source:
    """Where money of a payment lies: on the due bills of a lease, or (None) on no bill. `most` can be given back."""

    lease: Lease | None
    most: Decimal

    @property
    def code(self) -> str:
        return self.lease.number if self.lease else ""


@dataclass(frozen=True, slots=True)
class Wish:
    """`payment` and `lease` by their numbers; `lease` "" for money that lies on no bill."""

    payment: str
    lease: str
    amount: Decimal
    reason: str

    @property
    def subject(self) -> str:
        return f"payment:{self.payment}"


def sources(payment: Payment, on: date) -> list[Source]:
    """What an operator can give back of it: nothing of a deposit, of bills not yet due, of a lease that never ran, or
    that is disputed or was taken back.
    """
    if payment.state != Payment.State.SUCCEEDED or payment.holds:
        return []
    left = payment.amount - payment.refunded - payment.charged_back
    lying = laid.net(payment)
    given = list(Refund.objects.filter(payment=payment, deposit=None, replaces=None))
    lost = laid.lost(Payment.objects.filter(pk=payment.pk)).get(payment.pk, money.ZERO)
    free = payment.amount - lost - money.total(amount for _row, amount in lying)
    free -= money.total(one.amount for one in given if one.lease_id is None)
    found = [Source(None, min(free, left))]
    for lease, bills in _standing(payment, on).items():
        most = money.total(amount for row, amount in lying if row.bill_id in bills)
        most -= money.total(one.amount for one in given if one.lease_id == lease.pk and one.reduces)
        found.append(Source(lease, min(most, left)))
    return [source for source in found if source.most > 0]


def _standing(payment: Payment, on: date) -> dict[Lease, set[int]]:
    """The due bills that stand and that it paid, by their lease, the oldest lease first."""
    rows = Bill.objects.filter(allocations__payment=payment, due_date__lte=on).exclude(state=Bill.State.VOID)
    rows = rows.filter(lease__state__in=[Lease.State.LIVE, Lease.State.CLOSED]).select_related("lease").distinct()
    found: dict[Lease, set[int]] = defaultdict(set)
    for bill in rows.order_by("lease", "pk"):
        found[bill.lease].add(bill.pk)
    return found


def needs_second_person(payment: Payment, amount: Decimal) -> bool:
    """More than one operator may give back alone, with what operators gave back of this payment before."""
    before = Refund.objects.filter(OPERATORS, payment=payment, replaces=None).aggregate(sum=exact_sum("amount"))["sum"]
    return limit_rules.needs_second_person(amount, before, limits.most(Deed.REFUND))


@transaction.atomic
def give(wish: Wish, actor: str, at: datetime) -> Refund | Approval:
    """The refund, or above the limit the request for a second person. RefundTooLarge, AlreadyAsked.

    Locks lease, payment for a refund; a request is made before any lock.
    """
    asked = Payment.objects.get(number=wish.payment)
    if needs_second_person(asked, wish.amount):
        _require_there(asked, wish, at)
        return approvals.request(Deed.REFUND, wish.subject, wish, actor=actor, reason=wish.reason, at=at)
    payment, lease = _locked(wish)
    if needs_second_person(payment, wish.amount):  # another refund of it was quicker
        raise approvals.ApprovalNeeded
    return _give(payment, lease, wish, actor, None, at)


@transaction.atomic
def carry_out(approval_id: int, actor: str, at: datetime) -> Refund:
    """A second person's yes, and at once the refund. As `approvals.approve`; RefundTooLarge leaves the request open."""
    asked = approvals.approve(approval_id, actor, at)
    wish = canonical.decode(Wish, asked.payload)
    used = approvals.use(Deed.REFUND, wish.subject, wish, at)
    payment, lease = _locked(wish)
    return _give(payment, lease, wish, asked.requested_by, used, at)


def lying(bill: Bill) -> Decimal:
    """What of money received lies on the bill and can be given back."""
    return money.total(amount for _payment, amount in _on(bill))


@transaction.atomic
def take_back(bill: Bill, amount: Decimal, reason: str, at: datetime) -> Decimal:
    """Give back `amount` of what lies on a paid bill, by the rule of its agreement, the newest money first; how much.

    The bill stays paid and earns less, as with an operator's refund. No second person: nobody chose the figure. The
    caller answers for once. Locks lease, payments, ledger.
    """
    lease = Lease.objects.select_for_update().get(pk=bill.lease_id)
    given = money.ZERO
    for payment, most in reversed(_on(bill)):
        share = min(most, amount - given)
        if share > money.ZERO:
            by = Instruction(PLATFORM, None, _earnings(payment, lease, share))
            refunds.request(payment.pk, share, reason, at, lease, by=by)
            given += share
    return given


def _on(bill: Bill) -> list[tuple[Payment, Decimal]]:
    """The payments of the bill by age, each with what of it lies there and was neither given back nor disputed."""
    found = []
    for payment in Payment.objects.filter(allocations__bill=bill).distinct().order_by("pk"):
        lies = money.total(amount for row, amount in laid.net(payment) if row.bill_id == bill.pk)
        found.append((payment, min(lies, payment.amount - payment.refunded - payment.charged_back)))
    return [(payment, most) for payment, most in found if most > money.ZERO]


def _locked(wish: Wish) -> tuple[Payment, Lease | None]:
    lease = Lease.objects.select_for_update().filter(number=wish.lease).first() if wish.lease else None
    return Payment.objects.select_for_update().get(number=wish.payment), lease


def _require_there(payment: Payment, wish: Wish, at: datetime) -> None:
    most = [one.most for one in sources(payment, calendar.business_date(at)) if one.code == wish.lease]
    if wish.amount > money.total(most):
        raise RefundTooLarge(most=money.total(most))


def _give(
    payment: Payment, lease: Lease | None, wish: Wish, actor: str, approval: Approval | None, at: datetime
) -> Refund:
    _require_there(payment, wish, at)
    earnings = _earnings(payment, lease, wish.amount) if lease else None
    by = Instruction(actor, approval, earnings)
    refund = refunds.request(payment.pk, wish.amount, wish.reason, at, lease, by=by)
    messages.inform(
        payment.customer.user,
        "refund_intended",
        {"amount": str(wish.amount), "payment": payment.number, "reason": wish.reason},
        step=f"refund:{refund.number}",
        at=at,
        sms=False,
    )
    return refund


def _earnings(payment: Payment, lease: Lease, amount: Decimal) -> Parts:
    """Which parts it takes back: as the merchant's statement will reckon it."""
    parts: dict[str, Decimal] = defaultdict(lambda: money.ZERO)
    for row, left in laid.net(payment, lease):
        parts[row.part.lower()] += left
    given = Refund.objects.filter(payment=payment, lease=lease, replaces=None)
    before = given.aggregate(sum=exact_sum("amount"))["sum"]
    return settlement.given_back(Parts(**parts), before, amount)
