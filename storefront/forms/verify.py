"""A paper that somebody wants checked."""

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.rules.limits import LARGEST_FILE
from storefront.forms.base import DoorForm


class PaperForm(DoorForm):
    """One PDF; its name and what the browser says of it are not looked at."""

    paper = forms.FileField(
        label=_("The PDF"),
        help_text=_("Up to 8 MB. It is looked at and forgotten: nothing of it is kept."),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"}),
        error_messages={"required": _("Please choose the PDF.")},
    )

    def clean_paper(self) -> bytes:
        """Read no further than what is examined; a larger one is answered as such."""
        content: bytes = self.cleaned_data["paper"].read(LARGEST_FILE + 1)
        return content
