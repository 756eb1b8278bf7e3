"""What a step will do, in amounts and dates, before anyone takes it (design.md). Reads, changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import Bill, Deposit
from billing.rules.limits import Deed
from billing.services import holding, limits, statements
from core import calendar, money
from core.services import workdays
from orders.actions import CUSTOMER, MERCHANT, OPERATOR, Action
from orders.models import Ending, Order
from orders.models.orders import BEFORE_SHIPPING
from orders.rules.quotes import Quote
from orders.services import (
    aftersales,
    approvals,
    day_rents,
    deposit_deductions,
    early_returns,
    inspections,
    losses,
    retrievals,
    settlements,
    shipping,
    terminations,
)
from orders.services.terms import RELEASE_WORKING_DAYS


@dataclass(frozen=True)
class Consequence:
    """One line: what happens, and its amount, its business date or its instant."""

    text: str | Promise
    amount: Decimal | None = None
    on: date | None = None
    at: datetime | None = None


def of(action: Action, order: Order, at: datetime) -> list[Consequence]:
    """The consequences of a step of this order, taken now; none are known for a step that moves nothing."""
    foresee = FORESEEN.get((action.face, action.name))
    return foresee(order, at) if foresee else []


def of_all(actions: Sequence[Action], order: Order, at: datetime) -> list[list[Consequence]]:
    """The consequences of each, for a page of many steps: what several have in common is read once, and what asks for a
    whole statement is left to the step's own page, which is where it is pressed.
    """
    known: dict[Foresee, list[Consequence]] = {}
    each = [FORESEEN.get((action.face, action.name)) for action in actions]
    for foresee in each:
        if foresee and foresee not in known:
            known[foresee] = [] if foresee in ON_ITS_PAGE else foresee(order, at)
    return [known[foresee] if foresee else [] for foresee in each]


def paid(order: Order) -> Decimal:
    """What the customer paid on this lease's bills."""
    return money.total(bill.paid for bill in order.lease.bills.all())


def held(order: Order) -> Decimal:
    """What is held for this order at this moment, frozen or paid; nothing before its paper is signed."""
    return money.ZERO if order.signed_at is None else holding.held(order.lease.deposit)


def _approve(order: Order, at: datetime) -> list[Consequence]:
    first = next(bill for bill in order.lease.bills.all() if bill.number == 1)
    deposit = order.lease.deposit
    return [
        Consequence(_("The agreement is made and shown to the customer; to be signed and paid until"),
                    at=at + approvals.MANUAL_WAIT),
        Consequence(_("Then due: first rent"), amount=first.amount),
        Consequence(_("Then to be frozen or paid as deposit"), amount=deposit.to_hold),
        Consequence(_("Waived, held of the customer's quota"), amount=deposit.waived),
    ]  # fmt: skip


def _close(order: Order, at: datetime) -> list[Consequence]:
    rows = [Consequence(_("Refunded to the customer"), amount=paid(order))]
    if held(order):
        rows.append(Consequence(_("Deposit given back"), amount=held(order)))
        rows.append(Consequence(_("Released at the latest"), on=_released_by(at)))
    if order.lease.deposit.waived:
        rows.append(Consequence(_("Quota that comes back to the customer"), amount=order.lease.deposit.waived))
    rows.append(Consequence(_("All bills become void and the reserved unit is free again. This cannot be undone.")))
    return rows


def _call_off(order: Order, at: datetime) -> list[Consequence]:
    """As its customer is told: what goes back to him."""
    if order.state not in BEFORE_SHIPPING:
        return []
    bill, deposit = order.lease.bills.get(number=1), order.lease.deposit
    held_now = deposit.to_hold if deposit.state == Deposit.State.SECURED else money.ZERO
    was_paid = deposit.kind == Deposit.Kind.PAID
    return [
        Consequence(_("Refunded to you"), amount=bill.paid),
        Consequence(_("Deposit refunded to you") if was_paid else _("Released from the freeze"), amount=held_now),
    ]


def _ship(order: Order, at: datetime) -> list[Consequence]:
    return [
        Consequence(
            _("The customer is told now. The lease starts with the receipt, 7 days after delivery at the latest.")
        ),
        Consequence(_("Without delivery the parcel counts as lost, at your risk, from"), at=at + shipping.CARRIER_WAIT),
    ]  # fmt: skip


def _arrive(order: Order, at: datetime) -> list[Consequence]:
    last = workdays.after(calendar.business_date(at), inspections.WORKING_DAYS)
    return [Consequence(_("To be inspected until the end of the day; after that it counts as in order"), on=last)]


