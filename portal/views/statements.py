"""A merchant's monthly statements: what came in, what the platform keeps, what he is paid."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing.models import MerchantStatement
from billing.services import settlements
from core import paging, spreadsheets
from core.templatetags.xinzu import month
from portal import exports
from portal.views.access import MemberRequest, members_only
from portal.views.answer import page

LINES = 100


@require_safe
@members_only
def statements(request: MemberRequest) -> HttpResponse:
    """Newest first."""
    found = paging.page(settlements.of_merchant(request.merchant), request.GET.get("before", ""))
    return page(request, "statements", _("Statements"), section="statements", listed=found.rows, next=found.next)


@require_safe
@members_only
def statement(request: MemberRequest, number: str) -> HttpResponse:
    """One month with every payment and refund that it settles."""
    found = _own(request, number)
    orders = ("allocation__bill__lease__order", "refund__lease__order")
    lines = paging.page(settlements.lines(found).select_related(*orders), request.GET.get("before", ""), LINES)
    came_in, went_back = settlements.parts(found)
    return page(
        request, "statement", _("Statement of %(month)s") % {"month": month(found.month)}, section="statements",
        statement=found, lines=list(settlements.settled(lines.rows)), next=lines.next, came_in=came_in,
        went_back=went_back,
    )  # fmt: skip


@require_safe
@members_only
def export(request: MemberRequest, number: str) -> HttpResponseBase:
    """The statement as a table for a spreadsheet."""
    found = _own(request, number)
    return spreadsheets.answer(exports.statement(found), f"xinzu-{found.number}.csv")


def _own(request: MemberRequest, number: str) -> MerchantStatement:
    found = settlements.of_merchant(request.merchant).filter(number=number).first()
    if found is None:
        raise Http404
    return found
