# ruff: noqa: E501 - the files have long rows
"""Statements of a day: what each adapter promises, and files that must not be believed."""

import gzip
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
import time_machine

from core import clock
from integrations.errors import BadStatement, NotYet, ProviderUnavailable
from integrations.payments import PayIntent, StatementLine, StatementProvider, alipay_bill, files, wechat_bill
from sandbox.services import faults
from sandbox.services.faults import Kind
from tests.integrations import adapters
from tests.integrations.adapters import PHONE, PaymentRig

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
NEXT_MORNING = AT + timedelta(days=1)
RENT, PART = Decimal("541.83"), Decimal("100.00")


# the adapters


@pytest.fixture(params=[name for name, rig in adapters.PAYMENTS.items() if "statement" in rig.make().capabilities])
def payment_rig(request: Any) -> PaymentRig:
    """Those that have statements."""
    return adapters.PAYMENTS[request.param]


def made(rig: PaymentRig) -> StatementProvider:
    return cast("StatementProvider", rig.make())


@pytest.fixture
def told(payment_rig: PaymentRig, db: None) -> Iterator[StatementProvider]:
    """A payment and a refund of a part of it, seen from the next morning."""
    with time_machine.travel(AT, tick=False):
        until = clock.now() + timedelta(minutes=30)
        intent = PayIntent("P1", RENT, '租金, 第1期 "手机"', until, "http://127.0.0.1:8000/bills/7/")
        payment_rig.agree(payment_rig.page(intent), PHONE)
        payment_rig.make().refund("P1", "R1", PART, "早还")
        with pytest.raises(NotYet):
            made(payment_rig).statement(DAY)
    with time_machine.travel(NEXT_MORNING, tick=False):
        yield made(payment_rig)


def test_a_statement_tells_of_each_movement_of_its_day(told: StatementProvider) -> None:
    assert "statement" in told.capabilities
    statement = told.statement(DAY)
    fact = told.query("P1")
    paid, back = statement.lines
    assert (paid.kind, paid.request_no, paid.refund_no, paid.amount) == ("payment", "P1", "", RENT)
    assert (back.kind, back.request_no, back.refund_no, back.amount) == ("refund", "P1", "R1", PART)
    assert (paid.trade_no, paid.at) == (fact.trade_no, fact.paid_at)
    assert back.trade_no == fact.trade_no
    assert back.at - AT <= timedelta(seconds=1)
    assert statement.content
    assert told.statement(DAY) == statement


def test_a_day_without_movements_is_an_empty_statement(told: StatementProvider) -> None:
    assert told.statement(DAY - timedelta(days=1)).lines == ()
    with pytest.raises(NotYet):
        told.statement(DAY + timedelta(days=1))


