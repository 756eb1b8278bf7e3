"""What stands in the address of the list and of a device page."""

from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

MOST_PAGES = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter of the list."""

    type: str = ""
    text: str = ""
    max_rent: Decimal | None = None
    page: int = 1

    def address(self, page: int = 1) -> str:
        parts = {"type": self.type, "q": self.text, "max_rent": self.max_rent or "", "page": page if page > 1 else ""}
        query = urlencode({name: value for name, value in parts.items() if value != ""})
        return f"{reverse('storefront:devices')}?{query}" if query else reverse("storefront:devices")

    def of_type(self, code: str) -> "Wanted":
        return replace(self, type=code, page=1)


class SearchForm(forms.Form):
    """Each part stands for itself: a bad one is left out."""

    type = forms.SlugField(required=False, max_length=50)
    q = forms.CharField(required=False, max_length=60)
    max_rent = forms.DecimalField(required=False, min_value=1, max_value=1_000_000, max_digits=9, decimal_places=2)
    page = forms.IntegerField(required=False, min_value=1, max_value=MOST_PAGES)

    def wanted(self) -> Wanted:
        self.is_valid()
        good = self.cleaned_data
        return Wanted(good.get("type") or "", good.get("q") or "", good.get("max_rent"), good.get("page") or 1)


class TermForm(forms.Form):
    """The months asked for."""

    months_asked = forms.IntegerField(required=False, min_value=1, max_value=60)

    def add_prefix(self, field_name: str) -> str:
        return "months"

    def months(self) -> int | None:
        self.is_valid()
        return self.cleaned_data.get("months_asked")
