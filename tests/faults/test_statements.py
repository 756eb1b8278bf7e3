"""Reconciliation that dies half-way or runs twice at once: every line still ends once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.models import Match, ReconciliationException, StatementFile, StatementLine
from core import clock
from core.calendar import business_date, instant
from core.faults import KILLED
from orders.services import statements
from sandbox import keys
from tests import movements, things, walks
from tests.faults import together

pytestmark = pytest.mark.django_db(transaction=True)
AGO = 2


@pytest.fixture
def day() -> date:
    """Three payments of the day before yesterday; the child's clock is the machine's."""
    keys.make_all()
    found = business_date(clock.now()) - timedelta(days=AGO)
    customer = things.customer()
    for hour in (9, 10, 11):
        movements.payment(customer, "alipay", Decimal("309.00"), instant(found, hour))
    return found


def require_whole() -> None:
    assert (StatementFile.objects.count(), StatementLine.objects.count(), Match.objects.count()) == (1, 3, 3)
    assert not ReconciliationException.objects.exists()
    assert walks.broken() == {}


@pytest.mark.parametrize("fault", ["statement.stored", "statement.asked"])
def test_what_died_half_way_is_taken_up_where_it_was(day: date, fault: str) -> None:
    at = clock.now()
    assert together.child("statement", AGO, at, fault, module="tests.faults.dying") == KILLED
    assert StatementFile.objects.get().reconciled_at is None
    assert not Match.objects.exists()
    statements.reconcile("alipay", day, at)
    require_whole()


def test_two_workers_at_once_match_once(day: date) -> None:
    at = clock.now()
    files = together.at_once([lambda: statements.reconcile("alipay", day, at)] * 3)
    assert len({file.pk for file in files}) == 1
    require_whole()
