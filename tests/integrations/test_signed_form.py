"""The base for gateways that sign forms: other words, who signed, what a notice may be. The rest is the contract's."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from core import clock
from integrations.errors import BadSignature, CallRefused, ProviderUnavailable
from integrations.payments import PayIntent, PaymentFact, RefundStatus, Status
from integrations.payments.signed_form import SignedForm
from sandbox import forms, keys
from sandbox.models import FaultOrder
from sandbox.services import faults
from tests.integrations.adapters import FORMS, PHONE

pytestmark = pytest.mark.django_db
Kind = FaultOrder.Kind
RENT = Decimal("541.83")


class Somepay(SignedForm):
    """As a gateway with words of its own is added: nothing but the words."""

    __slots__ = ()
    NAMES: ClassVar = {"number": "merOrderId", "amount": "txnAmt", "state": "respState", "notice": "msgId"}
    STATES: ClassVar = {"00": Status.SUCCEEDED, "05": Status.OPEN, "99": Status.CLOSED}
    ANSWER: ClassVar = b"OK"


@pytest.fixture(params=FORMS)
def provider(request: Any) -> SignedForm:
    made = FORMS[request.param].make()
    assert isinstance(made, SignedForm)
    return made


def intent() -> PayIntent:
    return PayIntent("P1", RENT, "租金 & more=yes", clock.now(), "http://127.0.0.1:8000/b/")


def notice(sign_type: str, **words: str) -> bytes:
    return urlencode(forms.signed({"notice": "N1", **words}, sign_type)).encode()


def test_a_gateway_with_other_words_is_its_words(provider: SignedForm) -> None:
    other = Somepay(**{name: getattr(provider, name) for name in SignedForm.__slots__})
    asked = dict(parse_qsl(urlsplit(other.pay(intent()).url).query))
    assert (asked["merOrderId"], asked["txnAmt"], "number" in asked) == ("P1", "541.83", False)
    assert forms.holds(asked)
    words = {"merOrderId": "P1", "txnAmt": "541.83", "respState": "00", "trade": "T1", "msgId": "M1", "number": "P9"}
    told = other.parse_notice(notice(provider.sign_type, **words), {}, clock.now())
    assert isinstance(told.fact, PaymentFact)
    assert (told.notice_id, told.fact.request_no, told.fact.status) == ("M1", "P1", Status.SUCCEEDED)
    assert other.acknowledgement() == b"OK"


def test_a_notice_for_another_merchant_or_of_another_way_to_sign_is_refused(provider: SignedForm) -> None:
    told = notice(provider.sign_type, number="P1", state="PAID", trade="T1", amount="541.83")
    assert provider.parse_notice(told, {}, clock.now()).kind == "payment"
    other = {"MD5": "RSA", "RSA": "MD5"}[provider.sign_type]
    for wrong in (replace(provider, merchant="F2"), replace(provider, sign_type=other)):
        with pytest.raises(BadSignature):
            wrong.parse_notice(told, {}, clock.now())


@pytest.mark.parametrize("wrong", [{"state": "??"}, {"amount": "much"}, {"trade": ""}, {"paid_at": "yesterday"}])
def test_a_true_notice_that_makes_no_sense_is_kept_as_unreadable(provider: SignedForm, wrong: dict[str, str]) -> None:
    good = {"number": "P1", "state": "PAID", "trade": "T1", "amount": "541.83"}
    assert provider.parse_notice(notice(provider.sign_type, **(good | wrong)), {}, clock.now()).kind == "unreadable"


@pytest.mark.parametrize("kind", [Kind.LOSE_REPLY, Kind.UNKNOWN, Kind.FORGED])
def test_an_answer_that_is_lost_unknown_or_forged_says_nothing_and_the_number_keeps_the_money_once(
    provider: SignedForm, kind: FaultOrder.Kind
) -> None:
    rig = FORMS[f"form {provider.sign_type}"]
    rig.agree(rig.page(replace(intent(), expires_at=clock.now().replace(year=2099))), PHONE)
    faults.order("form.refund", kind, times=5)
    with pytest.raises(ProviderUnavailable):
        provider.refund("P1", "R1", Decimal("100.00"), "")
    faults.forget()
    assert provider.query_refund("P1", "R1").status is RefundStatus.SUCCEEDED
    assert provider.refund("P1", "R1", Decimal("100.00"), "").amount == Decimal("100.00")


def test_a_call_that_the_gateway_does_not_accept_decides_nothing(provider: SignedForm) -> None:
    keys.make_all()
    with pytest.raises(CallRefused):
        replace(provider, merchant="F2").query("P1")