def _pass(order: Order, at: datetime) -> list[Consequence]:
    owed = settlements.owed(order, calendar.business_date(at))
    if owed:
        return [
            Consequence(_("Still owed by the customer; the order is completed once this is paid"), amount=owed),
            Consequence(_("The deposit stays held until then"), amount=held(order)),
        ]
    return [
        Consequence(_("The order is completed today"), on=calendar.business_date(at)),
        Consequence(_("Deposit given back to the customer"), amount=held(order)),
        Consequence(_("Released at the latest"), on=_released_by(at)),
        Consequence(_("Quota that comes back to the customer"), amount=order.lease.deposit.waived),
    ]


def _deduct(order: Order, at: datetime) -> list[Consequence]:
    return [
        Consequence(_("Owed today"), amount=settlements.owed(order, calendar.business_date(at))),
        Consequence(_("Held as deposit"), amount=held(order)),
        Consequence(_("Kept of it at most, once a second person approved"), amount=deposit_deductions.most(order, at)),
        Consequence(PAYS),
    ]


def _terminate(order: Order, at: datetime) -> list[Consequence]:
    on = calendar.business_date(at)
    found = losses.quote(order, on).payoff
    return [
        Consequence(_("The customer is told today; it may be carried out from"),
                    on=on + timedelta(days=terminations.ANNOUNCED_DAYS)),
        Consequence(_("Then owed for the device, once"), amount=found.price),
        Consequence(_("Owed today beside it, late fees included"), amount=found.owed + found.fees),
        Consequence(_("No rent is owed for the time after. Sent back until it is settled, its value is not owed.")),
    ]  # fmt: skip


def _write_off(order: Order, at: datetime) -> list[Consequence]:
    return [
        Consequence(_("Given up, with today's late fees"), amount=settlements.owed(order, calendar.business_date(at))),
        Consequence(_("Quota that stays held until it is paid after all"), amount=order.lease.deposit.waived),
        Consequence(_("The order ends; money that comes later is posted as a recovery.")),
    ]


def _delivered(order: Order, at: datetime) -> list[Consequence]:
    return [Consequence(_("Without a word from the customer the receipt counts as confirmed on"),
                        at=at + shipping.RECEIPT_WAIT)]  # fmt: skip


def _given_back_later(order: Order, at: datetime) -> list[Consequence]:
    rows = [Consequence(_("Refunded once it is back"), amount=paid(order))]
    return [*rows, Consequence(_("Deposit given back then"), amount=held(order))] if held(order) else rows


def _found(order: Order, at: datetime) -> list[Consequence]:
    """A device that was given up is there again before the matter is settled."""
    last, kept = losses.given_up(order), day_rents.if_found(order)
    bill = last.bill if last else None
    value = bill.rent if bill else money.ZERO
    rows = [Consequence(_("Its value, which is owed no more"), amount=value)]
    if bill and bill.paid:
        rows.append(Consequence(_("Paid of it so far, kept as a credit balance"), amount=bill.paid))
    if kept is not None:
        rows.append(Consequence(_("Each day until a carrier has it costs"), amount=kept.a_day))
        rows.append(Consequence(_("… from"), on=kept.first))
        rows.append(Consequence(_("… all days together at most"), amount=kept.cap))
    return rows


def _found_arrived(order: Order, at: datetime) -> list[Consequence]:
    told = retrievals.due_back(order, at)
    return [
        Consequence(_("Goes back to the customer at once"), amount=told.amount),
        Consequence(_("Paid for it"), amount=told.paid),
        Consequence(_("Day rent that is kept of it"), amount=told.paid - told.amount),
    ]


def _found_late(order: Order, at: datetime) -> list[Consequence]:
    quote = retrievals.quote(order, calendar.business_date(at))
    return [
        Consequence(_("Goes back once the merchant has it, if a carrier has it today"), amount=quote.payoff.given_back),
        Consequence(_("Paid for it"), amount=quote.payoff.prepaid),
        Consequence(_("Day rent until today"), amount=quote.payoff.price),
        Consequence(_("Not sent by then, nothing goes back"),
                    on=calendar.business_date(at + retrievals.SEND_WITHIN)),
    ]  # fmt: skip


def _lost(order: Order, at: datetime) -> list[Consequence]:
    on = calendar.business_date(at)
    rows = [Consequence(_("Owed for the device, once"), amount=(quote := losses.quote(order, on)).payoff.price)]
    due = Consequence(_("To be paid until"), on=calendar.business_date(at + losses.PAID_WITHIN))
    return [*rows, *_beside(quote), due, Consequence(_("Later rents fall away; what stays unpaid the deposit pays."))]


