"""A merchant's agreements, their signed PDFs, and whether these are still what was signed."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Merchant
from contracts.models import Agreement, Document
from core import paging
from core.errors import DomainError
from core.models import Event
from orders.models import Order
from orders.services import papers
from portal.views.access import MemberRequest, members_only
from portal.views.answer import page, tell


@require_safe
@members_only
def agreements(request: MemberRequest) -> HttpResponse:
    """Signed agreements, newest first, with what the last check of each said."""
    found = paging.page(_signed(request.merchant), request.GET.get("before", ""))
    checks = papers.last_checks(found.rows)
    listed = [_row(row, checks.get(row.pk)) for row in found.rows]
    return page(request, "agreements", _("Agreements"), section="agreements", listed=listed, next=found.next)


@require_POST
@members_only
def check(request: MemberRequest, number: str) -> HttpResponse:
    """Signatures, timestamp and evidence of one agreement, looked at now."""
    try:
        is_genuine = papers.check(_own(request, number), f"merchant:{request.user.pk}", request.at)
    except DomainError as error:
        tell(request, str(error), "late")
    else:
        if is_genuine:
            tell(request, _("%(number)s is genuine: both signatures, the time stamp and the evidence hold.")
                 % {"number": number})  # fmt: skip
        else:
            tell(request, _("%(number)s does not hold. Please tell the platform at once.") % {"number": number}, "late")
    return HttpResponseRedirect(reverse("portal:agreements"), status=303)


@require_safe
@members_only
def signed(request: MemberRequest, number: str) -> HttpResponse:
    """The signed PDF under a name of its own; kept by no cache, and the reading is recorded."""
    agreement = _own(request, number)
    try:
        content = papers.signed(agreement, f"merchant:{request.user.pk}", request.at)
    except DomainError as error:
        tell(request, str(error), "late")
        return HttpResponseRedirect(reverse("portal:agreements"), status=303)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="agreement-{agreement.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def _row(agreement: Agreement, check: Event | None) -> dict[str, Any]:
    """One line: a lease's agreement stands at its order, what followed it at the way that it was made for."""
    order = _order_of(agreement)
    return {"agreement": agreement, "order": order, "file": agreement.documents.all()[0], "check": check}


def _order_of(agreement: Agreement) -> Order:
    if agreement.kind == Agreement.Kind.LEASE:
        return agreement.order
    of = agreement.extension if agreement.kind == Agreement.Kind.EXTENSION else agreement.ending
    order: Order = of.order
    return order


def _signed(merchant: Merchant) -> "QuerySet[Agreement]":
    rows = Agreement.objects.filter(merchant=merchant, state=Agreement.State.SIGNED).defer("terms")
    files = Prefetch("documents", Document.objects.filter(kind=Document.Kind.SIGNED))
    things = ("plan__sku__device_model", "address")
    paths = (f"{start}{thing}" for start in ("order__", "ending__order__", "extension__order__") for thing in things)
    return rows.select_related(*paths).prefetch_related(files)


def _own(request: MemberRequest, number: str) -> Agreement:
    found = Agreement.objects.filter(merchant=request.merchant, number=number).first()
    if found is None:
        raise Http404
    return found
