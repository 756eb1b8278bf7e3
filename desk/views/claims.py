"""Disputed damage at the desk: photos, the signed lines and both sides on one page, and the decision."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.errors import DomainError
from core.pictures import private_jpeg
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell
from orders import words
from orders.models import ClaimPhoto, DamageClaim, DevicePhoto
from orders.services import claim_photos, claims, photos


class DecisionForm(forms.Form):
    """What is charged of each line, and why."""

    grounds = forms.CharField(
        label=_("Grounds, which both read"), min_length=4, max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, claim: DamageClaim, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = []
        for line in claim.lines.order_by("id"):
            most = Decimal(0) if line.covered else line.amount
            self.codes.append(line.code)
            self.fields[f"line_{line.code}"] = forms.DecimalField(
                label=str(line), min_value=Decimal(0), max_value=most, max_digits=9, decimal_places=2, initial=most
            )
        self.order_fields([*(f"line_{code}" for code in self.codes), "grounds"])

    @property
    def awards(self) -> dict[str, Decimal]:
        return {code: self.cleaned_data[f"line_{code}"] for code in self.codes}


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def claim(request: OperatorRequest, number: str) -> HttpResponse:
    """GET shows it; POST decides a disputed one."""
    rows = DamageClaim.objects.select_related("order__merchant", "order__customer", "order__agreement")
    found = get_object_or_404(rows, order__number=number)
    form = None
    if found.state == DamageClaim.State.DISPUTED:
        form = DecisionForm(found, request.POST if request.method == "POST" else None, label_suffix="")
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            claims.decide(
                found.order_id, form.awards, form.cleaned_data["grounds"], f"operator:{request.user.pk}", clock.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            tell(request, _("Decided. Both sides read your grounds."))
            return HttpResponseRedirect(reverse("desk:claim", args=[number]), status=303)
    return page(
        request, "claim", number, section="overview", status=422 if form is not None and form.errors else 200,
        claim=found, order=found.order, form=form, lines=claims.compared(found),
        photos=ClaimPhoto.objects.defer("sealed").filter(claim=found, line=None), log=words.log(found.order),
    )  # fmt: skip


@require_safe
@operators_only
def photo(request: OperatorRequest, number: str, pk: int) -> HttpResponse:
    """One picture; the reading is recorded."""
    found = get_object_or_404(ClaimPhoto.objects.defer("sealed"), pk=pk, claim__order__number=number)
    try:
        content = claim_photos.content(found.pk, f"operator:{request.user.pk}", clock.now())
    except DomainError as error:
        raise Http404 from error
    return private_jpeg(content, f"{number}-{pk}")


@require_safe
@operators_only
def device_photo(request: OperatorRequest, number: str, pk: int) -> HttpResponse:
    """A picture of the device of any moment."""
    found = get_object_or_404(DevicePhoto.objects.defer("sealed"), pk=pk, order__number=number)
    try:
        content = photos.content(found, f"operator:{request.user.pk}", clock.now())
    except DomainError as error:
        raise Http404 from error
    return private_jpeg(content, f"{number}-{found.moment}-{pk}")
