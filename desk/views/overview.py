"""The first page: what is open now, and how the platform stands."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from billing.services import portfolio
from core import calendar, clock, demo, spreadsheets
from desk import exports, figures, pictures, promises, queues, reviews
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page
from orders.services import lease_rules

FIRST = 5
MONTHS = 12
ELSEWHERE = {"review", "ending", "deposits"}  # shown by the review table and the clock of promises


@require_safe
@operators_only
def overview(request: OperatorRequest) -> HttpResponse:
    """The oldest review, the figures, the promises, the arrears; then every other queue that is not empty."""
    at = clock.now()
    standing = reviews.standing(at)
    waits, alarm, tone = reviews.headline(standing)
    shown = [queues.show(queue, at, FIRST) for queue in queues.QUEUES if queue.name not in ELSEWHERE]
    return page(
        request, "overview", f"{waits} · {alarm}" if alarm else waits, section="overview", at=at, standing=standing,
        waits=waits, alarm=alarm, alarm_tone=tone, reviews=reviews.rows(at, FIRST), promises=promises.near(at, FIRST),
        open=[one for one in shown if one.rows], quiet=[one.queue for one in shown if not one.rows],
        histories=demo.progress(), is_cap_known=lease_rules.is_cap_known(calendar.business_date(at)),
        **_portfolio(at, every_day=request.GET.get("late") == "all"),
    )  # fmt: skip


@require_safe
@operators_only
def oldest(request: OperatorRequest) -> HttpResponse:
    """On to the order that waits longest for a person."""
    first = reviews.waiting(clock.now()).first()
    address = reverse("desk:order", args=[first.number]) if first else reverse("desk:queue", args=["review"])
    return HttpResponseRedirect(address)


@require_safe
@operators_only
def queue(request: OperatorRequest, name: str) -> HttpResponse:
    """One queue in full, up to a hundred rows."""
    found = queues.get(name)
    if found is None:
        raise Http404
    at = clock.now()
    rows = reviews.rows(at, queues.MOST) if name == "review" else []
    return page(
        request, "queue", found.title, section="review" if name == "review" else "overview", reviews=rows,
        shown=queues.show(found, at),
    )  # fmt: skip


@require_safe
@operators_only
def export(request: OperatorRequest) -> HttpResponseBase:
    """The page's figures and every open row as a table for a spreadsheet."""
    at = clock.now()
    return spreadsheets.answer(exports.overview(at), f"xinzu-desk-{calendar.business_date(at):%Y%m%d}.csv")


def _portfolio(at: datetime, *, every_day: bool) -> dict[str, Any]:
    on = calendar.business_date(at)
    arrears, cohorts = portfolio.arrears_and_cohorts(on, portfolio.M1 if every_day else portfolio.M2)
    now, before = portfolio.rolls(on)
    months = portfolio.months(on, MONTHS)
    return {
        "figures": figures.strip(at, arrears, months),
        "arrears": arrears,
        "bars": pictures.bars(arrears),
        "overdue_share": arrears.share(arrears.overdue),
        "vintages": pictures.vintages(cohorts),
        "every_day": every_day,
        "roll": now,
        "roll_before": before,
        "roll_months": (pictures.month_name(now.since), pictures.month_name(now.until)),
        "rents": pictures.rents(months),
    }
