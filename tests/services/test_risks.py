"""Cash-out and shared accounts: what the rules find refers an order to a person, and refuses nobody."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import Payment
from core.services import events
from orders.models import Order, RiskHit, RiskRule, State
from orders.services import approvals, risks, shipping
from tests import make, walks

pytestmark = pytest.mark.django_db

AT = make.AT


def rule(kind: str, threshold: int, days: int = 30) -> RiskRule:
    made = RiskRule.objects.create(kind=kind, threshold=threshold, window_days=days)
    return risks.publish(made.pk, "operator:1", AT)


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
    risks.publish(made.pk, "operator:1", AT)
    risks.retire(made.pk, "operator:1", AT)
    assert ordered(of).state == "APPROVED"


def test_a_phone_of_another_customers_parcel_is_found_by_its_index_alone() -> None:
    rule("SHARED_ADDRESS", 1)
    assert ordered(make.customer()).state == "APPROVED"
    held = ordered(make.customer())
    assert held.state == "PLACED"
    assert RiskHit.objects.get().facts["count"] == 1
    assert "13900000000" not in str(RiskHit.objects.get().facts)


def test_a_persons_yes_clears_it_and_is_on_record() -> None:
    rule("SHARED_ADDRESS", 1)
    ordered(make.customer())
    held = ordered(make.customer())
    approvals.approve(held.pk, "operator:1", AT)
    hit = RiskHit.objects.get()
    assert (hit.state, hit.cleared_by) == ("CLEARED", "operator:1")
    assert walks.read(held).state == "APPROVED"


def test_a_payer_other_than_before_holds_the_shipment_until_a_person_has_looked() -> None:
    rule("OTHER_PAYER", 1, 365)
    paid = make.order(State.SIGNED, slug="mini-4", months=3)
    report = paid.customer.reports.get()
    with connection.cursor() as cursor:  # the score was another account's
        cursor.execute("UPDATE credit_creditreport SET provider_user = '2088other' WHERE id = %s", [report.pk])
    make.pay_first(paid, AT + timedelta(minutes=10))
    paid = walks.read(paid)
    assert paid.state == "PAID"
    assert RiskHit.objects.get().kind == "OTHER_PAYER"
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


def test_a_new_rule_ends_the_one_of_its_kind_and_old_hits_keep_theirs() -> None:
    old, other = rule("SHARED_ADDRESS", 1), rule("MANY_LEASES", 3)
    new = rule("SHARED_ADDRESS", 2)
    states = {each.pk: each.state for each in RiskRule.objects.all()}
    assert states == {old.pk: "SUPERSEDED", other.pk: "PUBLISHED", new.pk: "PUBLISHED"}
    with pytest.raises(risks.RuleNotDraft):
        risks.publish(old.pk, "operator:1", AT)


@pytest.mark.parametrize("sql", ["UPDATE orders_riskrule SET threshold = 9", "DELETE FROM orders_riskrule"])
def test_a_published_rule_is_never_edited_by_raw_sql_either(sql: str) -> None:
    rule("SHARED_ADDRESS", 1)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_threshold_that_refers_everybody_is_refused() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RiskRule.objects.create(kind="MANY_LEASES", threshold=1, window_days=7)
