"""What a device is called: brand and model, in the reader's language."""

from catalog.models import DeviceModel


def of(device: DeviceModel) -> str:
    """The Chinese name stands beside its brand; the English one, and some Chinese ones, hold it already."""
    name = str(device)
    has_brand = name != device.name or device.brand.lower() in name.lower()
    return name if has_brand else f"{device.brand} {name}"
