"""A plan as it stands in a form that nobody has saved: for the preview while one types, in the admin and the portal."""

from collections.abc import Mapping
from typing import Any

from django import forms

from catalog.models import CoverChoice, DayPrice, LeaseModel, LeasePlan, PlanTerm, Sku
from catalog.services.plans import Drawn

MOST_ROWS = 60


class _Figures(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """Each figure stands for itself: one that is no figure yet is left at what a new plan has."""

    class Meta:
        model = LeasePlan
        fields = (
            "signed_value", "deposit_rate", "cover_monthly", "early_return_months", "least_days", "most_days",
            "gap_days",
        )  # fmt: skip


class _Term(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    class Meta:
        model = PlanTerm
        fields = ("months", "monthly_rent", "total_to_own")


class _Day(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    class Meta:
        model = DayPrice
        fields = ("days", "amount")


def typed(posted: Mapping[str, Any], merchant_id: int, sku: Sku) -> tuple[LeasePlan, Drawn]:
    """What is typed so far, as a plan that is in no database; rows that are no rows yet are left out."""
    figures = _read(_Figures(posted))
    plan = LeasePlan(merchant_id=merchant_id, sku=sku, lease_model=_one_of(LeaseModel, posted, "lease_model"))
    plan.cover_choice = _one_of(CoverChoice, posted, "cover_choice")
    plan.signed_value = figures.pop("signed_value", 0) or 0
    for name, value in figures.items():
        setattr(plan, name, value)
    terms = [PlanTerm(plan=plan, **row) for row in _rows(_Term, posted, "terms", "monthly_rent")]
    days = [DayPrice(plan=plan, **row) for row in _rows(_Day, posted, "day_prices", "amount")]
    return plan, Drawn(_once(terms, "months"), _once(days, "days"))


def _rows(form: type[Any], posted: Mapping[str, Any], prefix: str, needs: str) -> list[dict[str, Any]]:
    said = str(posted.get(f"{prefix}-TOTAL_FORMS", ""))
    count = min(int(said), MOST_ROWS) if _is_count(said) else 0
    kept = [f"{prefix}-{i}" for i in range(count) if not posted.get(f"{prefix}-{i}-DELETE")]
    rows = [_read(form(posted, prefix=name)) for name in kept]
    return [row for row in rows if row.get(needs)]


def _read(form: forms.ModelForm) -> dict[str, Any]:  # type: ignore[type-arg]  # not generic when it runs
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value is not None}


def _once(rows: list[Any], name: str) -> list[Any]:
    """The first of each length, in their order; a row without one is none yet."""
    found: dict[int, Any] = {}
    for row in rows:
        if getattr(row, name):
            found.setdefault(getattr(row, name), row)
    return [found[key] for key in sorted(found)]


def _one_of(choices: Any, posted: Mapping[str, Any], name: str) -> str:
    value = str(posted.get(name, ""))
    return value if value in choices.values else str(choices.values[0])


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 5
