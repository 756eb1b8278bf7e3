"""Sending the device back before the end of the term: early, in the first days, or after a demand letter (domain.md
§8, §9). After a letter it costs nothing beyond what is due: no rent for the time after the lease.

Opening shows what it costs if the parcel leaves that day; what it does cost is fixed by the carrier's first scan.
Then the later bills fall away, what was paid on them is the customer's credit, and the price is one extra bill. Not
handed over within seven days the return lapses and the lease goes on.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Bill, Lease, Refund
from billing.rules import payoff
from billing.rules.terms import LeaseTerms
from billing.services import extras, freeing, partial_refunds, payoffs, statements
from core import calendar, money
from core.errors import DomainError
from core.fields import exact_sum
from core.services import events
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Ending, Order, State
from orders.rules.quotes import Quote
from orders.services import defects, endings, steps
from orders.services.terms import COOLING_OFF_DAYS

HAND_OVER_DAYS = 7
Basis = Ending.Basis
ESTATE_DAYS = 30
BEFORE_TERM = (Basis.EARLY, Basis.COOLING_OFF, Basis.DEMAND, Basis.ESTATE, Basis.DEFECT)
FREE = (Basis.DEMAND, Basis.ESTATE)  # nothing beyond what is due until it leaves


class NotEarly(DomainError):
    code = "not_early"
    message = _("The last period runs already: nothing is saved by an early return.")


def basis_on(order: Order, on: date) -> Ending.Basis:
    """COOLING_OFF within seven days of the receipt, else EARLY. NotEarly in the last period, and of a short rental."""
    lease = order.lease
    assert lease.start is not None  # it is on lease
    if order.is_short:
        raise NotEarly
    if (on - lease.start).days <= COOLING_OFF_DAYS:
        return Basis.COOLING_OFF
    if not lease.bills.filter(kind=Bill.Kind.RENT, due_date__gt=on).exists():
        raise NotEarly
    return Basis.EARLY


def quote(order: Order, on: date, basis: str) -> Quote:
    """What it costs if the parcel leaves on day `on`."""
    terms, lease = LeaseTerms.from_json(order.lease.terms), order.lease
    views = statements.statement(lease, on)
    position = payoffs.position(views, on)
    if basis in FREE:
        return Quote(on, position.period, payoff.on_demand(position))
    if basis != Basis.COOLING_OFF:
        return Quote(on, position.period, payoff.early_return(terms, position))
    assert lease.start is not None  # it is on lease
    days = (on - lease.start).days + 1
    given = _given_before(lease)
    paid = money.total(view.bill.paid for view in views if not view.bill.is_extra) - given
    found = payoff.change_of_mind(terms, days, paid, position.credit)
    if given:  # the days cost no more than what was left with us
        found = replace(found, price=min(found.price, paid))
    return Quote(on, position.period, found, days)


def open(  # noqa: A001 - read with its noun
    order_id: int, actor: str, at: datetime, shown: str | None = None, *, on_demand: bool = False
) -> Ending:
    """The customer begins it, at the figures `shown`. StepNotPossible, EndingOpen, NotEarly, QuoteChanged.

    `on_demand`: after a demand letter, on any day of the lease. AttemptOpen while one of its bills is being paid.
    Locks order, lease, bills, payments.
    """
    on = calendar.business_date(at)
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "begin_return")
        endings.require_none(order)
        endings.require_here(order)
        endings.require_quiet(order)
        basis = Basis.DEMAND if on_demand else basis_on(order, on)
        offer = quote(order, on, basis)
        endings.require_shown(offer, shown)
        steps.take(order, "begin_return", at=at, actor=actor)
        order.waits_until = at + timedelta(days=HAND_OVER_DAYS)
        order.save(update_fields=["waits_until"])
        return endings.open(order, Ending.Kind.RETURN, offer, actor, at, basis=basis)


def open_for_estate(order: Order, actor: str, at: datetime) -> Ending:
    """Somebody sends it back for the customer, who died or lost legal capacity: no charge, on any day of the lease.

    A return that was under way already becomes this one. The caller holds the order. StepNotPossible, EndingOpen,
    DeviceAway, AttemptOpen.
    """
    found = order.endings.select_for_update(of=("self",)).filter(state=Ending.State.OPEN).first()
    if found is not None and found.kind == Ending.Kind.RETURN and found.basis != Basis.FOUND:
        if not defects.is_report(found):  # what comes back for a device that does not work, comes back
            found.quote = quote(order, calendar.business_date(at), Basis.ESTATE).to_json()
        found.basis = Basis.ESTATE
        found.save(update_fields=["basis", "quote"])
        events.record("ending_opened", order, at=at, actor=actor, facts={"kind": found.kind, "basis": found.basis})
    else:
        steps.require(order, "begin_return")
        endings.require_none(order)
        endings.require_here(order)
        endings.require_quiet(order)
        offer = quote(order, calendar.business_date(at), Basis.ESTATE)
        steps.take(order, "begin_return", at=at, actor=actor)
        found = endings.open(order, Ending.Kind.RETURN, offer, actor, at, basis=Basis.ESTATE)
    order.waits_until = at + timedelta(days=ESTATE_DAYS)
    order.save(update_fields=["waits_until"])
    return found


def prove(order: Order, left: datetime, at: datetime) -> Quote | None:
    """The carrier has it since `left`: bill what that costs and let later bills fall away; None for a return at term.

    Once: what is proved stays. The caller holds the order. Locks ending, lease, bills, payments, ledger.
    """
    rows = order.endings.select_for_update().filter(kind=Ending.Kind.RETURN, state=Ending.State.OPEN)
    ending = rows.filter(basis__in=BEFORE_TERM, bill=None).first()
    if ending is None or _is_proved(ending):
        return None
    on = calendar.business_date(left)
    endings.lock_books(order)
    if defects.is_report(ending):
        return defects.prove(order, ending, on, at)
    if ending.basis == Basis.EARLY and order.customer.user.in_peace_since is not None:
        ending.basis = Basis.ESTATE  # begun before, and nobody is charged for it any more
    final = quote(order, on, ending.basis)
    price = final.payoff.price
    if ending.basis == Basis.COOLING_OFF and _given_before(order.lease):
        _give_back_beyond(order, price, on, at)
    elif price:
        ending.bill = extras.charge(order.lease_id, Bill.Kind.EARLY, price, on, at)
    ending.quote = final.to_json()
    ending.save()
    events.record("return_proved", ending, at=at, facts={"day": on.isoformat(), "price": str(price)})
    rents = order.lease.bills.filter(kind=Bill.Kind.RENT)
    is_undone = ending.basis == Basis.COOLING_OFF and not _given_before(order.lease)
    freeing.fall_away(rents if is_undone else freeing.later(order.lease, on), at)
    endings.use_credit(order, at)
    messages.inform(
        order.customer.user,
        "return_charged",
        {"order": order.number, "day": on.isoformat(), "amount": str(price)},
        step=f"ending:{ending.pk}:charged",
        at=at,
        link=f"/leases/{order.number}/",
    )
    return final


def _given_before(lease: Lease) -> Decimal:
    """What was given back of its paid bills already, by an operator; those bills stand."""
    rows = Refund.objects.filter(lease=lease, reduces=True, replaces=None)
    given: Decimal = rows.aggregate(sum=exact_sum("amount"))["sum"]
    return given


def _give_back_beyond(order: Order, price: Decimal, on: date, at: datetime) -> None:
    """A first rent of which a part went back stays paid: what still lies on it beyond the days used goes back too."""
    first = order.lease.bills.filter(kind=Bill.Kind.RENT, due_date__lte=on).exclude(state=Bill.State.VOID)
    for bill in first.order_by("number"):
        rest = partial_refunds.lying(bill) - price
        if rest > 0:
            partial_refunds.take_back(bill, rest, "change of mind", at)
        price = max(money.ZERO, -rest)


def _is_proved(ending: Ending) -> bool:
    """Its later bills fell away, or there was none left to fall."""
    return events.of(ending).filter(kind="return_proved").exists()


def lapse(order_id: int, at: datetime) -> None:
    """Not handed over in time: the lease goes on as if nothing had been said."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state != State.RETURNING or order.waits_until is None or order.waits_until > at:
            return
        ending = order.endings.select_for_update().get(state=Ending.State.OPEN)
        steps.take(order, "withdraw_return", at=at, actor=PLATFORM)
        endings.drop(ending, "lapse", PLATFORM, at)
        if ending.basis == Basis.DEFECT:
            defects.tell_lapsed(order, ending, at)
            return
        messages.inform(
            order.customer.user,
            "return_lapsed",
            {"order": order.number},
            step=f"ending:{ending.pk}:lapsed",
            at=at,
            link=f"/leases/{order.number}/",
        )
