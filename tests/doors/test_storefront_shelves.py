"""The way to a device: what cards say to whom, how the list narrows, what a lapsed decision is worth."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from catalog.models import LeasePlan
from credit.services import decisions
from rental.demo import cast, seed
from tests import make, walks

pytestmark = pytest.mark.django_db

SLUGS = ("q7-pro", "q7", "lan-x2", "pad-11", "mini-4", "room-1")
LATER = make.AT + timedelta(days=181)


@pytest.fixture(scope="module")
def stage(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """Six offers of four types, and a customer with 726 points: tier B waives 80 % of a deposit."""
    with walks.kept(django_db_blocker):
        yield {"customer": make.customer(726).pk, **{slug: make.plan(slug).pk for slug in SLUGS}}


@pytest.fixture
def customer(stage: dict[str, int]) -> Customer:
    return Customer.objects.get(pk=stage["customer"])


@pytest.fixture
def graded(customer: Customer) -> Client:
    client = Client()
    client.force_login(customer.user)
    return client


def page(client: Client, address: str, at: Any = make.AT) -> str:
    with make.moment(at):
        return text(client.get(address).content.decode())


def text(html: str) -> str:
    """What people read, without the marks around amounts."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def names(html: str) -> list[str]:
    return re.findall(r"<h3>([^<]+)</h3>", html)


def listed(address: str, client: Client | None = None) -> list[str]:
    with make.moment(make.AT):
        return names((client or Client()).get(address).content.decode())


# by hand: 5,999 × 0.95 = 5,699.05; × 0.70 = 3,989.34; × 0.80 = 3,191.47


def test_a_card_says_what_this_customer_would_be_waived(graded: Client) -> None:
    for address in ("/", "/devices/?q=Q7+Pro"):
        shown = page(graded, address)
        assert "押金¥3,989.34，你可免¥3,191.47" in shown.replace(" ", ""), address


def test_a_visitor_reads_the_full_deposit_and_that_credit_lowers_it() -> None:
    shown = page(Client(), "/devices/?q=Q7+Pro")
    assert "押金 ¥5,699.05，凭信用可少付" in shown
    assert "你可免" not in shown


def test_the_card_and_the_device_page_say_the_same(stage: dict[str, int], graded: Client) -> None:
    assert "3,191.47" in page(graded, f"/devices/{stage['q7-pro']}/")


@pytest.mark.parametrize(
    ("address", "most"), [("/", 10), ("/devices/", 10), ("/devices/?type=phone&months=12&sort=rent", 10)]
)
def test_a_visitor_costs_few_queries(
    stage: dict[str, int], address: str, most: int, django_assert_max_num_queries: Any
) -> None:
    with make.moment(make.AT), django_assert_max_num_queries(most):
        assert Client().get(address).status_code == 200


def test_a_visitor_at_a_device_costs_few_queries(stage: dict[str, int], django_assert_max_num_queries: Any) -> None:
    with make.moment(make.AT), django_assert_max_num_queries(9):
        assert Client().get(f"/devices/{stage['q7-pro']}/").status_code == 200


def test_home_shows_one_of_each_type_first(stage: dict[str, int]) -> None:
    shown = listed("/")
    assert shown[0] == "青禾 Q7 Pro"
    assert len({*shown[:4]} & {"青禾 Q7", "岚 X2"}) == 0


def test_the_list_narrows_and_every_part_can_be_taken_away(stage: dict[str, int]) -> None:
    assert listed("/devices/?type=phone&brand=岚") == ["岚 X2"]
    assert listed("/devices/?ends=return") == ["飞屿 Mini 4"]
    assert {*listed("/devices/?months=6&max_rent=200")} == {"岚 X2", "青禾 平板 11"}
    html = Client().get("/devices/?type=phone&brand=岚").content.decode()
    assert 'href="/devices/?type=phone"' in html
    assert 'href="/devices/?brand=%E5%B2%9A"' in html


def test_the_list_is_sorted_as_asked(stage: dict[str, int]) -> None:
    """A year each: Room 1 113, pad-11 144, X2 170, Q7 221, Mini 4 249, Q7 Pro 309."""
    rents = ["听山 Room 1", "青禾 平板 11", "岚 X2", "青禾 Q7", "飞屿 Mini 4", "青禾 Q7 Pro"]
    assert listed("/devices/?sort=rent") == rents
    assert listed("/devices/?sort=total") == rents
    assert listed("/devices/?sort=newest") == listed("/devices/?sort=newest&page=0")


def test_a_page_beyond_the_last_is_empty_and_leads_back(stage: dict[str, int]) -> None:
    shown = page(Client(), "/devices/?page=9")
    assert "没有找到" in shown or "找不到" in shown


def test_nothing_found_says_so(stage: dict[str, int]) -> None:
    html = Client().get("/devices/?q=zzz").content.decode()
    assert not names(html)
    assert 'class="empty"' in html


def test_a_lapsed_decision_is_shown_as_lapsed(customer: Customer, graded: Client) -> None:
    shown = page(graded, "/my/credit/", LATER)
    assert "726" in shown
    assert "现已过期" in shown
    assert "还可免押" not in shown
    assert "你可免" not in page(graded, "/devices/", LATER)


def test_a_decision_ended_by_arrears_says_so(customer: Customer, graded: Client) -> None:
    decisions.end(customer, "overdue", make.AT)
    assert "逾期超过7天" in page(graded, "/my/credit/")


def test_the_next_tier_is_named_with_what_it_gives(graded: Client) -> None:
    """726 lies in B, 650 to 749; 750 waives all: 24 points are missing."""
    shown = page(graded, "/my/credit/")
    assert "到750分能得到什么" in shown
    assert "还差24分" in shown
    assert "¥12,000" in shown


def test_checkout_says_what_is_waived_frozen_and_left(
    stage: dict[str, int], customer: Customer, graded: Client
) -> None:
    make.address(customer)
    shown = page(graded, f"/checkout/{stage['q7-pro']}/?months=12")
    assert "用额度免 ¥3,191.47" in shown
    assert "额度还剩 ¥2,808.53" in shown  # 6,000.00 − 3,191.47
    assert "只冻结 ¥797.87，不扣款" in shown
    assert "现在扣款¥0.00" in shown.replace(" ", "")


def test_another_specification_is_one_link_away_at_the_same_term(stage: dict[str, int]) -> None:
    small = LeasePlan.objects.select_related("sku__device_model__device_type", "merchant").get(pk=stage["q7-pro"])
    role = next(role for role in cast.MODELS if role.slug == "q7-pro" and role.specification.startswith("512GB"))
    kind = small.sku.device_model.device_type
    large = seed.offer(role, kind, small.merchant, make.operator(), make.AT, first_unit=900)
    html = Client().get(f"/devices/{small.pk}/?months=6").content.decode()
    assert f'href="/devices/{small.pk}/?months=6" aria-current="true"' in html
    assert f'href="/devices/{large.pk}/?months=6"' in html
    assert f'href="/devices/{small.pk}/?months=12"' in html
