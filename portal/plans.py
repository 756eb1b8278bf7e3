"""A merchant's plan as a form: the figures of a draft and its choices of months."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant
from catalog.models import LeasePlan, Sku
from catalog.services.drafts import Term
from portal.forms import SkuForm

ROWS = 6
FIELDS = (
    "lease_model", "signed_value", "deposit_rate", "cover_choice", "cover_monthly", "early_return_months",
    "renewal_discount_rate", "ships_out", "ships_back", "managed",
)  # fmt: skip
SHARES = ("deposit_rate", "renewal_discount_rate")


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """What the plan says beside its months."""

    class Meta:
        model = LeasePlan
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name in SHARES:
            self.initial[name] = _short(getattr(self.instance, name))

    def figures(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}


def _short(share: Decimal) -> str:
    """0.70, not the 0.70000000 of the column; 0.075 as it is."""
    whole, _point, places = f"{share:f}".rstrip("0").partition(".")
    return f"{whole}.{places:0<2}"


class TermForm(forms.Form):
    """One choice of months; an empty one is none."""

    months = forms.IntegerField(label=_("months"), min_value=1, max_value=36, required=False)
    monthly_rent = forms.DecimalField(
        label=_("monthly rent"), min_value=Decimal("0.01"), max_digits=9, decimal_places=2, required=False
    )
    total_to_own = forms.DecimalField(
        label=_("total to own"), min_value=Decimal("0.01"), max_digits=9, decimal_places=2, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if bool(facts.get("months")) != bool(facts.get("monthly_rent")) and not self.errors:
            raise forms.ValidationError(_("A choice has its months and its rent."))
        return facts


class Terms(forms.BaseFormSet):  # type: ignore[type-arg]  # not generic when it runs
    """The choices of months, each once."""

    def clean(self) -> None:
        months = [row["months"] for row in self.rows()] if not any(self.errors) else []
        if len(months) != len(set(months)):
            raise forms.ValidationError(_("Each number of months once."))

    def rows(self) -> list[dict[str, Any]]:
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("months")]

    def chosen(self) -> list[Term]:
        rows = sorted(self.rows(), key=lambda row: row["months"])
        return [(row["months"], row["monthly_rent"], row["total_to_own"]) for row in rows]


TermSet = forms.formset_factory(TermForm, formset=Terms, extra=ROWS, max_num=ROWS, absolute_max=ROWS)


def terms(posted: Any, plan: LeasePlan | None) -> Any:
    """As typed, or as the plan has them, with empty rows up to six."""
    has = list(plan.terms.values("months", "monthly_rent", "total_to_own")) if plan else []
    return TermSet(posted, prefix="terms", initial=has)


def sku_of(merchant: Merchant, posted: Any) -> Sku | None:
    """The merchant's own specification that is named; None for another's and for none."""
    form = SkuForm(merchant, posted)
    form.is_valid()
    found: Sku | None = form.cleaned_data.get("sku")
    return found
