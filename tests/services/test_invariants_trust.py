"""Each invariant of people and credit sees one violation planted past its guard."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import connection, transaction

from accounts import invariants as accounts
from accounts.models import Customer
from core.invariants import Invariant, all_invariants, violations
from core.models import Event
from credit import invariants as credit
from credit.rules.facts import Record
from credit.services import quota, reports
from tests import cards
from tests.trust import AT, draft, graded, id_number, proven, published, signed_up, tiers_in_force

pytestmark = pytest.mark.django_db

OURS = accounts.INVARIANTS + credit.INVARIANTS
QUOTA_CHECKS = ("credit_quota_held_within_granted", "credit_quota_granted_is_limit_or_held")


def invariant(number: str) -> Invariant:
    (found,) = [each for each in OURS if each.number == number]
    return found


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@contextmanager
def unguarded(table: str, *drops: str) -> Iterator[None]:
    """The table without its triggers and without the named constraints; the test's rollback brings both back."""
    run(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER")
    for drop in drops:
        run(f"ALTER TABLE {table} DROP CONSTRAINT {drop}")
    yield


@pytest.fixture
def holder() -> Customer:
    """A customer with every kind of row, all of it sound."""
    customer = proven()
    graded(customer, 700)
    with transaction.atomic():
        quota.hold(customer, "XO1", Decimal(1000), AT)
    return customer


def test_what_the_services_make_is_sound(holder: Customer) -> None:
    quota.set_limit(holder, Decimal(10), AT, reason="decision")
    quota.release("XO1", "cancelled", AT)
    assert {each.number for each in OURS} == {
        "1",
        "2",
        "3",
        "3s",
        "5",
        "5b",
        "30",
        "33b",
        "34",
        "36",
        "39",
        "42",
        "42b",
    }
    assert all(each in all_invariants() for each in OURS)
    assert [each.name for each in OURS if violations(each)] == []


def test_1_more_held_than_granted_is_seen(holder: Customer) -> None:
    with unguarded("credit_quotaaccount", *QUOTA_CHECKS):
        run("UPDATE credit_quotaaccount SET granted = 999.99")
    assert violations(invariant("1")) == 1


def test_2_a_column_that_is_not_the_sum_is_seen(holder: Customer) -> None:
    with unguarded("credit_hold"):
        run("UPDATE credit_hold SET amount = 999.99")
    assert violations(invariant("2")) == 1
    assert violations(invariant("1")) == 0


def test_3_two_holds_of_one_order_are_seen(holder: Customer) -> None:
    with unguarded("credit_hold", "credit_hold_order_number_key"):
        run(
            "INSERT INTO credit_hold (account_id, order_number, amount, state, held_at, reason)"
            " SELECT account_id, order_number, 1, 'HELD', held_at, '' FROM credit_hold"
        )
    assert violations(invariant("3")) == 1


def test_3_a_release_without_its_time_is_seen(holder: Customer) -> None:
    with unguarded("credit_hold"):
        run("UPDATE credit_hold SET state = 'RELEASED'")
    assert violations(invariant("3")) == 1


def test_3s_a_hold_that_counts_back_more_than_the_older_one_has_is_seen(holder: Customer) -> None:
    quota.set_limit(holder, Decimal(5000), AT, reason="decision")
    with transaction.atomic():
        quota.hold(holder, "XO2", Decimal(2000), AT, replaces="XO1")
    assert violations(invariant("3s")) == 0
    with unguarded("credit_hold"):
        run("UPDATE credit_hold SET counted_back = 1999 WHERE order_number = 'XO2'")
    assert violations(invariant("3s")) == 1


def test_5_a_limit_that_granted_does_not_follow_is_seen(holder: Customer) -> None:
    with unguarded("credit_quotaaccount", *QUOTA_CHECKS):
        run('UPDATE credit_quotaaccount SET "limit" = 10')
    assert violations(invariant("5")) == 1


def test_5b_a_limit_that_no_change_set_is_seen(holder: Customer) -> None:
    with unguarded("credit_quotaaccount", *QUOTA_CHECKS):
        run('UPDATE credit_quotaaccount SET "limit" = 7000, granted = 7000')
    assert violations(invariant("5b")) == 1
    assert violations(invariant("5")) == 0


def test_30_two_live_accounts_with_one_id_number_are_seen(holder: Customer) -> None:
    other = signed_up("13800000002")
    with unguarded("accounts_identityverification"):
        run("DROP INDEX accounts_verification_one_live_per_id")
        run(
            "INSERT INTO accounts_identityverification (customer_id, state, seal_row, name, id_number, id_index,"
            " birthday, reason, requested_at, answered_at)"
            f" SELECT {other.pk}, state, gen_random_uuid(), name, id_number, id_index, birthday, '', requested_at,"
            " answered_at FROM accounts_identityverification"
        )
    assert violations(invariant("30")) == 1


def test_30_an_answer_without_its_time_is_seen(holder: Customer) -> None:
    with unguarded("accounts_identityverification"):
        run("UPDATE accounts_identityverification SET answered_at = NULL")
    assert violations(invariant("30")) == 1


@pytest.mark.parametrize(
    ("table", "column", "plain"),
    [
        ("accounts_identityverification", "id_number", id_number()),
        ("accounts_identityverification", "name", "林晓"),
        ("accounts_user", "phone", "13800000001"),
        ("notices_message", "phone", "13800000001"),
    ],
)
def test_34_a_fact_in_plain_text_is_seen(holder: Customer, table: str, column: str, plain: str) -> None:
    with unguarded(table):
        run(f"UPDATE {table} SET {column} = '{plain}' WHERE id = (SELECT max(id) FROM {table} WHERE {column} <> '')")
    assert violations(invariant("34")) == 1


def test_34_a_sealed_fact_without_its_index_is_seen(holder: Customer) -> None:
    run("UPDATE accounts_user SET phone_index = NULL")
    assert violations(invariant("34")) == 1


def test_34_every_opening_of_a_sealed_fact_is_an_event(holder: Customer) -> None:
    phone = holder.user.phone
    assert phone is not None
    before = Event.objects.filter(kind="unsealed").count()
    phone.open(by="operator:1", purpose="call", at=AT)
    assert Event.objects.filter(kind="unsealed").count() == before + 1


def _no_lowest_band() -> None:
    run("UPDATE credit_waivertier SET from_score = 360 WHERE from_score = 350")


def _two_equal_bands() -> None:
    run("UPDATE credit_waivertier SET from_score = 550 WHERE from_score = 620")


def _no_band() -> None:
    run("DELETE FROM credit_waivertier")


@pytest.mark.parametrize("plant", [_no_lowest_band, _two_equal_bands, _no_band])
def test_39_a_table_that_does_not_cover_the_scores_is_seen(plant: Callable[[], None]) -> None:
    tiers_in_force()
    with unguarded("credit_waivertier", "credit_tier_from_once"):
        plant()
    assert violations(invariant("39")) == 1


def test_39_two_tables_in_force_are_seen() -> None:
    tiers_in_force()
    draft()
    with unguarded("credit_tierset"):
        run("DROP INDEX credit_tier_set_one_published")
        run("UPDATE credit_tierset SET state = 'PUBLISHED'")
    assert violations(invariant("39")) == 1


@pytest.mark.parametrize(
    "change",
    [
        "inputs = jsonb_set(inputs, '{score}', '900')",
        "outcome = 'REFUSE'",
        "tier_id = NULL",
        "inputs = jsonb_set(inputs, '{blocked}', 'true')",
    ],
)
def test_42_a_decision_that_does_not_replay_is_seen(holder: Customer, change: str) -> None:
    with unguarded("credit_decision"):
        run(f"UPDATE credit_decision SET {change}")
    assert violations(invariant("42")) == 1


def test_42_an_old_decision_replays_on_its_own_table(holder: Customer) -> None:
    published(draft([(350, "X", "APPROVE", "ALL", 0, 0, 90000, 90000)]))
    assert violations(invariant("42")) == 0


def test_42b_a_score_that_is_not_the_sum_of_its_parts_is_seen() -> None:
    cards.in_force()
    tiers_in_force(source="own")
    asked = reports.ask_own(proven(), AT)
    reports.fetch(asked.pk, AT, Record())
    assert violations(invariant("42b")) == 0
    with unguarded("credit_decision"):
        run("UPDATE credit_decision SET inputs = jsonb_set(inputs, '{score}', to_jsonb((inputs ->> 'score')::int - 1))")
    assert violations(invariant("42b")) == 1


def test_33b_a_table_or_card_that_one_person_put_into_force_is_seen(holder: Customer) -> None:
    cards.draft()
    draft()
    for each in (each for each in OURS if each.number == "33b"):
        table = "credit_tierset" if "tier_set" in each.name else "credit_scorecard"
        with unguarded(table):
            run(f"UPDATE {table} SET state = 'SUPERSEDED', published_at = now() WHERE state = 'DRAFT'")
        assert violations(each) == 1
