"""Reconciliation at the desk: differences by age, both sides of a day, an explanation that stays."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import ReconciliationException, StatementFile, StatementLine
from billing.services import reconciliation
from tests import make, movements, things

pytestmark = pytest.mark.django_db
NEXT = things.AT + timedelta(days=1)


@pytest.fixture
def found() -> ReconciliationException:
    """Booked 309.00, told 310.00."""
    made = movements.payment(things.customer(), "alipay", Decimal("309.00"), things.AT)
    file = StatementFile.objects.create(channel="alipay", day=things.ON, sha256="0" * 64, content=b"-", fetched_at=NEXT)
    StatementLine.objects.create(
        file=file, number=1, kind="PAYMENT", trade_number=str(made.trade_number), payment_number=made.number,
        amount=Decimal("310.00"), moved_at=things.AT, raw=[],
    )  # fmt: skip
    reconciliation.reconcile("alipay", things.ON, NEXT)
    return ReconciliationException.objects.get()


@pytest.fixture
def desk() -> Iterator[Client]:
    with make.moment(NEXT + timedelta(hours=1)):
        client = Client()
        client.force_login(make.operator())
        yield client


def test_the_queue_names_the_kind_and_both_amounts(desk: Client, found: ReconciliationException) -> None:
    (row,) = desk.get(reverse("desk:queue", args=["differences"])).context["shown"].rows
    assert found.payment is not None
    assert found.payment.number in row.title
    assert str(found.get_kind_display()) in row.title
    assert "310.00" in row.text
    assert "309.00" in row.text
    assert (row.left, row.href) == (None, reverse("desk:difference", args=[found.pk]))


def test_after_two_days_it_is_an_alarm(found: ReconciliationException) -> None:
    with make.moment(NEXT + timedelta(days=2, minutes=1)):
        client = Client()
        client.force_login(make.operator())
        (row,) = client.get(reverse("desk:queue", args=["differences"])).context["shown"].rows
    assert row.left.tone == "late"


def test_a_day_shows_both_sides(desk: Client, found: ReconciliationException) -> None:
    assert list(desk.get(reverse("desk:reconciliation")).context["files"]) == [found.file]
    shown = desk.get(reverse("desk:reconciled_day", args=["alipay", things.ON])).context["shown"]
    assert (shown.told_payments.amount, shown.booked_payments.amount) == (Decimal("310.00"), Decimal("309.00"))
    assert (shown.is_even, shown.is_in_ledger, shown.matched) == (False, True, 0)
    assert shown.differences == [found]


def test_an_explanation_closes_it_and_stays(desk: Client, found: ReconciliationException) -> None:
    place = reverse("desk:difference", args=[found.pk])
    for nothing in ({}, {"resolution": ""}, {"resolution": "no"}, {"resolution": "x" * 301}):
        assert desk.post(place, nothing).status_code == 422
    assert things.again(found).is_open
    assert desk.post(place, {"resolution": "Alipay corrected it"}).status_code == 303
    done = things.again(found)
    assert (done.resolution, done.actor) == ("Alipay corrected it", f"operator:{make.operator().pk}")
    assert "Alipay corrected it" in desk.get(place).content.decode()
    assert desk.post(place, {"resolution": "once more"}).status_code == 303
    assert things.again(found).resolution == "Alipay corrected it"


def test_what_is_not_there_is_not_found(desk: Client, found: ReconciliationException) -> None:
    for name, args in (
        ("difference", [0]), ("reconciled_day", ["wechat", things.ON]), ("reconciled_day", ["alipay", "2026-02-30"]),
        ("reconciled_day", ["alipay", "x"]),
    ):  # fmt: skip
        assert desk.get(reverse(f"desk:{name}", args=args)).status_code == 404


def test_strangers_find_nothing(found: ReconciliationException) -> None:
    addresses = [
        reverse("desk:reconciliation"),
        reverse("desk:reconciled_day", args=["alipay", things.ON]),
        reverse("desk:difference", args=[found.pk]),
    ]
    customer, nobody = Client(), Client()
    customer.force_login(User.objects.get(pk=things.customer().user_id))
    merchant = Client()
    merchant.force_login(make.merchant_member("qinghe"))
    for address in addresses:
        assert nobody.get(address).status_code == 302
        assert customer.get(address).status_code == 404
        assert merchant.get(address).status_code == 404
    assert customer.post(addresses[-1], {"resolution": "mine now"}).status_code == 404
    assert things.again(found).is_open
