"""Orders before their lease."""

from datetime import datetime, timedelta

from accounts.models import Customer
from core.services.events import PLATFORM
from orders.models import Order, State
from orders.services import (
    answers,
    approvals,
    cancellations,
    review_requests,
)
from tests import evidence, make, risks
from tests.pages.stations.plans import NEW
from visits.services import opinions


def fresh(renter: Customer, now: datetime) -> dict[str, Order]:
    """What was ordered this morning."""
    lately = now - timedelta(hours=2)
    made = {state: make.order(State(state), of=renter, slug=NEW, at=lately) for state in ("APPROVED", "SIGNED", "PAID")}
    cancelled = make.order(State.PLACED, of=renter, slug=NEW, at=lately)
    cancellations.cancel(cancelled.pk, f"customer:{renter.pk}", "by_customer", lately + timedelta(hours=1))
    referred = make.order(State.PLACED, of=make.customer(score=580, at=lately), slug="room-1", at=lately)
    refused = make.order(State.PLACED, of=make.customer(score=580, at=lately), slug="room-1", at=lately)
    make.drain(lately + timedelta(minutes=30))
    approvals.refuse(refused.pk, f"operator:{make.operator().pk}", "收件人与承租人不同", lately + timedelta(hours=1))
    return {**made, "CANCELLED": cancelled, "REFERRED": referred, "REFUSED": refused}


def held_and_visited(now: datetime) -> dict[str, Order]:
    """One order that waits for everything at once, one whose visit is done, doubted, rated and complained about."""
    lately, before = now - timedelta(hours=2), now - timedelta(days=2)
    held = make.order(State.PLACED, of=make.customer(score=580, at=lately), slug="room-1", at=lately)
    visited = make.order(State.PLACED, of=make.customer(score=580, at=before), slug="room-1", at=before)
    at = lately + timedelta(minutes=45)
    make.drain(at)
    evidence.appointed(held, at)
    for kind, wanted in (("CONTACT", ()), ("GUARANTOR", ()), ("DOCUMENTS", ("WORK", "HOUSEHOLD"))):
        evidence.demanded(held, kind, at, *wanted)
    answers.name_contact(held.pk, "CONTACT", evidence.CONTACT, at)
    answers.name_contact(held.pk, "GUARANTOR", evidence.CONTACT, at)
    answers.add_document(held.pk, "WORK", evidence.picture(), at)
    visit = evidence.appointed(visited, before)
    done = evidence.tomorrow(before)
    answers.report_visit(visit.pk, evidence.findings(visit, RESIDENCE="NOT_SHOWN"), "agent:1", done)
    opinions.rate(visit.pk, 4, "", done)
    opinions.complain(visit.pk, "来得比约定早", done)
    return {"HELD": held, "VISITED": visited}


def by_rule(now: datetime) -> dict[str, Order]:
    """One order that a rule holds, one that was refused by itself and whose customer asks for a person."""
    lately = now - timedelta(hours=2)
    rule = risks.in_force("SHARED_ADDRESS", 1)
    looked = make.order(State.PLACED, of=make.customer(726, at=lately), slug=NEW, at=lately)
    make.drain(lately)
    risks.ended(rule)
    asked = make.order(State.PLACED, of=make.customer(726, at=lately), slug="room-1", at=lately)
    approvals.refuse(asked.pk, PLATFORM, "risk", lately)
    again = make.order(State.PLACED, of=asked.customer, slug="room-1", at=lately)
    approvals.refuse(again.pk, PLATFORM, "risk", lately)
    review_requests.ask(asked.pk, "家里人和我用同一个地址", f"customer:{asked.customer_id}", lately)
    return {"LOOKED": looked, "ASKED": asked, "BY_RULE": again}
