"""Several devices in one checkout: shared quota, all or nothing, each order going its own way (capability D3)."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from billing.models import Deposit
from catalog.models import LeasePlan, StockLevel
from catalog.services import plans, stock
from core import calendar
from core.errors import DomainError
from credit.models import Hold, QuotaAccount
from credit.services import decisions
from orders.models import Checkout, Order, State
from orders.rules.costs import Step, Together
from orders.services import cancellations, checkout, waits
from orders.services.cost_tables import Wanted
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT
ON = calendar.business_date(AT)
LATER = AT + timedelta(minutes=5)


@pytest.fixture(scope="module", autouse=True)
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """A graded customer (726, tier B: 80 %, 8,000, at most 6,000 a checkout, two devices) and two merchants' plans."""
    with walks.kept(django_db_blocker):
        of = make.customer(726)
        make.address(of)
        yield {"of": of.pk, "q7": make.plan().pk, "mini": make.plan("mini-4").pk, "x2": make.plan("lan-x2").pk}


@pytest.fixture
def of(stage: dict[str, int]) -> Customer:
    return Customer.objects.get(pk=stage["of"])


def plan(stage: dict[str, int], name: str) -> LeasePlan:
    return LeasePlan.objects.get(pk=stage[name])


def wanted(stage: dict[str, int], *names: str, months: int = 12) -> list[Wanted]:
    return [Wanted(stage[name], months) for name in names]


def shown(of: Customer, chosen: list[Wanted]) -> Together:
    found = [(LeasePlan.objects.get(pk=each.plan), each) for each in chosen]
    return checkout.quote_together(of, found, ON)


def place(of: Customer, chosen: list[Wanted], key: str = "k1", kind: str = "", digest: str = "") -> Checkout:
    where = of.addresses.latest("pk")
    return checkout.place_together(of, chosen, where, digest or shown(of, chosen).digest, key, AT, kind)


def held(of: Customer) -> Decimal:
    amount: Decimal = QuotaAccount.objects.get(customer=of).held
    return amount


def test_each_device_becomes_an_order_on_the_figures_that_were_shown(of: Customer, stage: dict[str, int]) -> None:
    chosen = wanted(stage, "q7", "x2")
    table = shown(of, chosen)
    placed = place(of, chosen)
    orders = list(placed.orders.order_by("pk"))
    assert [order.plan_id for order in orders] == [stage["q7"], stage["x2"]]
    assert len({order.merchant_id for order in orders}) == 2
    for order, cost in zip(orders, table.tables, strict=True):
        deposit = order.lease.deposit
        assert (deposit.total, deposit.waived, deposit.to_hold) == (cost.deposit, cost.waived, cost.to_freeze)
        assert order.lease.contract_total == cost.total_to_return
        assert order.lease.bills.get(number=1).amount == cost.to_pay
    assert held(of) == table.waived == sum(Hold.objects.values_list("amount", flat=True))
    assert walks.broken() == {}


def test_the_dearest_device_is_served_first_and_a_third_one_pays_its_deposit(
    of: Customer, stage: dict[str, int]
) -> None:
    """q7: 80 % of 3,989.34 = 3,191.47. The tier waives for two devices: the cheapest of three gets nothing."""
    table = shown(of, wanted(stage, "mini", "q7", "x2"))
    by_deposit = sorted(table.tables, key=lambda each: -each.deposit)
    assert [each.limited_by for each in by_deposit][-1] == "devices"
    assert by_deposit[-1].waived == 0
    assert all(each.waived > 0 for each in by_deposit[:2])
    placed = place(of, wanted(stage, "mini", "q7", "x2"))
    assert Hold.objects.filter(order_number__in=placed.orders.values("number")).count() == 2


def test_one_device_is_the_same_alone_and_together(of: Customer, stage: dict[str, int]) -> None:
    alone = checkout.quote(of, plan(stage, "q7"), 12, ON)
    table = shown(of, wanted(stage, "q7"))
    assert table.tables == (alone,)
    assert table.digest == alone.digest
    assert place(of, wanted(stage, "q7")).orders.get().number == checkout.order_number(Checkout.objects.get())


def test_figures_that_were_shown_for_other_lines_order_nothing(of: Customer, stage: dict[str, int]) -> None:
    other = shown(of, wanted(stage, "x2", "q7")).digest
    with walks.nothing_changes(), pytest.raises(checkout.PriceChanged):
        place(of, wanted(stage, "q7", "x2"), digest=other)


