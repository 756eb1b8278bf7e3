"""A fault at three faces: the customer reports it, the merchant sees it and answers, silence is for the desk."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from orders.models import DevicePhoto, Fault, Order, State
from orders.services import waits
from tests import make, walks
from tests.evidence import picture

pytestmark = pytest.mark.django_db
AT = make.AT


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE, of=make.customer(726), slug="q7-pro", months=12).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def test_reported_answered_and_shown_and_nobody_else_takes_a_step(order: Order) -> None:
    me, shop = make.signed_in(order.customer.user), make.signed_in(make.merchant_member("shiguang"))
    strangers = [make.signed_in(make.customer().user), make.signed_in(make.merchant_member("qinghe"))]
    with make.moment(AT):
        assert f"/orders/{order.number}/fault/" in me.get(f"/leases/{order.number}/").content.decode()
        for who in strangers:
            assert who.post(f"/orders/{order.number}/fault/", {"words": "屏幕不亮"}).status_code == 404
            assert who.post(f"/portal/orders/{order.number}/fault-repair/").status_code in (302, 404)
        assert me.post(f"/orders/{order.number}/fault/", {"words": ""}).status_code == 422
        assert not Fault.objects.exists()
        assert me.post(f"/orders/{order.number}/fault/", {"words": "屏幕不亮"}).status_code == 303
        assert "屏幕不亮" in shop.get(f"/portal/orders/{order.number}/").content.decode()
        assert "屏幕不亮" in shop.get("/portal/").content.decode()
        assert shop.post(f"/portal/orders/{order.number}/fault-repair/").status_code == 303
        assert f"/orders/{order.number}/fault-send/" in me.get(f"/leases/{order.number}/").content.decode()
        parcel = {"carrier": "sf", "waybill": make.waybill()}
        assert me.post(f"/orders/{order.number}/fault-send/", parcel).status_code == 303
        shop.post(f"/portal/orders/{order.number}/fault-arrived/")
        back = {"carrier": "sf", "waybill": make.waybill(), "code": ""}
        assert shop.post(f"/portal/orders/{order.number}/fault-back/", back).status_code == 303
        assert me.post(f"/orders/{order.number}/fault-received/").status_code == 303
    assert Fault.objects.get().state == Fault.State.DONE


def test_pictures_of_a_fault_are_seen_by_its_three_sides_and_by_nobody_else(order: Order) -> None:
    me, shop, desk = (
        make.signed_in(who) for who in (order.customer.user, make.merchant_member("shiguang"), make.operator())
    )
    sent = {"angle": "SCREEN", "picture": SimpleUploadedFile("x.jpg", picture())}
    with make.moment(AT):
        me.post(f"/orders/{order.number}/fault/", {"words": "屏幕不亮"})
        assert f"/orders/{order.number}/photos/" in me.get(f"/leases/{order.number}/").content.decode()
        assert me.post(f"/orders/{order.number}/photos/", sent).status_code == 303
        row = DevicePhoto.objects.get(moment="FAULTY")
        mine, shops = (
            f"/orders/{order.number}/photos/{row.pk}.jpg",
            f"/portal/orders/{order.number}/photos/{row.pk}.jpg",
        )
        desks = f"/desk/orders/{order.number}/device/{row.pk}.jpg"
        assert shops in shop.get(f"/portal/orders/{order.number}/").content.decode()
        assert desks in desk.get(f"/desk/orders/{order.number}/").content.decode()
        for who, address in ((me, mine), (shop, shops), (desk, desks)):
            assert who.get(address).content.startswith(b"\xff\xd8\xff")
        stranger, rival = make.signed_in(make.customer().user), make.signed_in(make.merchant_member("qinghe"))
        for who, address in ((stranger, mine), (rival, shops), (me, desks), (shop, desks)):
            assert who.get(address).status_code in (302, 403, 404)


def test_a_silent_merchants_fault_stands_at_the_desk(order: Order) -> None:
    me, desk = make.signed_in(order.customer.user), make.signed_in(make.operator())
    with make.moment(AT):
        me.post(f"/orders/{order.number}/fault/", {"words": "屏幕不亮"})
    until = Fault.objects.get().waits_until
    assert until is not None
    waits.end_due(until)
    with make.moment(until):
        assert order.number in desk.get("/desk/").content.decode()
        assert desk.post(f"/desk/orders/{order.number}/fault-decline/", {"answer": "人为损坏"}).status_code == 303
        assert "人为损坏" in me.get(f"/leases/{order.number}/").content.decode()
