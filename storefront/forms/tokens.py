"""A token for a program."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from storefront.forms.base import DoorForm


class TokenForm(DoorForm):
    blames: ClassVar = {"token_name_taken": "name"}
    name = forms.CharField(
        label=_("Name of the program"),
        help_text=_("So that you know it again when you revoke it."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