@pytest.mark.parametrize("why", ["stock", "retired", "term", "room"])
def test_one_line_that_cannot_be_had_leaves_nothing_of_the_others(
    of: Customer, stage: dict[str, int], why: str
) -> None:
    chosen, refusal = wanted(stage, "q7", "x2"), ""
    if why == "stock":
        x2 = plan(stage, "x2")
        StockLevel.objects.filter(sku=x2.sku_id).update(reserved=0, on_hand=0)
        refusal = "out_of_stock"
    digest = shown(of, chosen).digest
    if why == "retired":
        plans.withdraw(stage["x2"], "operator:1", AT)
        refusal = "plan_unavailable"
    if why == "term":
        chosen = [*wanted(stage, "q7"), Wanted(stage["x2"], 99)]
        refusal = "plan_unavailable"
    if why == "room":
        chosen = wanted(stage, *["mini"] * 6, months=3)
        digest, refusal = shown(of, chosen).digest, "too_many_open_orders"
    with walks.nothing_changes(), pytest.raises(DomainError) as refused:
        place(of, chosen, digest=digest)
    assert refused.value.code == refusal


def test_a_second_press_orders_nothing_more(of: Customer, stage: dict[str, int]) -> None:
    chosen = wanted(stage, "q7", "x2")
    digest = shown(of, chosen).digest
    first = place(of, chosen, digest=digest)
    assert place(of, chosen, digest=digest) == first
    assert Order.objects.count() == 2


def test_each_order_goes_its_own_way(of: Customer, stage: dict[str, int]) -> None:
    """Both are approved; one is cancelled: its unit and its part of the quota are free, the other stands."""
    first, second = place(of, wanted(stage, "q7", "x2")).orders.order_by("pk")
    make.drain(AT)
    assert {walks.read(each).state for each in (first, second)} == {State.APPROVED}
    before = stock.available(second.merchant_id, second.plan.sku_id)
    cancellations.cancel(second.pk, f"customer:{of.pk}", "by_customer", LATER)
    assert stock.available(second.merchant_id, second.plan.sku_id) == before + 1
    assert held(of) == first.lease.deposit.waived
    assert walks.read(first).state == State.APPROVED
    assert walks.broken() == {}


def test_unpaid_orders_of_a_checkout_give_back_stock_and_quota(of: Customer, stage: dict[str, int]) -> None:
    placed = place(of, wanted(stage, "q7", "x2"))
    make.drain(AT)
    levels = [(each.merchant_id, each.plan.sku_id) for each in placed.orders.select_related("plan")]
    before = [stock.available(*level) for level in levels]
    waits.end_due(AT + timedelta(hours=3))
    assert {each.state for each in placed.orders.all()} == {State.CANCELLED}
    assert [stock.available(*level) for level in levels] == [each + 1 for each in before]
    assert held(of) == 0


def test_who_would_rather_pay_pays_every_deposit(of: Customer, stage: dict[str, int]) -> None:
    placed = place(of, wanted(stage, "q7", "x2"), kind="PAID")
    assert set(Deposit.objects.filter(lease__order__checkout=placed).values_list("kind", flat=True)) == {"PAID"}


def test_a_rent_leaves_less_of_the_income_for_the_lines_after_it(
    of: Customer, stage: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 a month carry the first rent of 309, not a second one."""
    monkeypatch.setattr(decisions, "rent_limit", lambda _decision: Decimal("500.00"))
    first, second = shown(of, wanted(stage, "q7", "q7")).tables
    assert (first.forbidden, second.forbidden) == ("", "income")
    with walks.nothing_changes(), pytest.raises(checkout.ScheduleForbidden):
        place(of, wanted(stage, "q7", "q7"))


def test_months_cost_less_once_a_lease_has_ended(of: Customer, stage: dict[str, int]) -> None:
    long, short = Wanted(stage["q7"], 12), Wanted(stage["mini"], 3)
    table = shown(of, [long, short])
    rents = [each.to_pay for each in table.tables]
    assert table.monthly == [Step(2, 3, rents[0] + rents[1]), Step(4, 12, rents[0])]
    assert table.total_to_return == rents[0] * 12 + rents[1] * 3


def test_a_further_device_costs_few_more_statements(of: Customer, stage: dict[str, int]) -> None:
    counted = []
    for key, names in (("a", ["q7"]), ("b", ["q7", "x2"])):
        chosen = wanted(stage, *names)
        digest = shown(of, chosen).digest
        with CaptureQueriesContext(connection) as seen:
            place(of, chosen, key, digest=digest)
        counted.append(len(seen))
    assert counted[1] - counted[0] <= 14, counted
