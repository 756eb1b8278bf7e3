"""Pictures of the device and another address, through the doors: the owner, the merchant, and nobody else."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from core import calendar
from core.services import events
from orders.models import DevicePhoto, Order, State
from orders.services import labels, photos, shipping
from tests import make, walks
from tests.evidence import picture
from tests.services.test_orders_shorts import SLUG, WEEKEND

pytestmark = pytest.mark.django_db
AT = make.AT + timedelta(hours=2)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    with walks.kept(django_db_blocker):
        of = make.customer(812)
        walked = {"paid": make.order(State.PAID, of=of, months=6), "shipped": make.order(State.SHIPPED, of=of)}
        yield {name: order.pk for name, order in walked.items()}


@pytest.fixture
def orders(staged: dict[str, int]) -> dict[str, Order]:
    return {name: Order.objects.get(pk=pk) for name, pk in staged.items()}


def by(user: User) -> Client:
    client = Client()
    with make.moment(AT):
        client.force_login(user)
    make.gave_second_factor(client)
    return client


def send(client: Client, address: str, raw: bytes, angle: str = "FRONT") -> Any:
    with make.moment(AT):
        return client.post(address, {"angle": angle, "picture": SimpleUploadedFile("../x.php", raw)})


def test_the_merchant_takes_pictures_as_he_packs_and_the_customer_sees_them(orders: dict[str, Order]) -> None:
    order, merchant = orders["paid"], by(make.merchant_member())
    assert send(merchant, f"/portal/orders/{order.number}/photos/", picture()).status_code == 303
    row = DevicePhoto.objects.get()
    assert (row.moment, row.angle, row.order) == ("PACKED", "FRONT", order)
    owner, stranger = by(order.customer.user), by(make.customer(700).user)
    with make.moment(AT):
        for client, start in ((merchant, "/portal"), (owner, "")):
            got = client.get(f"{start}/orders/{order.number}/photos/{row.pk}.jpg")
            assert got.content.startswith(b"\xff\xd8\xff")
            assert "no-store" in got["Cache-Control"]
            assert f"{row.pk}.jpg" in client.get(f"{start}/orders/{order.number}/photos/").content.decode()
        for other, start in ((stranger, ""), (by(make.merchant_member("qinghe")), "/portal"), (Client(), "")):
            for tail in ("photos/", f"photos/{row.pk}.jpg"):
                assert other.get(f"{start}/orders/{order.number}/{tail}").status_code in (302, 404)
        elsewhere = f"/orders/{orders['shipped'].number}/photos/{row.pk}.jpg"
        assert owner.get(elsewhere).status_code == 404


def test_what_is_no_picture_is_refused_with_its_reason(orders: dict[str, Order]) -> None:
    owner, number = by(orders["shipped"].customer.user), orders["shipped"].number
    for raw in (b"", b"<?php", picture(kind="GIF")):
        with walks.nothing_changes():
            assert send(owner, f"/orders/{number}/photos/", raw).status_code == 422
    assert send(owner, f"/orders/{number}/photos/", picture()).status_code == 303
    assert photos.of(orders["shipped"]).get().moment == "RECEIVED"


def test_the_address_is_changed_until_the_device_is_shipped(orders: dict[str, Order]) -> None:
    order = orders["paid"]
    other = make.address(order.customer, AT)
    foreign = make.address(make.customer(700), AT)
    owner, address = by(order.customer.user), f"/orders/{order.number}/address/"
    with make.moment(AT):
        for wrong in (foreign.pk, "x", "", 10**15):
            owner.post(address, {"address": wrong})
            assert walks.read(order).address_id == order.address_id
        assert by(make.customer(690).user).post(address, {"address": other.pk}).status_code == 404
        assert owner.post(address, {"address": other.pk}).status_code == 303
    assert walks.read(order).address_id == other.pk
    assert events.of(order).filter(kind="readdressed").count() == 1
    assert labels.open_label(walks.read(order), "merchant:1", AT).region == other.region
    shipped = orders["shipped"]
    with make.moment(AT):
        owner.post(f"/orders/{shipped.number}/address/", {"address": other.pk})
    assert walks.read(shipped).address_id == shipped.address_id


def test_a_customer_reports_a_defect_with_words_and_points(orders: dict[str, Order]) -> None:
    order = orders["shipped"]
    owner, address = by(order.customer.user), f"/orders/{order.number}/defect/"
    with make.moment(AT):
        assert owner.get(address).status_code == 200
        assert owner.post(address, {}).status_code == 422
        assert walks.read(order).state == State.SHIPPED
        assert owner.post(address, {"power": "on", "words": "开不了机"}).status_code == 303
        page = owner.get(f"/orders/{order.number}/")
    assert page.status_code == 200
    assert walks.read(order).reason == "defect"
    told = events.of(order).get(kind="defect")
    assert told.facts == {"points": ["power"], "words": "开不了机"}
    assert send(owner, f"/orders/{order.number}/photos/", picture(), "SCREEN").status_code == 303  # after the press too
    assert photos.of(order).get().moment == "DEFECT"
    member = by(make.merchant_member())
    with make.moment(AT):
        for address in (f"/portal/orders/{order.number}/", "/portal/", f"/portal/orders/{order.number}/arrive/"):
            assert member.get(address).status_code == 200
        log = member.get(f"/portal/orders/{order.number}/").content.decode()
    assert "无法开机 · 开不了机" in log


def test_a_weekend_camera_that_does_not_work_tells_what_comes_back_before_the_press(orders: dict[str, Order]) -> None:
    """Delivered on Thursday, reported on Saturday morning: one of three days stays paid."""
    camera = make.order(State.PAID, slug=SLUG, dates=WEEKEND, at=make.AT)
    shipping.ship(camera.pk, "merchant:1", camera.booking.unit.serial, "sf", make.waybill(), AT)
    shipping.record_delivery(camera.pk, "platform", calendar.instant(date(2026, 3, 5), 15))
    owner, address = by(camera.customer.user), f"/orders/{camera.number}/broken/"
    with make.moment(calendar.instant(date(2026, 3, 7), 9)):
        page = owner.get(address).content.decode()
        assert "265.33" in page
        shown = re.search(r'name="shown" value="([^"]+)"', page)
        assert shown is not None
        stranger = by(make.customer(700).user).post(address, {"power": "on", "shown": shown[1]})
        assert stranger.status_code == 404
        assert owner.post(address, {"shown": shown[1]}).status_code == 422  # nothing said
        assert walks.read(camera).state == State.ACTIVE
        assert owner.post(address, {"power": "on", "shown": shown[1]}).status_code == 303
        for path in (f"/orders/{camera.number}/", f"/leases/{camera.number}/", f"/orders/{camera.number}/hand-over/"):
            assert owner.get(path).status_code == 200
        assert send(owner, f"/orders/{camera.number}/photos/", picture(), "SCREEN").status_code in (302, 303)
    assert walks.read(camera).state == State.RETURNING


@pytest.mark.parametrize("step", ["broken", "return-early", "buy", "lost"])
def test_a_step_that_is_not_open_is_refused_without_figures(orders: dict[str, Order], step: str) -> None:
    for order in orders.values():
        owner = by(order.customer.user)
        with make.moment(AT):
            assert owner.post(f"/orders/{order.number}/{step}/", {"shown": "x", "power": "on"}).status_code < 500
            assert owner.post(f"/orders/{order.number}/{step}/", {}).status_code == 422
        assert walks.read(order).state == order.state


def test_a_receipt_keeps_what_was_looked_at(orders: dict[str, Order]) -> None:
    order = orders["shipped"]
    with make.moment(AT):
        by(order.customer.user).post(f"/orders/{order.number}/confirm/", {"power": "on", "grade": "on"})
    last = events.of(order).filter(kind="transition").last()
    assert last is not None
    assert (last.target, last.facts["seen"]) == ("ACTIVE", ["power", "grade"])
