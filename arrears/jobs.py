"""Arrears' work of a business day, once the day's money is in."""

from datetime import date, datetime

from arrears.services import cases, hardship, home_visits, promises
from core.jobs import Job


def work(on: date, at: datetime) -> dict[str, int]:
    visits = {"visits without a report": home_visits.end_unreported(at)}
    judged = promises.judge(on, at)
    untold = {"calls without an outcome": cases.lapse_calls(on, at)}
    opened = {"cases closed": cases.close_settled(on, at), "cases opened": cases.open_due(on, at)}
    return opened | judged | visits | untold | hardship.keep_promises(on, at)


JOBS = [Job("arrears.cases", work, order=55)]
