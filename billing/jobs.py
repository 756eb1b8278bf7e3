"""Billing's work of a business day. Nothing is written for late fees: they are computed when looked at."""

from datetime import date, datetime

from billing.services import autopay, books, deductions, reminders
from core.jobs import Job


def charge(on: date, at: datetime) -> dict[str, int]:
    return {"charged": books.due(on, at)}


def remind(on: date, at: datetime) -> dict[str, int]:
    return {"reminded": reminders.send(on, at)}


def deduct(on: date, at: datetime) -> dict[str, int]:
    return {"ended": autopay.end_over(at), "tried": deductions.due(on, at), "announced": deductions.announce(on, at)}


JOBS = [
    Job("billing.due", charge, order=10),
    Job("billing.autopay", deduct, order=50),
    Job("billing.reminders", remind, order=60),
]
