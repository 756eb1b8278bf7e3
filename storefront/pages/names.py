"""What devices and firms are called in the reader's language."""

from django.utils.translation import get_language

from accounts.models import Merchant
from catalog.models import DeviceModel

DRAWINGS = {"phone": 4, "computer": 2, "tablet": 2, "camera": 2}  # templates/components/drawings


def of(device: DeviceModel) -> str:
    """The Chinese name stands beside its brand; the English one, and some Chinese ones, hold it already."""
    name = str(device)
    has_brand = name != device.name or device.brand.lower() in name.lower()
    return name if has_brand else f"{device.brand} {name}"


def drawing(device: DeviceModel) -> str:
    """The drawing that stands for a model: those of one type take turns, a model keeps its own."""
    code = device.device_type.code
    number = (device.pk - 1) % DRAWINGS.get(code, 1) + 1
    return code if number == 1 else f"{code}-{number}"


def merchant(firm: Merchant) -> str:
    return firm.name_en if get_language() == "en" else firm.name
