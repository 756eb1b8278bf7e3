"""The quota: held within granted whatever happens, in any order."""

import os
import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Customer
from core.invariants import violations
from credit.invariants import INVARIANTS
from credit.models import Hold, QuotaAccount
from credit.rules.quota import HOLD, LIMIT, Step
from credit.services import quota, quota_book
from tests import worked
from tests.quota_walk import Walk
from tests.trust import AT, signed_up

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def customer() -> Customer:
    made = signed_up()
    quota.set_limit(made, D(1000), AT, reason="decision")
    return made


def hold(customer: Customer, number: str, amount: str) -> Hold:
    with transaction.atomic():
        return quota.hold(customer, number, D(amount), AT)


def account(customer: Customer) -> tuple[object, object, object]:
    """Limit, granted and held."""
    row = QuotaAccount.objects.get(customer=customer)
    return row.limit, row.granted, row.held


def test_a_hold_lowers_what_is_available(customer: Customer) -> None:
    hold(customer, "XO1", "300.00")
    assert quota.available(customer) == D("700.00")
    assert quota.devices_held(customer) == 1


def test_the_last_fen_fits_and_one_more_does_not(customer: Customer) -> None:
    hold(customer, "XO1", "999.99")
    with pytest.raises(quota.QuotaExhausted):
        hold(customer, "XO2", "0.02")
    hold(customer, "XO2", "0.01")
    assert quota.available(customer) == 0


def test_without_an_account_nothing_fits() -> None:
    nobody = signed_up("13800000002")
    assert quota.available(nobody) == 0
    with pytest.raises(quota.QuotaExhausted):
        hold(nobody, "XO1", "0.01")


def test_a_release_gives_back_once(customer: Customer) -> None:
    hold(customer, "XO1", "300.00")
    assert quota.release("XO1", "cancelled", AT)
    assert not quota.release("XO1", "settled", AT)
    assert not quota.release("XO9", "cancelled", AT)
    assert account(customer) == (1000, 1000, 0)
    row = Hold.objects.get()
    assert (row.state, row.reason, row.released_at) == ("RELEASED", "cancelled", AT)


def test_the_same_hold_asked_for_again_is_the_same(customer: Customer) -> None:
    assert hold(customer, "XO1", "300.00") == hold(customer, "XO1", "300.00")
    assert account(customer) == (1000, 1000, 300)


def test_an_order_has_one_hold_for_ever(customer: Customer) -> None:
    hold(customer, "XO1", "300.00")
    with pytest.raises(ValueError, match="another hold"):
        hold(customer, "XO1", "200.00")
    quota.release("XO1", "cancelled", AT)
    with pytest.raises(ValueError, match="another hold"):
        hold(customer, "XO1", "300.00")


def test_a_hold_goes_with_the_order_that_failed(customer: Customer) -> None:
    with transaction.atomic():
        quota.hold(customer, "XO1", D(300), AT)
        transaction.set_rollback(True)
    assert account(customer) == (1000, 1000, 0)
    assert Hold.objects.count() == 0


def test_lowering_the_limit_keeps_what_is_held(customer: Customer) -> None:
    """granted = max(limit, held), available = max(0, limit − held); releases bring it down to the limit."""
    hold(customer, "XO1", "300.00")
    hold(customer, "XO2", "500.00")
    quota.set_limit(customer, D(400), AT, reason="decision")
    assert account(customer) == (400, 800, 800)
    assert quota.available(customer) == 0
    with pytest.raises(quota.QuotaExhausted):
        hold(customer, "XO3", "0.01")
    quota.release("XO2", "settled", AT)
    assert account(customer) == (400, 400, 300)
    assert quota.available(customer) == 100


