"""The builder of extension plans: which bills, how many parts, from which day; the plan stands before the yes."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from arrears.models import HardshipRequest
from arrears.services import hardship
from billing.models import Bill
from billing.rules.extension import FEWEST_PARTS, Terms
from billing.services import extensions as plans
from billing.services.extensions import Preview
from core import calendar, clock
from core.errors import DomainError
from core.money import ZERO
from core.templatetags.xinzu import yuan
from desk.forms import DeskForm
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell
from orders.models import Order
from orders.services import extensions


class ExtensionForm(DeskForm):
    """`shown`: what the parts came to on the page; another sum is looked at again before it is offered."""

    bills = forms.TypedMultipleChoiceField(label=_("Bills"), coerce=int, widget=forms.CheckboxSelectMultiple)
    parts = forms.IntegerField(label=_("Parts"), min_value=FEWEST_PARTS)
    first_day = forms.DateField(label=_("First part due"), widget=forms.DateInput(attrs={"type": "date"}))
    fee = forms.DecimalField(
        label=_("Agreed fee"),
        max_digits=12,
        decimal_places=2,
        min_value=ZERO,
        help_text=_("0: the total stays the same."),
    )
    words = forms.CharField(
        label=_("Words to the customer"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They answer his request, if one waits."),
    )  # fmt: skip
    shown = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choosable: list[Bill], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bills"].choices = [(bill.number, _label(bill)) for bill in choosable]  # type: ignore[attr-defined]

    def terms(self) -> Terms:
        told = self.cleaned_data
        return Terms(tuple(sorted(told["bills"])), told["parts"], told["first_day"], told["fee"])


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def build(request: OperatorRequest, number: str) -> HttpResponse:
    """GET shows the plan of what is picked; POST offers it, if it is the one that was shown."""
    order = get_object_or_404(Order.objects.select_related("customer", "lease"), number=number)
    on = calendar.business_date(clock.now())
    choosable = list(plans.choosable(order.lease_id, on))
    sent = request.POST if request.method == "POST" else request.GET if "parts" in request.GET else None
    form = ExtensionForm(sent if sent is not None else _first(choosable, on), choosable=choosable)
    shown = _shown(order, form, on)
    if request.method == "POST" and shown is not None and _is_as_shown(form, shown):
        try:
            extensions.offer(order.pk, form.terms(), _actor(request), clock.now(), form.cleaned_data["words"])
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            tell(request, _("The plan is offered. The customer has three days to sign it or refuse it."))
            return HttpResponseRedirect(reverse("desk:order", args=[number]), status=303)
    asked = hardship.latest(order.lease_id)
    waits = asked if asked is not None and asked.state == HardshipRequest.State.OPEN else None
    return page(
        request, "extension", _("Extension plan"), section="overview", status=422 if form.errors and sent else 200,
        order=order, form=form, shown=shown, asked=waits, limits=plans.limits(), choosable=choosable,
    )  # fmt: skip


def _shown(order: Order, form: ExtensionForm, on: date) -> Preview | None:
    if not form.is_valid():
        return None
    try:
        return extensions.preview(order, form.terms(), on)
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _is_as_shown(form: ExtensionForm, shown: Preview) -> bool:
    if form.cleaned_data["shown"] == str(shown.proposal.total):
        return True
    form.add_error(None, _("Please look at the plan once more: these are its figures now."))
    return False


def _first(choosable: list[Bill], on: date) -> dict[str, Any]:
    """Everything that is due, in three parts, the first in a week, without a fee."""
    first = on + timedelta(days=7)
    return {"bills": [bill.number for bill in choosable], "parts": 3, "first_day": first.isoformat(), "fee": "0.00"}


def _label(bill: Bill) -> str:
    assert bill.due_date is not None  # chosen by it
    return f"{bill.number} · {bill.due_date.isoformat()} · {yuan(bill.amount - bill.paid)}"


def _actor(request: OperatorRequest) -> str:
    return f"operator:{request.user.pk}"
