"""WeChat Pay's 交易账单 (ALL) of a day: UTF-8, every cell begins with a backtick, a row of sums at the end."""

import hashlib
from decimal import Decimal
from typing import Final

from core import money
from integrations.errors import BadStatement
from integrations.payments import StatementLine
from integrations.payments import files as read

HEADER: Final = (
    "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识",
    "交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号",
    "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "商品名称", "商户数据包", "手续费",
    "费率", "订单金额", "申请退款金额", "费率备注",
)  # fmt: skip
SUMS: Final = (
    "总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额",
    "申请退款总金额",
)  # fmt: skip
WHEN, APP, MERCHANT, TRADE_NO, NUMBER, STATE, CURRENCY, PAID, REFUND_NO, BACK = 0, 1, 2, 5, 6, 9, 11, 12, 15, 16


def checked(content: bytes, hash_type: str, hash_value: str) -> bytes:
    """The unpacked file, whose digest is the one that the signed answer told."""
    found = read.gunzipped(content)
    if hash_type != "SHA1" or hashlib.sha1(found).hexdigest() != hash_value.lower():  # noqa: S324 - as the API has it
        raise BadStatement("the digest is another one")
    return found


def lines(content: bytes, app_id: str, merchant: str) -> tuple[StatementLine, ...]:
    """Every movement of this app in the file. BadStatement unless it is the merchant's, whole, and adds up.

    The file carries no date of its own; its digest comes in the signed answer to a question that names the day.
    """
    rows = read.text(content, "utf-8-sig").splitlines()
    if len(rows) < 3:
        raise BadStatement("no table")
    _require_marks(rows[1:-2] + rows[-1:])
    table = read.table(rows[:-2], HEADER, "`")
    (sums,) = read.table(rows[-2:], SUMS, "`")
    if any(row[MERCHANT] != merchant for row in table):
        raise BadStatement("the statement of another merchant")
    read.require_sum("number of rows", int(read.amount(sums[0])), len(table))
    read.require_sum("sum of payments", read.amount(sums[1]), _sum(table, PAID))
    read.require_sum("sum of refunds", read.amount(sums[2]), _sum(table, BACK))
    return tuple(_line(row) for row in table if row[APP] == app_id)


def _require_marks(rows: list[str]) -> None:
    """A row whose first cell has no backtick was not written by them."""
    if any(not row.startswith("`") for row in rows):
        raise BadStatement("a row without its marks")


def _sum(table: list[tuple[str, ...]], column: int) -> Decimal:
    return sum((read.amount(row[column]) for row in table), money.ZERO)


def _line(row: tuple[str, ...]) -> StatementLine:
    if row[STATE] not in ("SUCCESS", "REFUND") or row[CURRENCY] != "CNY":
        raise BadStatement(f"a row in state {row[STATE][:20]!r}, {row[CURRENCY][:5]!r}")
    is_refund = row[STATE] == "REFUND"
    amount = read.amount(row[BACK if is_refund else PAID])
    if amount < 0:
        raise BadStatement(f"an amount of {amount}")
    return StatementLine(
        kind="refund" if is_refund else "payment",
        trade_no=read.number(row[TRADE_NO]),
        request_no=read.number(row[NUMBER]),
        refund_no=read.number(row[REFUND_NO]) if is_refund else "",
        amount=amount,
        at=read.instant(row[WHEN]),
        raw=row,
    )
