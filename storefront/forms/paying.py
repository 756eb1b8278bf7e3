"""A part of a bill."""

from decimal import Decimal
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from storefront.forms.base import DoorForm

LEAST = Decimal(1)


class PartForm(DoorForm):
    blames: ClassVar[dict[str, str]] = {"part_too_large": "amount"}
    amount = forms.DecimalField(
        label=_("Amount in yuan"), min_value=LEAST, max_digits=9, decimal_places=2, localize=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
