"""Signing in by phone and code; proving an e-mail address by one."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from storefront.forms.base import DoorForm


class PhoneForm(DoorForm):
    blames: ClassVar = {"phone_invalid": "phone", "resend_too_soon": "phone", "too_many_codes": "phone"}
    phone = forms.CharField(
        label=_("Mobile number"),
        help_text=_("A mainland number. New here? The same step makes your account."),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": _("Please enter your mobile number.")},
    )


class EmailForm(DoorForm):
    blames: ClassVar = {"email_invalid": "email", "resend_too_soon": "email", "too_many_codes": "email"}
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email", "inputmode": "email"}),
        error_messages={"required": _("Please enter your e-mail address.")},
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class CodeForm(DoorForm):
    blames: ClassVar = {
        "code_wrong": "code", "code_expired": "code", "code_used": "code", "too_many_attempts": "code",
    }  # fmt: skip
    code = forms.CharField(
        label=_("Code from the SMS"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Please enter the six digits.")},
    )


class MailCodeForm(CodeForm):
    """The same six digits, out of a mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code from the mail")
