"""Alipay's 业务明细 of a day: a ZIP with a GBK table between lines of remarks, and its sums at the end."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from core import money
from integrations.errors import BadStatement
from integrations.payments import StatementLine
from integrations.payments import files as read

HEADER: Final = (
    "支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "门店编号", "门店名称",
    "操作员", "终端号", "对方账户", "订单金额（元）", "商家实收（元）", "支付宝红包（元）", "集分宝（元）",
    "支付宝优惠（元）", "商家优惠（元）", "券核销金额（元）", "券名称", "商家红包消费金额（元）",
    "卡消费金额（元）", "退款批次号/请求号", "服务费（元）", "分润（元）", "备注",
)  # fmt: skip
TRADE_NO, NUMBER, KIND, DONE, RECEIVED, REFUND_NO = 0, 1, 2, 5, 12, 21
KINDS: Final = {"交易": "payment", "退款": "refund"}
ACCOUNT: Final = re.compile(r"#账号：\[(\d{16})(?:0156)?\]")
SPAN: Final = re.compile(r"#起始日期：\[(\d{4}年\d\d月\d\d日) .*")
PAID: Final = re.compile(r"#交易合计：(\d+)笔，商家实收共(-?[\d.]+)元，.*")
BACK: Final = re.compile(r"#退款合计：(\d+)笔，商家实收退款共(-?[\d.]+)元，.*")


def lines(content: bytes, seller_id: str, day: date) -> tuple[StatementLine, ...]:
    """Every movement in the file. BadStatement unless it is this seller's, of this day, whole, and adds up."""
    text = read.text(_details(content), "gbk")
    rows = [row for row in text.splitlines() if row.strip()]
    remarks = [row.strip() for row in rows if row.startswith("#")]
    if _only(ACCOUNT, remarks)[0] != seller_id:
        raise BadStatement("the statement of another account")
    if _only(SPAN, remarks)[0] != f"{day:%Y年%m月%d日}":
        raise BadStatement("the statement of another day")
    table = read.table((row for row in rows if not row.startswith("#")), HEADER, "\t ")
    found = tuple(_line(row) for row in table)
    _add_up("payment", _only(PAID, remarks), found)
    _add_up("refund", _only(BACK, remarks), found)
    return found


def _details(content: bytes) -> bytes:
    """The table of single movements; the other file of the ZIP has sums by shop."""
    members = read.unzipped(content)
    named = [name for name in members if name.endswith(".csv") and "汇总" not in name]
    if len(named) != 1:
        raise BadStatement("the ZIP does not hold one table")
    return members[named[0]]


def _only(pattern: re.Pattern[str], remarks: list[str]) -> tuple[str, ...]:
    found = [match.groups() for remark in remarks if (match := pattern.match(remark))]
    if len(found) != 1:
        raise BadStatement(f"{len(found)} remarks like {pattern.pattern[:12]}")
    return found[0]


def _line(row: tuple[str, ...]) -> StatementLine:
    kind = KINDS.get(row[KIND])
    received = read.amount(row[RECEIVED])
    if kind == "payment" and received >= 0:
        refund_no = ""
    elif kind == "refund" and received <= 0:
        refund_no = read.number(row[REFUND_NO])
    else:
        raise BadStatement(f"a {row[KIND][:10]!r} of {received}")
    return StatementLine(
        kind="refund" if refund_no else "payment",
        trade_no=read.number(row[TRADE_NO]),
        request_no=read.number(row[NUMBER]),
        refund_no=refund_no,
        amount=abs(received),
        at=read.instant(row[DONE]),
        raw=row,
    )


def _add_up(kind: str, said: tuple[str, ...], found: tuple[StatementLine, ...]) -> None:
    own = [line.amount for line in found if line.kind == kind]
    sign = Decimal(-1) if kind == "refund" else Decimal(1)
    read.require_sum(f"number of {kind}s", int(said[0]), len(own))
    read.require_sum(f"sum of {kind}s", sign * read.amount(said[1]), money.total(own))