def test_more_devices_than_the_tier_allows_are_not_held(customer: Customer) -> None:
    with transaction.atomic():
        quota.hold(customer, "XO1", D(100), AT, most_devices=2)
        quota.hold(customer, "XO2", D(100), AT, most_devices=2)
    with pytest.raises(quota.DevicesExhausted), transaction.atomic():
        quota.hold(customer, "XO3", D(100), AT, most_devices=2)
    assert account(customer) == (1000, 1000, 200)


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_a_hold_of_nothing_is_nonsense(customer: Customer, amount: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        hold(customer, "XO1", amount)


def test_one_customers_quota_is_not_anothers(customer: Customer) -> None:
    other = signed_up("13800000002")
    quota.set_limit(other, D(50), AT, reason="decision")
    hold(customer, "XO1", "300.00")
    assert quota.available(other) == 50


def test_the_guard_is_one_conditional_update(customer: Customer) -> None:
    """A race test can pass with a read in front; the SQL cannot lie: the condition stands in the UPDATE itself."""
    with CaptureQueriesContext(connection) as queries:
        hold(customer, "XO1", "300.00")
    updates = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert len(updates) == 1
    assert '"limit" >= ' in updates[0].partition("WHERE")[2]
    release_first = CaptureQueriesContext(connection)
    with release_first:
        quota.release("XO1", "cancelled", AT)
    sql = [query["sql"] for query in release_first]
    locked = next(i for i, text in enumerate(sql) if "FOR UPDATE" in text)
    changed = next(i for i, text in enumerate(sql) if 'UPDATE "credit_quotaaccount"' in text)
    assert locked < changed


@pytest.mark.parametrize("sql", ["SET held = granted + 1", "SET granted = granted + 1", 'SET "limit" = 2000'])
def test_raw_sql_meets_the_checks(customer: Customer, sql: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE credit_quotaaccount {sql}")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), st.integers(0, 7), st.integers(1, 60000)),
        st.tuples(st.just("release"), st.integers(0, 7), st.just(0)),
        st.tuples(st.just("limit"), st.just(0), st.integers(0, 100000)),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_nothing_is_lost_or_made_in_any_order_of_steps(customer: Customer, steps: list[tuple[str, int, int]]) -> None:
    """A model of two numbers beside the service: limit and the holds by order."""
    savepoint = transaction.savepoint()
    limit, held, gone = D(1000), dict[str, Decimal](), set[str]()
    for verb, order, cents in steps:
        number, amount = f"XO{order}", D(cents) / 100
        if verb == "limit":
            limit = amount
            quota.set_limit(customer, amount, AT, reason="decision")
        elif verb == "release":
            assert quota.release(number, "test", AT) == (number in held)
            gone |= {number} & held.keys()
            held.pop(number, None)
        elif number not in gone | held.keys():
            try:
                hold(customer, number, str(amount))
                held[number] = amount
            except quota.QuotaExhausted:
                assert sum(held.values()) + amount > limit
        total = sum(held.values(), D(0))
        assert account(customer) == (limit, max(limit, total), total)
        assert quota.available(customer) == max(D(0), limit - total)
        assert quota.devices_held(customer) == len(held)
    transaction.savepoint_rollback(savepoint)


def test_a_long_random_walk_through_the_database_conserves_the_quota(customer: Customer) -> None:
    """The plain model beside the service; QUOTA_STEPS=10000 walks the whole way (docs/domain/credit.md)."""
    walk = Walk(random.Random(20260302), AT)
    walk.limit = D(1000)
    for _ in range(int(os.environ.get("QUOTA_STEPS", "300"))):
        refused, step = len(walk.refused), walk.next()
        if len(walk.refused) > refused:
            with pytest.raises(quota.QuotaExhausted):
                hold(customer, "XO-refused", str(walk.refused[-1]))
        if step is None:
            continue
        _take(customer, step)
        held = sum(walk.open.values(), D(0))
        assert account(customer) == (walk.limit, max(walk.limit, held), held)
    lines = quota_book.of(customer)
    assert (lines[0].after.limit, lines[0].after.held) == (walk.limit, sum(walk.open.values(), D(0)))
    assert Hold.objects.filter(state=Hold.State.HELD).count() == len(walk.open)
    assert [each.name for each in INVARIANTS if violations(each)] == []


def _take(customer: Customer, step: Step) -> None:
    if step.kind == LIMIT:
        quota.set_limit(customer, step.amount, step.at, reason=step.reason)
    elif step.kind == HOLD:
        with transaction.atomic():
            quota.hold(customer, step.order_number, step.amount, step.at)
    else:
        assert quota.release(step.order_number, step.reason, step.at)
        assert not quota.release(step.order_number, step.reason, step.at)


def test_the_book_tells_limits_holds_and_releases_with_their_reasons(customer: Customer) -> None:
    hold(customer, "XO1", "300.00")
    quota.set_limit(customer, D(200), AT + timedelta(days=1), reason="overdue")
    quota.release("XO1", "settled", AT + timedelta(days=2))
    lines = quota_book.of(customer)
    assert [(quota_book.kind(line), line.step.reason, line.after.free) for line in lines] == [
        ("RELEASE", "settled", D(200)),
        ("LOWERED", "overdue", D(0)),
        ("HOLD", "", D(700)),
        ("RAISED", "decision", D(1000)),
    ]
    assert quota_book.why("overdue") != "overdue"


def test_without_a_decision_there_is_no_book() -> None:
    assert quota_book.of(signed_up("13800000002")) == []


@pytest.mark.parametrize("row", worked.table("credit", "The quota"))
def test_the_documented_quotas(row: dict[str, str]) -> None:
    """Held under a wide limit first, then the limit is set."""
    customer = signed_up("13800000002")
    quota.set_limit(customer, D(10000), AT, reason="decision")
    if row["held"] != "0":
        hold(customer, "XO1", row["held"])
    quota.set_limit(customer, D(row["limit"]), AT, reason="decision")
    assert account(customer) == (D(row["limit"]), D(row["granted"]), D(row["held"]))
    assert quota.available(customer) == D(row["available"])


SWAPS = st.lists(
    st.tuples(st.sampled_from(["hold", "swap", "release", "limit"]), st.integers(1, 6), st.integers(1, 120_000)),
    max_size=30,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SWAPS)
def test_a_swap_takes_the_larger_of_both_until_the_older_one_is_given_back(
    customer: Customer, steps: list[tuple[str, int, int]]
) -> None:
    """A model beside the service: each order's amount and what it replaces. The book ends where the account is."""
    savepoint = transaction.savepoint()
    limit, held, replaces = D(1000), dict[str, Decimal](), dict[str, str]()

    def total(holds: dict[str, Decimal]) -> Decimal:
        carried = [min(a, holds[replaces[n]]) for n, a in holds.items() if replaces.get(n) in holds]
        return sum(holds.values(), D(0)) - sum(carried, D(0))

    for count, (verb, order, cents) in enumerate(steps):
        amount, at = D(cents) / 100, AT + timedelta(minutes=count + 1)
        if verb == "limit":
            limit = amount
            quota.set_limit(customer, amount, at, reason="decision")
        elif verb == "release" and held:
            number = sorted(held)[order % len(held)]
            assert quota.release(number, "test", at)
            del held[number]
        elif verb in ("hold", "swap"):
            free = [n for n in sorted(held) if replaces.get(n) not in held and n not in
                    {replaces.get(m) for m in held}]  # fmt: skip
            old = free[order % len(free)] if verb == "swap" and free else ""
            more = max(D(0), amount - held[old]) if old else amount
            try:
                with transaction.atomic():
                    quota.hold(customer, f"XO{count}", amount, at, replaces=old)
                if old:
                    replaces[f"XO{count}"] = old
                held[f"XO{count}"] = amount
            except quota.QuotaExhausted:
                assert total(held) + more > limit
        assert account(customer) == (limit, max(limit, total(held)), total(held))
    assert quota_book.of(customer)[0].after.held == total(held)
    assert sum(one.takes for one in quota.holds(customer)) == total(held)
    assert [each.name for each in INVARIANTS if violations(each)] == []
    transaction.savepoint_rollback(savepoint)


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Swap: the quota"), ids=str)
def test_the_documented_swaps(customer: Customer, row: dict[str, str]) -> None:
    quota.set_limit(customer, D(row["limit"]), AT, reason="decision")
    hold(customer, "XO1", row["old hold"])
    assert quota.standing(customer, "XO1") == (D(row["limit"]), 0)
    with transaction.atomic():
        made = quota.hold(customer, "XO2", D(row["new waiver"]), AT, replaces="XO1")
    assert made.counted_back == D(row["counted back"])
    assert account(customer)[2] == D(row["held with both"])
    quota.release("XO1", "settled", AT)
    assert account(customer)[2] == D(row["held after the old one"])
