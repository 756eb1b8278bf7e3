"""The ledger: each event once, in balance, for ever; what it says of a customer is what his bills say."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from billing.models import Bill, LedgerAccount, LedgerEntry, Posting
from billing.rules import postings
from billing.rules.postings import Account, Billed, Kind, Side
from billing.services import books, leases, ledger, payments, refunds
from billing.services.ledger import Event
from core.calendar import instant
from integrations.payments import RefundFact, RefundStatus
from tests import things
from tests.faults.together import at_once

pytestmark = pytest.mark.django_db
BILL = Billed(Decimal("309.00"), Decimal("0.00"), Decimal("0.00"))
START = date(2026, 3, 2)


def stands(kind: Kind, **owner: object) -> Decimal:
    """Debits less credits."""
    found = ledger.account(kind, **owner)  # type: ignore[arg-type]
    return found.debits - found.credits


def test_an_event_is_posted_once() -> None:
    li = things.customer().pk
    assert ledger.post("bill:1", "bill due", postings.billed(li, BILL), things.AT)
    assert not ledger.post("bill:1", "bill due", postings.billed(li, BILL), things.AT)
    assert Posting.objects.count() == 1
    assert stands(Kind.RECEIVABLE, customer=li) == Decimal("309.00")


def test_lines_that_do_not_balance_are_refused_before_anything_is_written() -> None:
    lines = [postings.debit(Account(Kind.DISPUTES), Decimal(1)), postings.credit(Account(Kind.WRITE_OFF), Decimal(2))]
    with pytest.raises(ValueError, match="differ"):
        ledger.post("x", "x", lines, things.AT)
    assert not Posting.objects.exists()


@pytest.mark.parametrize(("sides", "amounts"), [(["DEBIT"], [1]), (["DEBIT", "CREDIT"], [1, 2]), ([], [])])
def test_the_database_refuses_a_posting_that_does_not_balance(sides: list[str], amounts: list[int]) -> None:
    account = LedgerAccount.objects.create(kind=Kind.DISPUTES)
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic(), connection.cursor() as cursor:
        posting = Posting.objects.create(key="x", what="x", day=START, posted_at=things.AT)
        for side, amount in zip(sides, amounts, strict=True):
            LedgerEntry.objects.create(posting=posting, account=account, side=side, amount=Decimal(amount))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("model", [Posting, LedgerEntry])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {} CASCADE"])
def test_the_ledger_is_append_only(model: type[Model], statement: str) -> None:
    ledger.post("bill:1", "bill due", postings.billed(things.customer().pk, BILL), things.AT)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(model._meta.db_table))


def test_a_payment_charges_its_bill_and_clears_it() -> None:
    lease = things.lease(start=START)
    things.paid(things.bill(lease), at=instant(START, 11))
    assert stands(Kind.RECEIVABLE, customer=lease.customer_id) == 0
    assert stands(Kind.CLEARING, channel=things.ALIPAY) == Decimal("551.83")
    assert stands(Kind.RENT_INCOME) == Decimal("-541.83")
    assert stands(Kind.COVER_INCOME) == Decimal("-10.00")


def test_a_late_fee_becomes_receivable_when_money_reaches_it() -> None:
    lease = things.lease(start=START)
    late = things.bill(lease, 2)
    assert late.due_date is not None
    payment = things.paid(late, at=instant(late.due_date + timedelta(days=10), 9))
    fee = Bill.objects.get(pk=late.pk).fee
    assert fee > 0
    assert stands(Kind.FEE_INCOME) == -fee
    assert stands(Kind.CLEARING, channel=things.ALIPAY) == payment.amount
    assert stands(Kind.RECEIVABLE, customer=lease.customer_id) == 0


def test_the_night_charges_what_is_due_that_day_once() -> None:
    lease = things.lease(start=START)
    on = date(2026, 4, 2)
    assert [books.due(on, instant(on, 10)) for _ in range(2)] == [1, 0]
    assert stands(Kind.RECEIVABLE, customer=lease.customer_id) == Decimal("551.83")
    things.paid(things.bill(lease, 2), at=instant(on, 12))
    assert stands(Kind.RECEIVABLE, customer=lease.customer_id) == 0


def test_a_lease_that_ends_before_it_began_leaves_nothing_in_the_books() -> None:
    lease = things.lease()
    payment = things.paid(things.bill(lease))
    leases.void(lease.pk, things.AT)
    assert stands(Kind.RECEIVABLE, customer=lease.customer_id) == -payment.amount
    refund = refunds.give_back(lease.pk, "cancelled", things.AT)[0]
    assert stands(Kind.RECEIVABLE, customer=lease.customer_id) == 0
    assert stands(Kind.REFUNDS_PAYABLE) == -payment.amount
    given = RefundFact(payment.number, refund.number, RefundStatus.SUCCEEDED, refund.amount, things.AT)
    refunds.apply(given, things.AT)
    assert [(s.account.kind, s.amount) for s in ledger.trial_balance(START) if s.amount] == []


def test_money_for_a_bill_paid_meanwhile_is_credit_and_goes_back() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    leases.void(lease.pk, things.AT)
    payments.capture(things.ALIPAY, things.success(payment), things.AT)
    assert stands(Kind.CREDIT, customer=lease.customer_id) == 0
    assert stands(Kind.REFUNDS_PAYABLE) == -payment.amount


def test_the_trial_balance_of_a_day_is_even_and_forgets_later_days() -> None:
    lease = things.lease(start=START)
    things.paid(things.bill(lease), at=instant(START, 11))
    books.due(date(2026, 4, 2), instant(date(2026, 4, 2), 10))
    early, late = ledger.trial_balance(START), ledger.trial_balance(date(2026, 4, 2))
    assert sum(s.debits for s in late) == sum(s.credits for s in late) == Decimal("1655.49")
    assert {s.account.kind: (s.side, s.amount) for s in early}[Kind.RENT_INCOME] == (Side.CREDIT, Decimal("541.83"))
    assert {s.account.kind: (s.side, s.amount) for s in late}[Kind.RENT_INCOME] == (Side.CREDIT, Decimal("1083.66"))


def test_many_events_take_few_statements(django_assert_max_num_queries: object) -> None:
    people = [things.customer().pk for _ in range(20)]
    happened = [Event(f"bill:{n}", "bill due", postings.billed(li, BILL)) for n, li in enumerate(people)]
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        assert ledger.post_all(happened, things.AT) == 20


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_post_an_event_once_and_lose_no_cent() -> None:
    li = things.customer().pk

    def work(number: int) -> bool:
        with transaction.atomic():
            return ledger.post(f"bill:{number % 10}", "bill due", postings.billed(li, BILL), things.AT)

    done = at_once([partial(work, number) for number in range(20)])
    assert sum(bool(one) for one in done) == 10
    assert stands(Kind.RECEIVABLE, customer=li) == Decimal("3090.00")
