"""A merchant's agreements and their signed PDFs."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from contracts.models import Agreement
from core import clock, paging
from core.errors import DomainError
from orders.services import papers
from portal.views.access import MemberRequest, members_only
from portal.views.answer import page, tell


@require_safe
@members_only
def agreements(request: MemberRequest) -> HttpResponse:
    """Signed agreements, newest first."""
    rows = Agreement.objects.filter(merchant=request.merchant, state=Agreement.State.SIGNED).defer("terms")
    found = paging.page(rows.select_related("customer"), request.GET.get("before", ""))
    return page(request, "agreements", _("Agreements"), section="agreements", rows=found.rows, next=found.next)


@require_safe
@members_only
def signed(request: MemberRequest, number: str) -> HttpResponse:
    """The signed PDF under a name of its own; kept by no cache, and the reading is recorded."""
    agreement = Agreement.objects.filter(merchant=request.merchant, number=number).first()
    if agreement is None:
        raise Http404
    try:
        content = papers.signed(agreement, f"merchant:{request.user.pk}", clock.now())
    except DomainError as error:
        tell(request, str(error), "late")
        return HttpResponseRedirect(reverse("portal:agreements"), status=303)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="agreement-{agreement.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
