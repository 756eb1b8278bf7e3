"""The people's work of a business day."""

from datetime import date, datetime

from accounts.services import identity
from core.jobs import Job


def end_waits(on: date, at: datetime) -> dict[str, int]:
    return {"given_up": identity.give_up(at)}


JOBS = [Job("accounts.identity", end_waits, order=20)]
