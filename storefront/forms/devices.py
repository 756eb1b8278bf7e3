"""What stands in the address of the list and of a device page."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from catalog.models import ConditionGrade
from catalog.services.search import Ends, Filter, Sort

MOST_PAGES = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list shows; each part has its name in the address."""

    type: str = ""
    brand: str = ""
    q: str = ""
    months: int | None = None
    max_rent: Decimal | None = None
    ends: str = ""
    condition: str = ""
    sort: str = Sort.RECOMMENDED.value
    page: int = 1

    @property
    def filter(self) -> Filter:
        return Filter(self.type, self.brand, self.q, self.months, self.max_rent, self.ends, self.condition)

    def address(self, **changes: Any) -> str:
        """The list with some parts changed, from its first page unless another is asked for."""
        wanted = replace(self, **{"page": 1, **changes})
        plain = Wanted()
        parts = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}
        query = urlencode({name: value for name, value in parts.items() if value != getattr(plain, name)})
        return f"{reverse('storefront:devices')}?{query}" if query else reverse("storefront:devices")


class SearchForm(forms.Form):
    """Each part stands for itself: a bad one is left out."""

    type = forms.SlugField(required=False, max_length=50)
    brand = forms.CharField(required=False, max_length=40)
    q = forms.CharField(required=False, max_length=60)
    months = forms.IntegerField(required=False, min_value=1, max_value=60)
    max_rent = forms.DecimalField(required=False, min_value=1, max_value=1_000_000, max_digits=9, decimal_places=2)
    ends = forms.ChoiceField(required=False, choices=[(each.value, each.value) for each in Ends])
    condition = forms.ChoiceField(required=False, choices=ConditionGrade.choices)
    sort = forms.ChoiceField(required=False, choices=[(each.value, each.value) for each in Sort])
    page = forms.IntegerField(required=False, min_value=1, max_value=MOST_PAGES)

    def wanted(self) -> Wanted:
        self.is_valid()
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if value})


class DaysForm(forms.Form):
    """First and last day, and the month to look at (2026-03); what is no day is left out."""

    first = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    last = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    month = forms.DateField(required=False, input_formats=["%Y-%m"])

    def asked(self, name: str) -> date | None:
        self.is_valid()
        return self.cleaned_data.get(name)


class TermForm(forms.Form):
    """The months asked for, and whether with the accident cover that a plan leaves open."""

    months_asked = forms.IntegerField(required=False, min_value=1, max_value=60)
    cover_asked = forms.BooleanField(required=False)

    def add_prefix(self, field_name: str) -> str:
        return field_name.removesuffix("_asked")

    def months(self) -> int | None:
        self.is_valid()
        return self.cleaned_data.get("months_asked")

    def cover(self) -> bool:
        self.is_valid()
        return bool(self.cleaned_data.get("cover_asked"))
