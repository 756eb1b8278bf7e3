"""Taking money (domain.md §5, §6; reliability.md 11–14, 25, 27)."""

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Allocation, Bill, Payment, PaymentItem, Refund
from billing.services import leases, payments, statements
from core.calendar import instant
from core.models import OutboxMessage
from core.services import events
from integrations.payments import Status
from tests import things
from tests.services.test_leases import locks

pytestmark = pytest.mark.django_db
LATER = things.AT + timedelta(minutes=5)


def test_an_attempt_is_on_what_is_owed_now() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease), things.bill(lease, 2))
    assert payment.amount == Decimal("1103.66")  # 2 × 551.83
    assert payment.items.count() == 2


def test_a_late_attempt_includes_the_fee_that_stands_if_paid_today() -> None:
    """541.83 due 31 March, asked 6 April: 4 and 5 April, 0.33; cover carries no fee."""
    lease = things.lease(start=date(2026, 2, 28))
    bill = things.bill(lease, 2)
    Bill.objects.filter(pk=bill.pk).update(due_date=date(2026, 3, 31))
    payment = things.attempt(bill, at=instant(date(2026, 4, 6), 12))
    assert payment.amount == Decimal("552.16")


@pytest.mark.parametrize(("day", "minutes"), [(2, 30), (3, 30), (4, 10), (5, 10)])
def test_a_quote_whose_fee_grows_tomorrow_ends_at_midnight(day: int, minutes: int) -> None:
    """Due 31 March: until 3 April nothing grows; asked on the 4th, the 5th costs more."""
    lease = things.lease(start=date(2026, 2, 28))
    bill = things.bill(lease, 2)
    Bill.objects.filter(pk=bill.pk).update(due_date=date(2026, 3, 31))
    late = instant(date(2026, 4, day), 23, 50)
    assert things.attempt(bill, at=late).expires_at == late + timedelta(minutes=minutes)


def test_one_attempt_at_a_time_on_a_bill() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    with pytest.raises(payments.AttemptOpen) as refusal:
        things.attempt(things.bill(lease), things.bill(lease, 2))
    assert refusal.value.payment == payment
    assert Payment.objects.count() == 1


def test_anothers_bill_is_as_unknown_as_none() -> None:
    mine, other = things.lease(), things.lease()
    until = things.AT + timedelta(minutes=30)
    for ids in ([things.bill(other).pk], [things.bill(mine).pk, things.bill(other).pk], [10**9], []):
        with pytest.raises(payments.BillUnknown):
            payments.open(mine.customer, ids, things.ALIPAY, at=things.AT, expires_at=until)
    assert not Payment.objects.exists()


def test_a_bill_is_paid_after_the_signature_only() -> None:
    lease = things.lease(signed=False)
    with pytest.raises(payments.BillNotSigned):
        things.attempt(things.bill(lease))


def test_a_paid_or_void_bill_takes_no_attempt() -> None:
    lease = things.lease()
    things.paid(things.bill(lease))
    with pytest.raises(payments.BillAlreadyPaid):
        things.attempt(things.bill(lease))
    leases.void(lease.pk, things.AT)
    with pytest.raises(payments.BillVoid):
        things.attempt(things.bill(lease, 2))


def test_a_success_pays_the_bill_from_the_providers_time() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    captured = payments.capture(things.ALIPAY, things.success(payment, paid_at=LATER), LATER + timedelta(hours=1))
    bill = things.bill(lease)
    assert (captured.news, captured.quarantined, captured.refund) == (True, False, None)
    assert captured.bill_ids == (bill.pk,)
    assert captured.lease_ids == (lease.pk,)
    assert (bill.state, bill.paid, bill.paid_at) == ("PAID", Decimal("551.83"), LATER)
    parts = Allocation.objects.filter(bill=bill).order_by("id").values_list("part", "amount")
    assert list(parts) == [("RENT", Decimal("541.83")), ("COVER", Decimal(10))]


def test_a_success_is_posted_once() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    first = payments.capture(things.ALIPAY, things.success(payment), LATER)
    again = payments.capture(things.ALIPAY, things.success(payment), LATER + timedelta(days=1))
    assert (first.news, again.news) == (True, False)
    assert Allocation.objects.count() == 2
    assert things.bill(lease).paid == Decimal("551.83")


FACTS = ["success", "closed", "open", "not_found", "success"]


