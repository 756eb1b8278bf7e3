"""The portal's lists: what stands on them, in which order, and with how many queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import DeviceUnit, Sku, StockLevel
from catalog.services import stock
from contracts.models import Agreement
from contracts.services import agreements
from core.models import Event
from orders.models import Order, State
from tests import make

pytestmark = pytest.mark.django_db

IMEI = "490154203237518"


@pytest.fixture
def member() -> Client:
    client = Client()
    client.force_login(make.merchant_member())
    client.get(reverse("portal:board"))  # the half hour is renewed once
    return client


def test_the_board_puts_the_least_time_left_first_and_marks_what_is_late(member: Client) -> None:
    newer = make.order(State.PAID, at=make.AT + timedelta(days=1))
    older = make.order(State.PAID)
    with make.moment(make.AT + timedelta(days=2, hours=1)):
        page = member.get(reverse("portal:board"))
        alone = member.get(reverse("portal:board"), {"only": "inspect"}).context["board"]
        garbled = member.get(reverse("portal:board"), {"only": "nonsense"}).context["board"]
    board = page.context["board"]
    shown = [*board.urgent, *board.later]
    assert [card.who.rpartition(" ")[2] for card in shown] == [older.number, newer.number]
    assert [card.left.tone for card in shown] == ["late", "neutral"]
    assert (board.waiting, board.late, len(board.urgent)) == (2, 1, 2)
    assert {column.key: column.count for column in board.columns} == {
        "ship": 2, "take-in": 0, "inspect": 0, "other": 0,
    }  # fmt: skip
    assert ([*alone.urgent, *alone.later], alone.waiting, garbled.urgent) == ([], 2, board.urgent)
    text = page.content.decode()
    assert make.NAME not in text
    assert f'href="/portal/orders/{older.number}/ship/"' in text
    assert page.context["punctuality"].promised == 1
    assert page.context["punctuality"].kept == 0
    assert page.context["rents"] == sum(bill.paid for bill in older.lease.bills.all()) * 2


def test_parcels_on_their_way_back_wait_without_a_button_of_haste(member: Client) -> None:
    order = make.order(State.RETURNING)
    with make.moment(make.AT + timedelta(days=366)):
        member.force_login(make.merchant_member())
        page = member.get(reverse("portal:board"))
    (card,) = page.context["board"].later
    assert (card.column, card.left.tone, page.context["leased"]) == ("take-in", "neutral", 0)
    assert card.who.endswith(order.number)
    assert card.button.url == f"/portal/orders/{order.number}/arrive/"


def test_a_parcel_without_a_word_and_an_offer_without_a_unit_stand_on_the_board(member: Client) -> None:
    order = make.order(State.SHIPPED)
    StockLevel.objects.filter(sku=order.plan.sku).update(on_hand=0, reserved=0)
    with make.moment(make.AT + timedelta(days=9)):
        member.force_login(make.merchant_member())
        (restock,) = member.get(reverse("portal:board")).context["board"].later
    assert restock.button.url == f"/portal/units/add/?sku={order.plan.sku_id}"
    with make.moment(make.AT + timedelta(days=11)):
        member.force_login(make.merchant_member())
        board = member.get(reverse("portal:board")).context["board"]
    assert [card.button.url for card in board.later] == [f"/portal/orders/{order.number}/", restock.button.url]
    assert board.columns[3].count == 2


def _listed(page: Any) -> list[Order]:
    return [row["order"] for row in page.context["listed"]]


def test_orders_are_filtered_by_state_and_paged_by_key(member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.paging.page.__defaults__", (2,))
    customer = make.customer()
    made = [make.order(State.PLACED, of=customer) for _ in range(3)]
    first = member.get(reverse("portal:orders"))
    assert _listed(first) == [made[2], made[1]]
    second = member.get(reverse("portal:orders"), {"before": first.context["next"]})
    assert (_listed(second), second.context["next"]) == ([made[0]], None)
    assert _listed(member.get(reverse("portal:orders"), {"state": "PAID"})) == []
    assert len(_listed(member.get(reverse("portal:orders"), {"state": "PLACED"}))) == 2


@pytest.mark.parametrize("query", ["before=abc", "before=-1", "state=NONSENSE", "before=9" + "9" * 40])
def test_a_garbled_address_shows_the_first_page(member: Client, query: str) -> None:
    order = make.order(State.PLACED)
    assert _listed(member.get(f"{reverse('portal:orders')}?{query}")) == [order]


@pytest.mark.parametrize("path", ["orders/a%2Fb/", "agreements/..%2F..%2Fkeys.pdf"])
def test_a_garbled_number_is_not_found(member: Client, path: str) -> None:
    assert member.get(f"/portal/{path}").status_code == 404


@pytest.mark.parametrize("code", ["%25", "_", "%F0%9F%92%A9", "x" * 500])
def test_a_garbled_search_for_units_finds_nothing_and_breaks_nothing(member: Client, code: str) -> None:
    make.plan()
    page = member.get(f"{reverse('portal:units')}?code={code}")
    assert page.status_code == 200
    assert page.context["rows"] == []


def test_a_unit_is_added_and_raises_the_stock(member: Client) -> None:
    plan = make.plan()
    before = stock.available(plan.merchant_id, plan.sku_id)
    facts = {"sku": plan.sku_id, "serial": " q7－new 1 ", "imei": IMEI}
    answer = member.post(reverse("portal:unit_add"), facts)
    assert (answer.status_code, answer["Location"]) == (303, reverse("portal:units"))
    unit = DeviceUnit.objects.get(imei=IMEI)
    assert (unit.serial, unit.merchant_id) == ("Q7-NEW1", plan.merchant_id)
    assert stock.available(plan.merchant_id, plan.sku_id) == before + 1
    found = member.get(reverse("portal:units"), {"code": "new1"})
    assert found.context["rows"] == [unit]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"imei": "490154203237519"}, "imei"),
        ({"imei": ""}, "imei"),
        ({"imei": "abc"}, "imei"),
        ({"serial": "x"}, "serial"),
        ({"serial": ""}, "serial"),
        ({"serial": "<b>bold</b>"}, "serial"),
        ({"sku": "0"}, "sku"),
        ({"sku": "x"}, "sku"),
    ],
)
def test_a_bad_unit_is_refused_at_its_field(member: Client, changed: dict[str, str], field: str) -> None:
    plan = make.plan()
    count = DeviceUnit.objects.count()
    facts = {"sku": str(plan.sku_id), "serial": "Q7-NEW-2", "imei": IMEI, **changed}
    answer = member.post(reverse("portal:unit_add"), facts)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert DeviceUnit.objects.count() == count


def test_a_known_unit_and_another_merchants_specification_are_refused(member: Client) -> None:
    plan, foreign = make.plan(), make.plan("lan-x2")
    known = DeviceUnit.objects.filter(merchant=plan.merchant).first()
    assert known is not None
    twice = member.post(reverse("portal:unit_add"), {"sku": plan.sku_id, "serial": known.serial, "imei": IMEI})
    assert list(twice.context["form"].errors) == ["serial"]
    other = member.post(reverse("portal:unit_add"), {"sku": foreign.sku_id, "serial": "Q7-NEW-3", "imei": IMEI})
    assert list(other.context["form"].errors) == ["sku"]
    assert Sku.objects.filter(pk=foreign.sku_id).exists()


def test_a_unit_with_a_customer_shows_its_order(member: Client) -> None:
    order = make.order(State.SHIPPED)
    page = member.get(reverse("portal:units"))
    assert {unit.order_number for unit in page.context["rows"]} == {None, order.number}


def test_the_signed_agreement_comes_as_it_was_signed_and_the_reading_is_recorded(member: Client) -> None:
    order = make.order(State.SIGNED)
    agreement = order.agreement
    assert agreement is not None
    listed = member.get(reverse("portal:agreements"))
    assert [row["agreement"] for row in listed.context["listed"]] == [agreement]
    with make.moment(make.AT + timedelta(hours=1)):
        answer = member.get(reverse("portal:agreement_pdf", args=[agreement.number]))
    signed = agreements.signed(agreement)
    assert signed is not None
    assert len(answer.content) == signed.size
    assert answer["Content-Disposition"] == f'attachment; filename="agreement-{agreement.number}.pdf"'
    assert "no-store" in answer["Cache-Control"]
    read = Event.objects.get(kind="agreement_read")
    assert (read.subject_id, read.actor) == (agreement.pk, f"merchant:{make.merchant_member().pk}")


def test_an_unsigned_agreement_is_no_file_and_is_not_listed(member: Client) -> None:
    order = make.order(State.APPROVED)
    assert order.agreement is not None
    assert member.get(reverse("portal:agreements")).context["listed"] == []
    answer = member.get(reverse("portal:agreement_pdf", args=[order.agreement.number]))
    assert (answer.status_code, answer["Location"]) == (303, reverse("portal:agreements"))
    assert Agreement.objects.get().state == Agreement.State.READY


LIMITS = {"portal:board": 14, "portal:orders": 8, "portal:units": 9, "portal:agreements": 8}


def test_pages_ask_the_database_as_often_for_many_rows_as_for_one(
    member: Client, django_assert_max_num_queries: Any
) -> None:
    customer = make.customer()
    for _ in range(3):
        make.order(State.PAID, of=customer)
    with make.moment(make.AT + timedelta(hours=1)):
        member.get(reverse("portal:board"))
        for name, most in LIMITS.items():
            with django_assert_max_num_queries(most):
                assert member.get(reverse(name)).status_code == 200
        number = Order.objects.latest("pk").number
        with django_assert_max_num_queries(21):
            member.get(reverse("portal:order", args=[number]))
        with django_assert_max_num_queries(11):
            member.get(reverse("portal:act", args=[number, "ship"]))
