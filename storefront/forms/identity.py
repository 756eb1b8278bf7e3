"""Who one is."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from storefront.forms.base import DoorForm

CONSENT_VERSION = "2026-11"  # the wording in templates/storefront/identity.html


class IdentityForm(DoorForm):
    blames: ClassVar = {
        "name_invalid": "name", "id_number_invalid": "id_number", "under_age": "id_number",
        "id_number_taken": "id_number",
    }  # fmt: skip
    name = forms.CharField(
        label=_("Name"),
        help_text=_("As it stands on your identity card."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Please enter your name.")},
    )
    id_number = forms.CharField(
        label=_("ID number"),
        help_text=_("18 places. It is stored encrypted and shown to nobody in full."),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Please enter your ID number.")},
    )
    consent = forms.BooleanField(
        label=_("I agree that my name, ID number and phone number are compared with the registers of the authorities"),
        error_messages={"required": _("Without your consent we cannot check your identity.")},
    )
