"""What a merchant may claim for a returned device: the signed list as a form, each line with a note and a photo."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.rules.terms import DamagePrice
from catalog.models import ConditionGrade
from core.images import MOST_BYTES, ImageTooLarge
from orders.models import DevicePhoto
from orders.services.claims import Found
from orders.services.inspections import Findings


@dataclass(frozen=True, slots=True)
class FormLine:
    """One price of the list with its three fields."""

    price: DamagePrice
    name: str
    chosen: forms.BoundField
    note: forms.BoundField
    angle: forms.BoundField
    photo: forms.BoundField


class ClaimForm(forms.Form):
    """The checklist, and the lines that were found."""

    serial_matches = forms.BooleanField(label=_("The serial number is the one that was shipped"), required=False)
    wiped = forms.BooleanField(label=_("The device is wiped and its account lock is off"), required=False)
    condition = forms.ChoiceField(
        label=_("Condition now"), choices=[("", "–"), *ConditionGrade.choices], required=False
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, prices: tuple[DamagePrice, ...], *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.prices = prices
        for price in prices:
            self.fields[f"line_{price.code}"] = forms.BooleanField(required=False)
            self.fields[f"note_{price.code}"] = forms.CharField(
                label=_("What is to be seen"), max_length=200, required=False
            )
            self.fields[f"angle_{price.code}"] = forms.ChoiceField(
                label=_("From which side"), choices=DevicePhoto.Angle.choices, initial=DevicePhoto.Angle.DETAIL,
                required=False,
            )  # fmt: skip
            self.fields[f"photo_{price.code}"] = forms.FileField(
                label=_("Photo, from the same angle as when packed"),
                required=False,
                widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
            )

    def checklist(self) -> list[forms.BoundField]:
        return [self[name] for name in ("serial_matches", "wiped", "condition", "note")]

    def lines(self) -> Iterator[FormLine]:
        is_english = (get_language() or "").startswith("en")
        for price in self.prices:
            name = price.name_en if is_english and price.name_en else price.name
            chosen, note, angle, photo = (self[f"{part}_{price.code}"] for part in ("line", "note", "angle", "photo"))
            yield FormLine(price, name, chosen, note, angle, photo)

    def clean(self) -> dict[str, Any]:
        good = super().clean() or {}
        for price in self.prices:
            if not good.get(f"line_{price.code}"):
                continue
            if not (good.get(f"note_{price.code}") or "").strip():
                self.add_error(f"note_{price.code}", _("Please say what is to be seen."))
            photo = good.get(f"photo_{price.code}")
            if not photo:
                self.add_error(f"photo_{price.code}", _("Please add a photo; choose it again after an error."))
            elif photo.size > MOST_BYTES:
                self.add_error(f"photo_{price.code}", str(ImageTooLarge()))
        if not any(good.get(f"line_{price.code}") for price in self.prices):
            self.add_error(None, _("Choose at least one line. Without damage, record the device as in order."))
        return good

    def found(self) -> list[Found]:
        """Read no further than what is allowed."""
        good = self.cleaned_data
        return [self._found(price.code) for price in self.prices if good[f"line_{price.code}"]]

    def _found(self, code: str) -> Found:
        good = self.cleaned_data
        angle = good[f"angle_{code}"] or DevicePhoto.Angle.DETAIL
        return Found(code, good[f"note_{code}"], good[f"photo_{code}"].read(MOST_BYTES + 1), angle)

    def findings(self) -> Findings:
        good = self.cleaned_data
        return Findings(good["serial_matches"], good["wiped"], good["note"], good["condition"])
