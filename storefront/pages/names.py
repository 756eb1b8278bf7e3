"""What devices and firms are called in the reader's language."""

from django.utils.translation import get_language

from accounts.models import Merchant
from catalog.models import DeviceModel


def of(device: DeviceModel) -> str:
    """The Chinese name stands beside its brand; the English one, and some Chinese ones, hold it already."""
    name = str(device)
    has_brand = name != device.name or device.brand.lower() in name.lower()
    return name if has_brand else f"{device.brand} {name}"


def merchant(firm: Merchant) -> str:
    return firm.name_en if get_language() == "en" else firm.name
