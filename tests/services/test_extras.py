"""Bills beside the agreement's: their own numbers, one amount, never a late fee, paid as any other."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing.models import Bill
from billing.rules.postings import Kind
from billing.services import extras, freeing, ledger, payoffs, statements
from billing.services.leases import LeaseNotLive
from tests import things, walks

pytestmark = pytest.mark.django_db
ON, AT = things.ON, things.AT


def test_an_extra_bill_has_its_own_numbers_and_never_a_late_fee() -> None:
    lease = things.lease(start=ON)
    first = extras.charge(lease.pk, Bill.Kind.DAMAGE, Decimal("300"), ON, AT)
    second = extras.charge(lease.pk, Bill.Kind.DAMAGE, Decimal("10.16"), ON, AT)
    assert (first.number, second.number) == (901, 902)
    view = statements.view(Bill.objects.select_related("lease").get(pk=first.pk), ON + timedelta(days=400))
    assert (view.owed_now, view.fee_now, view.is_overdue) == (Decimal("300.00"), Decimal(0), True)
    assert ledger.account(Kind.RECEIVABLE, customer=lease.customer_id).amount == Decimal("310.16")
    assert walks.broken() == {}


def test_a_payoff_asks_for_it_too_and_counts_only_the_agreements_periods() -> None:
    lease = things.lease(start=ON)
    before = payoffs.position(statements.statement(lease, ON), ON)
    extras.charge(lease.pk, Bill.Kind.DAMAGE, Decimal("300"), ON, AT)
    after = payoffs.position(statements.statement(lease, ON), ON)
    assert (after.period, after.owed) == (before.period, before.owed + 300)


def test_no_extra_bill_without_an_amount_or_on_a_lease_that_does_not_run() -> None:
    with pytest.raises(LeaseNotLive):
        extras.charge(things.lease().pk, Bill.Kind.DAMAGE, Decimal(1), ON, AT)
    lease = things.lease(start=ON)
    for kind, amount in ((Bill.Kind.DAMAGE, Decimal(0)), (Bill.Kind.RENT, Decimal(1))):
        with pytest.raises(ValueError, match="extra bill"):
            extras.charge(lease.pk, kind, amount, ON, AT)


def test_no_day_is_in_two_day_rents_of_a_lease_whatever_writes_them() -> None:
    lease = things.lease(start=ON)
    day = timedelta(days=1)
    first = extras.charge(lease.pk, Bill.Kind.DAY_RENT, Decimal(70), ON, AT, (ON, ON + 6 * day))
    with pytest.raises(IntegrityError), transaction.atomic():
        extras.charge(lease.pk, Bill.Kind.DAY_RENT, Decimal(10), ON, AT, (ON + 6 * day, ON + 7 * day))
    extras.charge(lease.pk, Bill.Kind.DAY_RENT, Decimal(10), ON, AT, (ON + 7 * day, ON + 7 * day))
    freeing.fall_away([first], AT)
    extras.charge(lease.pk, Bill.Kind.DAY_RENT, Decimal(20), ON, AT, (ON, ON + day))


@pytest.mark.parametrize("wrong", [{"number": 4}, {"number": 902, "fee": Decimal(1)}])
def test_the_database_keeps_the_two_series_apart(wrong: dict[str, object]) -> None:
    lease = things.lease(start=ON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Bill.objects.create(lease=lease, kind=Bill.Kind.DAMAGE, rent=Decimal(1), due_date=ON, **wrong)
