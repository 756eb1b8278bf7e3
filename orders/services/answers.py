"""Answers to what an order waits for: the customer supplies, a reviewer looks, an agent reports; then it goes on.

Lock order: order → demand → visit, contact or document → the rest (docs/architecture.md). With the last demand met the
platform looks at the order again (topic order.demands_met): a decision that passes is approved, one to be referred
waits for its reviewer as before.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, Document
from accounts.services import contacts, papers, retention
from accounts.services.contacts import Person
from arrears.services import reaching
from core.errors import DomainError
from core.services import outbox
from core.services.events import PLATFORM
from credit.models import Demand, HardStop
from credit.services import demands, stops
from notices.services import messages
from orders.models import Order, State
from orders.services import approvals, cancellations, steps
from orders.services.demands import still_missing
from visits.models import Visit, VisitReport
from visits.rules.findings import Conclusion
from visits.services import visits
from visits.services.visits import Findings

KINDS = {Demand.Kind.CONTACT: Contact.Kind.EMERGENCY, Demand.Kind.GUARANTOR: Contact.Kind.GUARANTOR}
REFUSED, FRAUD = "demand_refused", "suspected_fraud"


class NotYours(DomainError):
    code = "not_yours"
    message = _("This picture belongs to another order.")


class ReportMissing(DomainError):
    code = "report_missing"
    message = _("There is no report of the visit yet.")


def name_contact(order_id: int, kind: str, person: Person, at: datetime) -> Contact:
    """The customer names an emergency contact or a guarantor (`kind` of Demand). NotDemanded, and `contacts.name`."""
    with transaction.atomic():
        order = steps.lock(order_id)
        demands.open_one(order.number, kind)
        return contacts.name(order.customer, order.number, KINDS[Demand.Kind(kind)], person, at)


def add_document(order_id: int, kind: str, raw: bytes, at: datetime) -> Document:
    """The customer uploads a picture of a wanted paper. NotDemanded, and what `papers.add` refuses."""
    with transaction.atomic():
        order = steps.lock(order_id)
        demand = demands.open_one(order.number, Demand.Kind.DOCUMENTS)
        if kind not in demand.wanted:
            raise demands.NotDemanded
        return papers.add(order.customer, order.number, kind, raw, at)


def review_contact(contact_id: int, verdict: str, grounds: str, actor: str, at: datetime) -> Contact:
    """approve meets the demand, refuse ends the order, ask_again leaves it to the customer (A8)."""
    number = Contact.objects.values_list("order_number", flat=True).get(pk=contact_id)
    with transaction.atomic():
        order = _lock(number)
        demand = demands.open_one(number, _kind_of(contact_id))
        row = contacts.review(contact_id, verdict, grounds, actor, at)
        if verdict == "approve":
            _meet(order, demand, actor, grounds, at)
        elif verdict == "refuse":
            _refuse(order, demand, actor, grounds, at)
        else:
            retention.end_review(number, {row.kind}, at)
            _ask_again(order, demand, grounds, f"contact:{row.pk}", at)
    return row


def review_document(document_id: int, verdict: str, grounds: str, actor: str, at: datetime) -> Document:
    """accept, refuse or ask_again. The demand is met with the last wanted kind accepted and nothing left to look at."""
    number = Document.objects.values_list("order_number", flat=True).get(pk=document_id)
    with transaction.atomic():
        order = _lock(number)
        demand = demands.open_one(number, Demand.Kind.DOCUMENTS)
        row = papers.review(document_id, verdict, grounds, actor, at)
        if verdict == "refuse":
            _refuse(order, demand, actor, grounds, at)
        elif verdict == "ask_again":
            _ask_again(order, demand, grounds, f"document:{row.pk}", at)
        elif _is_complete(demand):
            _meet(order, demand, actor, grounds, at)
    return row


def read_contact(contact_id: int, actor: str, at: datetime) -> Person:
    """Whom the customer named, for the review. NobodyElse while money is asked of him; ContactClosed."""
    reaching.require_nobody_asks(Contact.objects.select_related("customer__user").get(pk=contact_id).customer)
    return contacts.read(contact_id, actor, at)


def waive(order_id: int, kind: str, grounds: str, actor: str, at: datetime) -> Order:
    """A reviewer does without it, with grounds (GroundsMissing, NotDemanded); who was to come is called off."""
    with transaction.atomic():
        order = steps.lock(order_id)
        demand = demands.open_one(order.number, kind)
        demands.waive(demand, actor, grounds, at)
        _tidy(order, demand, at)
        _go_on(order)
    return order


def decline_visit(order_id: int, reason: str, at: datetime) -> Visit:
    """The customer does not want a visit: it costs nothing, a person decides what happens instead."""
    with transaction.atomic():
        order = steps.lock(order_id)
        demands.open_one(order.number, Demand.Kind.VISIT)
        return visits.decline(_visit(order).pk, reason, f"customer:{order.customer_id}", at)


def report_visit(visit_id: int, found: Findings, actor: str, at: datetime) -> VisitReport:
    """The agent's report. CONFIRMED meets the demand; MISMATCH is refused as suspected fraud, a hard stop (L7).

    What is doubtful waits for a reviewer.
    """
    number = Visit.objects.values_list("order_number", flat=True).get(pk=visit_id)
    with transaction.atomic():
        order = _lock(number)
        demand = demands.open_one(number, Demand.Kind.VISIT)
        written = visits.report(visit_id, found, actor, at)
        if written.conclusion == Conclusion.CONFIRMED:
            _meet(order, demand, actor, "", at)
        elif written.conclusion == Conclusion.MISMATCH:
            _stop(order, demand, visit_id, actor, at)
    return written


def accept_report(order_id: int, grounds: str, actor: str, at: datetime) -> Order:
    """A reviewer finds a doubtful report good enough, with grounds. ReportMissing, NotDemanded, GroundsMissing."""
    with transaction.atomic():
        order = steps.lock(order_id)
        demand = demands.open_one(order.number, Demand.Kind.VISIT)
        if not VisitReport.objects.filter(
            visit__order_number=order.number, visit__purpose=Visit.Purpose.REVIEW
        ).exists():
            raise ReportMissing
        if not grounds.strip():
            raise demands.GroundsMissing
        _meet(order, demand, actor, grounds, at)
    return order


def _lock(number: str) -> Order:
    return steps.lock(Order.objects.values_list("pk", flat=True).get(number=number))


def _kind_of(contact_id: int) -> str:
    of_contact = Contact.objects.values_list("kind", flat=True).get(pk=contact_id)
    return next(demand.value for demand, contact in KINDS.items() if contact == of_contact)


def _visit(order: Order) -> Visit:
    found = visits.of_order(order.number)
    if found is None:
        raise demands.NotDemanded
    return found


def _is_complete(demand: Demand) -> bool:
    pictures = list(papers.of_order(demand.order_number))
    accepted = [each for each in pictures if each.state == Document.State.ACCEPTED]
    waiting = any(each.state == Document.State.GIVEN for each in pictures)
    return not waiting and not still_missing(demand, accepted)


def _meet(order: Order, demand: Demand, actor: str, grounds: str, at: datetime) -> None:
    demands.meet(demand, actor, grounds, at)
    retention.end_review(order.number, _kept_kinds(demand), at)
    _go_on(order)


def _refuse(order: Order, demand: Demand, actor: str, grounds: str, at: datetime, reason: str = REFUSED) -> None:
    """The order ends with its demand: refused while under review, cancelled after it; everything goes back."""
    demands.refuse(demand, actor, grounds, at)
    end: Callable[..., None] = approvals.refuse_locked if order.state == State.PLACED else cancellations.cancel_locked
    end(order, actor, reason, at)


def _stop(order: Order, demand: Demand, visit_id: int, actor: str, at: datetime) -> None:
    """The person is refused, under this account and any new one; two operators may lift it."""
    number = Visit.objects.values_list("number", flat=True).get(pk=visit_id)
    stops.add(order.customer, HardStop.Kind.FRAUD, FRAUD, PLATFORM, at, visit_number=number)
    _refuse(order, demand, actor, FRAUD, at, FRAUD)


def _tidy(order: Order, demand: Demand, at: datetime) -> None:
    """What was under way for a demand that is waived."""
    if demand.kind == Demand.Kind.VISIT:
        visits.cancel(order.number, "waived", PLATFORM, at)
    elif demand.kind == Demand.Kind.DOCUMENTS:
        papers.lapse(order.number, at)
    else:
        contacts.lapse(order.number, at, KINDS[Demand.Kind(demand.kind)])
    retention.end_review(order.number, _kept_kinds(demand), at)


def _kept_kinds(demand: Demand) -> set[str]:
    kinds: dict[str, set[str]] = {kind: {contact.value} for kind, contact in KINDS.items()}
    return kinds.get(demand.kind, {"DOCUMENTS"} if demand.kind == Demand.Kind.DOCUMENTS else set())


def _ask_again(order: Order, demand: Demand, grounds: str, occasion: str, at: datetime) -> None:
    messages.inform(
        order.customer.user,
        "demand_again",
        {"order": order.number, "kind": demand.kind, "grounds": grounds.strip()},
        step=f"demand:{demand.pk}:{occasion}",
        at=at,
        link=f"/orders/{order.number}/",
        sms=True,
    )


def _go_on(order: Order) -> None:
    """With nothing left to wait for, the platform looks at the order again."""
    if order.state == State.PLACED and not demands.holding(order.number):
        outbox.put("order.demands_met", order_id=order.pk)
