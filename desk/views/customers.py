"""Customers at the desk: found by their numbers, looked at on one page, a sealed fact shown once for a reason."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Customer
from arrears.services import reaching
from billing.services import balance
from core import clock, money, paging
from core.errors import DomainError
from core.templatetags.xinzu import yuan
from desk import customers as people
from desk import histories
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell


class SearchForm(forms.Form):
    """One whole number; sent by POST, so that no phone number stands in an address or a log."""

    q = forms.CharField(max_length=40)


class RevealForm(forms.Form):
    """Which sealed fact, and why; both stay on record."""

    fact = forms.ChoiceField(
        label=_("What"),
        choices=[
            ("phone", _("phone")),
            ("email", _("e-mail")),
            ("name", _("name on the card")),
            ("id_number", _("ID number")),
        ],
    )
    reason = forms.CharField(label=_("Why it is needed"), min_length=4, max_length=60)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def customers(request: OperatorRequest) -> HttpResponse:
    """Newest first; POST looks for one and goes to the page."""
    if request.method == "POST":
        form = SearchForm(request.POST)
        found = people.find(form.cleaned_data["q"], clock.today()) if form.is_valid() else None
        if found is not None:
            return HttpResponseRedirect(_address(found), status=303)
        tell(request, _("Nobody has this number. Phone and ID numbers are found only as a whole."), "wait")
        return HttpResponseRedirect(reverse("desk:customers"), status=303)
    shown = paging.page(people.newest(), request.GET.get("before", ""))
    proofs = people.proofs(shown.rows)
    rows = [{"customer": row, "proof": proofs.get(row.pk)} for row in shown.rows]
    return page(request, "customers", _("Customers"), section="customers", rows=rows, next=shown.next)


@require_safe
@operators_only
def customer(request: OperatorRequest, number: str) -> HttpResponse:
    """One customer, masked; that someone looked is recorded."""
    found = _get(number)
    people.note_reading(found, _actor(request), clock.now())
    return _page(request, found, RevealForm(label_suffix=""))


@require_POST
@operators_only
def reveal(request: OperatorRequest, number: str) -> HttpResponse:
    """Show one sealed fact on this one answer; the unsealing and its reason are events. Of whom we ask money, no way to
    reach him: the guard says why, and the page leads to the case."""
    found, form, at = _get(number), RevealForm(request.POST, label_suffix=""), clock.now()
    if not form.is_valid():
        return _page(request, found, form, status=422)
    wanted = form.cleaned_data
    try:
        plain = people.reveal(found, wanted["fact"], wanted["reason"], _actor(request), at)
    except DomainError as error:
        form.add_error(None, str(error))
        return _page(request, found, form, status=422, case=reaching.open_case(found))
    if plain is None:
        form.add_error("fact", _("This customer has not given it yet."))
        return _page(request, found, form, status=422)
    return _page(request, found, RevealForm(label_suffix=""), revealed=plain)


@require_POST
@operators_only
def pay_out(request: OperatorRequest, number: str) -> HttpResponse:
    """The customer asked on the phone: all of his credit balance goes back."""
    found = _get(number)
    try:
        back = balance.pay_out(found, clock.now(), actor=_actor(request))
    except DomainError as error:
        tell(request, str(error), "late")
    else:
        amount = yuan(money.total(refund.amount for refund in back))
        tell(request, _("%(amount)s are on their way back to the customer.") % {"amount": amount})
    return HttpResponseRedirect(_address(found), status=303)


def _page(
    request: OperatorRequest, found: Customer, form: RevealForm, *, status: int = 200, **shown: Any
) -> HttpResponse:
    dossier = people.dossier(found, clock.now())
    numbers = {row.order.pk: row.order.number for row in dossier.rented}
    history = histories.of(found, numbers, [row.decision.pk for row in dossier.judged])
    return page(
        request, "customer", found.number, section="customers", status=status, customer=found, shown=dossier,
        history=history, form=form, **shown,
    )  # fmt: skip


def _get(number: str) -> Customer:
    found = Customer.objects.select_related("user").filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _actor(request: OperatorRequest) -> str:
    return f"operator:{request.user.pk}"


def _address(of: Customer) -> str:
    return reverse("desk:customer", args=[of.number])
