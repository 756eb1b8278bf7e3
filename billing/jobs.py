"""Billing's work of a business day. Nothing is written for late fees: they are computed when looked at."""

from datetime import date, datetime

from billing.rules import settlement
from billing.services import (
    autopay,
    balance,
    books,
    deductions,
    extensions,
    lapses,
    promises,
    reminders,
    settlements,
)
from core.jobs import WHOLE, Job, Shard


def charge(on: date, at: datetime, shard: Shard = WHOLE) -> dict[str, int]:
    return {"charged": books.due(on, at, shard)}


def use_balances(on: date, at: datetime) -> dict[str, int]:
    return {"balances used": balance.use_due(on, at)}


def check_extensions(on: date, at: datetime) -> dict[str, int]:
    return extensions.look(on, at)


def remind(on: date, at: datetime, shard: Shard = WHOLE) -> dict[str, int]:
    return {"reminded": reminders.send(on, at, shard)}


def deduct(on: date, at: datetime) -> dict[str, int]:
    return {"ended": autopay.end_over(at), "tried": deductions.due(on, at), "announced": deductions.announce(on, at)}


def end_freezes(on: date, at: datetime) -> dict[str, int]:
    dated = lapses.date_old()
    return {"freezes dated": dated, "freezes ended": lapses.look(at), "freezes that end soon": lapses.warn(at)}


def tell_late_deposits(on: date, at: datetime) -> dict[str, int]:
    return {"late deposits": promises.tell_late(on, at)}


def settle(on: date, at: datetime) -> dict[str, int]:
    """On the first day of a month: the merchants' statements of the one before."""
    return settlements.issue_all(settlement.month_before(on), at) if on.day == 1 else {}


JOBS = [
    Job("billing.due", charge, order=10, split=True, of_its_day=True),
    Job("billing.freezes", end_freezes, order=30),
    Job("billing.late_deposits", tell_late_deposits, order=35),
    Job("billing.balance", use_balances, order=45),
    Job("billing.autopay", deduct, order=50, today_only=True),
    Job("billing.extensions", check_extensions, order=52),
    Job("billing.reminders", remind, order=60, split=True, today_only=True),
    Job("billing.settlements", settle, order=70, closes_books=True, of_its_day=True),
]
