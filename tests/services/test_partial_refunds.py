"""An operator gives back a part of a payment, alone or with a second person (G13, reliability.md 33)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from billing.models import AloneLimit, Payment, Posting, Refund
from billing.rules.limits import AT_FIRST, Deed, needs_second_person
from billing.services import chargebacks, limits, partial_refunds, refunds, settlements
from billing.services.partial_refunds import Wish
from core import calendar, invariants
from core.models import Approval
from core.services import approvals, events
from integrations.payments import DisputeFact, DisputeStatus, RefundFact, RefundStatus
from notices.models import Message
from tests import movements, things
from tests.services.test_leases import locks

pytestmark = pytest.mark.django_db
ON, AT = things.ON, things.AT
LATER = AT + timedelta(minutes=5)
ONE, OTHER = "operator:1", "operator:2"


@pytest.fixture
def paid() -> Payment:
    """541.83 rent and 10.00 cover of bill 1, due on the day of receipt."""
    return things.paid(things.bill(things.lease(start=ON)), at=AT + timedelta(hours=3))


def wish(of: Payment, amount: str, reason: str = "scratched screen") -> Wish:
    [source] = partial_refunds.sources(of, calendar.business_date(LATER))
    return Wish(of.number, source.code, Decimal(amount), reason)


def given(of: Payment, amount: str, at: str = ONE) -> Refund:
    made = partial_refunds.give(wish(of, amount), at, LATER)
    assert isinstance(made, Refund)
    return made


def asked(of: Payment, amount: str) -> Approval:
    made = partial_refunds.give(wish(of, amount), ONE, LATER)
    assert isinstance(made, Approval)
    return made


def healthy() -> bool:
    return not any(invariants.violations(each) for each in invariants.all_invariants())


def test_what_a_lost_dispute_took_cannot_be_given_back_again(paid: Payment) -> None:
    """Neither of the credit balance (which the books refuse to take below zero) nor of the bill."""
    over = movements.payment(paid.customer, "alipay", Decimal(60), AT)
    for of, amount in ((over, Decimal(50)), (paid, Decimal("500.00"))):
        fact = DisputeFact(f"D{of.pk}", of.number, DisputeStatus.LOST, amount, False, "test", AT, None, AT)
        chargebacks.apply("alipay", fact, LATER)
    left = [partial_refunds.sources(things.again(of), ON) for of in (over, paid)]
    assert [[(one.code != "", one.most) for one in sources] for sources in left] == [
        [(False, Decimal(10))],
        [(True, Decimal("51.83"))],
    ]
    for of, most, code in ((over, "10.00", ""), (paid, "51.83", left[1][0].code)):
        with pytest.raises(refunds.RefundTooLarge):
            partial_refunds.give(Wish(of.number, code, Decimal(most) + Decimal("0.01"), "test"), ONE, LATER)
        partial_refunds.give(Wish(of.number, code, Decimal(most), "test"), ONE, LATER)
    assert healthy()


def test_what_is_disputed_is_no_source(paid: Payment) -> None:
    fact = DisputeFact("D1", paid.number, DisputeStatus.OPEN, paid.amount, False, "test", AT, None, None)
    chargebacks.apply("alipay", fact, LATER)
    assert partial_refunds.sources(things.again(paid), ON) == []


@pytest.mark.parametrize(
    ("amount", "before", "needs"),
    [("500", "0", False), ("500.01", "0", True), ("300", "200", False), ("300", "200.01", True)],
)
def test_what_is_split_counts_together(amount: str, before: str, needs: bool) -> None:
    assert needs_second_person(Decimal(amount), Decimal(before), Decimal(500)) is needs


def test_a_part_goes_back_at_once_and_again_until_nothing_is_left(paid: Payment) -> None:
    first, second = given(paid, "100.00"), given(paid, "50.00")
    assert (first.amount, first.requested_by, first.reduces, first.lease) == (
        Decimal(100), ONE, True, paid.items.get().bill.lease
    )  # fmt: skip
    assert second.number != first.number
    assert [source.most for source in partial_refunds.sources(things.again(paid), ON)] == [Decimal("401.83")]
    with pytest.raises(refunds.RefundTooLarge) as refusal:
        partial_refunds.give(wish(paid, "401.84"), ONE, LATER)
    assert refusal.value.params == {"most": Decimal("401.83")}
    assert things.again(paid).refunded == Decimal(150)
    assert healthy()


def test_the_bill_stays_paid_and_what_was_earned_is_less(paid: Payment) -> None:
    refund = given(paid, "30.00")
    assert things.bill(paid.items.get().bill.lease).state == "PAID"
    entries = Posting.objects.get(key=f"refund:{refund.number}").entries.order_by("pk")
    assert [(entry.account.kind, entry.side, entry.amount) for entry in entries] == [
        ("RENT_INCOME", "DEBIT", Decimal(20)), ("COVER_INCOME", "DEBIT", Decimal(10)),
        ("REFUNDS_PAYABLE", "CREDIT", Decimal(30)),
    ]  # fmt: skip
    fact = RefundFact(paid.number, refund.number, RefundStatus.SUCCEEDED, refund.amount, LATER)
    assert refunds.apply(fact, LATER).state == "SUCCEEDED"
    assert healthy()


def test_the_merchants_next_statement_is_lower_by_it(paid: Payment) -> None:
    given(paid, "30.00")
    merchant = paid.items.get().bill.lease.merchant
    settlements.set_commission(merchant, Decimal(0), date(2026, 1, 1), things.operator())
    statement = settlements.issue(merchant.pk, date(2026, 3, 1), calendar.instant(date(2026, 4, 1), 10))
    assert statement is not None
    assert (statement.gross, statement.refunded, statement.payable) == (
        Decimal("551.83"), Decimal(30), Decimal("521.83")
    )  # fmt: skip
    assert healthy()


def test_the_customer_reads_the_reason(paid: Payment) -> None:
    given(paid, "30.00")
    told = Message.objects.get(template="refund_intended")
    assert told.params == {"amount": "30.00", "payment": paid.number, "reason": "scratched screen"}


def test_above_the_limit_it_waits_for_another_person(paid: Payment) -> None:
    request = asked(paid, "500.01")
    assert (request.kind, request.subject, request.state) == (Deed.REFUND, f"payment:{paid.number}", "REQUESTED")
    assert not Refund.objects.exists()
    with pytest.raises(approvals.SamePerson):
        partial_refunds.carry_out(request.pk, ONE, LATER)
    assert not Refund.objects.exists()
    refund = partial_refunds.carry_out(request.pk, OTHER, LATER)
    assert (refund.amount, refund.requested_by, refund.approval) == (Decimal("500.01"), ONE, request)
    assert things.again(request).state == "USED"
    assert events.of(refund).get(kind="refund_requested").actor == ONE
    assert healthy()


def test_small_ones_come_to_the_limit_together(paid: Payment) -> None:
    given(paid, "300.00")
    given(paid, "200.00")
    assert asked(paid, "0.01").state == "REQUESTED"


def test_while_one_waits_no_other_is_asked_for(paid: Payment) -> None:
    asked(paid, "500.01")
    with pytest.raises(approvals.AlreadyAsked):
        asked(paid, "540.00")


def test_what_went_back_meanwhile_leaves_the_request_open(paid: Payment) -> None:
    request = asked(paid, "540.00")
    given(paid, "100.00")
    with pytest.raises(refunds.RefundTooLarge):
        partial_refunds.carry_out(request.pk, OTHER, LATER)
    assert things.again(request).state == "REQUESTED"
    assert Refund.objects.count() == 1


def test_the_limit_is_set_in_the_admin_and_the_last_one_counts(paid: Payment) -> None:
    assert limits.most(Deed.REFUND) == AT_FIRST[Deed.REFUND]
    by = things.operator()
    limits.set_most(Deed.REFUND, Decimal(50), by, AT)
    limits.set_most(Deed.REFUND, Decimal(20), by, AT)
    assert limits.most(Deed.REFUND) == Decimal(20)
    assert given(paid, "20.00").approval is None
    assert asked(paid, "0.01").state == "REQUESTED"
    assert AloneLimit.objects.count() == 2


def test_money_on_no_bill_goes_back_as_credit() -> None:
    payment = movements.payment(things.customer(), things.ALIPAY, Decimal(80), AT)
    refund = given(payment, "30.00")
    assert (refund.lease, refund.reduces) == (None, False)
    assert [source.most for source in partial_refunds.sources(things.again(payment), ON)] == [Decimal(50)]
    assert healthy()


def test_nothing_goes_back_here_before_the_lease_runs_or_before_the_bill_is_due() -> None:
    early = things.paid(things.bill(things.lease()))
    assert partial_refunds.sources(early, ON) == []
    running = things.lease(start=ON)
    ahead = things.paid(things.bill(running, 2), at=AT + timedelta(hours=3))
    assert partial_refunds.sources(ahead, ON) == []
    assert len(partial_refunds.sources(ahead, date(2026, 4, 2))) == 1


def test_a_payment_that_was_not_received_has_nothing_to_give() -> None:
    assert partial_refunds.sources(things.attempt(things.bill(things.lease())), ON) == []


def test_lease_and_payment_are_locked_in_this_order(paid: Payment) -> None:
    with CaptureQueriesContext(transaction.get_connection()) as queries:
        given(paid, "30.00")
    assert locks(queries)[:2] == ["billing_lease", "billing_payment"]


def test_a_part_given_back_counts_when_the_rest_goes_back() -> None:
    of = things.customer()
    payment = movements.payment(of, things.ALIPAY, Decimal(80), AT)
    given(payment, "30.00")
    with transaction.atomic():
        rest = refunds.give_back_rest(Payment.objects.select_for_update().get(pk=payment.pk), "paid out", LATER)
    assert rest is not None
    assert rest.amount == Decimal(50)
