"""What a review asks for: a person, a picture of a paper, a time, a word about the visit."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact
from core.images import MOST_BYTES, ImageTooLarge
from storefront.forms.base import DoorForm


class ContactForm(DoorForm):
    """`who_agrees` is the wording that the customer agrees to; it differs for a guarantor."""

    blames: ClassVar = {"name_invalid": "name", "phone_invalid": "phone", "own_phone": "phone"}
    name = forms.CharField(
        label=_("Name of the person"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("Mobile number of the person"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "inputmode": "tel"}),
    )
    relation = forms.ChoiceField(label=_("What the person is to you"), choices=Contact.Relation.choices)
    consent = forms.BooleanField(error_messages={"required": _("Without your consent we cannot take anybody down.")})

    def __init__(self, *args: Any, who_agrees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = who_agrees


class PictureForm(DoorForm):
    """One picture; its name and what the browser says of it are not looked at."""

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


class GuarantorForm(DoorForm):
    blames: ClassVar = {"code_wrong": "code", "code_expired": "code", "code_used": "code", "too_many_attempts": "code"}
    code = forms.CharField(
        label=_("Code from the SMS"),
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    consent = forms.BooleanField(
        label=_("I vouch for this lease and have read what that means"),
        error_messages={"required": _("Please confirm that you have read it.")},
    )


class WishForm(DoorForm):
    wish = forms.CharField(label=_("When would it suit you?"), max_length=120)


class DeclineForm(DoorForm):
    reason = forms.CharField(label=_("Why, if you like to say it"), max_length=120, required=False)


class RatingForm(DoorForm):
    stars = forms.TypedChoiceField(
        label=_("How was it?"),
        choices=[("", "–"), (5, _("5 – very good")), (4, "4"), (3, "3"), (2, "2"), (1, _("1 – very bad"))],
        coerce=int,
    )
    note = forms.CharField(label=_("What you would like to add"), max_length=300, required=False)


class ComplaintForm(DoorForm):
    blames: ClassVar = {"words_missing": "text"}
    text = forms.CharField(label=_("What happened?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
