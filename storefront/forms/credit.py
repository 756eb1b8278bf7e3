"""My credit: what one earns a month, said by oneself."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from storefront.forms.base import DoorForm


class IncomeForm(DoorForm):
    blames: ClassVar = {"income_invalid": "amount"}
    amount = forms.DecimalField(
        label=_("Monthly income after tax, yuan"),
        max_digits=9,
        decimal_places=2,
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
