"""The portfolio of the day: arrears by age, and how leases roll on and recover from month to month."""

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing.services import portfolio as figures
from core import calendar, clock, spreadsheets
from desk import exports, movements, pictures
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page

MONTHS = 6


@require_safe
@operators_only
def portfolio(request: OperatorRequest) -> HttpResponse:
    """Buckets of today, roll rates and cure rates of the last six months, each drawn and as a table."""
    on = calendar.business_date(clock.now())
    arrears, _cohorts = figures.arrears_and_cohorts(on)
    moves = figures.moves(on, MONTHS)
    return page(
        request, "portfolio", _("Portfolio"), section="overview", on=on, arrears=arrears,
        bars=pictures.bars(arrears), overdue_share=arrears.share(arrears.overdue), rolls=movements.rolls(moves),
        cures=movements.cures(moves),
    )  # fmt: skip


@require_safe
@operators_only
def export(request: OperatorRequest) -> HttpResponseBase:
    """Twelve months of counts."""
    on = calendar.business_date(clock.now())
    return spreadsheets.answer(exports.portfolio_moves(on), f"xinzu-portfolio-{on:%Y%m%d}.csv")
