"""One picture of a device from one angle, for the doors of customer and merchant."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.images import MOST_BYTES, ImageTooLarge
from orders.models import DevicePhoto


class PhotoForm(forms.Form):
    """The file's name and what the browser says of it are not looked at."""

    angle = forms.ChoiceField(label=_("Side"), choices=DevicePhoto.Angle.choices)
    picture = forms.FileField(
        label=_("Picture"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
        error_messages={"required": _("Please choose or take a picture.")},
    )

    def clean_picture(self) -> bytes:
        """Read no further than what is allowed."""
        sent = self.cleaned_data["picture"]
        if sent.size > MOST_BYTES:
            raise forms.ValidationError(str(ImageTooLarge()))
        content: bytes = sent.read(MOST_BYTES + 1)
        return content
