"""Giving back a part of a payment at the desk: where its money lies, what may go back, and what already went."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from billing.models import Payment
from billing.rules.limits import Deed
from billing.services import limits, partial_refunds
from billing.services.partial_refunds import Source, Wish
from core import calendar, clock
from core.errors import DomainError
from core.models import Approval
from core.services import approvals
from core.templatetags.xinzu import yuan
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import asked_second_person, page, tell


class RefundForm(forms.Form):
    """Of which money, how much, and why."""

    lease = forms.ChoiceField(label=_("Of which money"), required=False)
    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal("0.01"), max_digits=9, decimal_places=2)
    reason = forms.CharField(label=_("Reason, which the customer reads"), min_length=4, max_length=60)

    def __init__(self, sources: list[Source], typed: QueryDict | None) -> None:
        super().__init__(typed, label_suffix="")
        choices = [(source.code, _named(source)) for source in sources]
        self.fields["lease"] = forms.ChoiceField(
            label=_("Of which money"), choices=choices, required=all(code for code, _name in choices)
        )


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def refund(request: OperatorRequest, number: str) -> HttpResponse:
    """GET shows the payment; POST gives a part back, or asks for a second person."""
    found = get_object_or_404(Payment.objects.select_related("customer"), number=number)
    at = clock.now()
    sources = partial_refunds.sources(found, calendar.business_date(at))
    form = RefundForm(sources, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wish = Wish(payment=found.number, **form.cleaned_data)
        try:
            made = partial_refunds.give(wish, f"operator:{request.user.pk}", at)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _done(request, found, made)
    return page(
        request, "refund", found.number, section="customers", status=422 if form.errors else 200, payment=found,
        sources=sources, form=form, alone=limits.most(Deed.REFUND), waiting=approvals.open_for(f"payment:{number}"),
    )  # fmt: skip


def _done(request: OperatorRequest, found: Payment, made: Any) -> HttpResponse:
    if isinstance(made, Approval):
        return asked_second_person(request, made)
    tell(request, _("On its way back to the customer."))
    return HttpResponseRedirect(reverse("desk:refund", args=[found.number]), status=303)


def _named(source: Source) -> str:
    most = {"most": yuan(source.most), "number": source.code}
    if source.lease is None:
        return gettext("lies on no bill: at most %(most)s") % most
    return gettext("paid on bills of lease %(number)s: at most %(most)s") % most
