"""Cash-out and shared accounts: what the rules find concerns one order, never the person."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import Payment
from billing.services import payers
from core.models import Event
from core.services import approvals as second
from core.services import events
from credit.models import Demand
from credit.services import stops
from orders.models import Order, RiskHit, RiskRule, State
from orders.services import (
    approvals,
    cancellations,
    demands,
    payments,
    readdressing,
    risk_rules,
    risks,
    shipping,
    steps,
    waits,
)
from storefront.pages import timelines
from tests import make, walks
from tests import risks as rules

pytestmark = pytest.mark.django_db

AT = make.AT


def rule(kind: str, threshold: int, days: int = 30) -> RiskRule:
    return rules.in_force(kind, threshold, days)


def ordered(of: Any, at: Any = AT) -> Order:
    """Placed and reviewed by the worker."""
    placed = make.order(State.PLACED, of=of, slug="mini-4", months=3, at=at)
    make.drain(at)
    return walks.read(placed)


def test_the_third_order_in_a_week_waits_for_a_person() -> None:
    rule("MANY_LEASES", 3, 7)
    of = make.customer()
    first, second = ordered(of), ordered(of, AT + timedelta(hours=1))
    third = ordered(of, AT + timedelta(hours=2))
    assert [each.state for each in (first, second, third)] == ["APPROVED", "APPROVED", "PLACED"]
    hit = RiskHit.objects.get()
    assert (hit.order, hit.kind, hit.facts) == (
        third,
        "MANY_LEASES",
        {"count": 3, "threshold": 3, "days": 7, "action": "HOLD"},
    )
    assert "3" in risks.explain(hit)
    assert events.of(third).filter(kind="risk_found").count() == 1


def test_without_a_rule_in_force_nothing_is_held() -> None:
    made = RiskRule.objects.create(kind="MANY_LEASES", threshold=2, window_days=7)
    of = make.customer()
    assert [ordered(of).state, ordered(of).state] == ["APPROVED", "APPROVED"]
    rules.ended(rules.published(made))
    assert ordered(of).state == "APPROVED"


def test_a_phone_of_another_customers_parcel_is_found_by_its_index_alone() -> None:
    rule("SHARED_ADDRESS", 1)
    assert ordered(make.customer()).state == "APPROVED"
    held = ordered(make.customer())
    assert held.state == "PLACED"
    assert RiskHit.objects.get().facts["count"] == 1
    assert "13900000000" not in str(RiskHit.objects.get().facts)


@pytest.mark.parametrize("moved", [False, True])
def test_where_it_goes_is_looked_at_again_if_that_was_changed_after_the_review(moved: bool) -> None:
    """At the review nobody else had anything sent there; somebody has by the time that it is paid."""
    rule("SHARED_ADDRESS", 1)
    signed = make.order(State.SIGNED, slug="mini-4", months=3)
    make.order(State.PLACED, slug="mini-4", months=3)
    if moved:
        other = make.address(signed.customer, AT)
        readdressing.change(signed.pk, other.pk, f"customer:{signed.customer_id}", AT + timedelta(minutes=10))
    make.pay_first(walks.read(signed), AT + timedelta(minutes=20))
    assert walks.read(signed).state == State.PAID
    assert risks.is_held(walks.read(signed)) is moved


def test_a_persons_yes_clears_it_and_is_on_record() -> None:
    rule("SHARED_ADDRESS", 1)
    ordered(make.customer())
    held = ordered(make.customer())
    approvals.approve(held.pk, "operator:1", AT)
    hit = RiskHit.objects.get()
    assert (hit.state, hit.cleared_by) == ("CLEARED", "operator:1")
    assert walks.read(held).state == "APPROVED"


def test_a_payer_other_than_before_holds_the_shipment_until_a_person_has_looked() -> None:
    paid = other_payer()
    assert (paid.state, RiskHit.objects.get().kind) == ("PAID", "OTHER_PAYER")
    unit = paid.merchant.units.filter(sku=paid.plan.sku).first()
    assert unit is not None
    with pytest.raises(risks.HeldForReview):
        shipping.ship(paid.pk, "merchant:1", unit.serial, "sf", make.waybill(), AT + timedelta(hours=1))
    approvals.release(paid.pk, "operator:1", "his wife paid", AT + timedelta(hours=1))
    shipping.ship(paid.pk, "merchant:1", unit.serial, "sf", make.waybill(), AT + timedelta(hours=1))
    assert walks.read(paid).state == "SHIPPED"


def test_ones_own_account_is_no_stranger() -> None:
    rule("OTHER_PAYER", 1, 365)
    paid = make.order(State.PAID, slug="mini-4", months=3)
    assert Payment.objects.filter(customer=paid.customer, state="SUCCEEDED").exists()
    assert RiskHit.objects.count() == 0


def near(action: str, demand: str = "") -> Order:
    """An order to the address of somebody who is stopped, under a rule with this action."""
    rules.in_force("KNOWN_DEFAULTERS", 1, 365, action=action, demand=demand)
    stops.add(ordered(make.customer()).customer, "FRAUD", "sold the device", "operator:1", AT)
    return ordered(make.customer())


def test_arrears_nearby_are_held_asked_of_or_refused_as_the_rule_says() -> None:
    held = near("HOLD")
    assert (held.state, risks.is_held(held)) == ("PLACED", True)
    facts = held.risk_hits.get().facts
    assert (facts["count"], facts["by"]) == (1, {"phone": 1, "address": 1, "device": 0, "account": 0})
    asked = near("DEMAND", "GUARANTOR")
    assert (asked.state, risks.is_held(asked)) == ("PLACED", False)
    assert [each.kind for each in demands.holding(asked.number)] == ["GUARANTOR"]
    assert asked.risk_hits.get().state == "CLEARED"
    refused = near("REFUSE")
    assert (refused.state, refused.reason, refused.risk_hits.get().state) == ("REFUSED", "risk", "ENDED")
    assert not refused.customer.blocked_reason
    assert not stops.of(refused.customer)
    assert walks.broken() == {}


def test_who_is_refused_is_asked_for_nothing_before() -> None:
    rules.in_force("SHARED_ADDRESS", 1, 365, action="DEMAND", demand="GUARANTOR")
    refused = near("REFUSE")
    assert (refused.state, refused.risk_hits.count()) == ("REFUSED", 2)
    assert not Demand.objects.filter(order_number=refused.number).exists()
    assert timelines.REASONS[refused.reason]


def test_raw_sql_does_not_carry_a_held_order_on() -> None:
    rule("SHARED_ADDRESS", 1)
    ordered(make.customer())
    held = ordered(make.customer())
    with pytest.raises(IntegrityError, match="waits for a person"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET state = 'APPROVED' WHERE id = %s", [held.pk])


def test_what_was_held_stays_held_when_the_worker_looks_again() -> None:
    rule("SHARED_ADDRESS", 1)
    ordered(make.customer())
    held = ordered(make.customer())
    approvals.review(held.pk, AT + timedelta(minutes=1))
    assert walks.read(held).state == "PLACED"
    approvals.refuse(held.pk, "operator:1", "suspected_fraud", AT + timedelta(minutes=2))
    assert held.risk_hits.get().state == "ENDED"
    assert walks.broken() == {}


def other_payer(at: Any = AT + timedelta(minutes=10)) -> Order:
    """Paid, by another account than the one his score came by."""
    rule("OTHER_PAYER", 1, 365)
    signed = make.order(State.SIGNED, slug="mini-4", months=3)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE credit_creditreport SET provider_user = '2088other' WHERE customer_id = %s", [signed.customer_id]
        )
    make.pay_first(signed, at)
    return walks.read(signed)


def test_who_is_not_released_in_time_gets_all_back_and_the_merchant_is_not_blamed() -> None:
    held = other_payer()
    assert (walks.told(held, "order_held"), walks.told(held, "order_paid")) == (1, 0)
    assert held.waits_until is not None
    waits.end_due(held.waits_until)
    ended = walks.read(held)
    assert (ended.state, ended.reason, ended.risk_hits.get().state) == ("CANCELLED", "not_reviewed", "ENDED")
    assert not Event.objects.filter(kind="marked").exists()
    make.drain(held.waits_until)
    assert walks.broken() == {}


def test_after_the_release_the_merchants_days_begin_anew_and_a_second_release_is_refused() -> None:
    held, at = other_payer(), AT + timedelta(days=1)
    freed = approvals.release(held.pk, "operator:1", "his wife paid", at)
    assert freed.waits_until == at + payments.SHIPPING_WAIT
    assert walks.told(held, "order_paid") == 1
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        approvals.release(held.pk, "operator:1", "again", at)


def test_an_account_that_a_person_objected_to_does_not_become_known() -> None:
    first = other_payer()
    cancellations.cancel(first.pk, "operator:1", "suspected_fraud", AT + timedelta(hours=1))
    known = payers.of_customer(first.customer_id, AT - timedelta(days=1), AT + timedelta(days=1))
    assert known == payers.of_lease(first.lease_id) != frozenset()
    make.order(State.PAID, of=first.customer, slug="mini-4", months=3, at=AT + timedelta(hours=2))
    assert RiskHit.objects.filter(kind="OTHER_PAYER").count() == 2


@pytest.mark.parametrize("sql", ["UPDATE orders_riskhit SET facts = '{}'", "DELETE FROM orders_riskhit"])
def test_what_was_found_is_kept_as_it_was_found(sql: str) -> None:
    rule("SHARED_ADDRESS", 1)
    ordered(make.customer())
    ordered(make.customer())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_new_rule_ends_the_one_of_its_kind_and_old_hits_keep_theirs() -> None:
    old, other = rule("SHARED_ADDRESS", 1), rule("MANY_LEASES", 3)
    new = rule("SHARED_ADDRESS", 2)
    states = {each.pk: each.state for each in RiskRule.objects.all()}
    assert states == {old.pk: "SUPERSEDED", other.pk: "PUBLISHED", new.pk: "PUBLISHED"}
    with pytest.raises(risk_rules.RuleNotDraft):
        risk_rules.publish(old.pk, "operator:1", AT)


def test_a_rule_takes_and_leaves_effect_by_two_persons_alone() -> None:
    made = RiskRule.objects.create(kind="SHARED_ADDRESS", threshold=1, window_days=30)
    with pytest.raises(second.ApprovalNeeded):
        risk_rules.publish(made.pk, "operator:1", AT)
    asked = risk_rules.propose(made.pk, "operator:1", "agreed", AT)
    with pytest.raises(second.SamePerson):
        risk_rules.carry_out(asked.pk, "operator:1", AT)
    RiskRule.objects.filter(pk=made.pk).update(threshold=2)
    with pytest.raises(second.ApprovalNeeded):  # other figures than were asked for
        risk_rules.carry_out(asked.pk, "operator:2", AT)
    RiskRule.objects.filter(pk=made.pk).update(threshold=1)
    assert risk_rules.carry_out(asked.pk, "operator:2", AT).state == "PUBLISHED"
    with pytest.raises(second.ApprovalNeeded):
        risk_rules.retire(made.pk, "operator:1", AT)
    wish = risk_rules.propose_end(made.pk, "operator:1", "held too many", AT)
    with pytest.raises(second.SamePerson):
        risk_rules.carry_out_end(wish.pk, "operator:1", AT)
    assert risk_rules.carry_out_end(wish.pk, "operator:2", AT).state == "SUPERSEDED"


@pytest.mark.parametrize("sql", ["UPDATE orders_riskrule SET threshold = 9", "DELETE FROM orders_riskrule"])
def test_a_published_rule_is_never_edited_by_raw_sql_either(sql: str) -> None:
    rule("SHARED_ADDRESS", 1)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "MANY_LEASES", "threshold": 1},
        {"kind": "SHARED_ADDRESS", "window_days": 731},
        {"kind": "SHARED_ADDRESS", "action": "REFUSE"},
        {"kind": "SHARED_ADDRESS", "action": "DEMAND"},
        {"kind": "OTHER_PAYER", "action": "DEMAND", "demand": "VISIT"},
    ],
)
def test_a_rule_that_concerns_everybody_or_refuses_on_a_guess_cannot_be_written(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RiskRule.objects.create(**{"threshold": 2, "window_days": 7, **wrong})
