"""The credit balance (docs/domain/balance.md): used when due, used on wish, paid out; the ledger says the same."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from billing.jobs import JOBS
from billing.models import Allocation, BalanceUse, Bill, Lease, LedgerAccount, Payment
from billing.rules.postings import Kind
from billing.services import balance, balance_history, ledger, offline, payments, refunds, statements
from billing.services.offline import Receipt
from core.calendar import instant
from core.invariants import all_invariants, violations
from core.money import ZERO
from core.services import events
from integrations.payments import RefundFact, RefundStatus, Status
from notices.models import Message
from tests import things, worked
from tests.services.test_leases import locks

pytestmark = pytest.mark.django_db
START = date(2026, 2, 28)
DUE = date(2026, 3, 28)  # of bill 2
OWED = Decimal("551.83")
ASKED = BalanceUse.Why.ASKED


@pytest.fixture
def lease() -> Lease:
    return things.lease(at=instant(START, 10), start=START)


def overpaid(lease: Lease, extra: str, *, on: date = START, number: int = 1, reference: str = "B-1") -> Payment:
    """The bill and so much more came by bank transfer."""
    bill = things.bill(lease, number)
    amount = statements.view(bill, on).owed_now + Decimal(extra)
    at = instant(on, 11)
    receipt = Receipt(amount, at, reference, "more than owed")
    return offline.record(lease.customer, [bill.pk], receipt, "operator:1", at).payment


def stands(customer: Customer) -> Decimal:
    """The balance, which the ledger must know too."""
    account = ledger.account(Kind.CREDIT, customer=customer.pk)
    computed = statements.credit_balance(customer)
    assert computed == account.credits - account.debits
    assert balance_history.left(balance_history.of(customer)) == computed
    return computed


def broken() -> list[str]:
    return [each.number for each in all_invariants() if violations(each)]


def parts(bill: Bill) -> dict[str, Decimal]:
    return {row.part: row.amount for row in Allocation.objects.filter(bill=bill).exclude(use=None)}


def test_it_pays_what_is_due_by_the_day_and_no_more(lease: Lease) -> None:
    overpaid(lease, "1200")
    assert balance.use_due(DUE - timedelta(days=1), instant(DUE - timedelta(days=1), 10)) == 0
    assert balance.use_due(DUE, instant(DUE, 10)) == 1
    bill = things.bill(lease, 2)
    assert (bill.state, bill.paid, things.bill(lease, 3).paid) == ("PAID", OWED, ZERO)
    assert stands(lease.customer) == Decimal("648.17")
    assert balance.use_due(DUE, instant(DUE, 11)) == 0  # once for a day
    assert broken() == []


def test_what_it_does_not_reach_stays_open_and_is_deducted(lease: Lease) -> None:
    overpaid(lease, "100")
    balance.use_due(DUE, instant(DUE, 10))
    bill = things.bill(lease, 2)
    assert (bill.state, bill.paid) == ("OPEN", Decimal("100.00"))
    assert statements.view(bill, DUE).owed_now == Decimal("451.83")
    assert things.attempt(bill, at=instant(DUE, 12)).amount == Decimal("451.83")
    assert stands(lease.customer) == ZERO
    assert broken() == []


def test_it_runs_before_automatic_payment() -> None:
    order = {job.name: job.order for job in JOBS}
    assert order["billing.due"] < order["billing.balance"] < order["billing.autopay"] < order["billing.reminders"]


def test_the_bill_due_first_is_paid_first_over_all_leases(lease: Lease) -> None:
    """Lease 2 began a day earlier: its second bill is due on the 27th."""
    other = things.lease(lease.customer, at=instant(START - timedelta(days=1), 10), start=START - timedelta(days=1))
    overpaid(lease, "551.83")
    balance.use_due(DUE, instant(DUE, 10))
    assert (things.bill(other, 1).paid, things.bill(other, 2).paid, things.bill(lease, 2).paid) == (OWED, ZERO, ZERO)
    assert broken() == []


def test_a_bill_that_is_being_paid_waits(lease: Lease) -> None:
    overpaid(lease, "600")
    attempt = things.attempt(things.bill(lease, 2), at=instant(DUE, 9))
    assert balance.use_due(DUE, instant(DUE, 10)) == 0
    with pytest.raises(payments.AttemptOpen):
        balance.use(lease.customer, [things.bill(lease, 2).pk], ASKED, instant(DUE, 10))
    payments.capture(things.ALIPAY, things.success(attempt), instant(DUE, 11))
    assert balance.use_due(DUE, instant(DUE, 12)) == 0
    assert stands(lease.customer) == Decimal("600.00")


def test_only_running_leases_are_paid_by_themselves() -> None:
    lease = things.lease()  # signed, not begun: its first bill is due today
    other = things.lease(lease.customer, at=instant(START, 10), start=START)
    overpaid(other, "600")
    assert balance.use_due(START, things.AT) == 0
    assert things.bill(lease).paid == ZERO


def test_the_customer_is_told_once(lease: Lease) -> None:
    overpaid(lease, "600")
    balance.use_due(DUE, instant(DUE, 10))
    balance.use_due(DUE, instant(DUE, 10))
    [told] = Message.objects.filter(user=lease.customer.user, template="balance_used", channel="IN_APP")
    assert told.params["amount"] == "551.83"


@pytest.mark.parametrize("row", worked.table("balance", "Using"))
def test_the_documented_uses(row: dict[str, str]) -> None:
    """Bill 2, its due date set to 31 March; the money came with bill 1."""
    lease = things.lease(at=instant(START, 10), start=START)
    bill = things.bill(lease, 2)
    Bill.objects.filter(pk=bill.pk).update(due_date=date(2026, 3, 31))
    received = date.fromisoformat(row["received"])
    owed = statements.view(things.bill(lease), received).owed_now
    at = instant(received, 11)
    offline.record(
        lease.customer, [things.bill(lease).pk], Receipt(owed + Decimal(row["balance"]), at, "B", "-"), "operator:1", at
    )
    on = date(2026, 4, 10)
    quote = balance.quote(lease.customer, [things.again(bill)], on)
    made = balance.use(lease.customer, [bill.pk], ASKED, instant(on, 12))
    found = parts(bill)
    told = {"rent": "RENT", "cover": "COVER", "late fee": "FEE"}
    assert {name: found.get(part, ZERO) for name, part in told.items()} == {n: Decimal(row[n]) for n in told}
    assert stands(lease.customer) == Decimal(row["left of the balance"])
    assert statements.view(things.again(bill), on).owed_now == Decimal(row["still owed"])
    assert (quote.used, quote.still_owed) == (made.amount, Decimal(row["still owed"]))
    assert Bill.objects.get(pk=bill.pk).state == ("OPEN" if Decimal(row["still owed"]) else "PAID")


def test_two_payments_of_different_days_are_used_oldest_first(lease: Lease) -> None:
    old = overpaid(lease, "300")
    new = overpaid(lease, "300", on=DUE, number=2, reference="B-2")
    made = balance.use(lease.customer, [things.bill(lease, 3).pk], ASKED, instant(DUE, 12))
    laid = {(row.payment_id, row.part): row.amount for row in made.allocations.all()}
    assert laid == {
        (old.pk, "RENT"): Decimal("300.00"), (new.pk, "RENT"): Decimal("241.83"), (new.pk, "COVER"): Decimal("10.00")
    }  # fmt: skip
    assert things.bill(lease, 3).paid_at == new.paid_at
    assert broken() == []


def test_nothing_to_use_and_others_bills_are_refused(lease: Lease) -> None:
    bill, other = things.bill(lease, 2), things.bill(things.lease())
    with pytest.raises(balance.BalanceEmpty):
        balance.use(lease.customer, [bill.pk], ASKED, things.AT)
    overpaid(lease, "10")
    with pytest.raises(payments.BillUnknown):
        balance.use(lease.customer, [bill.pk, other.pk], ASKED, things.AT)
    with pytest.raises(payments.BillAlreadyPaid):
        balance.use(lease.customer, [things.bill(lease).pk], ASKED, things.AT)
    assert stands(lease.customer) == Decimal("10.00")


def test_it_is_paid_out_where_it_came_from_the_newest_first(lease: Lease) -> None:
    old = overpaid(lease, "40")
    new = overpaid(lease, "30", on=DUE, number=2, reference="B-2")
    with pytest.raises(balance.BalanceTooSmall):
        balance.pay_out(lease.customer, instant(DUE, 12), Decimal("70.01"))
    made = balance.pay_out(lease.customer, instant(DUE, 12), Decimal(50))
    assert [(refund.payment_id, refund.amount) for refund in made] == [(new.pk, Decimal(30)), (old.pk, Decimal(20))]
    assert stands(lease.customer) == Decimal("20.00")
    assert [r.amount for r in balance.pay_out(lease.customer, instant(DUE, 13))] == [Decimal("20.00")]
    with pytest.raises(balance.BalanceEmpty):
        balance.pay_out(lease.customer, instant(DUE, 13))
    assert stands(lease.customer) == ZERO
    assert events.of(lease.customer).filter(kind="balance_paid_out").count() == 2
    assert broken() == []


def test_offline_money_is_left_to_an_operator(lease: Lease) -> None:
    overpaid(lease, "40")
    [refund] = balance.pay_out(lease.customer, things.AT)
    refunds.send(refund.pk, things.AT)
    assert things.again(refund).state == "FAILED"
    assert stands(lease.customer) == ZERO  # it is on its way, whoever carries it


def test_money_of_a_provider_goes_back_by_it(lease: Lease) -> None:
    """A bill paid twice over by two attempts: the second one's money is all credit."""
    late = things.attempt(things.bill(lease), at=instant(START, 10))
    payments.capture(things.ALIPAY, things.without_success(late, Status.CLOSED), instant(START, 11))
    things.paid(things.bill(lease), at=instant(START, 12))
    captured = payments.capture(things.ALIPAY, things.success(late), instant(START, 13))
    assert captured.refund is not None  # money for a bill that was paid meanwhile goes back by itself
    told = RefundFact(late.number, captured.refund.number, RefundStatus.SUCCEEDED, captured.refund.amount, things.AT)
    refunds.apply(told, things.AT)
    assert stands(lease.customer) == ZERO
    assert [one.kind for one in balance_history.of(lease.customer)] == ["RETURNED", "OVERPAID"]


def test_it_locks_leases_bills_and_then_the_payments(lease: Lease) -> None:
    overpaid(lease, "600")
    with CaptureQueriesContext(connection) as seen:
        balance.use(lease.customer, [things.bill(lease, 2).pk], ASKED, instant(DUE, 12))
    assert locks(seen) == ["billing_lease", "billing_bill", "billing_payment", "billing_ledgeraccount"]
    with CaptureQueriesContext(connection) as seen:
        balance.pay_out(lease.customer, instant(DUE, 12))
    assert locks(seen)[0] == "billing_payment"


def test_the_database_knows_no_credit_below_zero(lease: Lease) -> None:
    overpaid(lease, "40")
    with pytest.raises(IntegrityError, match="not_below_zero"), transaction.atomic():
        LedgerAccount.objects.filter(kind=Kind.CREDIT).update(debits=Decimal("40.01"))


def test_a_use_is_never_changed(lease: Lease) -> None:
    overpaid(lease, "40")
    made = balance.use(lease.customer, [things.bill(lease, 2).pk], ASKED, instant(DUE, 12))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        BalanceUse.objects.filter(pk=made.pk).update(amount=1)
