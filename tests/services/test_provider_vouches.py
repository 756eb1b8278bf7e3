"""A provider's own credit waiver 信用免押 (CREDIT_AUTH): recorded on the freeze, told, and no hold of our quota."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from billing.models import DepositFreeze
from billing.services import holding
from credit.models import Hold, QuotaAccount
from orders.models import State
from orders.services import cancellations
from tests import make, walks

pytestmark = pytest.mark.django_db
SOON, LATER = make.AT + timedelta(minutes=10), make.AT + timedelta(hours=1)


def test_what_the_provider_vouches_for_is_told_and_takes_no_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    alipay = settings.PROVIDERS["payments"]["alipay"]["OPTIONS"]
    monkeypatch.setitem(alipay, "credit_category", "RENT_PHONE")
    monkeypatch.setitem(alipay, "credit_service_id", "2021000000")
    signed = make.order(State.SIGNED, of=make.customer(726), slug="mini-4", months=3)
    deposit = signed.lease.deposit
    assert deposit.waived > 0 < deposit.to_hold
    before = QuotaAccount.objects.get(customer=signed.customer)
    make.pay_first(signed, SOON)
    paid = walks.read(signed)
    freeze = DepositFreeze.objects.get(deposit=deposit)
    assert (paid.state, freeze.mode, freeze.held) == ("PAID", DepositFreeze.CREDIT, deposit.to_hold)
    assert holding.vouched(deposit) == deposit.to_hold
    after = QuotaAccount.objects.get(customer=signed.customer)
    assert (after.held, after.granted) == (before.held, before.granted)
    assert Hold.objects.get(order_number=signed.number).amount == deposit.waived
    own = Client()
    own.force_login(signed.customer.user)
    with make.moment(LATER):
        told = own.get(f"/orders/{signed.number}/", headers={"accept-language": "en"}).content.decode()
    assert "The provider vouches for it" in told
    cancellations.cancel(paid.pk, "operator:1", "the customer asked for it", LATER)
    make.drain(LATER)
    assert holding.vouched(deposit) == 0
    assert QuotaAccount.objects.get(customer=signed.customer).held == before.held - deposit.waived
    assert walks.broken() == {}


def test_without_an_agreement_with_the_provider_nothing_is_vouched_for() -> None:
    paid = make.order(State.PAID, of=make.customer(726), slug="mini-4", months=3)
    assert DepositFreeze.objects.get(deposit=paid.lease.deposit).mode == "FUND"
    assert holding.vouched(paid.lease.deposit) == 0
