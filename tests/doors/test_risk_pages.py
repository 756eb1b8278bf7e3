"""Risk rules at their doors: drafted in the admin, worked on at the desk, kept from the merchant, told plainly."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from orders.models import Order, RiskRule, State
from tests import make, walks
from tests import risks as rules

pytestmark = pytest.mark.django_db
LATER = make.AT + timedelta(hours=1)


@pytest.fixture
def held() -> Order:
    """Paid, and held by a rule that was met once money had come."""
    rule = rules.in_force("KNOWN_DEFAULTERS", 1, 365)
    paid = make.order(State.PAID)
    facts = {"count": 4711, "threshold": 1, "days": 365, "action": "HOLD"}
    paid.risk_hits.create(rule=rule, kind=rule.kind, facts=facts, found_at=make.AT)
    return paid


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def test_the_customer_reads_what_happens_next_and_nothing_of_the_rule(held: Order) -> None:
    with make.moment(LATER):
        page = client(held.customer.user).get(f"/orders/{held.number}/", headers={"accept-language": "en"})
    text = page.content.decode()
    assert "Paid. A person looks at it first" in text
    assert "you get everything back" in text
    assert "4711" not in text
    assert "arrears" not in text


def test_the_merchant_is_told_to_wait_and_may_not_ship(held: Order) -> None:
    member = client(make.merchant_member())
    with make.moment(LATER):
        page = member.get(reverse("portal:order", args=[held.number]), headers={"accept-language": "en"})
        text = page.content.decode()
        assert "The platform looks at this order first" in text
        assert "4711" not in text
        unit = held.merchant.units.filter(sku=held.plan.sku).first()
        assert unit is not None
        parcel = {"code": unit.serial, "carrier": "sf", "waybill": make.waybill()}
        assert member.post(reverse("portal:act", args=[held.number, "ship"]), parcel).status_code == 409
        assert member.post(f"/portal/orders/{held.number}/release/", {"reason": "mine"}).status_code == 404
    assert walks.read(held).state == "PAID"


def test_an_operator_reads_why_in_the_queue_and_on_the_order_and_lets_it_go(held: Order) -> None:
    desk = client(make.operator())
    release = reverse("desk:act", args=[held.number, "release"])
    with make.moment(LATER):
        assert "4711" in desk.get(reverse("desk:queue", args=["review"])).content.decode()
        assert "4711" in desk.get(reverse("desk:order", args=[held.number])).content.decode()
        assert desk.post(release, {"reason": ""}).status_code == 422
        assert desk.post(release, {"reason": "his wife paid"}).status_code == 303
        assert "his wife paid" in desk.get(reverse("desk:order", args=[held.number])).content.decode()
        assert desk.post(release, {"reason": "again"}).status_code == 409
    assert held.risk_hits.get().state == "CLEARED"
    assert not walks.read(held).risk_hits.filter(state="OPEN").exists()


@pytest.mark.parametrize("who", ["customer", "member"])
def test_others_find_no_release_and_no_rules(held: Order, who: str) -> None:
    other = client(held.customer.user if who == "customer" else make.merchant_member())
    assert other.post(reverse("desk:act", args=[held.number, "release"]), {"reason": "x"}).status_code == 404
    assert other.get(reverse("admin:orders_riskrule_changelist")).status_code in (302, 403, 404)
    assert held.risk_hits.get().state == "OPEN"


def test_a_rule_is_drafted_in_the_admin_and_put_into_force_and_out_of_it_by_another_operator() -> None:
    admin, other = client(make.operator()), client(make.operator("other"))
    add = reverse("admin:orders_riskrule_add")
    wish = {"kind": "SHARED_ADDRESS", "threshold": 2, "window_days": 30, "action": "REFUSE", "demand": ""}
    wish |= {"hits-TOTAL_FORMS": 0, "hits-INITIAL_FORMS": 0}
    assert "Only arrears may refuse" in admin.post(add, wish, headers={"accept-language": "en"}).content.decode()
    assert admin.post(add, {**wish, "action": "HOLD", "state": "PUBLISHED"}).status_code == 302
    rule = RiskRule.objects.get()
    assert rule.state == "DRAFT"
    change = reverse("admin:orders_riskrule_change", args=[rule.pk])
    hand_on = reverse("admin:orders_riskrule_hand_on", args=[rule.pk])
    assert hand_on in admin.get(change).content.decode()
    assert admin.get(hand_on).status_code == 200
    assert admin.post(hand_on, {"reason": ""}).status_code == 422
    decide = admin.post(hand_on, {"reason": "two addresses"})["Location"]
    assert admin.post(change, {**wish, "action": "HOLD", "threshold": 9}).status_code == 403  # it is looked at
    admin.post(decide)
    assert RiskRule.objects.get().state == "DRAFT"  # he asked himself
    assert "Same consignee" in other.get(decide, headers={"accept-language": "en"}).content.decode()
    other.post(decide)
    assert RiskRule.objects.get().state == "PUBLISHED"
    assert admin.post(change, {**wish, "action": "HOLD", "threshold": 9}).status_code == 403
    ending = admin.post(reverse("admin:orders_riskrule_end", args=[rule.pk]), {"reason": "too many"})["Location"]
    assert RiskRule.objects.get().state == "PUBLISHED"
    assert ending in admin.get(change).content.decode()
    assert other.get(ending).status_code == 200
    other.post(ending)
    assert RiskRule.objects.get().state == "SUPERSEDED"
    assert admin.get(reverse("admin:orders_riskrule_changelist")).status_code == 200
