"""What every page of the storefront keeps: few queries, little weight, no inline style or script, both languages."""

import gzip
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from core import calendar
from orders.models import Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db

BUDGET = 100_000  # bytes of page and style sheet, gzipped
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*src=)|\son[a-z]+=|javascript:", re.IGNORECASE)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def stage(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, Order]]:
    """One customer with an order in each state that has a page of its own."""
    with walks.kept(django_db_blocker):
        customer = make.customer()
        slugs = {"PLACED": "pad-11", "APPROVED": "lan-x2", "SIGNED": "pad-11", "ACTIVE": "q7-pro"}
        yield {state: make.order(State(state), of=customer, slug=slug) for state, slug in slugs.items()}


@pytest.fixture
def client(stage: dict[str, Order]) -> Client:
    client = Client()
    client.force_login(stage["ACTIVE"].customer.user)
    return client


def pages(stage: dict[str, Order]) -> dict[str, tuple[str, int]]:
    """Address and the most queries that its page may make."""
    active, signed, approved = stage["ACTIVE"], stage["SIGNED"], stage["APPROVED"]
    return {
        "home": ("/", 24),
        "devices": ("/devices/", 16),
        "device": (f"/devices/{active.plan_id}/", 14),
        "me": ("/my/", 14),
        "messages": ("/my/messages/", 5),
        "permissions": ("/my/permissions/", 5),
        "identity": ("/my/identity/", 5),
        "credit": ("/my/credit/", 16),
        "leases": ("/my/leases/", 13),
        "address": (f"/checkout/{active.plan_id}/address/", 8),
        "checkout": (f"/checkout/{active.plan_id}/?months=12", 22),
        "placed": (f"/orders/{stage['PLACED'].number}/", 14),
        "approved": (f"/orders/{approved.number}/", 14),
        "agreement": (f"/orders/{approved.number}/agreement/", 12),
        "signed": (f"/orders/{signed.number}/", 14),
        "pay": (f"/orders/{signed.number}/pay/", 16),
        "cancel": (f"/orders/{signed.number}/cancel/", 8),
        "active": (f"/orders/{active.number}/", 19),
        "lease": (f"/leases/{active.number}/", 21),
        "bill": (f"/leases/{active.number}/bills/2/", 20),
        "first bill": (f"/leases/{active.number}/bills/1/", 14),
    }


NAMES = [
    "home", "devices", "device", "me", "messages", "permissions", "identity", "credit", "leases", "address",
    "checkout", "placed", "approved", "agreement", "signed", "pay", "cancel", "active", "lease", "bill", "first bill",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_page_makes_few_queries(
    name: str, stage: dict[str, Order], client: Client, django_assert_max_num_queries: Any
) -> None:
    address, most = pages(stage)[name]
    with make.moment(make.AT + timedelta(hours=1)), django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_light_and_keeps_the_content_policy(name: str, stage: dict[str, Order], client: Client) -> None:
    sheet = gzip.compress(client.get(_sheet(client)).content)
    with make.moment(make.AT + timedelta(hours=1)):
        answer = client.get(pages(stage)[name][0])
    assert len(gzip.compress(answer.content)) + len(sheet) <= BUDGET
    assert not INLINE.findall(answer.content.decode())
    policy = answer.headers["Content-Security-Policy"]
    assert "style-src 'self'" in policy
    assert "unsafe-inline" not in policy


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_one_heading_a_language_switch_and_a_way_to_its_content(
    name: str, stage: dict[str, Order], client: Client
) -> None:
    with make.moment(make.AT + timedelta(hours=1)):
        page = client.get(pages(stage)[name][0]).content.decode()
    assert page.count("<h1") == 1
    assert 'action="/language/"' in page
    assert 'href="#main"' in page
    assert '<html lang="zh-Hans">' in page


@pytest.mark.parametrize("name", NAMES)
def test_an_english_page_holds_no_chinese_but_names(name: str, stage: dict[str, Order], client: Client) -> None:
    client.post("/language/", {"language": "en", "next": "/"})
    with make.moment(make.AT + timedelta(hours=1)):
        page = client.get(pages(stage)[name][0]).content.decode()
    body = _without_names(page, stage)
    assert '<html lang="en">' in page
    assert not CHINESE.findall(body), CHINESE.findall(body)


def test_the_style_sheet_is_kept_for_ever_under_its_own_address_only(client: Client) -> None:
    assert "immutable" in client.get(_sheet(client)).headers["Cache-Control"]
    assert client.get("/assets/old.css").headers["Cache-Control"] == "no-cache"


def test_personal_pages_are_never_cached(stage: dict[str, Order], client: Client) -> None:
    for name in ("me", "signed", "lease"):
        assert "no-store" in client.get(pages(stage)[name][0]).headers["Cache-Control"]


def test_a_page_shown_to_somebody_signed_in_is_kept_by_nobody_and_an_anonymous_one_may_be(
    stage: dict[str, Order], client: Client
) -> None:
    for name in NAMES:
        told = client.get(pages(stage)[name][0]).headers["Cache-Control"]
        assert {"private", "no-store"} <= {word.strip() for word in told.split(",")}, name
    for name in ("home", "devices", "device"):
        assert "Cache-Control" not in Client().get(pages(stage)[name][0]).headers


def test_a_late_bill_says_what_it_costs_today_and_later(stage: dict[str, Order], client: Client) -> None:
    bill = stage["ACTIVE"].lease.bills.get(number=2)
    assert bill.due_date is not None
    late = calendar.instant(bill.due_date + timedelta(days=9), 12)
    with make.moment(late):
        page = client.get(f"/leases/{stage['ACTIVE'].number}/bills/2/").content.decode()
    assert "309.46" in page  # 309.00 × 0.0003 × the 5 days after grace until yesterday = 0.4635
    assert 'class="today"' in page


def test_the_list_finds_by_type_and_words_and_ignores_nonsense(stage: dict[str, Order], client: Client) -> None:
    found = client.get("/devices/?type=tablet").content.decode()
    assert "Q7 Pro" not in found
    assert "Q7 Pro" in client.get("/devices/?q=q7").content.decode()
    for nonsense in ("?type=a%20b&page=-1", "?page=999999999999", "?max_rent=NaN", "?max_rent=abc", "?q=" + "x" * 5000):
        assert client.get(f"/devices/{nonsense}").status_code == 200
    assert client.get("/devices/?type=%00&q=%00").status_code < 500


def test_an_offer_that_is_gone_is_not_found(client: Client) -> None:
    assert client.get("/devices/999999/").status_code == 404
    assert client.get("/checkout/999999/").status_code == 404


def _sheet(client: Client) -> str:
    page = client.get(reverse("storefront:devices")).content.decode()
    found = re.search(r'href="(/assets/[0-9a-f]+\.css)"', page)
    assert found
    return found.group(1)


def _without_names(page: str, stage: dict[str, Order]) -> str:
    """Without the switch to Chinese, the mark, people's own words, and the agreement's (its Chinese text decides)."""
    skus = [order.plan.sku for order in stage.values()]
    named = [part for sku in skus for part in (sku.device_model.brand, sku.device_model.name, sku.specification)]
    with translation.override("zh-hans"):
        named += [sku.get_condition_display() for sku in skus]
    for merchant in {order.merchant for order in stage.values()}:
        named += [merchant.name, merchant.address]
    named += [make.NAME, make.NAME[:1] + "*", "中文", "信租", "信", "广东省深圳市南山区", "科苑路 15 号 3 栋 1201"]
    for name in sorted(named, key=len, reverse=True):
        page = page.replace(name, "")
    return page
