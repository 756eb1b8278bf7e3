"""The people's work of a business day."""

from datetime import date, datetime

from accounts.services import browser_marks, identity, retention
from core.jobs import Job


def end_waits(on: date, at: datetime) -> dict[str, int]:
    return {"given_up": identity.give_up(at)}


def erase(on: date, at: datetime) -> dict[str, int]:
    return {"erased": retention.erase_due(at), "marks": browser_marks.erase_due(at)}


JOBS = [Job("accounts.identity", end_waits, order=20), Job("accounts.retention", erase, order=70)]
