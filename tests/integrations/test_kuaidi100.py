"""Kuaidi100's wire, by vectors worked with md5sum, and the adapter against the sandbox, which has its own code."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from core import keys
from integrations import registry
from integrations.errors import BadSignature, ProviderRefused, ProviderUnavailable
from integrations.logistics import Condition, kuaidi100
from sandbox.models import FaultOrder, OutgoingNotice
from sandbox.services import faults, notices, parcels
from sandbox.services.notices import Answer, Letter
from sandbox.shipments import Shipment
from tests import make

pytestmark = pytest.mark.django_db
AT = make.AT
PARAM = (
    '{"status":"polling","message":"","lastResult":{"message":"ok","state":"0","com":"shunfeng","nu":"SF1234567890",'
    '"data":[{"context":"离开【深圳】","time":"2026-03-03 09:10:11","status":"在途","areaName":"广东,深圳市"},'
    '{"context":"已揽收","time":"2026-03-02 18:00:00","status":"揽收"}]}}'
)
PUSH_SIGN = "F140BFB282262B21EB3DD24D505C28B4"  # printf '%s' "$PARAM"xinzu-salt | md5sum
QUERY_SIGN = "E3B9004FE6BAE38EAD8E68CAE52B743B"  # printf '%s' "$QUERY"keykeykeySANDBOXCUSTOMER | md5sum
QUERY = '{"com":"shunfeng","num":"SF1234567890","phone":"13900000000","resultv2":"1"}'


@pytest.fixture
def agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kuaidi100, "shared_secret", {"kuaidi100-key": "keykeykey", "kuaidi100-salt": "xinzu-salt"}.get)


def form(param: str = PARAM, sign: str = PUSH_SIGN) -> bytes:
    return urlencode({"sign": sign, "param": param}).encode()


def test_a_push_by_the_worked_vector(agreed: None) -> None:
    push = registry.logistics().parse_push(form(), {}, AT)
    told = push.tracking
    assert (told.carrier, told.waybill, told.condition) == ("sf", "SF1234567890", Condition.TRANSIT)
    assert [(scan.condition, scan.place) for scan in told.scans] == [("COLLECTED", ""), ("TRANSIT", "广东,深圳市")]
    assert told.scans[0].at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert push.notice_id == registry.logistics().parse_push(form(sign=PUSH_SIGN.lower()), {}, AT).notice_id


@pytest.mark.parametrize(
    "body",
    [
        form(sign="0" * 32),
        form(sign=""),
        form(PARAM.replace("SF12", "SF13")),
        form(PARAM + " "),
        b"",
        b"\xff\xfe",
        b"x",
    ],
)
def test_a_forged_push_is_refused(agreed: None, body: bytes) -> None:
    with pytest.raises(BadSignature):
        registry.logistics().parse_push(body, {}, AT)


def test_a_query_by_the_worked_vector(agreed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def post(url: str, *, again: bool, content: bytes, headers: dict[str, str], whom: str) -> httpx.Response:
        asked.update(parse_qsl(content.decode()), url=url)
        return httpx.Response(200, json={"result": False, "returnCode": "500", "message": "查询无结果"})

    monkeypatch.setattr("integrations.http.post", post)
    found = registry.logistics().query("sf", "SF1234567890", "13900000000")
    assert (found.scans, asked["param"], asked["sign"]) == ((), QUERY, QUERY_SIGN)
    assert asked["url"].endswith("/poll/query.do")


def posted() -> list[Letter]:
    letters: list[Letter] = []

    def post(letter: Letter) -> Answer:
        letters.append(letter)
        return Answer(200, registry.logistics().acknowledgement().decode())

    with make.moment(AT):
        notices.deliver_due(AT + timedelta(minutes=1), post)
    return letters


def test_subscribe_push_and_query_against_the_sandbox() -> None:
    provider = registry.logistics()
    with make.moment(AT):
        provider.subscribe("zto", "ZT000000000001", "13900000000")
        provider.subscribe("zto", "ZT000000000001", "13900000000")  # repeated: no error
        assert provider.query("zto", "ZT000000000001", "").scans == ()
    row = Shipment.objects.get()
    parcels.move(row, "collected", AT)
    parcels.move(row, "delivered", AT + timedelta(seconds=1))
    told = [provider.parse_push(letter.body, {}, AT).tracking for letter in posted()]
    assert [each.condition for each in told] == [Condition.COLLECTED, Condition.DELIVERED]
    assert not OutgoingNotice.objects.filter(delivered_at=None).exists()
    with make.moment(AT):
        asked = provider.query("zto", "ZT000000000001", "")
    assert asked == told[1]


def test_sf_tells_only_who_knows_a_phone() -> None:
    with make.moment(AT), pytest.raises(ProviderRefused):
        registry.logistics().subscribe("sf", "SF000000000001", "")


def test_a_provider_that_is_down_tells_nothing() -> None:
    faults.order("kuaidi100.poll", FaultOrder.Kind.DOWN, times=9)
    with make.moment(AT), pytest.raises(ProviderUnavailable):
        registry.logistics().subscribe("zto", "ZT000000000001", "")


def test_the_wrong_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kuaidi100, "shared_secret", lambda name: "wrong")
    with make.moment(AT), pytest.raises(ProviderRefused, match="600"):
        registry.logistics().subscribe("zto", "ZT000000000001", "")
    with make.moment(AT), pytest.raises(ProviderRefused):
        registry.logistics().query("zto", "ZT000000000001", "")


@pytest.mark.parametrize(("digit", "count", "good"), [("1", 2, True), ("2", 1, False), ("4", 0, True)])
def test_magic_waybills(digit: str, count: int, good: bool) -> None:
    provider = registry.logistics()
    with make.moment(AT):
        provider.subscribe("zto", f"ZT999900000{digit}", "")
    parcels.move(Shipment.objects.get(), "collected", AT)
    letters = posted()
    assert len(letters) == count
    if not good:
        with pytest.raises(BadSignature):
            provider.parse_push(letters[0].body, {}, AT)


def test_the_salt_is_ours_and_the_key_is_theirs() -> None:
    with make.moment(AT):
        registry.logistics().subscribe("zto", "ZT000000000001", "")
    assert Shipment.objects.get().salt.encode() == keys.read("kuaidi100-salt").strip()
    assert json.loads(registry.logistics().acknowledgement())["returnCode"] == "200"
