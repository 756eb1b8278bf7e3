"""A customer's trust at the desk: what the score is made of, and an operator's own word on it."""

from decimal import Decimal

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Customer
from core import clock
from core.errors import DomainError
from core.models import Approval
from core.services import approvals
from core.templatetags.xinzu import yuan
from credit.models import HardStop, TierSet
from credit.services import decisions, overrides, tiers
from credit.services.overrides import Override
from desk import trust
from desk.trust_steps import STEPS
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell


class OverrideForm(forms.Form):
    """Another band, another limit, and why."""

    grade = forms.TypedChoiceField(label=_("Grade"), required=False, coerce=int, empty_value=None)
    limit = forms.DecimalField(
        label=_("Quota limit, until the next decision"), required=False, min_value=Decimal(0), decimal_places=2,
        max_digits=9,
    )  # fmt: skip
    reason = forms.CharField(label=_("Grounds, which stay on record"), min_length=4, max_length=60)

    def __init__(self, table: TierSet | None, typed: QueryDict | None) -> None:
        super().__init__(typed, label_suffix="")
        bands = table.tiers.all() if table else []
        named = [(tier.from_score, gettext("%(grade)s, from %(score)s, quota %(quota)s") % {
            "grade": tier.grade, "score": tier.from_score, "quota": yuan(tier.quota_limit)
        }) for tier in bands]  # fmt: skip
        grade = self.fields["grade"]
        assert isinstance(grade, forms.TypedChoiceField)
        grade.choices = [("", _("as it is")), *named]


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def customer_trust(request: OperatorRequest, number: str) -> HttpResponse:
    """GET shows everything; POST asks a second person for another grade or limit."""
    customer = _get(number)
    at = clock.now()
    present = decisions.at(customer, at)
    form = OverrideForm(
        present.tier_set if present else tiers.in_force(), request.POST if request.method == "POST" else None
    )
    if request.method == "POST" and form.is_valid():
        good = form.cleaned_data
        wish = Override(customer.number, good["grade"], good["limit"], good["reason"])
        try:
            asked = overrides.ask(wish, f"operator:{request.user.pk}", at)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            tell(request, _("Nothing has changed yet: it waits for a second person."), "wait")
            return HttpResponseRedirect(reverse("desk:approval", args=[asked.pk]), status=303)
    return page(
        request, "trust", customer.number, section="customers", status=422 if form.errors else 200,
        customer=customer, shown=trust.of(customer, at), form=form, stop_kinds=HardStop.Kind.choices,
        waiting=approvals.open_for(f"customer:{customer.number}"),
    )  # fmt: skip


@require_POST
@operators_only
def act(request: OperatorRequest, number: str, step: str) -> HttpResponse:
    """One step of the table; what needs a second person leads to the request."""
    customer, wanted = _get(number), STEPS.get(step)
    if wanted is None:
        raise Http404
    back = reverse("desk:trust", args=[customer.number])
    form = wanted.form(request.POST, label_suffix="")
    if not form.is_valid():
        tell(request, " ".join(str(error) for errors in form.errors.values() for error in errors), "late")
        return HttpResponseRedirect(back, status=303)
    try:
        made = wanted.run(customer, form.cleaned_data, f"operator:{request.user.pk}", clock.now())
    except DomainError as error:
        tell(request, str(error), "late")
        return HttpResponseRedirect(back, status=303)
    if isinstance(made, Approval):
        tell(request, _("Nothing has changed yet: it waits for a second person."), "wait")
        return HttpResponseRedirect(reverse("desk:approval", args=[made.pk]), status=303)
    tell(request, _("Recorded."))
    return HttpResponseRedirect(back, status=303)


def _get(number: str) -> Customer:
    return get_object_or_404(Customer.objects.select_related("user"), number=number)
