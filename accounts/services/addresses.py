"""Where parcels go. A new address is a new row: what an order was sent to stays what it was."""

import unicodedata
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Address, Customer
from accounts.rules import phones
from accounts.services.codes import PhoneInvalid
from core import seals
from core.errors import DomainError


class AddressIncomplete(DomainError):
    """`field`: consignee, region or street."""

    code = "address_incomplete"
    message = _("Please complete the address.")


def add(customer: Customer, consignee: str, phone: str, region: str, street: str, at: datetime) -> Address:
    """Keep an address. AddressIncomplete(field), PhoneInvalid."""
    try:
        normalised = phones.normalise(phone)
    except ValueError as error:
        raise PhoneInvalid from error
    where, door = _line("region", region, least=2, most=80), _line("street", street, least=4, most=120)
    return Address.objects.create(
        customer=customer,
        consignee=_line("consignee", consignee, least=2, most=40),
        phone=normalised,
        region=where,
        street=door,
        place_index=seals.blind_index("place", place(where, door)),
        added_at=at,
    )


def place(region: str, street: str) -> str:
    """What two spellings of one door have in common: no white space, one width, one case."""
    return unicodedata.normalize("NFKC", "".join(f"{region}{street}".split())).casefold()


def listed(customer: Customer) -> QuerySet[Address]:
    """The addresses that the customer may choose from, newest first."""
    return Address.objects.filter(customer=customer, removed_at=None).order_by("-id")


def latest(customer: Customer) -> Address | None:
    return listed(customer).first()


def of(customer: Customer, address_id: int) -> Address:
    """Address.DoesNotExist for another person's."""
    return Address.objects.get(customer=customer, pk=address_id)


def remove(address: Address, at: datetime) -> None:
    """Take it out of the list; orders that were sent there keep it."""
    if address.removed_at is None:
        address.removed_at = at
        address.save(update_fields=["removed_at"])


def _line(field: str, text: str, *, least: int, most: int) -> str:
    """One line without control characters, its white space single."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFC", text)).split())
    if not least <= len(line) <= most:
        raise AddressIncomplete(field=field)
    return line
