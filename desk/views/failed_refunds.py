"""A refund at the desk: one that failed is tried again under a new intent, or was paid another way."""

from datetime import datetime

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from billing.models import OFFLINE, Refund
from billing.services import failed_refunds
from billing.services.failed_refunds import Transfer
from core import calendar, clock
from core.errors import DomainError
from core.models import Approval
from core.services import approvals, events
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell


class TransferForm(forms.Form):
    """How it was paid; what proves it stays on record."""

    reference = forms.CharField(label=_("Reference of the transfer"), min_length=4, max_length=64)
    paid_at = forms.DateTimeField(
        label=_("Transferred at"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    note = forms.CharField(label=_("To whom, and what proves it"), min_length=4, max_length=300)

    def clean_paid_at(self) -> datetime:
        """The form's times are the platform's."""
        told: datetime = self.cleaned_data["paid_at"]
        return told.replace(tzinfo=calendar.SHANGHAI)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def refund(request: OperatorRequest, number: str) -> HttpResponse:
    """GET shows it; POST with `again` tries once more, else says how it was paid."""
    rows = Refund.objects.select_related("payment__customer", "lease", "deposit__lease", "replaces", "replaced_by")
    found = get_object_or_404(rows, number=number)
    if request.method == "POST" and "again" in request.POST:
        return _again(request, found)
    form = TransferForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            transfer = Transfer(refund=found.number, amount=found.amount, **form.cleaned_data)
            made = failed_refunds.pay(transfer, _actor(request), clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _recorded(request, found, made)
    is_failed = found.state == Refund.State.FAILED
    return page(
        request, "failed_refund", found.number, section="overview", status=422 if form.errors else 200, refund=found,
        form=form, is_failed=is_failed, may_try_again=is_failed and found.payment.channel != OFFLINE,
        waiting=approvals.open_for(f"refund:{number}"), lease=found.lease or _lease(found),
        refusals=events.of(found).filter(kind="refund_refused"),
    )  # fmt: skip


def _recorded(request: OperatorRequest, found: Refund, made: Refund | Approval) -> HttpResponse:
    if isinstance(made, Approval):
        tell(request, _("More than one person may record: it waits for a second one."), "wait")
        return HttpResponseRedirect(reverse("desk:approval", args=[made.pk]), status=303)
    tell(request, _("Recorded as paid. The customer was told."))
    return _back(found)


def _again(request: OperatorRequest, found: Refund) -> HttpResponse:
    try:
        made = failed_refunds.try_again(found.pk, _actor(request), clock.now())
    except DomainError as error:  # also a provider that does not answer: then nothing was changed
        tell(request, str(error), "late")
        return _back(found)
    tell(request, _("Asked for again under a new number."))
    return _back(made)


def _lease(found: Refund) -> object:
    return found.deposit.lease if found.deposit else None


def _back(to: Refund) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:failed_refund", args=[to.number]), status=303)


def _actor(request: OperatorRequest) -> str:
    return f"operator:{request.user.pk}"