def _estate(order: Order, at: datetime) -> list[Consequence]:
    quote = early_returns.quote(order, calendar.business_date(at), Ending.Basis.ESTATE)
    return [Consequence(_("Charged for the return"), amount=quote.payoff.price), *_beside(quote)]


def _beside(quote: Quote) -> list[Consequence]:
    """Rents and fees of today, what was paid ahead, and the sum."""
    found = quote.payoff
    rows = [Consequence(_("Owed today beside it, late fees included"), amount=found.owed + found.fees)]
    if found.given_back:
        return [*rows, Consequence(_("Goes back to the customer"), amount=found.given_back)]
    return [*rows, Consequence(_("To pay in all, less what was paid ahead"), amount=found.to_pay)]


def _reduce(order: Order, at: datetime) -> list[Consequence]:
    on = calendar.business_date(at)
    owed = [each.owed(on) for each in statements.accounts(_open_bills(order))]
    return [
        Consequence(_("Rent still open, on all bills"), amount=money.total(each.rent for each in owed)),
        Consequence(_("Late fee still open"), amount=money.total(each.fee for each in owed)),
        Consequence(_("Of this lease one person alone may take off"), amount=limits.most(Deed.REDUCTION)),
    ]


def _received(order: Order, at: datetime) -> list[Consequence]:
    return [
        Consequence(_("Owed today"), amount=settlements.owed(order, calendar.business_date(at))),
        Consequence(_("One person alone may record"), amount=limits.most(Deed.OFFLINE)),
        Consequence(_("What is too much becomes the customer's credit. It cannot be taken back here.")),
    ]


def _remedy(order: Order, at: datetime) -> list[Consequence]:
    return [Consequence(_("Comes off the rent for each day without the device"), amount=aftersales.day_without(order))]


def _had_again(order: Order, at: datetime) -> list[Consequence]:
    text = _("Comes off the bills for the days without it, up to today")
    return [Consequence(text, amount=aftersales.without_so_far(order, at))]


def _open_bills(order: Order) -> list[Bill]:
    found = [bill for bill in order.lease.bills.all() if bill.state == Bill.State.OPEN]
    for bill in found:
        bill.lease = order.lease
    return found


def _released_by(at: datetime) -> date:
    return workdays.after(calendar.business_date(at), RELEASE_WORKING_DAYS)


PAYS = _("It pays rent, then cover, then late fees; the rest of the deposit goes back once nothing is owed.")
Foresee = Callable[[Order, datetime], list[Consequence]]
FORESEEN: dict[tuple[str, str], Foresee] = {
    (CUSTOMER, "cancel"): _call_off,
    (MERCHANT, "ship"): _ship,
    (MERCHANT, "arrive"): _arrive,
    (MERCHANT, "pass"): _pass,
    (MERCHANT, "cancel"): _close,
    (OPERATOR, "approve"): _approve,
    (OPERATOR, "refuse"): _close,
    (OPERATOR, "delivered"): _delivered,
    (OPERATOR, "cancel"): _close,
    (OPERATOR, "deduct"): _deduct,
    (OPERATOR, "terminate"): _terminate,
    (OPERATOR, "write-off"): _write_off,
    (OPERATOR, "received"): _received,
    (OPERATOR, "reduce"): _reduce,
    (OPERATOR, "turned-back"): _given_back_later,
    (OPERATOR, "estate-return"): _estate,
    (OPERATOR, "lost"): _lost,
    (OPERATOR, "found"): _found,
    (OPERATOR, "found-late"): _found_late,
    (OPERATOR, "fault-repair"): _remedy,
    (OPERATOR, "fault-exchange"): _remedy,
    (MERCHANT, "found"): _found,
    (MERCHANT, "found-arrived"): _found_arrived,
    (MERCHANT, "fault-repair"): _remedy,
    (MERCHANT, "fault-exchange"): _remedy,
    (MERCHANT, "fault-back"): _had_again,
    (CUSTOMER, "defect"): _given_back_later,
    (CUSTOMER, "found"): _found,
    (CUSTOMER, "fault-send"): _remedy,
    (CUSTOMER, "fault-received"): _had_again,
}
ON_ITS_PAGE = frozenset({_received, _reduce, _lost, _estate, _found, _found_late, _found_arrived, _had_again})
