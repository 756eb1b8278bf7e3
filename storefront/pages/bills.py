"""Bills as rows, and one bill with what happens when (domain.md §6, §9)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Allocation, Bill, Chargeback, Lease, Reduction
from billing.rules.terms import LeaseTerms
from billing.services import balance, chargebacks, statements
from billing.services.balance import Quote
from billing.services.statements import Account, BillView, Condition
from core import calendar
from core.money import ZERO
from core.templatetags.xinzu import short_day
from orders.actions import moments
from orders.models import Order
from storefront.pages import autopay, foreseen, names
from storefront.pages import late as late_words
from storefront.pages.timelines import Step

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Row:
    """What `components/bill_row.html` prints."""

    number: int
    href: str
    due_date: date | None
    year: int | None
    word: Text
    tone: str
    amount: Decimal
    is_payable: bool
    title: Text = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that was laid on the bill, when it came or, from the credit balance, when it was used."""

    number: str
    amount: Decimal
    at: datetime | None
    is_from_balance: bool


@dataclass(frozen=True, slots=True)
class Less:
    """What an operator took off the bill, and why."""

    is_rent: bool
    word: Text
    amount: Decimal
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShownBill:
    """What `storefront/bill.html` prints. `peace_since`: a death or a loss of legal capacity is on record, and nothing
    is asked for."""

    order: Order
    name: str
    view: BillView
    word: Text
    tone: str
    receipts: list[Receipt]
    reductions: list[Less]
    fee_rule: str
    fee_today: str
    is_payable: bool
    is_offer: bool
    is_free_today: bool
    free_day_word: str
    days_late: int
    consequences: list[foreseen.Consequence]
    may_ask_for_help: bool
    autopay: list[Step]
    from_balance: Quote | None
    balance_waits: bool
    may_pay_part: bool
    peace_since: date | None
    disputes: list[Chargeback]


def row(view: BillView, lease_number: str, on: date) -> Row:
    word, tone = badge(view, on)
    bill = view.bill
    amount = view.owed_now or (bill.replanned if view.condition == Condition.REPLANNED else bill.amount)
    year = bill.due_date.year if bill.due_date else None
    href = reverse("storefront:bill", args=[lease_number, bill.number])
    return Row(bill.number, href, bill.due_date, year, word, tone, amount, is_payable(view), title(bill))


def title(bill: Bill) -> Text:
    """What an extra bill is for; nothing for one of the agreement's, whose number says it."""
    return bill.get_kind_display() if bill.is_extra else ""


def is_payable(view: BillView) -> bool:
    """An offer to buy is paid where it stands with all that belongs to it: on the lease's page."""
    is_offer = view.bill.kind == Bill.Kind.BUYOUT
    is_owed = view.owed_now > ZERO and view.condition != Condition.VOID
    return is_owed and view.bill.due_date is not None and not is_offer


def is_asked_for(view: BillView, order: Order, on: date) -> bool:
    """Payable here now; after a death only what fell due: later rents fall away once the device is back (ADR 38)."""
    is_due = view.bill.due_date is not None and view.bill.due_date <= on
    return is_payable(view) and (is_due or not moments.is_unable(order))


def badge(view: BillView, on: date) -> tuple[Text, str]:
    """The word carries the meaning: "2 days past due", not "overdue"."""
    if view.bill.state == Bill.State.WRITTEN_OFF:
        return view.bill.get_state_display(), "late"
    days = abs((view.bill.due_date - on).days) if view.bill.due_date else 0
    if view.condition in (Condition.GRACE, Condition.LATE):
        return ngettext("%(days)s day past due", "%(days)s days past due", days) % {"days": days}, "late"
    if view.condition == Condition.DUE_SOON:
        return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}, "wait"
    words: dict[str, tuple[Text, str]] = {
        Condition.PAID: (_("Paid"), "ok"),
        Condition.VOID: (_("Void"), "neutral"),
        Condition.REPLANNED: (_("In your plan"), "ok"),
        Condition.DUE: (_("Due today") if days == 0 else _("A late fee is left"), "wait"),
    }
    return words.get(view.condition, (_("Not due yet"), "neutral"))