def test_a_file_elsewhere_is_not_fetched(told: StatementProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.conf.url", lambda: "http://127.0.0.1.elsewhere.test:80")
    with pytest.raises(ProviderUnavailable, match=r"^$|.*") as refusal:
        told.statement(DAY)
    assert "another host" in refusal.value.detail


def test_a_file_that_is_too_large_is_not_read(told: StatementProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "DOWNLOAD_MAX_BYTES", 100)
    with pytest.raises(ProviderUnavailable) as refusal:
        told.statement(DAY)
    assert "100 bytes" in refusal.value.detail


def test_an_answer_that_nobody_signed_leads_to_no_file(told: StatementProvider) -> None:
    for method in ("alipay.data.dataservice.bill.downloadurl.query", "wechat.bill"):
        faults.order(method, Kind.FORGED)
    with pytest.raises(ProviderUnavailable):
        told.statement(DAY)


# Alipay's file

SELLER = "2088123456789012"
ALIPAY = """#支付宝业务明细查询
#账号：[20881234567890120156]
#起始日期：[2026年03月02日 00:00:00]   终止日期：[2026年03月03日 00:00:00]
#-----------------------------------------业务明细列表----------------------------------------
支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注
2026030222001\t,P1\t,交易\t,"租金, 第1期\t",2026-03-02 09:59:01\t,2026-03-02 10:00:00\t,\t,\t,\t,\t,138******01\t,541.83\t,541.83\t,0.00\t,0.00\t,0.00\t,0.00\t,0.00\t,\t,0.00\t,0.00\t,\t,-3.25\t,0.00\t,\t
2026030222001\t,P1\t,退款\t,租金\t,2026-03-02 09:59:01\t,2026-03-02 11:00:00\t,\t,\t,\t,\t,138******01\t,-100.00\t,-100.00\t,0.00\t,0.00\t,0.00\t,0.00\t,0.00\t,\t,0.00\t,0.00\t,R1\t,0.60\t,0.00\t,早还\t
#-----------------------------------------业务明细列表结束------------------------------------
#交易合计：1笔，商家实收共541.83元，商家优惠共0.00元
#退款合计：1笔，商家实收退款共-100.00元，商家优惠退款共0.00元
#导出时间：[2026年03月03日 09:10:11]
"""


def packed(text: str = ALIPAY, *more: str) -> bytes:
    """As it comes: two tables, names in GBK."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("业务明细.csv", "业务明细(汇总).csv", *more):
            whole = f"20881234567890120156_20260302_{name}".encode("gbk").decode("cp437")
            archive.writestr(whole, text.replace("\n", "\r\n").encode("gbk"))
    return target.getvalue()


def alipay(content: bytes, seller: str = SELLER, day: date = DAY) -> tuple[StatementLine, ...]:
    return alipay_bill.lines(content, seller, day)


def test_alipays_file_as_it_comes() -> None:
    paid, back = alipay(packed())
    assert (paid.trade_no, paid.request_no, paid.amount, paid.at) == ("2026030222001", "P1", RENT, AT)
    assert paid.raw[3] == "租金, 第1期"
    assert (back.kind, back.refund_no, back.amount) == ("refund", "R1", PART)


def test_alipays_file_of_somebody_else_or_of_another_day_is_refused() -> None:
    for seller, day in (("2088000000000000", DAY), (SELLER, date(2026, 3, 1))):
        with pytest.raises(BadStatement):
            alipay(packed(), seller, day)


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        ("541.83\t,541.83\t", "541.83\t,541.84\t"),  # a row that the sums do not know
        ("共541.83元", "共541.84元"),
        ("共-100.00元", "共100.00元"),
        ("交易合计：1笔", "交易合计：2笔"),
        ("#退款合计", "#合计"),
        (",备注\n", "\n"),
        ("商家实收（元）", "商家应收（元）"),
        (",早还\t", ""),
        (",早还\t", ",早还\t,\t"),
        (",交易\t", ",转账\t"),
        ("541.83\t,541.83\t", "541.83\t,NaN\t"),
        ("541.83\t,541.83\t", "541.83\t,5e2\t"),
        ("541.83\t,541.83\t", "541.83\t,-541.83\t"),
        ("541.83\t,541.83\t", "541.83\t,541.830\t"),
        ("2026-03-02 10:00:00", "2026-02-30 10:00:00"),
        ("2026-03-02 10:00:00", "9999-12-31 10:00:00"),
        ("2026030222001\t,P1\t,交易", "2026030222001\t,\t,交易"),
        ("R1\t", "\t"),
        ('第1期\t"', "第1期\t"),
        ("早还", "早" * 600),
    ],
)
def test_alipays_file_that_is_not_whole_is_refused(what: str, instead: str) -> None:
    assert what in ALIPAY
    with pytest.raises(BadStatement):
        alipay(packed(ALIPAY.replace(what, instead)))


def test_what_is_no_archive_or_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = packed()
    for content in (b"", b"PK\x03\x04", whole[:-30], b"<html>", whole[: len(whole) // 2], packed(ALIPAY, "又.csv")):
        with pytest.raises(BadStatement):
            alipay(content)
    monkeypatch.setattr(files, "UNPACKED_MAX_BYTES", 1000)
    with pytest.raises(BadStatement, match=r".*") as refusal:
        alipay(whole)
    assert "too much" in refusal.value.detail
    with pytest.raises(BadStatement):
        files.gunzipped(gzip.compress(b"\0" * 1001))


# WeChat Pay's file

APP, MERCHANT = "wx8888888888888888", "1900000001"
WECHAT = (
    "\ufeff交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n"
    f'`2026-03-02 10:00:00,`{APP},`{MERCHANT},`0,`,`4200001,`P1,`oUpF8,`MWEB,`SUCCESS,`OTHERS,`CNY,`541.83,`0.00,`0,`0,`0.00,`0.00,`,`,`租金 "1",`,`3.25000,`0.60%,`541.83,`0.00,`\r\n'
    f"`2026-03-02 11:00:00,`{APP},`{MERCHANT},`0,`,`4200001,`P1,`oUpF8,`MWEB,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5030001,`R1,`100.00,`0.00,`ORIGINAL,`SUCCESS,`租金,`,`-0.60000,`0.60%,`0.00,`100.00,`\r\n"
    f"`2026-03-02 12:00:00,`wx0000,`{MERCHANT},`0,`,`4200002,`Q1,`oUpF8,`MWEB,`SUCCESS,`OTHERS,`CNY,`1.00,`0.00,`0,`0,`0.00,`0.00,`,`,`别的应用,`,`0.01000,`0.60%,`1.00,`0.00,`\r\n"
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
    "`3,`542.83,`100.00,`0.00,`2.66000,`542.83,`100.00\r\n"
)


def wechat(text: str = WECHAT) -> tuple[StatementLine, ...]:
    return wechat_bill.lines(text.encode(), APP, MERCHANT)


def test_wechats_file_as_it_comes() -> None:
    paid, back = wechat()  # the row of another app of the merchant is not ours
    assert (paid.trade_no, paid.request_no, paid.amount, paid.at) == ("4200001", "P1", RENT, AT)
    assert (back.kind, back.refund_no, back.amount) == ("refund", "R1", PART)


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        ("`541.83,`0.00,`0,", "`541.84,`0.00,`0,"),
        ("`542.83,`100.00", "`542.83,`100.01"),
        ("`3,`542.83", "`4,`542.83"),
        (MERCHANT, "1900000002"),
        ("`SUCCESS,`OTHERS", "`REVOKED,`OTHERS"),
        ("`CNY", "`USD"),
        (",费率备注", ""),
        ("`2026-03-02 10", "2026-03-02 10"),
        ("`租金,`,", "`租金,"),
        ("总交易单数", "交易单数"),
        ("`R1,", "`,"),
        ("`2026-03-02 10:00:00", "`2026-13-02 10:00:00"),
    ],
)
def test_wechats_file_that_is_not_whole_is_refused(what: str, instead: str) -> None:
    assert what in WECHAT
    with pytest.raises(BadStatement):
        wechat(WECHAT.replace(what, instead))


def test_wechats_file_with_another_digest_or_bytes_behind_it_is_refused() -> None:
    raw = WECHAT.encode()
    digest = hashlib.sha1(raw).hexdigest()
    assert wechat_bill.checked(gzip.compress(raw), "SHA1", digest) == raw
    refused: list[Callable[[], Any]] = [
        lambda: wechat_bill.checked(gzip.compress(raw + b" "), "SHA1", digest),
        lambda: wechat_bill.checked(gzip.compress(raw), "MD5", hashlib.md5(raw).hexdigest()),
        lambda: wechat_bill.checked(gzip.compress(raw) + b"x", "SHA1", digest),
        lambda: wechat_bill.checked(gzip.compress(raw)[:-4], "SHA1", digest),
        lambda: wechat_bill.checked(raw, "SHA1", digest),
        lambda: wechat_bill.lines(b"", APP, MERCHANT),
        lambda: wechat_bill.lines(b"\xff\xfe", APP, MERCHANT),
    ]
    for attempt in refused:
        with pytest.raises(BadStatement):
            attempt()
