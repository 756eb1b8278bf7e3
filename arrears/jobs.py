"""Arrears' work of a business day, once the day's money is in."""

from datetime import date, datetime

from arrears.services import cases, hardship, promises
from core.jobs import Job


def work(on: date, at: datetime) -> dict[str, int]:
    judged = promises.judge(on, at)
    untold = {"calls without an outcome": cases.lapse_calls(on, at)}
    opened = {"cases closed": cases.close_settled(on, at), "cases opened": cases.open_due(on, at)}
    return opened | judged | untold | hardship.keep_promises(on, at)


JOBS = [Job("arrears.cases", work, order=55)]
