"""The calendar of a device that is rented by the day, and the way from the pick to the order (capabilities C5)."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Customer
from catalog.models import LeasePlan
from catalog.rules.shorts import Dates
from catalog.services import versions
from core import calendar
from orders.models import Order, State
from tests import make

pytestmark = pytest.mark.django_db
WEEKEND = Dates(date(2026, 3, 6), date(2026, 3, 8))
PICK = "?first=2026-03-06&last=2026-03-08"


@pytest.fixture
def plan() -> LeasePlan:
    return make.plan("trip-6")


def page(plan: LeasePlan, query: str = "", client: Client | None = None) -> str:
    with make.moment(make.AT):
        answer = (client or Client(headers={"Accept-Language": "en"})).get(f"/devices/{plan.pk}/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def tappable(text: str) -> list[int]:
    """The days that are links."""
    return [int(day) for day in re.findall(r'<td[^>]*><a href="[^"]+"[^>]*>(\d+)</a>', text)]


def only_one_left(plan: LeasePlan) -> None:
    keep = plan.merchant.units.filter(sku=plan.sku).first()
    assert keep is not None
    plan.merchant.units.filter(sku=plan.sku).exclude(pk=keep.pk).update(retired_at=make.AT)


def test_days_from_the_gap_on_can_be_tapped_and_taken_ones_say_why(plan: LeasePlan) -> None:
    """Today is the 2nd, the gap two days; 6 to 8 keep the unit until the 10th, and two days must fit before the 6th."""
    assert tappable(page(plan)) == list(range(4, 32))
    only_one_left(plan)
    make.order(slug="trip-6", dates=WEEKEND)
    text = page(plan)
    assert tappable(text) == list(range(11, 32))
    assert text.count("too soon") == 2 * 3
    assert "taken" in text


def test_the_last_day_is_asked_for_and_ends_before_the_next_rental(plan: LeasePlan) -> None:
    only_one_left(plan)
    make.order(slug="trip-6", dates=Dates(date(2026, 3, 20), date(2026, 3, 22)))
    text = page(plan, "?first=2026-03-10")
    assert "tap the last day" in text
    assert [day for day in tappable(text) if day > 10] == list(range(11, 18))  # the gap before the 20th is free


def test_a_pick_shows_price_parts_and_the_way_on(plan: LeasePlan) -> None:
    text = page(plan, "?first=2026-03-06&last=2026-03-09")
    assert "556.00" in text  # 398 + 158
    assert "1 × 3 days at ¥398.00 + 1 × 1 day at ¥158.00" in text
    assert f"/checkout/{plan.pk}/?first=2026-03-06&amp;last=2026-03-09" in text
    assert "Every month after" not in text


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?first=2026-03-08&last=2026-03-06", "before the first"),
        ("?first=2026-02-27&last=2026-03-01", "too soon"),
        ("?first=9999-12-30&last=9999-12-31", "too far ahead"),
        ("?first=2026-03-06&last=2026-04-20", "more than the most days"),
        ("?first=2026-03-06&last=2026-03-06", "fewer than the least days"),
        ("?first=2026-02-30", "Tap the first day"),
        ("?first=9999-12-31", "taken"),
        ("?month=9999-12", "Tap the first day"),
        ("?month=nonsense&last=2026-03-08", "Tap the first day"),
    ],
)
def test_nonsense_in_the_address_is_told_and_nothing_is_offered(plan: LeasePlan, query: str, told: str) -> None:
    text = page(plan, query)
    assert told in text
    assert "/checkout/" not in text


def test_the_page_is_never_kept_so_that_a_taken_day_is_never_offered(plan: LeasePlan, settings: object) -> None:
    settings.CATALOGUE_LOOKED_AT_EVERY_S = 60.0  # type: ignore[attr-defined]
    versions.forget()
    only_one_left(plan)
    assert 6 in tappable(page(plan))
    make.order(slug="trip-6", dates=WEEKEND)
    assert 6 not in tappable(page(plan))
    with make.moment(make.AT):
        assert Client().get(f"/devices/{plan.pk}/").headers["Cache-Control"] == "no-store"
    versions.forget()


def test_the_page_takes_few_queries(plan: LeasePlan) -> None:
    make.order(slug="trip-6", dates=WEEKEND)
    with CaptureQueriesContext(connection) as seen:
        page(plan, PICK)
    assert len(seen) <= 12


def _placing(of: Customer) -> tuple[Client, str]:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(of.user)
    plan = make.plan("trip-6")
    return client, reverse("storefront:checkout", args=[plan.pk]) + PICK


def test_the_picked_days_are_ordered_and_a_second_customer_is_told_that_they_were_taken(plan: LeasePlan) -> None:
    only_one_left(plan)
    answers = []
    for _ in range(2):
        of = make.customer()
        address = make.address(of)
        client, href = _placing(of)
        with make.moment(make.AT):
            form = client.get(href)
            assert "03-06 to 03-08, 3 days" in form.content.decode()
            shown = form.context["shown"].cost.digest
            body = {"address": address.pk, "digest": shown, "request_key": str(form.context["request_key"])}
            answers.append(client.post(href, body))
    order = Order.objects.get()
    assert (answers[0].status_code, answers[1].status_code) == (303, 422)
    assert (order.first_day, order.last_day) == (WEEKEND.first, WEEKEND.last)
    assert "just taken" in answers[1].content.decode()


def test_a_checkout_without_days_leads_back_to_the_calendar(plan: LeasePlan) -> None:
    of = make.customer()
    make.address(of)
    client, href = _placing(of)
    for query in ("", "?months=3", "?first=2026-03-06", "?first=2026-03-01&last=2026-03-02"):
        with make.moment(make.AT + timedelta(seconds=1)):
            answer = client.get(href.partition("?")[0] + query)
        assert answer.headers["Location"] == f"/devices/{plan.pk}/"


def test_a_short_rental_shows_its_days_to_its_owner_and_its_merchant_alone(plan: LeasePlan) -> None:
    order = make.order(State.PAID, slug="trip-6", dates=WEEKEND)
    owner, stranger = Client(headers={"Accept-Language": "en"}), Client()
    owner.force_login(order.customer.user)
    stranger.force_login(make.customer().user)
    with make.moment(make.AT + timedelta(hours=1)):
        assert owner.get(f"/orders/{order.number}/").status_code == 200
        assert stranger.get(f"/orders/{order.number}/").status_code == 404
        shop, other = Client(headers={"Accept-Language": "en"}), Client()
        for client, login in ((shop, "xingyun"), (other, "qinghe")):
            client.force_login(make.merchant_member(login))
            make.gave_second_factor(client)
        seen = shop.get(reverse("portal:order", args=[order.number]))
        assert order.booking.unit.serial in seen.content.decode()
        assert "03-06 to 03-08, 3 days" in seen.content.decode()
        assert other.get(reverse("portal:order", args=[order.number])).status_code == 404


def test_a_running_short_lease_shows_its_days_and_what_ending_it_costs(plan: LeasePlan) -> None:
    order = make.order(State.ACTIVE, slug="trip-6", dates=WEEKEND)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(order.customer.user)
    for day in (4, 7):  # before its first day, and within its days
        with make.moment(calendar.instant(date(2026, 3, day), 12)):
            text = client.get(reverse("storefront:lease", args=[order.number])).content.decode()
        assert "03-06 to 03-08, 3 days" in text
        assert "1 of 1 paid" in text
        assert "Change your mind" not in text
