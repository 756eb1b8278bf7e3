"""The to-do board."""

from django.http import HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from core import clock
from portal import todo
from portal.views.access import MemberRequest, members_only
from portal.views.answer import page


@require_safe
@members_only
def board(request: MemberRequest) -> HttpResponse:
    """Everything that waits, least time left first."""
    at = clock.now()
    columns = todo.board(request.merchant, at)
    waiting = sum(column.count for column in columns)
    late = sum(card.left.is_over for column in columns for card in column.cards)
    title = ngettext("%(count)d thing to do", "%(count)d things to do", waiting) % {"count": waiting}
    overdue = gettext("%(count)d overdue") % {"count": late} if late else ""
    return page(request, "board", title, section="board", columns=columns, overdue=overdue, waiting=waiting, at=at)
