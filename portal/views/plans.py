"""A merchant's plans: drafted here with the cost table beside, published by the platform alone."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Merchant
from catalog import plan_forms
from catalog.models import LeasePlan, Sku
from catalog.services import drafts, previews
from catalog.services import plans as service
from catalog.services.plans import Drawn
from core import calendar
from core.errors import DomainError
from portal import plans as forms
from portal.forms import SkuForm
from portal.views.access import MemberRequest, members_only, owners_only
from portal.views.answer import page, tell

MOST = 200


@require_safe
@members_only
def plans(request: MemberRequest) -> HttpResponse:
    """Drafts first, then what is offered, then what was."""
    rows = _own(request.merchant).order_by("sku", "-version")[:MOST]
    order = {LeasePlan.State.DRAFT: 0, LeasePlan.State.PUBLISHED: 1}
    rows = sorted(rows, key=lambda row: order.get(LeasePlan.State(row.state), 2))
    return page(request, "plans", _("Plans"), section="plans", rows=rows, is_owner=request.member.is_owner)


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def new(request: MemberRequest) -> HttpResponse:
    """Which specification, then its figures."""
    posted = request.POST if request.method == "POST" else None
    sku = forms.sku_of(request.merchant, posted or request.GET)
    if sku is None:
        choose = SkuForm(request.merchant, posted or (request.GET if "sku" in request.GET else None))
        status = 422 if choose.is_bound else 200
        return page(request, "plan_new", _("A new plan"), section="plans", form=choose, status=status)
    return _form(request, sku, None)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def plan(request: MemberRequest, pk: int) -> HttpResponse:
    """A draft as a form for who leads; anything else is read, with the cost that customers see."""
    found = get_object_or_404(_own(request.merchant), pk=pk)
    if found.state == LeasePlan.State.DRAFT and request.member.is_owner and not found.is_short:
        return _form(request, found.sku, found)
    if request.method == "POST":
        if not request.member.is_owner:
            raise Http404
        return _to(service.new_version(found.pk))
    return page(request, "plan_read", str(found.sku), section="plans", plan=found, **_told(request, found, None))


@require_POST
@owners_only
def preview(request: MemberRequest) -> HttpResponse:
    """The cost table of what is typed, saved nowhere."""
    sku = forms.sku_of(request.merchant, request.POST)
    if sku is None:
        raise Http404
    typed, drawn = plan_forms.typed(request.POST, request.merchant.pk, sku)
    return render(request, "portal/plan_cost.html", _told(request, typed, drawn))


def _form(request: MemberRequest, sku: Sku, found: LeasePlan | None) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form, terms = forms.PlanForm(posted, instance=found), forms.terms(posted, found)
    wants_to_keep = posted is not None and posted.get("do") != "preview"
    is_whole = posted is not None and form.is_valid() and terms.is_valid()
    if wants_to_keep and is_whole:
        try:
            kept = drafts.keep(
                request.merchant, sku, form.figures(), terms.chosen(), f"merchant:{request.user.pk}", request.at,
                found.pk if found else None,
            )  # fmt: skip
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            tell(request, _("The draft is kept. The platform looks at it and publishes it."))
            return _to(kept)
    told = _told(request, *plan_forms.typed(posted, request.merchant.pk, sku)) if posted else {}
    if found and not posted:
        told = _told(request, found, None)
    status = 422 if wants_to_keep else 200
    return page(
        request, "plan_form", _("Draft a plan"), section="plans", sku=sku, plan=found, form=form, terms=terms,
        status=status, **told,
    )  # fmt: skip


def _told(request: MemberRequest, found: LeasePlan, drawn: Drawn | None) -> dict[str, Any]:
    on = calendar.business_date(request.at)
    is_draft = found.state == LeasePlan.State.DRAFT
    objections = service.objections(found, on, drawn) if is_draft else []
    return {
        "preview": previews.of(found, on, drawn),
        "objections": [service.explain(each) for each in objections],
        "is_draft": is_draft,
    }


def _own(merchant: Merchant) -> Any:
    return LeasePlan.objects.filter(merchant=merchant).select_related("sku__device_model", "merchant")


def _to(plan: LeasePlan) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("portal:plan", args=[plan.pk]), status=303)
