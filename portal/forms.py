"""What a merchant's member types."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant, MerchantMember, User
from catalog.models import Sku

MOST_LINES = 200
_CUT = re.compile(r"\s*[,;\t，；、]\s*|\s+")


class PasswordForm(forms.Form):
    """A password that an owner sets for somebody; seen while typed, for it is handed over."""

    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        help_text=_("At least 10 characters, none of the common ones. Hand it over in person."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(
        label=_("Name of the program"),
        help_text=_("So that you know it again when you revoke it."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MemberForm(PasswordForm):
    """Who comes to work here."""

    login = forms.CharField(
        label=_("Login"),
        max_length=30,
        help_text=_("Small letters, digits or . _ - , e.g. wang.he"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=MerchantMember.Role.choices,
        initial=MerchantMember.Role.STAFF,
        help_text=_("Staff do the daily work. Owners also manage the staff."),
    )
    field_order = ("login", "role", "password")


class OwnPasswordForm(forms.Form):
    """The present password and a new one."""

    old = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=128,
        help_text=_("At least 10 characters, none of the common ones."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password again"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise forms.ValidationError(_("This is not your present password."))
        return old

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if facts.get("password") and facts.get("again") and facts["password"] != facts["again"]:
            self.add_error("again", _("The two new passwords differ."))
        return facts


class SkuChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A specification with its model and condition."""

    def label_from_instance(self, obj: Sku) -> str:
        return f"{obj} · {obj.get_condition_display()}"


class SkuForm(forms.Form):
    """Of which of the merchant's specifications."""

    sku = SkuChoice(queryset=Sku.objects.none(), label=_("Specification"))

    def __init__(self, merchant: Merchant, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        field = self.fields["sku"]
        assert isinstance(field, SkuChoice)
        own = Sku.objects.filter(plans__merchant=merchant).distinct()
        field.queryset = own.select_related("device_model").order_by("device_model", "id")


class UnitForm(SkuForm):
    """One new unit."""

    serial = forms.CharField(label=_("Serial number"), max_length=40)
    imei = forms.CharField(
        label=_("IMEI"), max_length=30, required=False, help_text=_("Phones only: 15 digits, dial *#06# to see it.")
    )


class UnitsForm(SkuForm):
    """Many new units, one on a line."""

    lines = forms.CharField(
        label=_("Units, one on a line"),
        max_length=MOST_LINES * 72,
        help_text=_("Serial number, for phones a comma and the IMEI after it; at most 200 lines."),
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "autocapitalize": "characters"}),
    )

    def clean_lines(self) -> list[tuple[str, str]]:
        """Serial number and IMEI of each line; empty lines do not count."""
        typed = [line.strip() for line in self.cleaned_data["lines"].splitlines()]
        rows = [_CUT.split(line) for line in typed if line]
        if len(rows) > MOST_LINES:
            raise forms.ValidationError(_("At most 200 lines at once."))
        for number, row in enumerate(rows, start=1):
            if len(row) > 2:
                facts = {"number": number}
                raise forms.ValidationError(_("Line %(number)s has more than a serial number and an IMEI.") % facts)
        return [(row[0], row[1] if len(row) > 1 else "") for row in rows]
