"""Checkout: where the parcel goes, and the yes to exactly the figures that were shown."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Deposit
from core.errors import DomainError
from storefront.forms.base import DoorForm


class AddressForm(DoorForm):
    blames: ClassVar = {"phone_invalid": "phone"}
    consignee = forms.CharField(
        label=_("Recipient"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("Recipient's mobile number"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    region = forms.CharField(
        label=_("Province, city, district"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    )
    street = forms.CharField(
        label=_("Street and house number"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )

    def refuse(self, error: DomainError) -> None:
        """An incomplete address names its field."""
        field = error.params.get("field") if error.code == "address_incomplete" else None
        if field in self.fields:
            self.add_error(field, str(error))
        else:
            super().refuse(error)


class OrderForm(DoorForm):
    """`digest` names the figures that the customer saw, `swap_shown` those of the lease that it ends; `request_key`
    makes a second press harmless."""

    address = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    request_key = forms.UUIDField(widget=forms.HiddenInput)
    deposit = forms.ChoiceField(choices=Deposit.Kind.choices, required=False)
    swap_shown = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
