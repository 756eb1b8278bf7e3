"""The statements of a day, made from what the pretended providers remember, with errors on order."""

import random
import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from core import money
from core.calendar import instant
from sandbox import files, wire
from sandbox.files import Row
from sandbox.models import (
    Complaint,
    DayFile,
    OutgoingNotice,
    Refund,
    Spoilt,
    StatementFault,
    Trade,
    WechatOrder,
    WechatRefund,
)

Wire = OutgoingNotice.Wire
Kind = Spoilt.Kind
OUT_FROM_HOUR = 9  # of the next day


@transaction.atomic
def of(wire_name: str, day: date, at: datetime) -> DayFile | None:
    """The file of a day; None before it is out."""
    if at < instant(day + timedelta(days=1), OUT_FROM_HOUR):
        return None
    with connection.cursor() as cursor:  # two questions at once find one file
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sandbox {wire_name} {day}"])
    made = DayFile.objects.filter(wire=wire_name, day=day).first()
    if made is not None:
        return made
    rows = sorted([*_spoil(wire_name, day, TABLES[wire_name](day)), *_late(wire_name, day)], key=lambda row: row.at)
    content = files.alipay(rows, day, at) if wire_name == Wire.ALIPAY else files.wechat(rows)
    return DayFile.objects.create(wire=wire_name, day=day, content=content, token=secrets.token_urlsafe(18))


def spoil(wire_name: str, *, seed: int, errors: int = 1, day: date | None = None) -> StatementFault:
    """Order errors: drawn by the seed and the day, hidden from whoever reads the file."""
    return StatementFault.objects.create(wire=wire_name, seed=seed, errors=errors, day=day)


def _alipay(day: date) -> list[Row]:
    span = (instant(day), instant(day + timedelta(days=1)))
    trades = Trade.objects.filter(paid_at__gte=span[0], paid_at__lt=span[1]).select_related("account")
    refunds = Refund.objects.filter(refunded_at__gte=span[0], refunded_at__lt=span[1], fails_at=None)
    return [
        *(_of_trade(trade, trade.total_amount, trade.paid_at) for trade in trades),
        *(
            replace(_of_trade(one.trade, one.amount, one.refunded_at), refund_no=one.out_request_no)
            for one in refunds.select_related("trade__account")
        ),
    ]


def _of_trade(trade: Trade, amount: Decimal, at: datetime | None) -> Row:
    assert at is not None
    payer = trade.account.logon_id if trade.account else ""
    return Row(trade.trade_no, trade.out_trade_no, "", "", amount, at, trade.subject, payer, trade.method)


def _wechat(day: date) -> list[Row]:
    span = (instant(day), instant(day + timedelta(days=1)))
    orders = WechatOrder.objects.filter(paid_at__gte=span[0], paid_at__lt=span[1]).select_related("account")
    refunds = WechatRefund.objects.filter(
        settles_at__gte=span[0], settles_at__lt=span[1], fails=False
    )  # a bank that turns it back leaves no line
    taken = Complaint.objects.filter(decided_at__gte=span[0], decided_at__lt=span[1]).exclude(refund_id="")
    return [
        *(_of_order(order, order.total, order.paid_at) for order in orders),
        *(
            replace(
                _of_order(one.order, one.amount, one.settles_at), refund_no=one.out_refund_no, refund_id=one.refund_id
            )
            for one in refunds.select_related("order__account")
        ),
        *(
            replace(
                _of_order(one.order, one.amount, one.decided_at), refund_no=one.complaint_id, refund_id=one.refund_id
            )
            for one in taken.select_related("order__account")
        ),
    ]


def _of_order(order: WechatOrder, total: int, at: datetime | None) -> Row:
    assert at is not None
    payer = f"o{order.account.user_id}" if order.account else ""
    amount = money.from_cents(total)
    return Row(
        order.transaction_id, order.out_trade_no, "", "", amount, at, order.description, payer, order.entry.upper()
    )


TABLES: dict[str, Callable[[date], list[Row]]] = {Wire.ALIPAY: _alipay, Wire.WECHAT: _wechat}


def _late(wire_name: str, day: date) -> list[Row]:
    """What was left out of yesterday's file on order."""
    moved = Spoilt.objects.filter(wire=wire_name, day=day - timedelta(days=1), kind=Kind.NEXT_DAY)
    return [_row(one.row) for one in moved.order_by("pk")]


def _spoil(wire_name: str, day: date, rows: list[Row]) -> list[Row]:
    """The rows with the errors that are on order, each on a row of its own."""
    for fault in StatementFault.objects.filter(Q(day=day) | Q(day=None), wire=wire_name).order_by("pk"):
        chance = random.Random(f"{fault.seed} {day} {wire_name}")  # noqa: S311 - repeatable on purpose
        rows = sorted(rows, key=lambda row: (row.at, row.own))
        chosen = chance.sample(rows, min(fault.errors, len(rows)))
        for row in chosen:
            kind = chance.choice(_kinds(row, rows))
            Spoilt.objects.create(wire=wire_name, day=day, kind=kind, number=row.own, row=_json(row))
            rows = [one for one in rows if one != row] + _wrong(kind, row, chance)
    return rows


def _kinds(row: Row, rows: list[Row]) -> list[Kind]:
    """Only of what did not go back already can it be said wrongly that it was taken."""
    is_whole = not any(one.refund_no for one in rows if one.trade_no == row.trade_no)
    return [kind for kind in Kind if kind != Kind.TAKEN or is_whole]


def _wrong(kind: str, row: Row, chance: random.Random) -> list[Row]:
    """What stands in the file instead of the row."""
    match kind:
        case Kind.MISSING | Kind.NEXT_DAY:
            return []
        case Kind.TWICE:
            return [row, row]
        case Kind.AMOUNT:
            return [replace(row, amount=row.amount + Decimal(chance.randint(1, 9999)) / 100)]
        case Kind.TAKEN:
            strange = f"X{chance.randrange(10**12):012d}"
            return [row, replace(row, refund_no=strange, refund_id=wire.new_number(row.at, 29))]
        case Kind.NUMBER:
            wrong = f"X{chance.randrange(10**12):012d}"
            return [replace(row, refund_no=wrong) if row.refund_no else replace(row, number=wrong)]
    strange = f"X{chance.randrange(10**12):012d}"
    trade_no = wire.new_number(row.at)
    return [row, replace(row, trade_no=trade_no, number=strange, refund_no=strange if row.refund_no else "")]


def _json(row: Row) -> dict[str, Any]:
    return {**asdict(row), "amount": str(row.amount), "at": row.at.isoformat()}


def _row(told: dict[str, Any]) -> Row:
    return Row(**{**told, "amount": Decimal(told["amount"]), "at": datetime.fromisoformat(told["at"])})
