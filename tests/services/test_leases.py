"""A lease's life (domain.md §5, §6)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import Bill, Deposit, Lease
from billing.services import leases
from core.calendar import instant
from core.services import events
from tests import things

pytestmark = pytest.mark.django_db


def test_a_draft_has_every_bill_and_only_the_first_a_due_date() -> None:
    lease = things.lease(signed=False)
    bills = list(lease.bills.order_by("number"))
    assert [bill.number for bill in bills] == [1, 2, 3]
    assert {(bill.rent, bill.cover, bill.state) for bill in bills} == {(Decimal("541.83"), Decimal(10), "OPEN")}
    assert [bill.due_date for bill in bills] == [things.ON, None, None]
    assert lease.contract_total == Decimal("1655.49")  # 3 × 551.83
    assert leases.terms_of(lease) == things.TERMS


def test_a_draft_takes_a_handful_of_statements_whatever_its_months() -> None:
    of, merchant = things.customer(), things.merchant()
    with CaptureQueriesContext(
        connection,
    ) as long:
        leases.draft("L-1", of, merchant, things.TERMS, Decimal(100), Decimal(0), things.AT)
    inserts = [query["sql"] for query in long.captured_queries if query["sql"].startswith("INSERT")]
    assert len(inserts) == 3  # lease, bills, deposit


@pytest.mark.parametrize(("waived", "state", "to_hold"), [("500", "DUE", "1500"), ("2000", "SECURED", "0")])
def test_the_deposit_is_secured_at_once_when_all_of_it_is_waived(waived: str, state: str, to_hold: str) -> None:
    deposit = Deposit.objects.get(lease=things.lease(deposit="2000", waived=waived))
    assert (deposit.state, deposit.to_hold) == (state, Decimal(to_hold))


def test_more_than_the_deposit_is_never_waived() -> None:
    with pytest.raises(ValueError, match="amount"):
        things.lease(deposit="100", waived="100.01")


def test_receipt_sets_every_later_due_date_from_the_start() -> None:
    lease = things.lease(start=date(2026, 3, 31))
    assert [bill.due_date for bill in lease.bills.order_by("number")] == [
        things.ON,  # the checkout's
        date(2026, 4, 30),
        date(2026, 5, 31),
    ]
    assert (lease.state, lease.start, lease.last_day) == ("LIVE", date(2026, 3, 31), date(2026, 6, 29))
    assert lease.bills.get(number=3).period_end == lease.last_day


def test_a_lease_begins_once() -> None:
    lease = things.lease(start=things.ON)
    with pytest.raises(leases.LeaseNotDraft):
        leases.begin(lease.pk, things.ON + timedelta(days=1), things.AT)
    lease = things.again(lease)
    assert lease.start == things.ON


def test_a_lease_that_nobody_signed_does_not_begin() -> None:
    lease = things.lease(signed=False)
    with pytest.raises(leases.LeaseNotFrozen):
        leases.begin(lease.pk, things.ON, things.AT)
    assert not lease.bills.filter(period_start__isnull=False).exists()


def test_signing_freezes_once() -> None:
    lease = things.lease()
    leases.freeze_amounts(lease.pk, things.AT + timedelta(days=1))
    lease = things.again(lease)
    assert lease.frozen_at == things.AT


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE billing_lease SET terms = '{}' WHERE id = %s",
        "UPDATE billing_lease SET contract_total = 1 WHERE id = %s",
        "UPDATE billing_lease SET frozen_at = NULL WHERE id = %s",
        "UPDATE billing_bill SET rent = 1 WHERE lease_id = %s",
        "UPDATE billing_bill SET cover = 0 WHERE lease_id = %s",
    ],
)
def test_the_database_refuses_to_change_what_was_signed(change: str) -> None:
    lease = things.lease()
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [lease.pk])


def test_amounts_of_an_unsigned_lease_may_still_change() -> None:
    lease = things.lease(signed=False)
    assert Bill.objects.filter(lease=lease).update(rent=Decimal(1)) == 3


def test_a_void_lease_has_void_bills_and_stays_void() -> None:
    lease = things.lease()
    things.paid(things.bill(lease))
    leases.void(lease.pk, things.AT)
    leases.void(lease.pk, things.AT)
    assert Lease.objects.get(pk=lease.pk).state == "VOID"
    assert set(lease.bills.values_list("state", flat=True)) == {"VOID"}
    assert [event.kind for event in events.of(lease)] == ["lease_void"]


def test_a_running_lease_is_not_void() -> None:
    lease = things.lease(start=things.ON)
    with pytest.raises(leases.LeaseNotDraft):
        leases.void(lease.pk, things.AT)


def test_a_closed_lease_owes_begun_periods_only() -> None:
    lease = things.lease(start=things.ON)
    leases.close(lease.pk, date(2026, 4, 2), instant(date(2026, 4, 2), 12))
    assert list(lease.bills.order_by("number").values_list("state", flat=True)) == ["OPEN", "OPEN", "VOID"]
    lease = things.again(lease)
    assert (lease.state, lease.ended_on) == ("CLOSED", date(2026, 4, 2))


def test_a_lease_that_has_not_begun_is_not_closed() -> None:
    with pytest.raises(leases.LeaseNotLive):
        leases.close(things.lease().pk, things.ON, things.AT)


def test_begin_locks_the_lease_before_its_bills() -> None:
    lease = things.lease()
    with CaptureQueriesContext(connection) as seen:
        leases.begin(lease.pk, things.ON, things.AT)
    assert locks(seen) == ["billing_lease", "billing_bill"]


def locks(seen: CaptureQueriesContext) -> list[str]:
    """The tables of the statements that lock rows, in order."""
    return [q["sql"].split(' FROM "')[1].split('"')[0] for q in seen.captured_queries if "FOR UPDATE" in q["sql"]]
