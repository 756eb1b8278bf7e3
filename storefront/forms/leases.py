"""The day whose prices a customer wants to see on the page of a lease."""

from datetime import date
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.templatetags.xinzu import day
from storefront.forms.base import DoorForm


class DayForm(DoorForm):
    """`days`: the first and the last day that has a price; None: no other day than today."""

    on = forms.DateField(
        label=_("On another day"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("That is no day. Please write it as 2027-03-01.")},
    )

    def __init__(self, *args: Any, days: tuple[date, date] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days = days
        if days:
            self.fields["on"].widget.attrs.update(min=days[0].isoformat(), max=days[1].isoformat())

    def clean_on(self) -> date | None:
        on: date | None = self.cleaned_data["on"]
        if on is None:
            return None
        if self.days is None:
            raise forms.ValidationError(_("There is no later day to show a price of."))
        if not self.days[0] <= on <= self.days[1]:
            said = gettext("Please pick a day from {first} to {last}.")
            raise forms.ValidationError(format_html(said, first=day(self.days[0]), last=day(self.days[1])))
        return on

    def asked(self) -> date | None:
        """The later day; None for today, for nothing and for what is no such day."""
        on: date | None = self.cleaned_data.get("on") if self.is_valid() else None
        return on if on and self.days and on > self.days[0] else None