def shown(order: Order, bill: Bill, at: datetime) -> ShownBill:
    on = calendar.business_date(at)
    bill.lease = order.lease
    accounts = statements.accounts(_beside(order, bill))
    account = next(each for each in accounts if each.bill is bill)
    view = statements.seen(account, on)
    word, tone = badge(view, on)
    late = (on - bill.due_date).days if bill.due_date else 0
    since = order.customer.user.in_peace_since
    may_pay = is_asked_for(view, order, on)
    is_owed = may_pay and bill.state == Bill.State.OPEN
    had = balance.quote_of(order.customer, [account], on) if is_owed else None
    is_warned = is_owed and since is None
    return ShownBill(
        order=order,
        name=names.of(order.plan.sku.device_model),
        view=view,
        word=word,
        tone=tone,
        receipts=_receipts(bill),
        reductions=_reductions(bill),
        fee_rule="" if bill.is_extra and not bill.is_part else _fee_rule(order, bill),
        fee_today=_fee_today(order, view, late),
        is_payable=may_pay,
        is_offer=bill.kind == Bill.Kind.BUYOUT and bill.state == Bill.State.OPEN,
        is_free_today=view.condition == Condition.GRACE,
        free_day_word=_free_day(view, on),
        days_late=late,
        consequences=_foreseen(order, account, accounts, had, on) if is_warned else [],
        may_ask_for_help=is_warned and order.lease.state == Lease.State.LIVE,
        autopay=autopay.steps(bill, at),
        from_balance=had if had and had.used else None,
        balance_waits=late < 0,
        disputes=chargebacks.of_bill(bill),
        may_pay_part=may_pay and order.lease.start is not None,
        peace_since=since if bill.state == Bill.State.OPEN else None,
    )


def _foreseen(
    order: Order, account: Account, accounts: list[Account], had: Quote | None, on: date
) -> list[foreseen.Consequence]:
    if had is None or account.bill.is_extra:
        return []
    return foreseen.of(order, account, accounts, had.balance, on)


def _beside(order: Order, bill: Bill) -> list[Bill]:
    """Every bill of the lease, this very one among them."""
    rows = [each for each in order.lease.bills.all() if each.pk != bill.pk]
    for each in rows:
        each.lease = order.lease
    return sorted([*rows, bill], key=lambda each: each.number)


def from_balance(bill: Bill, on: date) -> Quote | None:
    """What the customer's credit balance would pay of a bill; None without one."""
    quote = balance.quote(bill.lease.customer, [bill], on)
    return quote if quote.used else None


def _receipts(bill: Bill) -> list[Receipt]:
    laid: dict[tuple[int, int | None], Receipt] = {}
    for row in Allocation.objects.filter(bill=bill).select_related("payment", "use").order_by("id"):
        key = row.payment_id, row.use_id
        before = laid[key].amount if key in laid else ZERO
        at = row.use.at if row.use else row.payment.paid_at
        laid[key] = Receipt(row.payment.number, before + row.amount, at, row.use is not None)
    return list(laid.values())


def _reductions(bill: Bill) -> list[Less]:
    if not (bill.reduced or bill.fee_reduced):
        return []
    return [_less(row) for row in bill.reductions.order_by("id")]


def _less(row: Reduction) -> Less:
    is_rent = row.part == Reduction.Of.RENT
    word = _("Taken off the rent") if is_rent else _("Taken off the late fee")
    return Less(is_rent, word, row.amount, row.reason, row.at)


def _free_day(view: BillView, on: date) -> str:
    """Today or tomorrow, where the last day without a fee is so near; else nothing."""
    near = {0: _("today"), 1: _("tomorrow")}
    return near.get((view.last_free_day - on).days, "") if view.last_free_day else ""


def _fee_today(order: Order, view: BillView, late: int) -> str:
    """Where today lies in the days of grace."""
    since, terms = order.customer.user.in_peace_since, LeaseTerms.from_json(order.lease.terms)
    grace = terms.grace_days
    if since is not None:
        return _("none for %(day)s and later days") % {"day": short_day(since)}
    if view.condition == Condition.GRACE:
        return _("%(grace)s days of grace, today is day %(late)s") % {"grace": grace, "late": late}
    if late > grace and is_payable(view):
        return late_words.counted(terms, late)
    return late_words.none_yet(terms)


def _fee_rule(order: Order, bill: Bill) -> str:
    return late_words.rule_of_bill(LeaseTerms.from_json(order.lease.terms), bill.rent, foreseen.cap(bill))
