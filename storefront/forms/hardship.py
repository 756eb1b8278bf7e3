"""A customer's word about a hard month."""

from decimal import Decimal
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from storefront.forms.base import DoorForm


class HardshipForm(DoorForm):
    """What happened, and what he can pay meanwhile, if he wants to say it."""

    blames: ClassVar = {"asked_lately": "news"}
    text = forms.CharField(
        label=_("What happened, and what would help"), min_length=4, max_length=500,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In your own words. Nobody but our staff reads it."),
    )  # fmt: skip
    monthly = forms.DecimalField(
        label=_("What you can pay a month meanwhile"), required=False, min_value=Decimal("0.01"), max_digits=8,
        decimal_places=2, help_text=_("If you know it; you may leave it empty."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    news = forms.BooleanField(label=_("Something has changed since my last request"), required=False)
