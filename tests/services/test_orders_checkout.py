"""Checkout: the order stands on exactly the shown figures, or nothing is kept (domain.md §3, §4; capabilities D)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Address, Customer
from catalog.models import LeasePlan, StockLevel
from catalog.services import offers, plans, stock
from core import calendar
from core.models import OutboxMessage
from core.services import events
from core.services.requests import RequestKeyReused
from credit.models import Hold, QuotaAccount
from credit.services import quota
from orders.models import Checkout, Order, State
from orders.rules.costs import CostTable
from orders.services import cancellations, checkout, cost_tables, steps
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT
ON = calendar.business_date(AT)


@pytest.fixture(scope="module", autouse=True)
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """A graded customer (726, tier B: 80 %), one with a proved identity only, one who only signed in."""
    with walks.kept(django_db_blocker):
        graded, proved, fresh = make.customer(726), make.verified(), make.signed_up()
        yield {
            "graded": graded.pk,
            "proved": proved.pk,
            "fresh": fresh.pk,
            "plan": make.plan().pk,
            "address": {c.pk: make.address(c).pk for c in (graded, proved, fresh)},
        }


@pytest.fixture
def graded(stage: dict[str, Any]) -> Customer:
    return Customer.objects.get(pk=stage["graded"])


@pytest.fixture
def proved(stage: dict[str, Any]) -> Customer:
    return Customer.objects.get(pk=stage["proved"])


@pytest.fixture
def plan(stage: dict[str, Any]) -> LeasePlan:
    return LeasePlan.objects.get(pk=stage["plan"])


def address(of: Customer) -> Address:
    return Address.objects.filter(customer=of).latest("pk")


def cost(of: Customer, plan: LeasePlan, months: int = 12) -> CostTable:
    return checkout.quote(of, plan, months, ON)


def place(of: Customer, plan: LeasePlan, key: str = "k1", months: int = 12, digest: str = "") -> Checkout:
    return checkout.place(of, plan.pk, months, address(of), digest or cost(of, plan, months).digest, key, AT)


# by hand: cash price 5,999.00; signed value 5,999 × 0.95 = 5,699.05; D = 5,699.05 × 0.70 = 3,989.335 → 3,989.34


def test_tier_b_waives_eighty_percent_of_the_deposit(graded: Customer, plan: LeasePlan) -> None:
    shown = cost(graded, plan)
    assert shown.deposit == Decimal("3989.34")
    assert shown.waived == Decimal("3191.47")  # 3,989.34 × 0.80 = 3,191.472, floored
    assert shown.to_freeze == Decimal("797.87")
    assert shown.limited_by == "tier"
    assert shown.first_rent == Decimal("309.00")  # 5,999 × 0.0515 = 308.95, whole yuan
    assert shown.payable_now == Decimal("1106.87")
    assert shown.total_to_return == Decimal("3708.00")
    assert shown.credit_deposit is None


def test_many_offers_are_quoted_as_each_alone_with_five_queries(graded: Customer, plan: LeasePlan) -> None:
    plan = offers.get(plan.pk)
    alone = [cost(graded, plan, months) for months in (6, 12)]
    with CaptureQueriesContext(connection) as seen:
        assert checkout.quotes(graded, [(plan, 6), (plan, 12)], ON) == alone
    assert len(seen) == 5  # rules and lending rate, channels, decision, quota; remembered in production


def test_without_a_decision_the_whole_signed_value_is_the_deposit(proved: Customer, plan: LeasePlan) -> None:
    shown = cost(proved, plan)
    assert (shown.deposit, shown.waived, shown.to_freeze) == (Decimal("5699.05"), Decimal("0.00"), Decimal("5699.05"))
    assert shown.credit_deposit == Decimal("3989.34")


def test_a_visitor_sees_the_full_deposit(plan: LeasePlan) -> None:
    assert checkout.quote(None, plan, 12, ON).to_freeze == Decimal("5699.05")


def test_a_refusing_score_never_refuses_the_person(plan: LeasePlan) -> None:
    low = make.customer(431)
    assert cost(low, plan).to_freeze == Decimal("5699.05")
    make.address(low)
    placed = place(low, plan).orders.get()
    make.drain(AT)
    assert Order.objects.get(pk=placed.pk).state == State.APPROVED


def test_an_expired_decision_waives_nothing(graded: Customer, plan: LeasePlan) -> None:
    assert checkout.quote(graded, plan, 12, ON + timedelta(days=180)).waived > 0
    assert checkout.quote(graded, plan, 12, ON + timedelta(days=181)).waived == 0


def test_a_term_that_is_not_offered_is_refused(graded: Customer, plan: LeasePlan) -> None:
    with pytest.raises(cost_tables.PlanUnavailable):
        cost(graded, plan, 7)


# placing


def test_cover_is_taken_only_by_wish_and_charged_as_shown(graded: Customer, plan: LeasePlan) -> None:
    """5,999 × 0.0016 = 9.59, in whole yuan 9.00: 12 × (309 + 9) = 3,816.00 instead of 3,708.00."""
    bare, covered = cost(graded, plan), checkout.quote(graded, plan, 12, ON, cover=True)
    assert (bare.cover_monthly, bare.cover_is_chosen) == (Decimal(0), False)
    assert (covered.cover_monthly, covered.cover_is_chosen) == (Decimal("9.00"), True)
    assert covered.total_to_return == Decimal("3816.00") == bare.total_to_return + 108
    assert covered.payable_now == bare.payable_now + 9
    assert covered.cost_simple_yearly == bare.cost_simple_yearly
    assert covered.curve == bare.curve
    placed = checkout.place(graded, plan.pk, 12, address(graded), covered.digest, "k1", AT, cover=True).orders.get()
    assert {(bill.rent, bill.cover) for bill in placed.lease.bills.all()} == {(covered.monthly, Decimal("9.00"))}
    assert placed.lease.contract_total == covered.total_to_return


@pytest.mark.parametrize("cover", [True, False])
def test_a_table_seen_without_cover_orders_none_and_the_other_way_round(
    graded: Customer, plan: LeasePlan, cover: bool
) -> None:
    seen = checkout.quote(graded, plan, 12, ON, cover=not cover).digest
    with walks.nothing_changes(), pytest.raises(checkout.PriceChanged):
        checkout.place(graded, plan.pk, 12, address(graded), seen, "k1", AT, cover=cover)


def test_a_plan_without_cover_sells_none(graded: Customer) -> None:
    with pytest.raises(cost_tables.PlanUnavailable):
        checkout.quote(graded, make.plan("w3"), 12, ON, cover=True)


def test_the_same_key_with_another_wish_is_another_request(graded: Customer, plan: LeasePlan) -> None:
    digest, home = cost(graded, plan).digest, address(graded)
    checkout.place(graded, plan.pk, 12, home, digest, "k1", AT)
    with pytest.raises(RequestKeyReused):
        checkout.place(graded, plan.pk, 12, home, digest, "k1", AT, cover=True)


def test_an_order_is_placed_on_exactly_the_shown_figures(graded: Customer, plan: LeasePlan) -> None:
    shown = cost(graded, plan)
    order = place(graded, plan).orders.get()
    lease = order.lease
    assert (order.state, order.months, order.merchant_id) == (State.PLACED, 12, plan.merchant_id)
    assert order.waits_until == AT + timedelta(hours=72)
    assert lease.number == order.number
    assert [(b.number, b.rent, b.cover) for b in lease.bills.all()] == [
        (k, shown.monthly, shown.cover_monthly) for k in range(1, 13)
    ]
    assert [b.number for b in lease.bills.exclude(due_date=None)] == [1]
    assert (lease.deposit.total, lease.deposit.waived, lease.deposit.to_hold) == (
        shown.deposit,
        shown.waived,
        shown.to_freeze,
    )
    assert lease.contract_total == shown.total_to_return


def test_placing_takes_one_hold_and_one_unit_and_asks_for_the_review(graded: Customer, plan: LeasePlan) -> None:
    free = stock.available(plan.merchant_id, plan.sku_id)
    order = place(graded, plan).orders.get()
    hold = Hold.objects.get(order_number=order.number)
    assert (hold.amount, hold.state) == (Decimal("3191.47"), Hold.State.HELD)
    assert quota.available(graded) == Decimal("2808.53")  # 6,000 − 3,191.47
    assert stock.available(plan.merchant_id, plan.sku_id) == free - 1
    assert OutboxMessage.objects.filter(topic="order.placed", payload={"order_id": order.pk}).count() == 1
    [born] = events.of(order)
    assert (born.kind, born.source, born.target, born.actor) == ("transition", "", "PLACED", f"customer:{graded.pk}")


def test_a_full_deposit_order_takes_no_hold_and_is_approved_without_a_decision(
    proved: Customer, plan: LeasePlan
) -> None:
    order = place(proved, plan).orders.get()
    make.drain(AT)
    order = Order.objects.get(pk=order.pk)
    assert (order.state, order.decision) == (State.APPROVED, None)
    assert not Hold.objects.filter(order_number=order.number).exists()
    assert order.lease.deposit.to_hold == Decimal("5699.05")


def test_a_second_device_gets_what_the_quota_leaves_and_a_third_pays_the_deposit(
    graded: Customer, plan: LeasePlan
) -> None:
    place(graded, plan, "k1")
    second = cost(graded, plan)
    assert (second.waived, second.to_freeze) == (Decimal("2808.53"), Decimal("1180.81"))
    assert second.limited_by == "quota"
    place(graded, plan, "k2")
    QuotaAccount.objects.filter(customer=graded).update(limit=Decimal("12000.00"), granted=Decimal("12000.00"))
    third = cost(graded, plan)
    assert (third.waived, third.to_freeze, third.limited_by) == (Decimal("0.00"), Decimal("3989.34"), "devices")
    order = place(graded, plan, "k3").orders.get()
    assert not Hold.objects.filter(order_number=order.number).exists()


# refusals keep nothing


@pytest.mark.parametrize("field", ["waived", "monthly", "to_freeze", "total_to_return", "cash_price_as_of"])
def test_a_changed_figure_is_refused_and_nothing_is_kept(graded: Customer, plan: LeasePlan, field: str) -> None:
    shown = cost(graded, plan)
    step: Any = timedelta(days=1) if field == "cash_price_as_of" else Decimal("0.01")
    changed = replace(shown, **{field: getattr(shown, field) + step})
    with walks.nothing_changes(), pytest.raises(checkout.PriceChanged):
        place(graded, plan, digest=changed.digest)


def test_figures_shown_before_another_order_took_the_quota_are_refused(graded: Customer, plan: LeasePlan) -> None:
    shown = cost(graded, plan)
    place(graded, plan, "k1")
    with walks.nothing_changes(), pytest.raises(checkout.PriceChanged):
        place(graded, plan, "k2", digest=shown.digest)


def test_identity_comes_first(stage: dict[str, Any], plan: LeasePlan) -> None:
    fresh = Customer.objects.get(pk=stage["fresh"])
    with walks.nothing_changes(), pytest.raises(checkout.IdentityFirst):
        place(fresh, plan)


def test_a_blocked_customer_is_refused(graded: Customer, plan: LeasePlan) -> None:
    shown = cost(graded, plan).digest
    graded.blocked_reason = "fraud"
    graded.save(update_fields=["blocked_reason"])
    with walks.nothing_changes(), pytest.raises(steps.CustomerBlocked):
        place(graded, plan, digest=shown)


def test_another_customers_address_is_refused(graded: Customer, proved: Customer, plan: LeasePlan) -> None:
    with walks.nothing_changes(), pytest.raises(ValueError, match="another customer's address"):
        checkout.place(graded, plan.pk, 12, address(proved), cost(graded, plan).digest, "k1", AT)


def test_a_withdrawn_plan_is_refused(graded: Customer, plan: LeasePlan) -> None:
    shown = cost(graded, plan).digest
    plans.withdraw(plan.pk, "merchant:1", AT)
    with walks.nothing_changes(), pytest.raises(cost_tables.PlanUnavailable):
        place(graded, plan, digest=shown)


def test_out_of_stock_is_refused(graded: Customer, plan: LeasePlan) -> None:
    StockLevel.objects.filter(merchant=plan.merchant, sku=plan.sku).update(on_hand=0)
    with walks.nothing_changes(), pytest.raises(stock.OutOfStock):
        place(graded, plan)


def test_a_quota_taken_behind_the_quote_is_refused(
    graded: Customer, plan: LeasePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another order took the quota between the quote and the UPDATE: the conditional UPDATE refuses."""
    monkeypatch.setattr(quota, "standing", lambda *_: (Decimal("6000.00"), 0))
    shown = cost(graded, plan).digest
    QuotaAccount.objects.filter(customer=graded).update(limit=Decimal("3191.46"), granted=Decimal("3191.46"))
    with walks.nothing_changes(), pytest.raises(quota.QuotaExhausted):
        place(graded, plan, digest=shown)


