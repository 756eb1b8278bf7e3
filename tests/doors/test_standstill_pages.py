"""A death at the desk: recorded with its paper, the return for the estate, withdrawn by two; by operators alone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Standstill
from core import calendar
from core.models import Approval
from orders.models import Order, State
from tests import evidence, make, walks

pytestmark = pytest.mark.django_db
NOW = make.AT + timedelta(days=60)
PDF = b"%PDF-1.4 a certificate"


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


def sent(days_ago: int = 1, content: bytes = PDF, **other: Any) -> dict[str, Any]:
    day = calendar.business_date(NOW) - timedelta(days=days_ago)
    paper = SimpleUploadedFile("whatever.exe", content)
    return {
        "kind": "DEATH",
        "day": day.isoformat(),
        "note": "shown by the son",
        "paper": paper,
        "is_sure": "on",
    } | other


def address(order: Order, *more: Any) -> str:
    return reverse("desk:standstill" + ("_" + more[0] if more else ""), args=[order.customer.number, *more[1:]])


def test_an_operator_records_it_the_family_reads_it_and_the_device_comes_back(order: Order) -> None:
    with make.moment(NOW):
        desk = client_of(make.operator())
        assert desk.post(address(order), sent(is_sure="")).status_code == 422
        assert desk.post(address(order), sent(content=b"MZ neither")).status_code == 422
        assert desk.post(address(order), sent(days_ago=-1)).status_code == 422
        assert not Standstill.objects.exists()
        assert desk.post(address(order), sent(content=evidence.picture())).status_code == 303
        row = Standstill.objects.get()
        page = desk.get(address(order)).content.decode()
        assert "Return it for the estate" in page
        picture = desk.get(address(order, "paper", row.pk))
        assert picture["Content-Type"] == "image/jpeg"
        assert "no-store" in picture["Cache-Control"]
        own = client_of(order.customer.user).get(reverse("storefront:lease", args=[order.number])).content.decode()
        assert "We are sorry" in own
        assert "Ways to end it" not in own
        act = reverse("desk:act", args=[order.number, "estate-return"])
        assert desk.post(act).status_code == 303
        assert walks.read(order).state == State.RETURNING
        told = desk.get(reverse("desk:order", args=[order.number])).content.decode()
        assert "is on record since" in told
        waybill = {"carrier": "sf", "waybill": make.waybill()}
        assert desk.post(reverse("desk:act", args=[order.number, "estate-sent"]), waybill).status_code == 303
        assert order.parcels.filter(way="BACK").exists()


def test_what_is_long_ago_and_what_was_a_mistake_need_a_second_person(order: Order) -> None:
    with make.moment(NOW):
        one, other = client_of(make.operator()), client_of(make.operator("colleague"))
        asked = one.post(address(order), sent(days_ago=9))
        assert asked.headers["location"] == reverse(
            "desk:approval", args=[Approval.objects.get(kind="standstill_back").pk]
        )
        assert "counts from" in one.get(asked.headers["location"]).content.decode()
        pdf = one.get(address(order, "paper", Standstill.objects.get().pk))
        assert (pdf["Content-Type"], pdf["Content-Disposition"][:10]) == ("application/pdf", "attachment")
        other.post(asked.headers["location"])
        row = Standstill.objects.get()
        assert row.since == row.day
        assert one.post(address(order, "end"), {"grounds": ""}).status_code == 422
        ended = one.post(address(order, "end"), {"grounds": "a namesake"})
        other.post(ended.headers["location"])
        assert Standstill.objects.get().state == "WITHDRAWN"
        assert one.get(address(order)).status_code == 200


def test_nobody_else_sees_or_records_it(order: Order) -> None:
    with make.moment(NOW):
        client_of(make.operator()).post(address(order), sent())
        row = Standstill.objects.get()
        people = [order.customer.user, make.customer().user, make.merchant_member(), evidence.agent().user]
        for client in [Client(), *map(client_of, people)]:
            with walks.nothing_changes():
                answers = [client.get(address(order)), client.get(address(order, "paper", row.pk))]
                answers += [client.post(address(order), sent()), client.post(address(order, "end"), {"grounds": "no"})]
                assert {answer.status_code for answer in answers} <= {302, 303, 403, 404}
                assert not any(PDF in answer.content for answer in answers)


def test_what_is_not_owed_yet_is_not_asked_for_and_nothing_is_offered_that_makes_no_sense(order: Order) -> None:
    own = client_of(order.customer.user)
    second = order.lease.bills.get(number=2)
    assert second.due_date is not None
    later = calendar.instant(second.due_date + timedelta(days=10), 12)
    pages = {number: reverse("storefront:bill", args=[order.number, number]) for number in (2, 3)}
    lease, switch = (reverse(f"storefront:{name}", args=[order.number]) for name in ("lease", "autopay"))
    several = reverse("storefront:bills_pay", args=[order.number])
    with make.moment(later):
        assert "A difficult month?" in own.get(pages[2]).content.decode()
        assert 'value="on"' in own.get(switch).content.decode()
        day = calendar.business_date(later).isoformat()
        assert client_of(make.operator()).post(address(order), sent(day=day)).status_code == 303
        due, ahead = (own.get(pages[number]).content.decode() for number in (2, 3))
        for page in (due, ahead):
            assert "is on record since" in page
            assert "A difficult month?" not in page
            assert "What happens when" not in page
            assert "your credit is untouched" not in page
            assert "To pay today" not in page
        assert 'id="pay"' in due  # it fell due before, and the estate owes it
        assert 'id="pay"' not in ahead
        assert own.get(reverse("storefront:bill_part", args=[order.number, 3])).status_code == 303
        assert 'value="on"' not in own.get(switch).content.decode()
        assert "Nothing is deducted any more" in own.get(switch).content.decode()
        told = own.get(lease).content.decode()
        assert "Had fallen due" in told
        assert "What happens when" not in told
        assert switch not in told
        assert own.get(several).content.decode().count('name="bill"') == 1
        assert own.post(switch, {"turn": "on"}).status_code in (302, 303)
        assert not order.lease.autopays.exists()
