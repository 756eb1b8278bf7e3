"""The customer's answer to a damage claim."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from core.images import MOST_BYTES, ImageTooLarge
from orders.services.claims import MOST_PHOTOS
from storefront.forms.base import DoorForm


class DisputeForm(DoorForm):
    """Grounds, and up to four pictures."""

    blames: ClassVar = {"claim_grounds_needed": "grounds"}
    grounds = forms.CharField(
        label=_("Why it is not so"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}), strip=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(1, MOST_PHOTOS + 1):
            self.fields[f"picture_{place}"] = forms.FileField(
                label=_("Picture %(place)s, if you like") % {"place": place},
                required=False,
                widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
            )

    @property
    def pictures(self) -> list[bytes]:
        """Read no further than what is allowed."""
        sent = [self.cleaned_data.get(f"picture_{place}") for place in range(1, MOST_PHOTOS + 1)]
        return [one.read(MOST_BYTES + 1) for one in sent if one]

    def clean(self) -> dict[str, Any]:
        good = super().clean() or {}
        for name, sent in good.items():
            if name.startswith("picture_") and sent and sent.size > MOST_BYTES:
                self.add_error(name, str(ImageTooLarge()))
        return good
