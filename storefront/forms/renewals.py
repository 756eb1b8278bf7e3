"""The further term that a customer picks."""

from django import forms


class RenewForm(forms.Form):
    """One choice: its months and the code of the figures that were shown."""

    choice = forms.RegexField(r"^[0-9]{1,2}:[^:]{1,100}$", max_length=110)

    def picked(self) -> tuple[int, str]:
        months, _colon, shown = self.cleaned_data["choice"].partition(":")
        return int(months), shown
