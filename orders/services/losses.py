"""A device that does not come back: lost or stolen, or kept for too long; and one that is there again (domain.md §8).

Either way the customer owes its value of that day, once: the lower of the buyout price and the depreciated value, less
the day rents that stand, as one bill without a late fee. Later rents fall away. What nobody pays in thirty days the
deposit pays, as with every order that is being settled. A value that was not paid off yet falls away when it is found.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Bill
from billing.rules.payoff import Payoff, Position
from billing.rules.terms import LeaseTerms
from billing.services import extras, freeing, payoffs, statements
from core import calendar, money
from core.errors import DomainError
from core.services import events
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Ending, Order, State
from orders.rules import damage
from orders.rules.quotes import Quote
from orders.services import buyouts, day_rents, endings, settlements, steps

PAID_WITHIN = timedelta(days=7)
SEND_WITHIN = timedelta(days=7)
GIVEN_UP_AFTER = 30  # days that cost day rent
WARNED_AHEAD = 7
LOST, STOLEN = "lost", "stolen"
GIVEN_UP = (Ending.Kind.LOSS, Ending.Kind.DEFAULT)


class OnItsWay(DomainError):
    code = "on_its_way_back"
    message = _("A parcel with it is on its way back. If it gets lost there, that is not your loss.")


class PoliceReportNeeded(DomainError):
    code = "police_report_needed"
    message = _("For a theft please give the number of the police report.")


class StoryNeeded(DomainError):
    code = "loss_story_needed"
    message = _("Please say in a few words when and where.")


class NotGivenUp(DomainError):
    code = "not_given_up"
    message = _("This device was not reported as lost, or the matter is closed.")


def quote(order: Order, on: date) -> Quote:
    """What the customer owes for a device that is gone on day `on`."""
    terms, lease = LeaseTerms.from_json(order.lease.terms), order.lease
    assert lease.start is not None  # it was received
    position = payoffs.position(statements.statement(lease, on), on)
    return Quote(on, position.period, payoff_of(terms, lease.start, position, on))


def payoff_of(terms: LeaseTerms, start: date, position: Position, on: date) -> Payoff:
    """The sum of it: the lower of its worn value and its buyout price, less the day rents that stand, and what is owed.

    Asks nothing: the lease page computes any later day with it.
    """
    value = damage.depreciated(terms.signed_value, start, on)
    if terms.curve:
        value = min(value, terms.curve[max(position.period, 1) - 1])
    price = max(money.ZERO, value - position.kept)
    return Payoff(price, position.owed, position.fees, position.prepaid, position.credit)


def report(
    order_id: int, actor: str, how: str, story: str, police: str, at: datetime, shown: str | None = None
) -> Ending:
    """The customer says that it is lost or stolen. StepNotPossible, OnItsWay, PoliceReportNeeded, StoryNeeded,
    QuoteChanged; AttemptOpen while one of its bills is being paid. Locks order, lease, bills, payments, ledger.
    """
    if not story.strip():
        raise StoryNeeded
    if how == STOLEN and not police.strip():
        raise PoliceReportNeeded
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "lose")
        if not day_rents.is_kept(order):
            raise OnItsWay
        facts: dict[str, Any] = {"how": how, "story": story.strip()[:500], "police": police.strip()[:60]}
        return give_up(order, Ending.Kind.LOSS, actor, at, facts, shown)


def end_late(order_id: int, on: date, at: datetime) -> bool:
    """Day-end of one late order: warn a week ahead, then it is given up, by the clock alone; whether it is now.

    After thirty days that cost, or when day rent has reached its cap: then there is nothing more to owe for it. With an
    option to buy the cap is the last price: what is paid passes title instead, and until then the thirty days count.
    """
    with transaction.atomic():
        order = steps.lock(order_id)
        found = day_rents.agreed(order) if day_rents.is_kept(order) else None
        if found is None:
            return _end_owning(order, on, at)
        kept = found.kept(on)
        if buyouts.after_money(order, at):
            return False
        after = given_up_after(found)
        if kept < after:
            if kept >= after - WARNED_AHEAD:
                _warn(order, found.first + timedelta(days=after), on, at)
            return False
        day_rents.charge(order, found, kept, at, is_over=True)
        give_up(order, Ending.Kind.DEFAULT, PLATFORM, at, {"days": kept})
    return True


def given_up_after(found: day_rents.Agreed) -> int:
    """How many days that cost it may be kept before the clock gives it up."""
    return GIVEN_UP_AFTER if found.terms.curve else min(GIVEN_UP_AFTER, found.days_to_cap)


def find(order_id: int, actor: str, at: datetime) -> Ending:
    """It is there again before the matter is settled: its value falls away, what was paid of it is credit, and it is
    sent back; the days until the carrier has it cost day rent. NotGivenUp, AttemptOpen. Locks as `report`.
    """
    with transaction.atomic():
        order = steps.lock(order_id)
        last = given_up(order)
        if last is None:
            raise NotGivenUp
        endings.require_quiet(order)
        steps.take(order, "find", at=at, actor=actor)
        order.waits_until = None
        order.save(update_fields=["waits_until"])
        if last.bill is not None:
            freeing.fall_away([last.bill], at)
        ending = Ending.objects.create(order=order, kind=Ending.Kind.RETURN, basis=Ending.Basis.FOUND, opened_at=at)
        events.record("device_found", order, at=at, actor=actor)
        endings.use_credit(order, at)
        day = calendar.business_date(at + SEND_WITHIN).isoformat()
        _tell(order, "device_found", {"day": day}, f"ending:{ending.pk}", at)
    return ending


def given_up(order: Order) -> Ending | None:
    """The loss or default that its settlement is about."""
    if order.state != State.SETTLING:
        return None
    last = order.endings.select_related("bill").filter(state=Ending.State.DONE).order_by("-closed_at", "-id").first()
    return last if last is not None and last.kind in GIVEN_UP else None


def give_up(
    order: Order, kind: Ending.Kind, actor: str, at: datetime, facts: dict[str, Any], shown: str | None = None
) -> Ending:
    """Its value becomes a bill, later rents fall away. `facts["letter"]`: it is ended by notice after that letter.

    The caller holds the order. QuoteChanged, AttemptOpen. Locks endings, lease, bills, payments, ledger.
    """
    endings.require_quiet(order)
    on = calendar.business_date(at)
    rows = order.endings.select_for_update(of=("self",)).select_related("bill")
    under_way = rows.filter(state=Ending.State.OPEN).first()
    if under_way is not None:
        endings.drop(under_way, "lapse", actor, at)
    offer = quote(order, on)
    endings.require_shown(offer, shown)
    price = offer.payoff.price
    due = calendar.business_date(at + PAID_WITHIN)
    bill = extras.charge(order.lease_id, Bill.Kind.LOSS, price, due, at) if price else None
    ending = endings.open(
        order, kind, offer, actor, at, bill=bill, note=str(facts.get("story") or facts.get("letter", ""))[:200]
    )
    events.record("given_up", order, at=at, actor=actor, facts={"price": str(price)} | facts)
    steps.take(order, "lose" if kind == Ending.Kind.LOSS else "default", at=at, actor=actor)
    freeing.fall_away(freeing.later(order.lease, on), at)
    endings.use_credit(order, at)
    ending.finish(at)
    ending.save()
    if (
        order.lease.terms["lease_model"] == buyouts.RENT_TO_OWN
        and kind == Ending.Kind.DEFAULT
        and "letter" not in facts
    ):
        _tell(order, "lease_unpaid", {"amount": str(settlements.owed(order, on))}, f"ending:{ending.pk}", at)
        settlements.settle_locked(order, at)
        return ending
    template = "loss_reported" if kind == Ending.Kind.LOSS else "device_given_up"
    template = "lease_terminated" if "letter" in facts else template
    _tell(order, template, {"amount": str(price), "day": due.isoformat()}, f"ending:{ending.pk}", at)
    settlements.settle_locked(order, at)
    return ending


def _end_owning(order: Order, on: date, at: datetime) -> bool:
    """A lease that ends in owning and was not paid thirty days past its last day: settled, with nothing more to owe.

    A bill that was put off to a later day (an extension) gives it that much longer.
    """
    owning = order.state == State.ACTIVE and order.lease.terms["lease_model"] == buyouts.RENT_TO_OWN
    if not owning or endings.is_away(order):
        return False
    over, last = on - timedelta(days=GIVEN_UP_AFTER), order.lease.last_day
    open_bills = order.lease.bills.filter(state=Bill.State.OPEN)
    is_over = last is not None and last < over and open_bills.exists()
    if not is_over or open_bills.filter(due_date__gte=over).exists():
        return False
    give_up(order, Ending.Kind.DEFAULT, PLATFORM, at, {"last_day": str(last)})
    return True


def _warn(order: Order, day: date, on: date, at: datetime) -> None:
    amount: Decimal = quote(order, on).payoff.price
    if amount:
        _tell(order, "default_ahead", {"day": day.isoformat(), "amount": str(amount)}, f"default:{day}", at)


def _tell(order: Order, template: str, params: dict[str, str], step: str, at: datetime) -> None:
    messages.inform(
        order.customer.user, template, {"order": order.number} | params,
        step=f"{step}:{template}", at=at, link=f"/leases/{order.number}/",
    )  # fmt: skip
