"""The channel of international cards at the shop's doors: rent and deposit paid, no statement waited for."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Deposit, Payment, PaymentChannel
from billing.services import channels, chargebacks, reconciliation
from orders.models import Order, State
from sandbox import visitors
from tests import make

pytestmark = pytest.mark.django_db
SOON = make.AT + timedelta(minutes=5)
PHONE = "13900020002"


@pytest.fixture(autouse=True)
def _cards_only() -> Iterator[None]:
    channels.list_configured()
    PaymentChannel.objects.update(is_open=False)
    PaymentChannel.objects.filter(code="stripe").update(is_open=True)
    with make.moment(SOON):
        yield


def test_it_is_listed_closed_behind_the_others_and_by_its_name() -> None:
    PaymentChannel.objects.filter(code="stripe").delete()
    assert channels.list_configured() == 1
    listed = PaymentChannel.objects.last()
    assert listed is not None
    assert (listed.code, listed.name, listed.name_en) == ("stripe", "境外银行卡", "International card")
    assert not listed.is_open
    assert channels.list_configured() == 0


def test_a_hold_of_seven_days_secures_no_lease_so_its_deposit_is_paid() -> None:
    assert channels.longest_hold_days() == 7
    assert channels.abilities("stripe") == ["capture", "freeze", "page", "refund", "wap"]
    assert channels.freezing(channels.offered(), days=8) == []
    assert [channel.code for channel in channels.freezing(channels.offered(), days=7)] == ["stripe"]


def test_a_card_pays_rent_and_deposit(client: Client) -> None:
    order = make.order(State.SIGNED)
    assert order.lease.deposit.kind == Deposit.Kind.PAID
    client.force_login(order.customer.user)
    for name in ("order_pay_rent", "order_pay_deposit"):
        answered: Any = client.post(reverse(f"storefront:{name}", args=[order.number]), {"channel": "stripe"})
        assert "/cashier/stripe/" in answered["Location"]
        visitors.pay(answered["Location"], PHONE)
        make.deliver_notices(SOON)
    assert Order.objects.get(pk=order.pk).state == State.PAID
    rent, deposit = Payment.objects.filter(channel="stripe").order_by("pk")
    assert (rent.state, deposit.state, deposit.holds) == (Payment.State.SUCCEEDED, Payment.State.SUCCEEDED, True)
    assert rent.payer == deposit.payer != ""  # the card's mark
    assert not Payment.objects.exclude(channel="stripe").exists()


def test_nobody_waits_for_a_statement_and_disputes_are_recorded_by_hand() -> None:
    assert reconciliation.channels() == ["alipay", "wechat"]
    make.order(State.SIGNED)
    assert [channel for channel, _day in reconciliation.due(SOON + timedelta(days=20)) if channel == "stripe"] == []
    assert not chargebacks.are_told("stripe")
