"""Failed refunds and missing statements at the desk: seen, worked off, by operators alone."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Refund, StatementGap
from billing.services import refunds
from integrations import registry
from integrations.payments import RefundFact, RefundStatus
from tests import make, things
from tests.bank import Bank

pytestmark = pytest.mark.django_db
NOW = things.AT + timedelta(days=3)
PAID = {"reference": "B-2026-0007", "paid_at": "2026-03-04T12:00", "note": "slip 7, to his account"}


@pytest.fixture
def failed() -> Refund:
    payment = things.paid(things.bill(things.lease()))
    refund = refunds.request(payment.pk, Decimal(100), "test", things.AT, things.lease_of(payment))
    refunds.apply(RefundFact(payment.number, refund.number, RefundStatus.FAILED, refund.amount, None), things.AT)
    return things.again(refund)


@pytest.fixture
def gap() -> StatementGap:
    return StatementGap.objects.create(channel="alipay", day=date(2026, 2, 1), opened_at=things.AT)


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    client.post("/language/", {"language": "en", "next": "/"})
    return client


@pytest.fixture
def desk() -> Iterator[Client]:
    with make.moment(NOW):
        yield client_of(make.operator())


def address(refund: Refund) -> str:
    return reverse("desk:failed_refund", args=[refund.number])


def test_the_queue_leads_to_the_refund(desk: Client, failed: Refund) -> None:
    (row,) = desk.get(reverse("desk:queue", args=["refunds"])).context["shown"].rows
    assert row.href == address(failed)
    text = desk.get(row.href).content.decode()
    assert "turned back" in text
    assert "Try again" in text


def test_it_is_marked_as_paid_by_hand_with_its_proof(desk: Client, failed: Refund) -> None:
    assert desk.post(address(failed), PAID).status_code == 303
    done = things.again(failed)
    assert (done.state, done.reference) == ("SUCCEEDED", "B-2026-0007")
    text = desk.get(address(failed)).content.decode()
    assert "B-2026-0007" in text
    assert "Mark as paid" not in text
    again = desk.post(address(failed), PAID)
    assert again.status_code == 422
    assert "dealt with already" in again.content.decode()


@pytest.mark.parametrize(
    ("field", "value"), [("reference", ""), ("paid_at", "2026-03-09T12:00"), ("paid_at", "x"), ("note", "")]
)
def test_what_proves_nothing_is_refused(desk: Client, failed: Refund, field: str, value: str) -> None:
    assert desk.post(address(failed), {**PAID, field: value}).status_code == 422
    assert things.again(failed).state == "FAILED"


def test_it_is_tried_again(desk: Client, failed: Refund, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "payments", lambda name: Bank(RefundStatus.FAILED))
    answer = desk.post(address(failed), {"again": "1"})
    made = Refund.objects.get(replaces=failed)
    assert answer.headers["location"] == address(made)
    assert made.number in desk.get(address(failed)).content.decode()


def test_a_missing_statement_ages_and_is_explained(desk: Client, gap: StatementGap) -> None:
    (row,) = desk.get(reverse("desk:queue", args=["gaps"])).context["shown"].rows
    assert row.left.tone == "late"
    assert desk.post(row.href, {"resolution": ""}).status_code == 422
    assert desk.post(row.href, {"resolution": "nothing moved that day"}).status_code == 303
    assert things.again(gap).state == "CLOSED"
    assert "nothing moved that day" in desk.get(row.href).content.decode()


def test_nobody_else_works_them_off(failed: Refund, gap: StatementGap) -> None:
    for user in (failed.payment.customer.user, make.merchant_member()):
        client = client_of(user)
        assert client.get(address(failed)).status_code == 404
        assert client.post(address(failed), PAID).status_code == 404
        assert client.post(reverse("desk:gap", args=[gap.pk]), {"resolution": "never mind"}).status_code == 404
    assert things.again(failed).state == "FAILED"
    assert things.again(gap).is_open
