"""The to-do board."""

from django.http import HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from core import calendar
from portal import figures, todo
from portal.views.access import MemberRequest, members_only
from portal.views.answer import page


@require_safe
@members_only
def board(request: MemberRequest) -> HttpResponse:
    """Everything that waits, least time left first; `only` leaves one kind of it."""
    merchant, at = request.merchant, request.at
    counted = todo.counts(merchant, at)
    board = todo.board(merchant, counted, at)
    only = request.GET.get("only", "")
    return page(
        request,
        "board",
        _title(board.waiting),
        section="board",
        counted=counted,
        board=board.only(only) if only in counted else board,
        only=only if only in counted else "",
        overdue=gettext("%(count)d overdue") % {"count": board.late} if board.late else "",
        at=at,
        leased=figures.leased(merchant),
        due_today=board.due_on(calendar.business_date(at)),
        punctuality=figures.punctuality(merchant, at),
        rents=figures.rents_this_week(merchant, at),
    )


def _title(waiting: int) -> str:
    if not waiting:
        return gettext("Nothing to do")
    return ngettext("%(count)d thing to do", "%(count)d things to do", waiting) % {"count": waiting}
