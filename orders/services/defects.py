"""A short rental whose device is not as agreed, or breaks within its days (ADR 40).

Its delivery was its receipt, so nobody looked at it before. Reported in time everything comes back, later the days from
the report on; then it goes the way of every return. The money is freed when a carrier has the device and paid out when
it is settled. Not handed over in seven days the report lapses, and the lease is as if nothing had been said.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import Bill
from billing.rules import payoff
from billing.rules.allocation import Part
from billing.services import reductions
from billing.services.reductions import Wish
from core import calendar
from core.errors import DomainError
from core.services import events
from notices.services import messages
from orders.models import Ending, Order, Parcel, State
from orders.rules.quotes import Quote
from orders.services import endings, steps

IN_TIME = timedelta(hours=24)
SEND_BACK_WAIT = timedelta(days=7)  # who reports a defect sends the device back in this time
DEFECT = "defect"


class DefectUnsaid(DomainError):
    code = "defect_unsaid"
    message = _("Please say in a few words what is wrong.")


class DefectLate(steps.StepNotPossible):
    code = "defect_late"
    message = _("This can no longer be reported: the days of the rental are over. Please send the device back.")


def in_time_until(order: Order) -> datetime:
    """Everything comes back until then: 24 hours after the delivery, and never before the first day is over."""
    assert order.received_at is not None
    return max(order.received_at + IN_TIME, order.first_day_over)


def may_report(order: Order, at: datetime) -> bool:
    """While its days run, or in time; of a long lease a fault is mended instead (aftersales)."""
    if order.state != State.ACTIVE or order.first_day is None or order.last_day is None:
        return False
    return at < in_time_until(order) or calendar.business_date(at) <= order.last_day


def days_used(order: Order, at: datetime) -> int:
    """The days before the one of the report; none of a report in time."""
    assert order.first_day is not None
    return 0 if at < in_time_until(order) else (calendar.business_date(at) - order.first_day).days


def quote(order: Order, on: date, used: int) -> Quote:
    """What stays of what was paid for the days, and what comes back. Of a bill that is open again: what falls away."""
    assert order.first_day is not None
    assert order.last_day is not None
    days = (order.last_day - order.first_day).days + 1
    return Quote(on, 1, payoff.not_as_agreed(reductions.most_owed(_bill(order), on), days, used), used)


def report(order_id: int, actor: str, found: list[str], words: str, at: datetime, shown: str | None = None) -> Ending:
    """The customer says what is wrong, at the figures `shown`, and sends it back. DefectUnsaid, DefectLate, EndingOpen,
    QuoteChanged. Locks order, lease, bills, payments.
    """
    require_said(found, words)
    on = calendar.business_date(at)
    with transaction.atomic():
        order = steps.lock(order_id)
        if not may_report(order, at):
            raise DefectLate
        endings.require_none(order)
        endings.require_quiet(order)
        offer = quote(order, on, days_used(order, at))
        endings.require_shown(offer, shown)
        steps.take(order, "begin_return", at=at, actor=actor)
        order.waits_until = at + SEND_BACK_WAIT
        order.save(update_fields=["waits_until"])
        ending = endings.open(order, Ending.Kind.RETURN, offer, actor, at,
                              basis=Ending.Basis.DEFECT, valid_until=at + SEND_BACK_WAIT)  # fmt: skip
        note(order, found, words, actor, at)
        _tell(order, ending, "broken_reported", {"amount": str(offer.payoff.given_back)}, at)
    return ending


def require_said(found: list[str], words: str) -> None:
    """DefectUnsaid without a word or a ticked point."""
    if not found and not words.strip():
        raise DefectUnsaid


def note(order: Order, found: list[str], words: str, actor: str, at: datetime) -> None:
    """What is wrong stands in the order's log, and the merchant's record counts it."""
    events.record(DEFECT, order, at=at, actor=actor, facts={"points": found, "words": words.strip()[:500]})
    events.record("marked", order.merchant, at=at, facts={"order": order.number, "reason": DEFECT})


def prove(order: Order, ending: Ending, on: date, at: datetime) -> Quote:
    """A carrier has it: free what comes back, by the days of the report. Order, ending and books are locked."""
    final = quote(order, on, ending.quoted.days)
    bill, back = _bill(order), final.payoff.given_back
    if back:
        reductions.owed(Wish(order.lease.number, bill.number, Part.RENT, back, _reason(order)), at)
    ending.quote = final.to_json()
    ending.save(update_fields=["quote"])
    facts = {"day": on.isoformat(), "price": str(final.payoff.price)}
    events.record("return_proved", ending, at=at, facts=facts)
    endings.use_credit(order, at)
    return final


def tell_lapsed(order: Order, ending: Ending, at: datetime) -> None:
    """Not handed over in time."""
    _tell(order, ending, "defect_lapsed", {}, at)


def under_way(order: Order) -> Ending | None:
    """The report by which the device goes back, or went. Asked of all endings, so that a page asks once."""
    if not order.is_short:
        return None
    standing = (one for one in order.endings.all() if one.state in (Ending.State.OPEN, Ending.State.DONE))
    return next(filter(is_report, standing), None)


def is_report(ending: Ending) -> bool:
    """Of one that became its estate's too: only a report has days to send the device back."""
    if ending.basis == Ending.Basis.ESTATE:
        return ending.valid_until is not None
    return ending.basis == Ending.Basis.DEFECT


def was_accepted(order: Order) -> bool:
    """The customer had the device as agreed: not one that never began, nor one whose defect he reported in time."""
    found = under_way(order)
    return order.received_at is not None and (found is None or found.quoted.days > 0)


def is_to_send(order: Order) -> bool:
    """A defect is reported, before the lease or within its days, and no parcel brings the device back."""
    if order.state != State.RETURNING:
        return False
    if any(parcel.way == Parcel.Way.BACK and parcel.void_at is None for parcel in order.parcels.all()):
        return False
    return order.reason == DEFECT if order.received_at is None else under_way(order) is not None


def _bill(order: Order) -> Bill:
    """The one of its days."""
    found: Bill = order.lease.bills.select_related("lease__customer").get(kind=Bill.Kind.RENT)
    return found


def _reason(order: Order) -> str:
    with translation.override(order.customer.user.language):
        return gettext("The device was not as agreed")


def _tell(order: Order, ending: Ending, template: str, figures: dict[str, str], at: datetime) -> None:
    messages.inform(
        order.customer.user, template, {"order": order.number} | figures,
        step=f"ending:{ending.pk}:{template}", at=at, link=f"/orders/{order.number}/",
    )  # fmt: skip
