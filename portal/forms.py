"""What a merchant's member types."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant
from catalog.models import Sku


class SkuChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A specification with its model and condition."""

    def label_from_instance(self, obj: Sku) -> str:
        return f"{obj} · {obj.get_condition_display()}"


class UnitForm(forms.Form):
    """A new unit of one of the merchant's specifications."""

    sku = SkuChoice(queryset=Sku.objects.none(), label=_("Specification"))
    serial = forms.CharField(label=_("Serial number"), max_length=40)
    imei = forms.CharField(
        label=_("IMEI"), max_length=30, required=False, help_text=_("Phones only: 15 digits, dial *#06# to see it.")
    )

    def __init__(self, merchant: Merchant, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        field = self.fields["sku"]
        assert isinstance(field, SkuChoice)
        own = Sku.objects.filter(plans__merchant=merchant).distinct()
        field.queryset = own.select_related("device_model").order_by("device_model", "id")