@pytest.mark.parametrize("order", sorted(set(itertools.permutations(FACTS, 3))))
def test_the_order_of_facts_changes_nothing_once_money_came(order: tuple[str, ...]) -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    facts = {
        "success": things.success(payment),
        "closed": things.without_success(payment, Status.CLOSED),
        "open": things.without_success(payment, Status.OPEN),
        "not_found": things.without_success(payment, Status.NOT_FOUND),
    }
    for name in order:
        payments.capture(things.ALIPAY, facts[name], LATER)
    payment = things.again(payment)
    if "success" in order:
        assert (payment.state, things.bill(lease).state) == ("SUCCEEDED", "PAID")
    else:
        assert (payment.state, things.bill(lease).state) == ("CLOSED" if "closed" in order else "OPEN", "OPEN")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"amount": Decimal("551.82")}, "amount"),
        ({"amount": None}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"merchant_id": "2088999999999999"}, "merchant"),
        ({"trade_no": ""}, "trade"),
    ],
)
def test_a_success_that_does_not_match_is_quarantined(wrong: dict[str, Any], named: str) -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    captured = payments.capture(things.ALIPAY, things.success(payment, **wrong), LATER)
    assert captured.quarantined
    assert things.bill(lease).state == "OPEN"
    assert not Allocation.objects.exists()
    (event,) = events.of(payment)
    assert (event.kind, event.facts["wrong"]) == ("payment_quarantined", named)
    assert not payments.capture(things.ALIPAY, things.success(payment), LATER).news  # an operator looks first


def test_a_right_success_after_a_quarantine_is_noted_once_and_posts_nothing() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    wrong, right = things.success(payment, amount=Decimal("0.01"), trade_no="T9"), things.success(payment)
    for fact in (wrong, wrong, right, right):
        captured = payments.capture(things.ALIPAY, fact, LATER)
    assert (captured.news, captured.quarantined) == (False, True)
    assert [event.kind for event in events.of(payment)] == ["payment_quarantined", "payment_after_quarantine"]
    noted = events.of(payment).get(kind="payment_after_quarantine")
    assert noted.facts == {"trade": right.trade_no, "amount": str(payment.amount)}
    assert things.bill(lease).state == "OPEN"


def test_a_trade_of_another_payment_is_quarantined() -> None:
    lease = things.lease()
    first = things.paid(things.bill(lease))
    second = things.attempt(things.bill(lease, 2))
    captured = payments.capture(things.ALIPAY, things.success(second, trade_no=first.trade_number), LATER)
    assert captured.quarantined


def test_a_second_trade_under_one_number_is_an_event_and_posts_nothing() -> None:
    lease = things.lease()
    payment = things.paid(things.bill(lease))
    payments.capture(things.ALIPAY, things.success(payment, trade_no="another"), LATER)
    assert [event.kind for event in events.of(payment)] == ["payment_received", "payment_twice"]
    assert things.bill(lease).paid == Decimal("551.83")


def test_an_unknown_number_is_unknown_also_on_another_channel() -> None:
    payment = things.attempt(things.bill(things.lease()))
    with pytest.raises(payments.PaymentUnknown):
        payments.capture("other", things.success(payment), LATER)


def test_a_closed_attempt_leaves_room_for_another() -> None:
    lease = things.lease()
    first = things.attempt(things.bill(lease))
    captured = payments.capture(things.ALIPAY, things.without_success(first, Status.CLOSED), LATER)
    assert captured.news
    assert things.attempt(things.bill(lease)).number != first.number


def test_money_on_a_closed_attempt_pays_a_bill_that_is_still_owed() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    payments.capture(things.ALIPAY, things.without_success(payment, Status.CLOSED), LATER)
    captured = payments.capture(things.ALIPAY, things.success(payment), LATER)
    assert (captured.news, captured.refund) == (True, None)
    assert things.bill(lease).state == "PAID"


def test_money_that_came_twice_for_a_bill_goes_back_by_itself() -> None:
    lease = things.lease()
    late = things.attempt(things.bill(lease))
    payments.capture(things.ALIPAY, things.without_success(late, Status.CLOSED), LATER)
    things.paid(things.bill(lease), at=LATER)
    captured = payments.capture(things.ALIPAY, things.success(late), LATER + timedelta(minutes=1))
    assert captured.refund is not None
    assert (captured.refund.amount, captured.refund.lease) == (late.amount, None)
    assert OutboxMessage.objects.get(topic="refund.requested").payload == {"refund_id": captured.refund.pk}
    assert things.bill(lease).paid == Decimal("551.83")


def test_money_for_void_bills_is_posted_and_goes_back_by_itself_once() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    leases.void(lease.pk, things.AT)
    for _ in range(2):
        payments.capture(things.ALIPAY, things.success(payment), LATER)
    payment = things.again(payment)
    assert (payment.state, payment.refunded) == ("SUCCEEDED", payment.amount)
    assert Refund.objects.get().amount == payment.amount
    assert things.bill(lease).state == "VOID"
    assert not Allocation.objects.exists()


def test_the_fee_is_posted_by_the_providers_pay_time_not_by_ours() -> None:
    """Paid on 6 April, heard of on 20 April: 0.33."""
    lease = things.lease(start=date(2026, 2, 28))
    bill = things.bill(lease, 2)
    Bill.objects.filter(pk=bill.pk).update(due_date=date(2026, 3, 31))
    payment = things.attempt(bill, at=instant(date(2026, 4, 6), 12))
    payments.capture(
        things.ALIPAY, things.success(payment, instant(date(2026, 4, 6), 23, 59)), instant(date(2026, 4, 20), 9)
    )
    bill = things.again(bill)
    assert (bill.state, bill.fee, bill.paid) == ("PAID", Decimal("0.33"), Decimal("552.16"))
    assert Allocation.objects.get(bill=bill, part="FEE").amount == Decimal("0.33")


