"""A merchant's statement at the desk, and that its amount was transferred."""

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from billing.models import MerchantStatement
from billing.services import settlements
from core import clock, paging
from core.errors import DomainError
from core.templatetags.xinzu import month
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell

LINES = 100


class PayOutForm(forms.Form):
    """How the bank names the transfer: with it, money and statement are found by each other."""

    reference = forms.CharField(label=_("Reference of the transfer"), min_length=4, max_length=64)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def payout(request: OperatorRequest, number: str) -> HttpResponse:
    """GET shows it with its lines; POST says that it was paid out."""
    found = get_object_or_404(MerchantStatement.objects.select_related("merchant"), number=number)
    form = PayOutForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            settlements.pay_out(found.pk, form.cleaned_data["reference"], f"operator:{request.user.pk}", clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            tell(request, _("Paid out. The ledger says so too."))
            return HttpResponseRedirect(reverse("desk:payout", args=[found.number]), status=303)
    return _shown(request, found, form)


def _shown(request: OperatorRequest, found: MerchantStatement, form: PayOutForm) -> HttpResponse:
    orders = ("allocation__bill__lease__order", "refund__lease__order")
    lines = paging.page(settlements.lines(found).select_related(*orders), request.GET.get("before", ""), LINES)
    came_in, went_back = settlements.parts(found)
    title = f"{found.merchant.name} · {month(found.month)}"
    return page(
        request, "payout", title, section="ledger", status=422 if form.errors else 200, statement=found, form=form,
        lines=list(settlements.settled(lines.rows)), next=lines.next, came_in=came_in, went_back=went_back,
    )  # fmt: skip
