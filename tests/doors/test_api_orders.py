"""The API of orders: who sees what, what may be done, and that it is the same as on the pages."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import ApiToken
from accounts.services import members, tokens
from orders import actions
from orders.models import Order, State
from tests import make, walks
from tests.machines import Machine, problem

pytestmark = pytest.mark.django_db
LATER = make.AT + timedelta(days=3)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Order]]:
    """One customer's orders in some states, all of the merchant "shiguang"."""
    with walks.kept(django_db_blocker):
        anne = make.customer()
        yield {str(state): make.order(state, of=anne) for state in (State.SIGNED, State.PAID, State.ACTIVE)}


def customer_of(order: Order) -> Machine:
    return Machine(order.customer.user, LATER)


def merchant() -> Machine:
    return Machine(make.merchant_member("shiguang"), LATER)


def names(told: Any) -> list[str]:
    return [each["name"] for each in told["actions"]]


def test_a_customer_lists_his_own_orders_and_those_of_one_state(staged: dict[str, Order]) -> None:
    machine = customer_of(staged["PAID"])
    everything = machine.get("/orders/").json()
    assert {each["number"] for each in everything["orders"]} == {order.number for order in staged.values()}
    assert everything["next"] is None
    paid = machine.get("/orders/?state=PAID").json()
    assert [(each["number"], each["state"], each["state_label"]) for each in paid["orders"]] == [
        (staged["PAID"].number, "PAID", "To be shipped")
    ]


