"""The orders of docs/domain/credit.md under risk rules, worked out there by hand, walked here through the services."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Customer
from accounts.services import addresses, browser_marks
from core import calendar
from credit.models import CreditReport
from credit.services import stops
from orders.models import Order, State
from orders.services import activations, approvals, cancellations, checkout, review_requests, risks
from tests import make, walks, worked
from tests import risks as rules
from tests.quick_paper import quick_paper

pytestmark = pytest.mark.django_db
AT = make.AT
SINCE = AT - timedelta(days=40)
RULES = [("MANY_LEASES", 3, 7, "HOLD"), ("SHARED_ADDRESS", 1, 30, "HOLD")]
RULES += [("NEVER_ACTIVATED", 1, 7, "HOLD"), ("KNOWN_DEFAULTERS", 1, 365, "REFUSE"), ("OTHER_PAYER", 1, 365, "HOLD")]
ROWS = worked.table("credit", "Seventeen orders under the risk rules")
Facts = dict[str, str]


def order(of: Customer, at: datetime, street: str) -> Order:
    """Placed to an address of its own and looked at by the worker."""
    where = addresses.add(of, "林晓", make.phone(), "广东省深圳市南山区", street, at)
    plan = make.plan("mini-4")
    shown = checkout.quote(of, plan, 3, calendar.business_date(at)).digest
    placed = checkout.place(of, plan.pk, 3, where, shown, f"key-{at}", at).orders.get()
    make.drain(at)
    return walks.read(placed)


def neighbour(facts: Facts, of: Customer) -> None:
    """Somebody who orders to the same door, or signs in at the same browser; stopped, if the row says so."""
    other = make.customer()
    if "address" in facts:
        order(other, AT - timedelta(days=3), "科苑路 15 号")
    if "browser" in facts:
        for each in (of, other):
            browser_marks.seen(each, "one browser", AT - timedelta(days=1))
    if "stopped" in facts.values():
        stops.add(other, "FRAUD", "sold the device", "operator:1", AT - timedelta(days=1))


def before(facts: Facts, of: Customer) -> None:
    at = AT - timedelta(days=int(facts.get("days", 1)))
    made = [order(of, at + timedelta(minutes=n), f"科技路 {n} 号") for n in range(int(facts.get("ordered", 0)))]
    for each in made[: int(facts.get("cancelled", 0))]:
        cancellations.cancel(each.pk, f"customer:{of.pk}", "by_customer", at + timedelta(hours=1))
    if facts.keys() & {"address", "browser"}:
        neighbour(facts, of)
    if "silent" in facts:
        lease = make.order(State.ACTIVE, of=of, at=SINCE)
        assert lease.received_at is not None
        known = lease.received_at + timedelta(days=int(facts["silent"]))
        activations.report(lease.pk, "MAKER", "merchant:1", known, activated=False)
        if "activated" in facts:
            activations.report(lease.pk, "MAKER", "merchant:1", known + timedelta(days=1), activated=True)
    if "allowed" in facts:
        refused = order(of, AT - timedelta(hours=5), "深南大道 1 号")
        assert refused.state == "REFUSED"
        review_requests.ask(refused.pk, "合租的室友", f"customer:{of.pk}", AT - timedelta(hours=4))
        review_requests.allow(refused.pk, "室友的事与他无关", "operator:1", AT - timedelta(hours=3))


def pay(facts: Facts, placed: Order) -> Order:
    if facts["payer"] == "other":
        CreditReport.objects.filter(customer=placed.customer_id).update(provider_user="2088 of another")
    with quick_paper():
        make.sign(placed, AT + timedelta(minutes=1))
        make.pay_first(placed, AT + timedelta(minutes=2))
    return walks.read(placed)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["facts"] or "nothing")
def test_a_documented_order(row: dict[str, str]) -> None:
    pairs = (each.strip().partition(" ") for each in row["facts"].split(",") if each.strip())
    facts = {name: value for name, _space, value in pairs}
    of = make.customer(726, at=SINCE)
    for kind, threshold, days, action in RULES:
        rules.in_force(kind, threshold, days, action=action)
    before(facts, of)
    placed = order(of, AT, "科苑路 15 号")
    if "payer" in facts:
        placed = pay(facts, placed)
    assert (placed.state, placed.reason) == (row["state"], row["reason"])
    hits = list(placed.risk_hits.order_by("id"))
    assert " ".join(hit.kind for hit in hits) == row["rules met"]
    assert " ".join(str(hit.facts["count"]) for hit in hits) == row["counted"]
    assert risks.is_held(placed) is (row["waits for a person"] == "yes")
    assert review_requests.may_ask(placed) is (row["reason"] == "risk")
    assert not placed.customer.blocked_reason
    if risks.is_held(placed):
        go_on = (
            approvals.approve(placed.pk, "operator:1", AT + timedelta(hours=1))
            if placed.state == "PLACED"
            else approvals.release(placed.pk, "operator:1", "looked at it", AT + timedelta(hours=1))
        )
        assert not risks.is_held(walks.read(go_on))
