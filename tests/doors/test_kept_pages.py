"""Pages for strangers are made once for each state of the catalogue; a page of somebody is never kept for another."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import DeviceModel, LeasePlan
from catalog.services import versions
from tests import make

pytestmark = pytest.mark.django_db
ADDRESSES = ("/", "/devices/", "/devices/{plan}/")


@pytest.fixture(autouse=True)
def kept(settings: Settings) -> Iterator[None]:
    settings.CATALOGUE_LOOKED_AT_EVERY_S = 60.0
    settings.CLOCK_MOVABLE = False  # in the demo the clock itself is asked of the database twice a second
    cache.clear()
    versions.forget()
    yield
    versions.forget()
    cache.clear()


@pytest.fixture
def plan() -> LeasePlan:
    return make.plan()


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_second_stranger_costs_no_query_and_sees_the_same(address: str, plan: LeasePlan) -> None:
    path = address.format(plan=plan.pk)
    first = Client().get(path)
    with CaptureQueriesContext(connection) as seen:
        second = Client().get(path)
        unchanged = Client().get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, second.status_code, unchanged.status_code) == (200, 200, 304)
    assert first.content == second.content
    assert unchanged.content == b""
    assert len(seen) == 0
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "Accept-Language"} <= set(first.headers["Vary"].split(", "))
    assert not first.cookies


def test_a_change_of_the_catalogue_is_shown(plan: LeasePlan) -> None:
    before = Client().get(f"/devices/{plan.pk}/")
    with transaction.atomic():
        DeviceModel.objects.update(name="另一个名字", name_en="Another name")
    versions.forget()  # a second later
    after = Client().get(f"/devices/{plan.pk}/", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "另一个名字" in after.content.decode() or "Another name" in after.content.decode()


def test_languages_and_addresses_are_kept_apart(plan: LeasePlan) -> None:
    pages = {
        Client().get(path, headers={"Accept-Language": language}).headers["ETag"]
        for path in ("/devices/", "/devices/?sort=rent")
        for language in ("zh-CN", "en")
    }
    assert len(pages) == 4


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_page_of_somebody_signed_in_is_neither_kept_nor_taken_from_what_is_kept(
    address: str, plan: LeasePlan
) -> None:
    path = address.format(plan=plan.pk)
    strangers = Client().get(path)
    client = Client()
    client.force_login(make.customer().user)
    own = client.get(path, headers={"If-None-Match": strangers.headers["ETag"]})
    assert own.status_code == 200
    assert "ETag" not in own.headers
    assert "no-store" in own.headers["Cache-Control"]
    assert Client().get(path).content == strangers.content


def test_a_line_for_one_visitor_is_not_kept(plan: LeasePlan) -> None:
    """A refusal is told on the next page (a cookie): that page is the visitor's own."""
    client = Client()
    client.cookies["messages"] = "anything"
    assert "ETag" not in client.get("/devices/").headers


def test_what_is_not_there_is_not_kept() -> None:
    for _ in range(2):
        assert Client().get("/devices/999999/").status_code == 404
    assert "ETag" not in Client().get("/devices/999999/").headers
