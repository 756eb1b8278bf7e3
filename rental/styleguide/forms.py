"""A form in the states that a field can be in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

NAME, SHORT_ID = "Lin Zhixia", "33010619970228284"  # one digit short


class Shown(forms.Form):
    """Bound, so that it shows a field in order, one with a mistake, a code, a consent, and a mistake of the whole."""

    name = forms.CharField(label=_("Name"), help_text=_("As it stands on your identity card."))
    id_number = forms.CharField(label=_("Identity number"))
    code = forms.CharField(label=_("Code from the SMS"), widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    consent = forms.BooleanField(label=_("I have read the agreement"))

    def clean_id_number(self) -> str:
        raise ValidationError(_("The number is one digit short; it has 18."))

    def clean(self) -> dict[str, Any]:
        raise ValidationError(_("Nothing was sent; please look at the marked field."))


def filled() -> Shown:
    values = {"name": NAME, "id_number": SHORT_ID, "code": "830571", "consent": "on"}
    return Shown(values, auto_id="guide_%s", label_suffix="")
