"""The catalogue has another version after every change that a stranger can see, and none for what he cannot."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import Merchant
from catalog.models import DeviceModel, DeviceType, LeasePlan, Sku, StockLevel
from catalog.rules import imei
from catalog.services import plans, search, stock, units, versions
from catalog.services.search import Filter, Sort
from tests import things
from tests.services.test_offers import published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def always_looked_at(settings: Settings) -> None:
    settings.CATALOGUE_LOOKED_AT_EVERY_S = -1.0


def _renamed(model: type[DeviceType] | type[DeviceModel] | type[Merchant]) -> Callable[[LeasePlan], object]:
    return lambda plan: model.objects.update(name="other")


SEEN: dict[str, Callable[[LeasePlan], object]] = {
    "type": _renamed(DeviceType),
    "model": _renamed(DeviceModel),
    "merchant": _renamed(Merchant),
    "specification": lambda plan: Sku.objects.update(specification="other"),
    "published": lambda plan: published(),
    "withdrawn": lambda plan: plans.withdraw(plan.pk, "operator:1", things.AT),
    "first unit": lambda plan: units.add(plan.merchant, plan.sku, "SN-1", "490154203237518", things.AT),
}


@pytest.mark.parametrize("what", SEEN)
def test_what_a_stranger_sees_makes_another_version(what: str) -> None:
    plan = published()
    before = versions.look()
    with transaction.atomic():  # a change of its own: PostgreSQL numbers it
        SEEN[what](plan)
    assert versions.look() != before


def test_stock_counts_only_when_the_last_free_unit_goes_or_the_first_comes() -> None:
    plan = published()
    for body in ("49015420323751", "35388008000342"):
        number = f"{body}{imei.luhn(body)}"
        units.add(plan.merchant, plan.sku, f"SN-{number}", number, things.AT)
    before = versions.look()
    with transaction.atomic():
        stock.reserve(plan.merchant_id, plan.sku_id)
    assert versions.look() == before
    with transaction.atomic():
        stock.reserve(plan.merchant_id, plan.sku_id)
    assert versions.look() != before
    assert StockLevel.objects.get(sku=plan.sku).reserved == 2


def test_an_answer_is_remembered_until_the_catalogue_changes() -> None:
    plan = published()
    assert search.ids(Filter(), Sort.RENT) == [plan.pk]
    with CaptureQueriesContext(connection) as seen:
        assert search.ids(Filter(), Sort.RENT) == [plan.pk]
    assert len(seen) == 1  # the look at the version
    with transaction.atomic():
        other = published("100")
    assert search.ids(Filter(), Sort.RENT) == [other.pk, plan.pk]
    assert search.ids(Filter(kind="nothing"), Sort.RENT) == []


def test_the_version_is_looked_at_every_so_often_only(settings: Settings) -> None:
    settings.CATALOGUE_LOOKED_AT_EVERY_S = 60.0
    first = versions.current()
    with CaptureQueriesContext(connection) as seen:
        assert versions.current() == first
    assert len(seen) == 0


def test_nothing_is_remembered_where_the_setting_says_so(settings: Settings) -> None:
    settings.CATALOGUE_LOOKED_AT_EVERY_S = None
    assert versions.current() is None
    assert search.ids(Filter(), Sort.RENT) == []
    plan = published()
    assert search.ids(Filter(), Sort.RENT) == [plan.pk]