def test_the_sixth_open_order_is_refused_until_one_is_cancelled(proved: Customer, plan: LeasePlan) -> None:
    placed = [place(proved, plan, f"k{n}").orders.get() for n in range(5)]
    with walks.nothing_changes(), pytest.raises(checkout.TooManyOpenOrders):
        place(proved, plan, "k6")
    cancellations.cancel(placed[0].pk, f"customer:{proved.pk}", "by_customer", AT)
    assert place(proved, plan, "k6").orders.get().state == State.PLACED


# requests that arrive twice


def test_the_same_request_gives_the_same_order(graded: Customer, plan: LeasePlan) -> None:
    shown = cost(graded, plan).digest
    first = place(graded, plan, "k1", digest=shown)
    with walks.nothing_changes():
        assert place(graded, plan, "k1", digest=shown) == first


def test_a_used_request_key_with_another_body_is_refused(graded: Customer, plan: LeasePlan) -> None:
    place(graded, plan, "k1")
    with walks.nothing_changes(), pytest.raises(RequestKeyReused):
        place(graded, plan, "k1", months=6)


def test_the_key_of_a_refused_request_may_be_used_again(graded: Customer, plan: LeasePlan) -> None:
    with pytest.raises(checkout.PriceChanged):
        place(graded, plan, "k1", digest="0" * 32)
    assert place(graded, plan, "k1").orders.count() == 1


def test_two_customers_may_use_the_same_key(graded: Customer, proved: Customer, plan: LeasePlan) -> None:
    assert place(graded, plan, "k1") != place(proved, plan, "k1")
