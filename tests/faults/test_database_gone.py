"""PostgreSQL drops the connection in the middle of money: nothing is half-written, and the work is done again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, connection
from django.test import Client

from billing.models import Allocation, Payment, Posting, Refund
from billing.services import books, refunds
from core.models import Consumed, InboxNotice, OutboxMessage
from core.services import outbox
from orders.models import Order, State
from orders.services import cancellations, payments
from sandbox.models import OutgoingNotice
from sandbox.models import Refund as PretendedRefund
from sandbox.services import notices
from tests import make, things, walks
from tests.faults.test_cancel_against_pay import paid_at_the_provider, signed

pytestmark = pytest.mark.django_db(transaction=True)
LATER = make.AT + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards() -> Iterator[None]:
    yield
    assert walks.broken() == {}


def dropped(*_: Any, **__: Any) -> None:
    """The server ends our session, as a restart does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_connection_dropped_while_money_is_posted_leaves_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    order = signed()
    fact = paid_at_the_provider(order)
    with monkeypatch.context() as patch:
        patch.setattr(books, "payment_received", dropped)
        with pytest.raises((DatabaseError, InterfaceError)):
            payments.receive("alipay", fact, LATER)
    connection.close()
    payment = Payment.objects.get()
    assert (payment.state, Allocation.objects.count()) == (Payment.State.OPEN, 0)
    assert not Posting.objects.filter(key=f"payment:{payment.number}").exists()
    assert walks.read(order).state == State.SIGNED
    assert payments.receive("alipay", fact, LATER) == "posted"
    assert walks.read(order).state == State.PAID


def test_a_connection_dropped_after_the_provider_refunded_refunds_once(monkeypatch: pytest.MonkeyPatch) -> None:
    order = make.order(State.PAID, slug="mini-4", months=3, of=make.customer(726))
    cancellations.cancel(order.pk, "operator:1", "test", LATER)
    message = OutboxMessage.objects.get(topic="refund.requested")
    refund = Refund.objects.get()
    with monkeypatch.context() as patch, make.moment(LATER):
        patch.setattr(books, "refund_paid", dropped)
        with pytest.raises((DatabaseError, InterfaceError)):
            refunds.send(refund.pk, LATER)
    connection.close()
    assert (things.again(refund).state, PretendedRefund.objects.count()) == (Refund.State.REQUESTED, 1)
    make.drain(LATER)
    assert (things.again(refund).state, PretendedRefund.objects.count()) == (Refund.State.SUCCEEDED, 1)
    assert Consumed.objects.filter(message=message).count() == 1


def test_a_connection_dropped_at_the_door_keeps_no_notice_and_answers_no_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: Order = signed()
    paid_at_the_provider(order)
    with monkeypatch.context() as patch, make.moment(LATER):
        patch.setattr(outbox, "put", dropped)
        letter = notices._letter(OutgoingNotice.objects.get(), LATER)
        answer = notices.into(Client(raise_request_exception=False))(letter)
    connection.close()
    assert answer.status == 500
    assert not InboxNotice.objects.exists()
    make.deliver_notices(LATER)
    assert walks.read(order).state == State.PAID
