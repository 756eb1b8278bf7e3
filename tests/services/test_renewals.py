"""Renting on: offered, signed as an addendum, begun on its first day or lapsed; once, against everything else."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import Bill, Lease, Renewal
from catalog.models import LeasePlan
from contracts.models import Agreement, Document
from contracts.services import agreements, documents
from core import calendar
from core.errors import DomainError
from orders.models import Ending, Order, State
from orders.services import buyouts, early_returns, endings, renewals, returns, waits
from sandbox.services import sms
from tests import make, walks
from tests.quick_paper import quick_paper

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2025, 8, 31), 10)
LAST = date(2026, 2, 27)  # six months from 31 August
ON = calendar.instant(date(2026, 2, 10), 12)
FIRST = calendar.instant(date(2026, 2, 28))


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """A phone on lease for six months, all of which are paid."""
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=6, at=AT)
        for number in range(2, 7):
            make.pay_bill(order, number, ON)
        yield order.pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def me(order: Order) -> str:
    return f"customer:{order.customer_id}"


def opened(order: Order, months: int = 3, at: Any = ON) -> Ending:
    """A renewal whose addendum is there to be signed; quick paper."""
    offer = {each.months: each for each in renewals.offers(order, at.date())}[months]
    ending = renewals.open(order.pk, months, me(order), at, offer.code)
    with quick_paper():
        make.drain(at)
    return ending


def paper_of(ending: Ending) -> Agreement:
    assert ending.paper_id is not None
    return Agreement.objects.get(pk=ending.paper_id)


def sign(order: Order, at: Any = ON) -> None:
    with make.moment(at):
        renewals.request_code(walks.read(order), at)
    with quick_paper():
        make.drain(at)
        code = sms.latest(make.phone_of(order.customer, at)).params["code"]
        renewals.intend(order.pk, ["TERM", "RENT", "REST", "SIGNATURE"], code, {"address": "127.0.0.1"}, at)
        make.drain(at)


def rents(order: Order) -> list[tuple[int, date | None, Decimal, str]]:
    rows = Bill.objects.filter(lease=order.lease_id, kind="RENT").order_by("number")
    return [(bill.number, bill.due_date, bill.rent, bill.state) for bill in rows]


def test_offered_signed_and_begun_its_bills_stand_and_the_end_moves(order: Order) -> None:
    before = LAST
    shown = renewals.offers(order, ON.date())
    assert [each.months for each in shown][:2] == [1, 3]
    ending = opened(order)
    sign(order)
    paper = paper_of(ending)
    assert (paper.state, paper.kind) == (Agreement.State.SIGNED, Agreement.Kind.RENEWAL)
    assert Lease.objects.get(pk=order.lease_id).last_day == before  # nothing has changed yet
    assert walks.told(order, "renewal_signed") == 1
    with walks.nothing_changes():
        waits.end_due(FIRST - timedelta(seconds=1))
    waits.end_due(FIRST)
    waits.end_due(FIRST)  # once
    order = walks.read(order)
    rent = shown[1].after.monthly_rent
    assert rents(order)[6:] == [
        (7, date(2026, 2, 28), rent, "OPEN"),
        (8, date(2026, 3, 31), rent, "OPEN"),
        (9, date(2026, 4, 30), rent, "OPEN"),
    ]
    assert (order.state, order.lease.months, order.lease.last_day) == (State.ACTIVE, 9, date(2026, 5, 30))
    assert Ending.objects.get(pk=ending.pk).state == Ending.State.DONE
    assert Renewal.objects.filter(lease=order.lease).count() == 1
    assert walks.told(order, "renewal_begun") == 1
    assert walks.broken() == {}


def test_a_renewed_lease_is_bought_at_the_lower_price_and_sent_back_early_at_the_new_rent(order: Order) -> None:
    shown = renewals.offers(order, ON.date())[1]
    opened(order)
    sign(order)
    waits.end_due(FIRST)
    order = walks.read(order)
    on = date(2026, 4, 2)
    bought = buyouts.quote(order, on)
    assert (bought.period, bought.payoff.price) == (8, shown.after.curve[7])
    assert shown.price_before is not None
    assert bought.payoff.price == shown.price_before - 2 * shown.after.monthly_rent
    early = early_returns.quote(order, on, Ending.Basis.EARLY)
    assert early.payoff.price == shown.after.monthly_rent


def test_unsigned_it_expires_and_the_lease_is_as_it_was(order: Order) -> None:
    as_it_was = rents(order)
    ending = opened(order)
    assert ending.valid_until == ON + renewals.SIGN_WITHIN
    waits.end_due(ending.valid_until)
    assert Ending.objects.get(pk=ending.pk).state == Ending.State.LAPSED
    assert paper_of(ending).state == Agreement.State.VOID
    assert (rents(order), walks.told(order, "renewal_unsigned")) == (as_it_was, 1)
    with pytest.raises(renewals.NotToBeSigned):
        renewals.request_code(order, ending.valid_until)
    assert walks.broken() == {}
    opened(order, 1, ending.valid_until + timedelta(hours=1))  # a new one may follow


def test_it_may_be_taken_back_until_it_begins_even_signed(order: Order) -> None:
    opened(order)
    sign(order)
    renewals.withdraw(order.pk, me(order), FIRST - timedelta(minutes=1))
    waits.end_due(FIRST)
    assert len(rents(order)) == 6
    assert not Renewal.objects.exists()
    assert walks.broken() == {}


def test_taken_back_while_the_worker_signs_nothing_is_kept(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    ending = opened(order)
    with make.moment(ON):
        renewals.request_code(order, ON)
    make.drain(ON)
    code = sms.latest(make.phone_of(order.customer, ON)).params["code"]
    renewals.intend(order.pk, ["TERM", "RENT", "REST", "SIGNATURE"], code, {}, ON)

    def meanwhile(agreement_id: int, at: Any) -> bytes:
        renewals.withdraw(order.pk, me(order), at)
        return b"%PDF- signed"

    monkeypatch.setattr(agreements, "make_signatures", meanwhile)
    make.drain(ON)
    paper = paper_of(ending)
    assert paper.state == Agreement.State.VOID
    assert not paper.documents.filter(kind=Document.Kind.SIGNED).exists()
    assert walks.broken() == {}


def test_overdue_on_its_first_day_it_lapses_with_a_word(order: Order) -> None:
    opened(order)
    sign(order)
    with connection.cursor() as cursor:  # the bank takes the last rent back, as a dispute does
        cursor.execute(
            "UPDATE billing_bill SET state = 'OPEN', paid = 0, paid_at = NULL WHERE lease_id = %s AND number = 6",
            [order.lease_id],
        )
    waits.end_due(FIRST)
    assert not Renewal.objects.exists()
    assert walks.told(order, "renewal_overdue") == 1
    assert Ending.objects.get(order=order).state == Ending.State.LAPSED


REFUSED = [
    (calendar.instant(date(2026, 1, 27), 12), "", renewals.RenewalTooEarly),  # 31 days before
    (calendar.instant(date(2026, 2, 28), 12), "", renewals.TermOver),
    (ON, "UPDATE billing_bill SET state = 'OPEN', paid = 0, paid_at = NULL WHERE number = 6", renewals.RentOverdue),
]


@pytest.mark.parametrize(("at", "sql", "refusal"), REFUSED)
def test_it_is_refused_with_a_reason_and_nothing_changes(
    order: Order, at: Any, sql: str, refusal: type[DomainError]
) -> None:
    if sql:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    with walks.nothing_changes(), pytest.raises(refusal):
        renewals.open(order.pk, 3, me(order), at)


def test_a_device_that_the_merchant_no_longer_rents_out_is_not_renewed(order: Order) -> None:
    LeasePlan.objects.filter(sku=order.plan.sku, state="PUBLISHED").update(state="SUPERSEDED")
    with pytest.raises(renewals.PlanWithdrawn):
        renewals.offers(order, ON.date())


def test_other_figures_than_the_ones_shown_are_refused(order: Order) -> None:
    with walks.nothing_changes(), pytest.raises(endings.QuoteChanged):
        renewals.open(order.pk, 3, me(order), ON, "3/other/figures")
    with walks.nothing_changes(), pytest.raises(endings.QuoteChanged):
        renewals.open(order.pk, 4, me(order), ON)


def test_one_way_out_at_a_time(order: Order) -> None:
    opened(order)
    begins: list[Callable[[], Any]] = [
        lambda: returns.open_return(order.pk, me(order), ON),
        lambda: buyouts.open(order.pk, me(order), ON),
        lambda: renewals.open(order.pk, 1, me(order), ON),
    ]
    for begin in begins:
        with walks.nothing_changes(), pytest.raises(endings.EndingOpen):
            begin()


@pytest.mark.parametrize(
    "change", ["months = months + 1", 'terms = terms || \'{"monthly_rent": "1.00"}\'', "contract_total = 1"]
)
def test_the_database_lets_no_frozen_lease_change_without_its_renewal(order: Order, change: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE billing_lease SET {change} WHERE id = %s", [order.lease_id])


def test_both_really_sign_the_addendum_and_the_verifier_says_so(order: Order) -> None:
    offer = renewals.offers(order, ON.date())[1]
    ending = renewals.open(order.pk, 3, me(order), ON, offer.code)
    make.drain(ON)
    with make.moment(ON):
        renewals.request_code(order, ON)
    make.drain(ON)
    code = sms.latest(make.phone_of(order.customer, ON)).params["code"]
    renewals.intend(order.pk, ["TERM", "RENT", "REST", "SIGNATURE"], code, {}, ON)
    make.drain(ON)
    document = agreements.signed(paper_of(ending))
    assert document is not None
    report = agreements.examine(documents.read(document), ON)
    assert (report.genuine, len(report.signatures)) == (True, 3)
