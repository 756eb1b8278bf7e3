"""A customer died or lost legal capacity: recorded with a paper, looked at, withdrawn when it was a mistake."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Customer, Standstill
from accounts.services import standstills as kept
from accounts.services.standstills import Event
from core import clock
from core.errors import DomainError
from core.images import MOST_BYTES, ImageTooLarge
from core.pictures import private_jpeg
from desk.forms import DeskForm
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import asked_second_person, page, tell
from orders import words
from orders.models import Order
from orders.services import standstills


class StandstillForm(DeskForm):
    """What happened, when, and what proves it."""

    kind = forms.ChoiceField(label=_("What happened"), choices=Standstill.Kind.choices)
    day = forms.DateField(
        label=pgettext_lazy("standstill", "Day, by the paper"), widget=forms.DateInput(attrs={"type": "date"})
    )
    paper = forms.FileField(
        label=_("The paper: a picture or a PDF"),
        help_text=_("A death certificate, a cancelled registration, a court's decision. It is kept sealed."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )
    note = forms.CharField(
        label=_("Note: who showed it, and how it was checked"), min_length=4, max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    is_sure = forms.BooleanField(label=_("I saw the paper, and it names this customer"))

    def clean_paper(self) -> bytes:
        """Read no further than what is allowed."""
        sent = self.cleaned_data["paper"]
        if sent.size > MOST_BYTES:
            raise forms.ValidationError(str(ImageTooLarge()))
        content: bytes = sent.read()
        return content


class EndForm(DeskForm):
    """Why it was a mistake."""

    grounds = forms.CharField(label=_("Why it was a mistake"), min_length=4, max_length=200)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def standstill(request: OperatorRequest, number: str) -> HttpResponse:
    """GET shows what stands and what would follow; POST records it."""
    found = _get(number)
    form = StandstillForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        good = form.cleaned_data
        happened = Event(good["kind"], good["day"], good["note"])
        try:
            asked = standstills.record(found, happened, good["paper"], _actor(request), clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            if asked is not None:
                return asked_second_person(request, asked)
            tell(request, _("Recorded: from now on nobody asks for money, and no late fee grows."))
            return HttpResponseRedirect(reverse("desk:standstill", args=[number]), status=303)
    return _page(request, found, form=form, end=EndForm())


@require_POST
@operators_only
def end(request: OperatorRequest, number: str) -> HttpResponse:
    """Ask for a second person: it was a mistake."""
    found, form = _get(number), EndForm(request.POST)
    if form.is_valid():
        try:
            asked = standstills.propose_end(found, form.cleaned_data["grounds"], _actor(request), clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return asked_second_person(request, asked)
    return _page(request, found, form=StandstillForm(), end=form)


@require_safe
@operators_only
def paper(request: OperatorRequest, number: str, pk: int) -> HttpResponse:
    """The paper itself: the reading is recorded, no cache keeps it, the name is ours."""
    row = get_object_or_404(Standstill.objects.select_related("customer"), pk=pk, customer__number=number)
    try:
        content = kept.content(row, _actor(request), clock.now())
    except DomainError as error:
        raise Http404 from error
    if not row.is_pdf:
        return private_jpeg(content, f"{number}-{pk}")
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{number}-{pk}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _page(request: OperatorRequest, found: Customer, **forms_: Any) -> HttpResponse:
    rows = kept.of(found)
    standing = next((row for row in rows if row.state == Standstill.State.IN_FORCE), None)
    going = Order.objects.filter(customer=found).exclude(state__in=standstills.OVER).order_by("-id")
    listed = [
        {"order": order, "tone": words.tone(order.state), "may_return": standstills.may_open_return(order)}
        for order in going.select_related("plan__sku__device_model", "customer__user").prefetch_related("faults")
    ]
    status = 422 if any(form.is_bound and form.errors for form in forms_.values()) else 200
    return page(
        request, "standstill", _("Death or loss of legal capacity"), section="customers", status=status,
        customer=found, rows=rows, standing=standing, listed=listed, **forms_,
    )  # fmt: skip


def _get(number: str) -> Customer:
    return get_object_or_404(Customer.objects.select_related("user"), number=number)


def _actor(request: OperatorRequest) -> str:
    return f"operator:{request.user.pk}"
