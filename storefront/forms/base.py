"""Forms check shape only; what the domain refuses comes back as an error of the right field."""

from typing import Any, ClassVar

from django import forms

from core.errors import DomainError


class DoorForm(forms.Form):
    """`blames` names the field of a domain error's code; other errors belong to the whole form."""

    blames: ClassVar[dict[str, str]] = {}
    error_css_class = "wrong"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def refuse(self, error: DomainError) -> None:
        self.add_error(self.blames.get(error.code), str(error))
