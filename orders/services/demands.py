"""What an order waits for beside its review: raised under the order's lock, shown with who acts next (D12)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, Document
from accounts.services import contacts, papers, retention
from core.errors import DomainError
from core.services.events import PLATFORM
from credit.models import Demand
from credit.services import demands
from notices.services import messages
from orders.models import Order, State
from orders.models.orders import BEFORE_SHIPPING
from orders.services import steps
from visits.models import Visit
from visits.services import visits

YOU, WE, GUARANTOR, AGENT = "you", "we", "guarantor", "agent"
RULE = "rule"
_HELD = "held_by_demands"  # an attribute that a list notes on its orders


class StillDemanded(DomainError):
    code = "still_demanded"
    message = _("This order still waits for: %(what)s.")


@dataclass(frozen=True, slots=True)
class Asked:
    """One demand as it stands: `who` acts next (YOU, WE, GUARANTOR, AGENT; "" once it is closed), `missing` kinds."""

    demand: Demand
    who: str
    missing: tuple[str, ...] = ()
    contact: Contact | None = None
    documents: tuple[Document, ...] = ()
    visit: Visit | None = None


def raise_(order_id: int, kind: str, wanted: Iterable[str], grounds: str, actor: str, at: datetime) -> Demand:
    """A reviewer's demand: while the order is under review, a visit until it is shipped. The customer is told.

    StepNotPossible, and what `credit.services.demands.raise_` refuses.
    """
    with transaction.atomic():
        order = steps.lock(order_id)
        allowed = BEFORE_SHIPPING if kind == Demand.Kind.VISIT else [State.PLACED]
        if order.state not in allowed:
            raise steps.StepNotPossible(state=order.get_state_display())
        return _raise(order, kind, wanted, grounds, actor, at)


def raise_by_rule(order: Order, at: datetime) -> None:
    """What the decision itself demands (`credit.rules.demands`), once per kind. Call it with the order locked."""
    if order.decision is not None:
        raise_missing(order, order.decision.demands, at)


def raise_missing(order: Order, kinds: Iterable[str], at: datetime) -> None:
    """What a rule demands of an order that is locked, unless it was demanded before."""
    known = set(demands.of_order(order.number).values_list("kind", flat=True))
    for kind in kinds:
        if kind not in known:
            _raise(order, kind, demands.BY_ITSELF.get(Demand.Kind(kind), []), RULE, PLATFORM, at)


def holding(order_number: str) -> list[Demand]:
    return demands.holding(order_number)


def is_held(order: Order) -> bool:
    """Whether a demand keeps it from the next step; asked of the database unless `note_held` knows it."""
    known: bool | None = vars(order).get(_HELD)
    return bool(holding(order.number)) if known is None else known


def note_held(orders: Sequence[Order]) -> None:
    """For a list that is shown and thrown away: what `is_held` says of each, in one query."""
    numbers = set(held().filter(order_number__in=[order.number for order in orders]))
    for order in orders:
        setattr(order, _HELD, order.number in numbers)


def note(order: Order, known: Sequence["Asked"]) -> None:
    """`note_held` of an order whose `standing` is known."""
    setattr(order, _HELD, any(each.demand.state in demands.HOLDS for each in known))


def held() -> "QuerySet[Demand, str]":
    """The numbers of all orders that stand still, for a list to leave them out."""
    return Demand.objects.filter(state__in=demands.HOLDS).values_list("order_number", flat=True)


def require_none(order_number: str) -> None:
    """StillDemanded: what is open or was not met."""
    held = demands.holding(order_number)
    if held:
        raise StillDemanded(what=", ".join(str(demand.get_kind_display()) for demand in held))


def lapse(order_number: str, reason: str, at: datetime) -> None:
    """The order ends: nothing is asked any more, nobody comes, and what was given is kept its time from now.

    Most orders were never asked anything: nothing is locked for them.
    """
    if not demands.of_order(order_number).exists():
        return
    demands.lapse(order_number, reason, at)
    visits.cancel(order_number, reason, PLATFORM, at)
    contacts.lapse(order_number, at)
    papers.lapse(order_number, at)
    retention.end_order(order_number, at)


def standing(order: Order) -> list[Asked]:
    """Every demand of the order with who acts next, oldest first; three more queries when there is one."""
    raised = list(demands.of_order(order.number))
    if not raised:
        return []
    people = list(contacts.of_order(order.number))
    pictures = tuple(papers.of_order(order.number))
    visit = visits.of_order(order.number)
    return [_stands(demand, people, pictures, visit) for demand in raised]


def word_of(asked: Asked) -> str | Promise:
    """Who acts next and with what, in words of the platform."""
    return WORDS[asked.demand.kind, asked.who] if asked.who else asked.demand.get_state_display()


WORDS: dict[tuple[str, str], str | Promise] = {
    (Demand.Kind.CONTACT, YOU): _("You name somebody whom we may take down as emergency contact."),
    (Demand.Kind.CONTACT, WE): _("We look at the contact."),
    (Demand.Kind.GUARANTOR, YOU): _("You name a guarantor and send him his link."),
    (Demand.Kind.GUARANTOR, GUARANTOR): _("The guarantor agrees on his own page, with a code to his phone."),
    (Demand.Kind.GUARANTOR, WE): _("We look at the guarantor."),
    (Demand.Kind.DOCUMENTS, YOU): _("You photograph the papers."),
    (Demand.Kind.DOCUMENTS, WE): _("We look at the papers."),
    (Demand.Kind.VISIT, YOU): _("You choose a time for the visit."),
    (Demand.Kind.VISIT, WE): _("We arrange the visit."),
    (Demand.Kind.VISIT, AGENT): _("The agent comes at the agreed time."),
}


def _raise(order: Order, kind: str, wanted: Iterable[str], grounds: str, actor: str, at: datetime) -> Demand:
    made = demands.raise_(order.customer, order.number, kind, wanted, grounds, actor, at)
    if kind == Demand.Kind.VISIT:
        visits.request(order.customer, order.number, order.address, made.wanted, at)
    messages.inform(
        order.customer.user,
        "demand_raised",
        {"order": order.number, "kind": made.kind},
        step=f"demand:{made.pk}",
        at=at,
        link=f"/orders/{order.number}/",
    )
    return made


def _stands(demand: Demand, people: list[Contact], pictures: tuple[Document, ...], visit: Visit | None) -> Asked:
    is_open = demand.state == Demand.State.OPEN
    if demand.kind in (Demand.Kind.CONTACT, Demand.Kind.GUARANTOR):
        kind = Contact.Kind.EMERGENCY if demand.kind == Demand.Kind.CONTACT else Contact.Kind.GUARANTOR
        named = next((each for each in people if each.kind == kind), None)
        return Asked(demand, _who_of_contact(named) if is_open else "", contact=named)
    if demand.kind == Demand.Kind.DOCUMENTS:
        missing = still_missing(demand, pictures)
        return Asked(demand, ("you" if missing else "we") if is_open else "", missing, documents=pictures)
    return Asked(demand, _who_of_visit(visit) if is_open else "", visit=visit)


def still_missing(demand: Demand, pictures: Iterable[Document]) -> tuple[str, ...]:
    """The wanted kinds of which no picture stands."""
    stand = {each.kind for each in pictures if each.state in papers.STANDING}
    return tuple(kind for kind in demand.wanted if kind not in stand)


def _who_of_contact(named: Contact | None) -> str:
    if named is None:
        return YOU
    return {Contact.State.GIVEN: WE, Contact.State.APPROVED: WE, Contact.State.NAMED: GUARANTOR}.get(
        Contact.State(named.state), YOU
    )


def _who_of_visit(visit: Visit | None) -> str:
    if visit is None:
        return WE
    return {Visit.State.PROPOSED: YOU, Visit.State.AGREED: AGENT}.get(Visit.State(visit.state), WE)