def test_a_list_goes_on_where_its_page_ended(staged: dict[str, Order], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.paging.page.__defaults__", (2,))
    machine = customer_of(staged["PAID"])
    first = machine.get("/orders/?state=PAID").json()
    assert first["next"] is None
    first = machine.get("/orders/").json()
    assert first["next"].startswith(f"{settings.SITE_URL}/api/v1/orders/?before=")
    second = machine.get("/orders/" + first["next"].rpartition("/")[2]).json()
    numbers = [each["number"] for page in (first, second) for each in page["orders"]]
    assert len(numbers) == len(set(numbers)) == 3
    assert second["next"] is None


def test_an_order_tells_state_device_term_amounts_dates_lease_and_bills(staged: dict[str, Order]) -> None:
    told = customer_of(staged["ACTIVE"]).order(staged["ACTIVE"])
    order = staged["ACTIVE"]
    assert (told["number"], told["state"], told["state_label"]) == (order.number, "ACTIVE", "Renting")
    assert told["term"] == {"months": 12, "first_day": None, "last_day": None}
    assert told["rent"] == f"{order.lease.bills.get(number=2).rent:.2f}"
    assert told["deposit"]["state"] == "SECURED"
    assert told["lease"]["start"] == str(order.lease.start)
    assert len(told["bills"]) == 12
    first = told["bills"][0]
    assert (first["number"], first["condition"], first["owed"], first["late_fee"]) == (1, "paid", "0.00", "0.00")
    assert first["amount"] == first["paid"] == f"{order.lease.bills.get(number=1).amount:.2f}"
    assert told["received_at"].endswith("+08:00")
    assert told["closed_at"] is None


def test_labels_come_in_the_language_that_is_asked_for(staged: dict[str, Order]) -> None:
    user = staged["PAID"].customer.user
    english, chinese = (Machine(user, LATER, language).order(staged["PAID"]) for language in ("en", "zh-hans"))
    assert {each["label"] for each in english["actions"]} == {"Cancel the order"}
    assert {each["label"] for each in chinese["actions"]} == {"取消订单"}
    assert english["state_label"] != chinese["state_label"]


def test_both_faces_are_told_the_rows_of_the_one_table(staged: dict[str, Order]) -> None:
    for order in staged.values():
        for face, machine in ((actions.CUSTOMER, customer_of(order)), (actions.MERCHANT, merchant())):
            with make.moment(LATER):
                offered = [one.name for one in actions.offered(face, walks.read(order), LATER)]
            assert names(machine.order(order)) == offered


def test_a_step_that_asks_a_yes_tells_its_price_and_takes_it_back(staged: dict[str, Order]) -> None:
    machine, order = customer_of(staged["ACTIVE"]), staged["ACTIVE"]
    buy = next(each for each in machine.order(order)["actions"] if each["name"] == "buy")
    assert [field["name"] for field in buy["form"]] == ["shown"]
    assert machine.client.get(f"/orders/{order.number}/buy/").status_code == 302  # a token opens no page
    other = machine.act(order, "buy", {"shown": buy["price"]["shown"].replace("/0/", "/1/")})
    assert problem(other) == (409, "quote_changed")
    taken = machine.act(order, "buy", {"shown": buy["price"]["shown"]})
    assert taken.json() == {"order": order.number, "action": "buy", "state": "ACTIVE"}
    assert "do-not-buy" in names(machine.order(order))


def test_the_price_is_the_one_of_the_page(staged: dict[str, Order]) -> None:
    order = staged["ACTIVE"]
    price = next(each for each in customer_of(order).order(order)["actions"] if each["name"] == "buy")["price"]
    with make.moment(LATER):
        page = make.signed_in(order.customer.user).get(f"/orders/{order.number}/buy/").content.decode()
    assert f'value="{price["shown"]}"' in page
    yuan = f"{int(price['to_pay'].partition('.')[0]):,}"
    assert yuan in page


def test_what_a_step_gives_back_is_told_as_on_its_page(staged: dict[str, Order]) -> None:
    order = staged["PAID"]
    (cancel,) = customer_of(order).order(order)["actions"]
    deposit, first = order.lease.deposit, order.lease.bills.get(number=1)
    assert [(each["text"], each["amount"]) for each in cancel["effects"]] == [
        ("Refunded to you", f"{first.paid:.2f}"), ("Released from the freeze", f"{deposit.to_hold:.2f}"),
    ]  # fmt: skip


def test_a_step_with_a_page_of_its_own_is_told_with_its_address(staged: dict[str, Order]) -> None:
    order = staged["SIGNED"]
    pay = next(each for each in customer_of(order).order(order)["actions"] if each["name"] == "pay")
    assert (pay["primary"], pay["form"]) == (True, [])
    assert pay["href"] == f"{settings.SITE_URL}/orders/{order.number}/pay/"
    assert problem(customer_of(order).act(order, "pay")) == (404, "not_found")


def test_a_merchant_ships_by_the_same_form_and_service(staged: dict[str, Order]) -> None:
    machine, order = merchant(), staged["PAID"]
    ship = machine.order(order)["actions"][0]
    assert [(field["name"], field["type"], field["required"]) for field in ship["form"]] == [
        ("code", "string", True), ("carrier", "choice", True), ("waybill", "string", True),
    ]  # fmt: skip
    assert {"value", "label"} == set(ship["form"][1]["choices"][0])
    assert ship["effects"][0]["text"].startswith("The customer is told now.")
    wrong = machine.act(order, "ship", {"code": "NOSUCH", "carrier": "sf", "waybill": make.waybill()})
    assert problem(wrong) == (422, "unit_not_found")
    assert set(wrong.json()["errors"]) == {"code"}
    unit = order.merchant.units.filter(sku=order.plan.sku, orders=None)[0]
    done = machine.act(order, "ship", {"code": unit.serial, "carrier": "sf", "waybill": make.waybill()})
    assert done.json() == {"order": order.number, "action": "ship", "state": "SHIPPED"}
    assert walks.read(order).unit == unit
    closed = machine.act(order, "ship", {"code": unit.serial, "carrier": "sf", "waybill": make.waybill()})
    assert problem(closed) == (409, "step_not_possible")


def test_a_strangers_order_does_not_exist_and_nothing_changes(staged: dict[str, Order]) -> None:
    stranger, other = Machine(make.customer().user, LATER), Machine(make.merchant_member("qinghe"), LATER)
    order = staged["PAID"]
    with walks.nothing_changes("accounts_apitoken"):
        for machine, step in ((stranger, "cancel"), (other, "ship")):
            assert problem(machine.get(f"/orders/{order.number}/")) == (404, "not_found")
            assert problem(machine.act(order, step)) == (404, "not_found")
            assert machine.get("/orders/").json() == {"orders": [], "next": None}


def test_a_token_acts_on_its_own_face_only(staged: dict[str, Order]) -> None:
    order = staged["PAID"]
    assert problem(customer_of(order).act(order, "ship")) == (404, "not_found")
    assert problem(merchant().act(order, "confirm")) == (404, "not_found")
    assert problem(merchant().act(order, "approve")) == (404, "not_found")


def test_nobody_comes_in_by_a_session_a_cookie_or_an_address(staged: dict[str, Order]) -> None:
    order = staged["PAID"]
    token = tokens.make(order.customer.user, "in the address", LATER)
    browser = make.signed_in(order.customer.user)
    address = f"/api/v1/orders/{order.number}/"
    for asked in (address, f"{address}?token={token}", f"{address}?access_token={token}"):
        answer = browser.get(asked)
        assert problem(answer) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    machine = customer_of(order)
    assert problem(machine.get(f"/orders/{order.number}/?token={token}")) == (400, "parameters_invalid")


@pytest.mark.parametrize(
    "header",
    [
        "", "Bearer", "Bearer a b", "Basic YTpi", "Token x", "Bearer xz_" + "0" * 64, "Bearer xz_" + "A" * 64,
        "Bearer \xff\xfe", "Bearer xz_" + "0" * 63 + "\x00", "Bearer " + "9" * 4000,
    ],
)  # fmt: skip
def test_a_token_that_is_none_opens_nothing(header: str) -> None:
    answer = Client().get("/api/v1/orders/", headers={"Authorization": header})
    assert problem(answer)[0] == 401


def test_a_revoked_token_opens_nothing_at_once(staged: dict[str, Order]) -> None:
    machine = customer_of(staged["PAID"])
    name = ApiToken.objects.get(ending=machine.token[-4:], user=staged["PAID"].customer.user).name
    assert machine.get("/orders/").status_code == 200
    assert tokens.revoke(staged["PAID"].customer.user, name, LATER)
    assert problem(machine.get("/orders/")) == (401, "token_invalid")


def test_a_token_ends_with_the_account_and_with_the_lead() -> None:
    owner = make.merchant_member("shiguang").membership
    second = members.add(owner, "second", "a long password 7", members.Role.OWNER, LATER)
    machine = Machine(second.user, LATER)
    assert machine.get("/orders/").status_code == 200
    members.appoint(owner, second.pk, members.Role.STAFF, LATER)
    assert problem(machine.get("/orders/")) == (401, "token_invalid")
    members.appoint(owner, second.pk, members.Role.OWNER, LATER)
    assert problem(machine.get("/orders/")) == (401, "token_invalid")
    machine = Machine(second.user, LATER)
    members.close(owner, second.pk, LATER)
    members.let_in(owner, second.pk, "a long password 8", LATER)
    assert problem(machine.get("/orders/")) == (401, "token_invalid")


def test_answers_are_kept_by_no_cache_and_the_day_of_use_is_noted(staged: dict[str, Order]) -> None:
    machine = customer_of(staged["PAID"])
    assert {"private", "no-store"} <= set(machine.get("/orders/").headers["Cache-Control"].split(", "))
    assert str(ApiToken.objects.get(ending=machine.token[-4:]).last_used_date) == "2026-03-05"


def test_it_asks_the_database_little(staged: dict[str, Order], django_assert_max_num_queries: Any) -> None:
    customer, seller = customer_of(staged["ACTIVE"]), merchant()
    for machine in (customer, seller):
        machine.get("/orders/")  # notes the day of use
        with django_assert_max_num_queries(5):
            machine.get("/orders/")
    with django_assert_max_num_queries(33):  # seven for each of the three ways out that have a price
        customer.order(staged["ACTIVE"])
    with django_assert_max_num_queries(20):
        seller.order(staged["ACTIVE"])
