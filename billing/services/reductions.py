"""An operator takes something off a bill that is still open (domain.md §6): rent or late fee, never what was paid.

Up to the limit one operator does it alone, counted over the whole lease; above it another one has to approve. Orders
calls it, for an order may be settled by it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Bill, Lease, Reduction
from billing.rules import limits as limit_rules
from billing.rules.allocation import Part
from billing.rules.limits import Deed
from billing.services import books, freeing, limits, statements
from core import calendar, money
from core.errors import DomainError
from core.fields import exact_sum
from core.models import Approval
from core.services import approvals, events
from core.templatetags.xinzu import yuan
from notices.services import messages


class ReductionTooLarge(DomainError):
    code = "reduction_too_large"
    message = _("At most %(most)s can be taken off: only what is still open. What was paid is given back as a refund.")


@dataclass(frozen=True, slots=True)
class Wish:
    """`lease` by its number, `bill` by its own in it."""

    lease: str
    bill: int
    part: str
    amount: Decimal
    reason: str

    @property
    def subject(self) -> str:
        return f"bill:{self.lease}-{self.bill}"


def most(bill: Bill, part: str, on: date) -> Decimal:
    """What of the part is open on day `on`; nothing on a bill that is paid or void."""
    if bill.state != Bill.State.OPEN:
        return money.ZERO
    [account] = statements.accounts([bill])
    owed = account.owed(on)
    return owed.rent if part == Part.RENT else owed.fee


def needs_second_person(wish: Wish) -> bool:
    """More than one operator may take off alone, with what was taken off this lease before."""
    by_people = Reduction.objects.filter(bill__lease__number=wish.lease).exclude(requested_by=events.PLATFORM)
    before = by_people.aggregate(sum=exact_sum("amount"))["sum"]
    return limit_rules.needs_second_person(wish.amount, before, limits.most(Deed.REDUCTION))


def request(wish: Wish, actor: str, at: datetime) -> Approval:
    """Ask for a second person. ReductionTooLarge, AlreadyAsked."""
    bill = Bill.objects.select_related("lease").get(lease__number=wish.lease, number=wish.bill)
    _require_open(bill, wish, calendar.business_date(at))
    return approvals.request(Deed.REDUCTION, wish.subject, wish, actor=actor, reason=wish.reason, at=at)


@transaction.atomic
def give(wish: Wish, actor: str, at: datetime, approval: Approval | None = None) -> Reduction:
    """Take it off now; a bill on which nothing is left is settled. ReductionTooLarge, ApprovalNeeded.

    Locks lease, bill.
    """
    lease = Lease.objects.select_for_update().get(number=wish.lease)
    bill = Bill.objects.select_for_update().get(lease=lease, number=wish.bill)
    bill.lease = lease
    if approval is None and needs_second_person(wish):
        raise approvals.ApprovalNeeded
    return _reduce(wish, bill, actor, approval, at)


@transaction.atomic
def owed(wish: Wish, at: datetime) -> Reduction:
    """What the agreement itself takes off, rent or a late fee, so that nobody has to allow it; of a bill that is paid
    the money is the customer's credit again. ReductionTooLarge. Locks lease, bill, payments, ledger.
    """
    lease = Lease.objects.select_for_update().get(number=wish.lease)
    bill = Bill.objects.select_for_update().get(lease=lease, number=wish.bill)
    bill.lease = lease
    if bill.state == Bill.State.PAID:
        return _give_off(wish, bill, at)
    return _reduce(wish, bill, events.PLATFORM, None, at)


def most_owed(bill: Bill, on: date) -> Decimal:
    """How much rent `owed` can take off it on day `on`."""
    return freeing.paid_on(bill, Part.RENT) if bill.state == Bill.State.PAID else most(bill, Part.RENT, on)


def _give_off(wish: Wish, bill: Bill, at: datetime) -> Reduction:
    at_most = freeing.paid_on(bill, wish.part)
    if wish.amount > at_most:
        raise ReductionTooLarge(most=yuan(at_most))
    made = _made(wish, bill, events.PLATFORM, None, at)
    freeing.take_off(bill, wish.part, wish.amount, at)
    if wish.part == Part.RENT:
        bill.reduced += wish.amount
    else:
        bill.fee -= wish.amount
        bill.fee_reduced += wish.amount
    bill.save(update_fields=["reduced", "fee", "fee_reduced", "paid"])
    books.given_off(made, bill, at)
    _tell(bill, made, at)
    return made


def _reduce(wish: Wish, bill: Bill, actor: str, approval: Approval | None, at: datetime) -> Reduction:
    on = calendar.business_date(at)
    _require_open(bill, wish, on)
    made = _made(wish, bill, actor, approval, at)
    charged_back = _take_off(bill, wish, at)
    books.reduced(made, bill, charged_back, at)
    _tell(bill, made, at)
    return made


def _made(wish: Wish, bill: Bill, actor: str, approval: Approval | None, at: datetime) -> Reduction:
    told = {"bill": bill.number, "part": wish.part, "amount": str(wish.amount), "reason": wish.reason}
    events.record("bill_reduced", bill, at=at, actor=actor, facts=told)
    return Reduction.objects.create(
        bill=bill, part=wish.part, amount=wish.amount, reason=wish.reason, requested_by=actor, approval=approval, at=at
    )


def _require_open(bill: Bill, wish: Wish, on: date) -> None:
    at_most = most(bill, wish.part, on)
    if wish.amount > at_most:
        raise ReductionTooLarge(most=yuan(at_most))


def _take_off(bill: Bill, wish: Wish, at: datetime) -> Decimal:
    """On the bill's own row; how much of it had become receivable, or becomes so with it."""
    off = wish.amount
    if wish.part == Part.RENT:
        bill.reduced += off
    else:
        [account] = statements.accounts([bill])
        off = min(wish.amount, bill.fee - account.fee_paid)
        bill.fee -= off
        bill.fee_reduced += wish.amount
    [account] = statements.accounts([bill])
    if not account.owed(calendar.business_date(at)).total:
        bill.settle(at)
    bill.save(update_fields=["state", "fee", "reduced", "fee_reduced", "paid_at"])
    return off


def _tell(bill: Bill, made: Reduction, at: datetime) -> None:
    messages.inform(
        bill.lease.customer.user,
        "reduced",
        {"amount": str(made.amount), "lease": bill.lease.number, "number": str(bill.number), "reason": made.reason},
        step=f"reduction:{made.pk}",
        at=at,
        link=f"/leases/{bill.lease.number}/bills/{bill.number}/",
        sms=False,
    )
