"""Disputes at the desk: recorded where the provider sends no notice, answered before the deadline, decided."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from billing.models import Bill, Chargeback, Payment
from billing.services import chargebacks
from billing.services.chargebacks import Told
from core import calendar, clock
from core.errors import DomainError
from core.services import events
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell
from orders.models import Order
from orders.services import payments as steps


class _Moment(forms.DateTimeField):
    """The form's times are the platform's."""

    def __init__(self, **options: Any) -> None:
        options["widget"] = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(**options)

    def clean(self, value: Any) -> datetime | None:
        told = super().clean(value)
        return told.replace(tzinfo=calendar.SHANGHAI) if told else None


class RecordForm(forms.Form):
    """What the provider's portal says of a new dispute."""

    dispute_no = forms.CharField(label=_("Provider's number of the dispute"), min_length=4, max_length=64)
    amount = forms.DecimalField(label=_("Disputed amount"), min_value=0.01, max_digits=9, decimal_places=2)
    opened_at = _Moment(label=_("Opened at"))
    respond_by = _Moment(label=_("Evidence is taken until"), required=False)
    withheld = forms.BooleanField(label=_("The provider withholds the money until it is decided"), required=False)
    reason = forms.CharField(label=_("What the payer says, and where you saw it"), min_length=4, max_length=200)


class AnswerForm(forms.Form):
    """What was sent, so that another one finds it."""

    answer = forms.CharField(
        label=_("What was sent as evidence"), min_length=4, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DecideForm(forms.Form):
    """How it ended at the provider."""

    status = forms.ChoiceField(
        label=_("Decision"),
        choices=[("WON", _("Won: the money stays here")), ("LOST", _("Lost: the money went back to the payer"))],
    )
    decided_at = _Moment(label=_("Decided at"))


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def record(request: OperatorRequest, number: str) -> HttpResponse:
    """A dispute of a payment, from the provider's portal."""
    found = get_object_or_404(Payment.objects.select_related("customer"), number=number)
    form = RecordForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        told = Told(**form.cleaned_data)
        try:
            made = _received(request, found.channel, told.opened_at, chargebacks.seen(found, told))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _back(made)
    status = 422 if form.errors else 200
    return page(request, "dispute_record", found.number, section="customers", status=status, payment=found, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def dispute(request: OperatorRequest, number: str) -> HttpResponse:
    """GET shows it; POST with `answer` keeps what was sent, with `status` how it was decided."""
    found = get_object_or_404(Chargeback.objects.select_related("payment__customer"), number=number)
    answers = AnswerForm(request.POST if "answer" in request.POST else None, label_suffix="")
    decides = DecideForm(request.POST if "status" in request.POST else None, label_suffix="")
    if request.method == "POST":
        for form, act in ((answers, _answered), (decides, _decided)):
            if form.is_bound and form.is_valid() and _done(request, found, form, act):
                return _back(found)
    bills = Bill.objects.filter(allocations__payment=found.payment).select_related("lease").distinct().order_by("pk")
    orders = Order.objects.filter(lease__in=[bill.lease_id for bill in bills])
    return page(
        request, "dispute", found.number, section="overview", dispute=found, answers=answers, decides=decides,
        bills=bills, orders=orders, history=events.of(found), status=422 if answers.errors or decides.errors else 200,
    )  # fmt: skip


def _done(request: OperatorRequest, found: Chargeback, form: forms.Form, act: Any) -> bool:
    try:
        act(request, found, form.cleaned_data)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True


def _answered(request: OperatorRequest, found: Chargeback, told: dict[str, Any]) -> None:
    chargebacks.answer(found.pk, told["answer"], _actor(request), clock.now())
    tell(request, _("Kept with the dispute."))


def _decided(request: OperatorRequest, found: Chargeback, told: dict[str, Any]) -> None:
    at = told["decided_at"]
    _received(request, found.channel, at, chargebacks.decided(found, told["status"], at))


def _received(request: OperatorRequest, channel: str, happened: datetime, fact: Any) -> Chargeback:
    at = clock.now()
    if happened > at:
        raise chargebacks.DisputeInFuture
    steps.receive_dispute(channel, fact, at, _actor(request))
    made = Chargeback.objects.filter(channel=channel, dispute_number=fact.dispute_no).first()
    if made is None:
        raise chargebacks.DisputeUnknown
    tell(request, _("Recorded. The customer was told."))
    return made


def _back(to: Chargeback) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:dispute", args=[to.number]), status=303)


def _actor(request: OperatorRequest) -> str:
    return f"operator:{request.user.pk}"