def test_paid_within_grace_by_the_providers_time_costs_nothing_extra() -> None:
    """Opened on 3 April, the last free day, heard of on the 6th."""
    lease = things.lease(start=date(2026, 2, 28))
    bill = things.bill(lease, 2)
    Bill.objects.filter(pk=bill.pk).update(due_date=date(2026, 3, 31))
    at = instant(date(2026, 4, 3), 23, 30)
    payment = things.attempt(bill, at=at)
    payments.capture(things.ALIPAY, things.success(payment, at), instant(date(2026, 4, 6), 9))
    bill = things.again(bill)
    assert (bill.state, bill.fee) == ("PAID", Decimal(0))


def test_a_fee_that_fell_leaves_a_credit_balance() -> None:
    """Quoted on 6 April with 0.33; the provider's pay time says 5 April: 0.16 posted, 0.17 left."""
    lease = things.lease(start=date(2026, 2, 28))
    bill = things.bill(lease, 2)
    Bill.objects.filter(pk=bill.pk).update(due_date=date(2026, 3, 31))
    payment = things.attempt(bill, at=instant(date(2026, 4, 6), 0, 1))
    payments.capture(things.ALIPAY, things.success(payment, instant(date(2026, 4, 5), 23, 59)), things.AT)
    bill = things.again(bill)
    assert (bill.state, bill.fee) == ("PAID", Decimal("0.16"))
    assert statements.credit_balance(lease.customer) == Decimal("0.17")


def test_one_payment_pays_bills_of_two_leases() -> None:
    of = things.customer()
    one, two = things.lease(of), things.lease(of)
    things.paid(things.bill(one), things.bill(two))
    assert {things.bill(one).state, things.bill(two).state} == {"PAID"}


def test_capture_locks_leases_bills_and_payment_in_that_order() -> None:
    payment = things.attempt(things.bill(things.lease()))
    with CaptureQueriesContext(connection) as seen:
        payments.capture(things.ALIPAY, things.success(payment), LATER)
    assert locks(seen) == ["billing_lease", "billing_bill", "billing_payment"]


def test_opening_locks_leases_before_bills() -> None:
    bill = things.bill(things.lease())
    with CaptureQueriesContext(connection) as seen:
        things.attempt(bill)
    assert locks(seen) == ["billing_lease", "billing_bill"]


def test_a_page_that_nobody_saw_closes_once_it_has_surely_ended() -> None:
    payment = things.attempt(things.bill(things.lease()))
    fact = things.without_success(payment, Status.NOT_FOUND)
    assert not payments.capture(things.ALIPAY, fact, payment.expires_at).news
    assert payments.capture(things.ALIPAY, fact, payment.expires_at + payments.SURELY_OVER).news
    payment = things.again(payment)
    assert payment.state == "CLOSED"
    assert not PaymentItem.objects.filter(open=True).exists()


def test_open_attempts_are_asked_about_after_1_5_15_and_60_minutes() -> None:
    payment = things.attempt(things.bill(things.lease()))
    asked = []
    for minute in range(90):
        at = things.AT + timedelta(minutes=minute)
        if payments.to_ask(at):
            asked.append(minute)
            payments.capture(things.ALIPAY, things.without_success(payment, Status.OPEN), at)
    assert asked == [1, 5, 15, 60]


def test_attempts_past_their_end_are_to_be_closed() -> None:
    payment = things.attempt(things.bill(things.lease()))
    assert payments.to_close(payment.expires_at - timedelta(seconds=1)) == []
    assert payments.to_close(payment.expires_at) == [payment.pk]


def test_a_page_of_an_attempt_that_is_over_is_not_shown() -> None:
    payment = things.paid(things.bill(things.lease()))
    with pytest.raises(payments.AttemptOver):
        payments.page(payment, things.RETURN_URL)


def test_the_leases_of_a_payment_are_known_by_its_number() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    assert payments.leases_of(things.ALIPAY, payment.number) == [lease.pk]


# over the sandbox's real pages and wire


@things.at_work
def test_a_payment_at_the_cashier_is_found_by_asking() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    things.pay_at_cashier(payment)
    captured = payments.capture(things.ALIPAY, payments.ask(payment.pk), LATER)
    assert (captured.news, things.bill(lease).state) == (True, "PAID")


@things.at_work
def test_an_attempt_that_was_paid_meanwhile_is_not_closed() -> None:
    payment = things.attempt(things.bill(things.lease()))
    things.pay_at_cashier(payment)
    fact = payments.close(payment.pk, LATER)
    payment = things.again(payment)
    assert (fact.status, payment.state) == (Status.SUCCEEDED, "OPEN")
    assert payments.capture(things.ALIPAY, fact, LATER).news


@things.at_work
def test_a_page_that_was_never_opened_is_unknown_to_the_provider() -> None:
    payment = things.attempt(things.bill(things.lease()))
    assert payments.ask(payment.pk).status is Status.NOT_FOUND
