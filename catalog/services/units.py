"""The physical devices of a merchant."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant
from catalog.models import DeviceUnit, Sku
from catalog.rules import imei as imeis
from catalog.services import stock
from core.errors import DomainError
from core.services import events

PHONE = "phone"
_SERIAL = re.compile(r"[A-Z0-9][A-Z0-9./_-]{2,39}")


class SerialInvalid(DomainError):
    code = "serial_invalid"
    message = _("A serial number has 3 to 40 letters, digits or . / _ -")


class ImeiInvalid(DomainError):
    code = "imei_invalid"
    message = _("This is no IMEI: it has 15 digits and its last digit fits the others.")


class ImeiMissing(DomainError):
    code = "imei_missing"
    message = _("A phone states its IMEI.")


class UnitKnown(DomainError):
    code = "unit_known"
    message = _("A unit with this serial number or IMEI is already there.")


class LinesRefused(DomainError):
    """`lines`: number of the line, counted from 1, and why."""

    code = "lines_refused"
    message = _("Nothing was added: please mend the lines named here.")


class UnitUnknown(DomainError):
    code = "unit_unknown"
    message = _("No unit of yours has this serial number or IMEI.")


@transaction.atomic
def add(merchant: Merchant, sku: Sku, serial: str, imei: str, at: datetime, actor: str = events.PLATFORM) -> DeviceUnit:
    """Put a new unit on the shelf. SerialInvalid, ImeiInvalid (Luhn), ImeiMissing for phones, UnitKnown."""
    serial, imei = normalise(serial), normalise(imei)
    if not _SERIAL.fullmatch(serial):
        raise SerialInvalid
    if imei and not imeis.is_valid(imei):
        raise ImeiInvalid
    if not imei and sku.device_model.device_type.code == PHONE:
        raise ImeiMissing
    try:
        with transaction.atomic():
            unit = DeviceUnit.objects.create(merchant=merchant, sku=sku, serial=serial, imei=imei, added_at=at)
    except IntegrityError as error:
        raise UnitKnown from error
    events.record("unit_added", unit, at=at, actor=actor)
    stock.put_back(merchant.pk, sku.pk)
    return unit


def add_all(
    merchant: Merchant, sku: Sku, lines: Sequence[tuple[str, str]], at: datetime, actor: str
) -> list[DeviceUnit]:
    """Several units of one specification, given as serial number and IMEI: all of them, or none and LinesRefused."""
    made, wrong = [], []
    with transaction.atomic():
        for number, (serial, imei) in enumerate(lines, start=1):
            try:
                made.append(add(merchant, sku, serial, imei, at, actor))
            except DomainError as error:
                wrong.append((number, str(error)))
        if wrong:
            raise LinesRefused(lines=wrong)
    return made


def retire(unit_id: int, reason: str, at: datetime) -> DeviceUnit:
    """A unit that will not be rented again (lost); inside the transaction of the act that lost it. Once."""
    unit = DeviceUnit.objects.select_for_update().get(pk=unit_id)
    if unit.retired_at is None:
        unit.retired_at = at
        unit.save(update_fields=["retired_at"])
        events.record("retired", unit, at=at, facts={"reason": reason})
    return unit


def bring_back(unit_id: int, at: datetime) -> DeviceUnit:
    """One that was lost is there again, and can be rented out. Once. Locks unit; the caller counts it (stock), last."""
    unit = DeviceUnit.objects.select_for_update().get(pk=unit_id)
    if unit.retired_at is not None:
        unit.retired_at = None
        unit.save(update_fields=["retired_at"])
        events.record("brought_back", unit, at=at)
    return unit


def find(merchant: Merchant, code: str) -> DeviceUnit:
    """The merchant's unit with this serial number or IMEI, as typed or scanned. UnitUnknown, also for others' units."""
    code = normalise(code)
    units = DeviceUnit.objects.filter(merchant=merchant, retired_at=None)
    unit = units.filter(Q(serial=code) | Q(imei=code)).first() if code else None
    if unit is None:
        raise UnitUnknown
    return unit


def find_any(merchant: Merchant, code: str) -> DeviceUnit:
    """As `find`, one that is out of use too. UnitUnknown."""
    units = DeviceUnit.objects.filter(merchant=merchant).select_related("sku__device_model")
    unit = units.filter(Q(serial=code) | Q(imei=code)).first() if code else None
    if unit is None:
        raise UnitUnknown
    return unit


def is_called(unit: DeviceUnit, code: str) -> bool:
    """Whether it is this one that was scanned or typed."""
    return normalise(code) in {unit.serial, unit.imei} - {""}


def normalise(code: str) -> str:
    """Full-width letters and digits, spaces and case do not matter."""
    return "".join(unicodedata.normalize("NFKC", code).split()).upper()
