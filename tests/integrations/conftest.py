"""Adapters under test, and providers without pauses between attempts."""

from collections.abc import Iterator
from typing import Any

import pytest
import stamina

from integrations import http
from integrations.credit import CreditProvider
from integrations.identity import IdentityProvider
from integrations.payments import PaymentProvider
from integrations.sms import SmsProvider
from tests.integrations import adapters


@pytest.fixture(autouse=True)
def _no_pauses() -> Iterator[None]:
    """Attempts are counted as in production, only not waited for."""
    with stamina.set_testing(True, attempts=http.ATTEMPTS):
        yield


@pytest.fixture(params=[*adapters.PAYMENTS, *adapters.FORMS])
def payment_rig(request: Any) -> adapters.PaymentRig:
    return {**adapters.PAYMENTS, **adapters.FORMS}[request.param]


@pytest.fixture(params=adapters.HOLDS)
def hold_rig(request: Any) -> adapters.HoldRig:
    return adapters.HOLDS[request.param]


@pytest.fixture(params=adapters.DEDUCTS)
def deduct_rig(request: Any) -> adapters.DeductRig:
    return adapters.DEDUCTS[request.param]


@pytest.fixture
def payments(payment_rig: adapters.PaymentRig) -> PaymentProvider:
    return payment_rig.make()


@pytest.fixture(params=adapters.CREDIT)
def credit_rig(request: Any) -> adapters.CreditRig:
    return adapters.CREDIT[request.param]


@pytest.fixture
def credit(credit_rig: adapters.CreditRig) -> CreditProvider:
    return credit_rig.make()


@pytest.fixture(params=adapters.SMS)
def sms_rig(request: Any) -> adapters.SmsRig:
    return adapters.SMS[request.param]


@pytest.fixture
def texts(sms_rig: adapters.SmsRig) -> SmsProvider:
    return sms_rig.make()


@pytest.fixture(params=adapters.IDENTITY)
def identity(request: Any) -> IdentityProvider:
    return adapters.IDENTITY[request.param]()
