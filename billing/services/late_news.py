"""A success that is told after its bill went another way (domain.md §6, ADR 34).

Its attempt had been closed, and meanwhile the bill was paid once more or went into an extension plan. The provider's
pay time is what counts: for the days after it no late fee is owed, and money that came for a bill in a plan pays the
plan's parts. What is left goes back by itself (`refunds.give_back_rest`).
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext

from billing.models import Bill, ExtensionItem, Payment, Reduction
from billing.rules import late_fees
from billing.rules.allocation import Part
from billing.services import freeing, reductions, statements
from billing.services.reductions import Wish
from core import calendar
from core.fields import exact_sum
from core.money import ZERO
from core.services import events


def meant(payment: Payment) -> set[int]:
    """The bills that the payment names, and for one that went into a plan the plan's open parts.

    The caller holds the leases, so that no plan begins meanwhile.
    """
    named = set(payment.items.values_list("bill", flat=True))
    plans = ExtensionItem.objects.filter(bill__in=named, bill__state=Bill.State.REPLANNED).values_list("plan")
    parts = Bill.objects.filter(plan__in=plans, state=Bill.State.OPEN)
    return named | set(parts.values_list("pk", flat=True))


def put_right(payment: Payment, over: Iterable[Bill], at: datetime) -> bool:
    """The late fees of `over`, the named bills that were paid or in a plan when the money was told of, as they would
    be had it been told of at once; before it is laid. Whether a bill changed. The caller holds leases, bills, payment.
    """
    amounts = {bill: _too_much(payment, bill) for bill in over if _may_be_too_much(bill)}
    for bill, amount in amounts.items():
        if bill.state == Bill.State.PAID:
            _take_off(bill, min(amount, freeing.paid_on(bill, Part.FEE)), at)
        else:
            _take_off_parts(bill, amount, at)
    return any(amounts.values())


def _may_be_too_much(bill: Bill) -> bool:
    return bill.state in (Bill.State.PAID, Bill.State.REPLANNED) and bill.kind == Bill.Kind.RENT and bill.fee > ZERO


def _too_much(payment: Payment, bill: Bill) -> Decimal:
    """By how much its posted fee is higher than the pay time allows; nothing where a dispute opened it again."""
    assert payment.paid_at is not None  # it came
    assert bill.due_date is not None  # it has a fee
    [account] = statements.accounts([bill])
    if any(part.amount < ZERO for part in account.rent_lowered):
        return ZERO
    day, amount = calendar.business_date(payment.paid_at), payment.items.get(bill=bill).amount
    had = late_fees.fee_if_had(bill.rent, bill.due_date, account.rent_lowered, account.terms, day, amount)
    ours = Reduction.objects.filter(bill=bill, part=Part.FEE, requested_by=events.PLATFORM)  # by earlier late news
    by_people = bill.fee_reduced - ours.aggregate(sum=exact_sum("amount"))["sum"]
    too_much: Decimal = bill.fee - max(ZERO, had - by_people)
    return max(ZERO, too_much)


def _take_off_parts(bill: Bill, amount: Decimal, at: datetime) -> None:
    """The plan carries the fee in its parts: off the last ones first, as far as they are open."""
    plan = bill.taken_over.latest("pk").plan_id
    for part in Bill.objects.filter(plan=plan, state=Bill.State.OPEN).select_related("lease").order_by("-number"):
        off = min(amount, reductions.most(part, Part.FEE, calendar.business_date(at)))
        _take_off(part, off, at)
        amount -= off


def _take_off(bill: Bill, amount: Decimal, at: datetime) -> None:
    if amount:
        with translation.override(bill.lease.customer.user.language):
            reason = gettext("Your payment had come earlier than we knew")
        reductions.owed(Wish(bill.lease.number, bill.number, Part.FEE, amount, reason), at)
