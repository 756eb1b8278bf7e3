"""The physical devices (capabilities.md C13)."""

import pytest

from catalog.models import DeviceUnit
from catalog.rules import imei
from catalog.services import stock, units
from core.services import events
from tests import things

pytestmark = pytest.mark.django_db
IMEI = "490154203237518"


def test_a_new_unit_is_on_the_shelf() -> None:
    merchant, sku = things.merchant(), things.sku()
    unit = units.add(merchant, sku, " sn-001 ", "４９０１５４２０３２３７５１８", things.AT)
    assert (unit.serial, unit.imei, unit.added_at) == ("SN-001", IMEI, things.AT)
    assert stock.available(merchant.pk, sku.pk) == 1
    assert events.of(unit).get().kind == "unit_added"


@pytest.mark.parametrize("bad", ["490154203237517", "49015420323751", "4901542032375180", "49015420323751X", "0"])
def test_an_imei_that_does_not_check_is_refused(bad: str) -> None:
    with pytest.raises(units.ImeiInvalid):
        units.add(things.merchant(), things.sku(), "SN-001", bad, things.AT)
    assert not DeviceUnit.objects.exists()


def test_a_phone_states_its_imei_and_a_tablet_need_not() -> None:
    merchant = things.merchant()
    with pytest.raises(units.ImeiMissing):
        units.add(merchant, things.sku("phone"), "SN-001", "", things.AT)
    units.add(merchant, things.sku("tablet"), "SN-001", "", things.AT)


@pytest.mark.parametrize("bad", ["", "AB", "A" * 41, "SN 001;", "序列号"])
def test_a_serial_number_has_letters_and_digits(bad: str) -> None:
    with pytest.raises(units.SerialInvalid):
        units.add(things.merchant(), things.sku(), bad.replace(" ", "\u200b"), IMEI, things.AT)


def test_a_serial_number_is_once_a_merchants_and_an_imei_once_at_all() -> None:
    merchant, sku = things.merchant(), things.sku()
    units.add(merchant, sku, "SN-001", IMEI, things.AT)
    with pytest.raises(units.UnitKnown):
        units.add(merchant, sku, "sn-001", "356938035643809", things.AT)
    with pytest.raises(units.UnitKnown):
        units.add(things.merchant(), sku, "SN-002", IMEI, things.AT)
    assert stock.available(merchant.pk, sku.pk) == 1


def test_a_unit_is_found_by_serial_or_imei_and_only_by_its_merchant() -> None:
    merchant = things.merchant()
    unit = units.add(merchant, things.sku(), "SN-001", IMEI, things.AT)
    assert units.find(merchant, "sn-001") == units.find(merchant, f" {IMEI} ") == unit
    for stranger, code in ((things.merchant(), "SN-001"), (merchant, ""), (merchant, "SN-002")):
        with pytest.raises(units.UnitUnknown):
            units.find(stranger, code)


def test_a_retired_unit_is_not_found() -> None:
    merchant = things.merchant()
    units.add(merchant, things.sku(), "SN-001", IMEI, things.AT)
    DeviceUnit.objects.update(retired_at=things.AT)
    with pytest.raises(units.UnitUnknown):
        units.find(merchant, "SN-001")


@pytest.mark.parametrize("number", ["490154203237518", "356938035643809", "000000000000000"])
def test_luhn(number: str) -> None:
    assert imei.is_valid(number)
    assert not any(imei.is_valid(number[:-1] + str(digit)) for digit in range(10) if str(digit) != number[-1])
