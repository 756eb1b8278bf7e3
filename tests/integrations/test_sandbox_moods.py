"""The sandbox does on order what real providers do unasked, on each channel: each word of the design is a test."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.core.cache import cache

from core import clock
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.payments import PayIntent, RefundStatus, Status
from sandbox import conf, visitors
from sandbox.models import FaultOrder
from sandbox.services import faults
from sandbox.views import gateway, stripe, wechat
from sandbox.wsgi import transport
from tests.integrations import adapters
from tests.integrations.adapters import PHONE, PaymentRig, posted

pytestmark = pytest.mark.django_db
Kind = FaultOrder.Kind
RENT, PART = Decimal("541.83"), Decimal("100.00")
REFUND = {"alipay": "alipay.trade.refund", "wechat": "wechat.refund", "stripe": "stripe.refund"}
LATER = {"alipay": "alipay.trade.refund", "wechat": "wechat.refund:later", "stripe": "stripe.refund"}


@pytest.fixture(params=list(adapters.PAYMENTS))
def channel(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def rig(channel: str) -> PaymentRig:
    return adapters.PAYMENTS[channel]


@pytest.fixture(autouse=True)
def _breaker_closed() -> Iterator[None]:
    yield
    cache.clear()


def opened(rig: PaymentRig, number: str = "P1") -> str:
    return rig.page(PayIntent(number, RENT, "租金", clock.now() + timedelta(minutes=30), "http://127.0.0.1:8000/b/"))


def pay(rig: PaymentRig, number: str = "P1") -> None:
    rig.agree(opened(rig, number), PHONE)


def numbers(rig: PaymentRig, at: Any) -> list[str]:
    """Our numbers in the notices that are due, as they come."""
    return [notice.fact.request_no for notice in rig.told(at) if notice.fact is not None]  # type: ignore[union-attr]


def test_duplicate(rig: PaymentRig) -> None:
    faults.order("notice", Kind.DUPLICATE, argument="3")
    pay(rig)
    told = rig.told(clock.now())
    assert (len(told), len({notice.notice_id for notice in told})) == (4, 1)


def test_delay(rig: PaymentRig) -> None:
    faults.order("notice", Kind.DELAY, argument="600")
    pay(rig)
    assert posted(clock.now() + timedelta(seconds=590)) == []
    assert len(posted(clock.now() + timedelta(seconds=601))) == 1


def test_reorder(rig: PaymentRig) -> None:
    faults.order("notice", Kind.REORDER)
    pay(rig, "P1")
    pay(rig, "P2")
    assert numbers(rig, clock.now()) == ["P2", "P1"]


@pytest.mark.parametrize("kind", [Kind.LOSE_REPLY, Kind.UNKNOWN, Kind.HANG, Kind.FORGED])
def test_lose_replies_and_answer_unknown(rig: PaymentRig, channel: str, kind: FaultOrder.Kind) -> None:
    """Nothing is known of the call, and it acted."""
    pay(rig)
    faults.order(REFUND[channel], kind, times=5, argument="0")
    with pytest.raises(ProviderUnavailable):
        rig.make().refund("P1", "R1", PART, "")
    faults.forget()
    rig.settle(clock.now() + timedelta(minutes=1))
    fact = rig.make().query_refund("P1", "R1")
    assert (fact.status, fact.amount) == (RefundStatus.SUCCEEDED, PART)


def test_down_does_not_act(rig: PaymentRig, channel: str) -> None:
    pay(rig)
    faults.order(REFUND[channel], Kind.DOWN, times=5)
    with pytest.raises(ProviderUnavailable):
        rig.make().refund("P1", "R1", PART, "")
    faults.forget()
    assert rig.make().query_refund("P1", "R1").status is RefundStatus.NOT_FOUND


def test_fail_later(rig: PaymentRig, channel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepted, no money moves, and two days later there is no refund; the whole can still be refunded."""
    pay(rig)
    faults.order(LATER[channel], Kind.FAIL_LATER)
    assert rig.make().refund("P1", "R1", PART, "").status is RefundStatus.PENDING
    assert rig.make().query_refund("P1", "R1").status is RefundStatus.PENDING
    at = clock.now() + timedelta(hours=49)
    monkeypatch.setattr("core.clock.now", lambda: at)
    rig.settle(at)
    expected = RefundStatus.NOT_FOUND if channel == "alipay" else RefundStatus.FAILED
    assert rig.make().query_refund("P1", "R1").status is expected
    assert rig.make().refund("P1", "R2", RENT, "").status in (RefundStatus.SUCCEEDED, RefundStatus.PENDING)


def test_an_accepted_refund_counts_while_it_may_still_come(rig: PaymentRig, channel: str) -> None:
    """Else more could go back than came in."""
    pay(rig)
    faults.order(LATER[channel], Kind.FAIL_LATER)
    rig.make().refund("P1", "R1", PART, "")
    with pytest.raises(ProviderRefused):
        rig.make().refund("P1", "R2", RENT, "")
    assert rig.make().query_refund("P1", "R2").status is RefundStatus.NOT_FOUND


def test_a_person_declines_and_may_still_approve(rig: PaymentRig) -> None:
    page = opened(rig)
    visitors.decline(page, PHONE)
    assert rig.make().query("P1").status is Status.OPEN
    assert posted(clock.now()) == []
    visitors.pay(page, PHONE)
    assert rig.make().query("P1").status is Status.SUCCEEDED


def test_the_page_offers_every_call_notice_and_mood_of_all() -> None:
    with httpx.Client(transport=transport(), base_url=conf.url()) as web:
        text = web.get("/faults/").text
    notices = ["trade_status_sync", "fund_auth_freeze", "dut_user_sign", *wechat.EVENTS, *stripe.EVENTS]
    for target in (
        *gateway.METHODS,
        *wechat.METHODS,
        *stripe.METHODS,
        "notice",
        *(f"notice:{name}" for name in notices),
    ):
        assert f">{target}<" in text, target
    for kind in Kind.values:
        assert f">{kind}<" in text, kind
