"""Collections by the desk's and the customer's pages: the guard stands between a collector and a number."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from arrears.models import CollectionCase, DemandLetter, HardshipRequest
from arrears.services import cases, hardship, promises
from core import calendar, paging
from desk import customers
from notices.models import PhoneCall
from orders.models import Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db
NOW = make.AT + timedelta(days=40)  # the second bill is past its days of grace


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE)
        cases.open_due(calendar.business_date(NOW), NOW)
        yield order.pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


@pytest.fixture
def case(order: Order) -> CollectionCase:
    return CollectionCase.objects.get(lease=order.lease)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


@pytest.fixture
def desk() -> Iterator[Client]:
    with make.moment(NOW):
        yield client_of(make.operator())


def at(case: CollectionCase, *step: str) -> str:
    return reverse("desk:case_act" if step else "desk:case", args=[case.number, *step])


def dial(desk: Client, case: CollectionCase) -> Any:
    return desk.post(reverse("desk:case_dial", args=[case.number]))


def test_the_board_leads_to_the_case_and_its_bill(desk: Client, case: CollectionCase) -> None:
    assert case.number in desk.get(reverse("desk:cases")).content.decode()
    assert case.number not in desk.get(reverse("desk:cases") + "?whose=mine").content.decode()
    assert desk.get(reverse("desk:cases") + "?view=theirs").status_code == 404
    desk.post(at(case, "assign"), {"collector": make.operator().pk})
    assert case.number in desk.get(reverse("desk:cases") + "?whose=mine").content.decode()
    assert "Bill 2" in desk.get(at(case)).content.decode()


def board(desk: Client, query: str) -> str:
    return "".join(desk.get(reverse("desk:cases") + query).content.decode().split())


def test_what_is_due_today_is_a_call_until_somebody_called(desk: Client, case: CollectionCase) -> None:
    assert case.number in board(desk, "")
    call = PhoneCall.objects.get(pk=cases.dial(case.pk, "operator:1", NOW).call.pk)
    cases.hang_up(case.pk, call.pk, 30, "pays", "operator:1", NOW)
    assert case.number not in board(desk, "")
    assert case.number in board(desk, "?view=all")
    with make.moment(NOW + timedelta(days=7)):
        assert case.number in board(client_of(make.operator()), "?view=today")


def test_a_promise_silences_the_day_until_it_is_due_or_broken(desk: Client, case: CollectionCase) -> None:
    until = calendar.business_date(NOW) + timedelta(days=2)
    promises.make(case.pk, Decimal(100), until, "operator:1", NOW)
    assert case.number not in board(desk, "?view=today")
    later = NOW + timedelta(days=2)
    with make.moment(later):
        assert case.number in board(client_of(make.operator()), "?view=promises")
        assert "promisedue" in board(client_of(make.operator()), "?view=today")
    later += timedelta(days=1)
    promises.judge(calendar.business_date(later), later)
    with make.moment(later):
        assert case.number in board(client_of(make.operator()), "?view=today")


def test_a_request_for_relief_and_a_letter_that_ran_out_are_due(
    desk: Client, order: Order, case: CollectionCase
) -> None:
    on = calendar.business_date(NOW)
    DemandLetter.objects.create(
        number="DL1", case=case, amount=1, cure_until=on, sha256="0" * 64, issued_by="operator:1", issued_at=NOW
    )
    assert "letterranout" not in board(desk, "?view=today")
    later = NOW + timedelta(days=1)
    with make.moment(later):
        assert "letterranout" in board(client_of(make.operator()), "?view=today")
    hardship.ask(order.lease_id, "no work", None, "customer", later)
    with make.moment(later):
        assert "hardmonth" in board(client_of(make.operator()), "?view=today")


def test_a_case_is_found_by_its_lease_and_shows_the_masked_name(
    desk: Client, order: Order, case: CollectionCase
) -> None:
    for wanted in (order.number, order.number[:9].lower(), case.number, order.customer.number):
        assert case.number in board(desk, f"?view=all&q={wanted}")
    assert case.number not in board(desk, "?view=all&q=XZ0")
    page = board(desk, "?view=all")
    assert make.NAME not in page
    assert customers.proofs([order.customer])[order.customer.pk].name.masked in page


def test_the_board_leads_on_past_its_first_page(
    desk: Client, case: CollectionCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = make.order(State.ACTIVE, of=make.customer(at=make.AT), slug="w3")
    cases.open_due(calendar.business_date(NOW), NOW)
    newer = CollectionCase.objects.get(lease=second.lease)
    monkeypatch.setattr(paging.onward, "__defaults__", (1,))
    first = desk.get(reverse("desk:cases"), {"view": "all"})
    assert [row.case for row in first.context["rows"]] == [case]
    onward = desk.get(reverse("desk:cases"), {"view": "all", "after": first.context["next"]})
    assert [row.case for row in onward.context["rows"]] == [newer]
    assert onward.context["next"] is None


def test_the_call_and_its_form_stay_until_its_end_is_told(desk: Client, case: CollectionCase) -> None:
    """POST, redirect, the page: looked at again it dials nobody, left and found again it still asks how it ended."""
    phone = case.customer.user.phone.open(by="test", purpose="test", at=NOW)
    assert phone not in desk.get(at(case)).content.decode()
    answer = dial(desk, case)
    assert (answer.status_code, answer["Location"]) == (303, at(case))
    hang_up = reverse("desk:case_hang_up", args=[case.number])
    for _look in range(2):
        page = desk.get(at(case)).content.decode()
        assert phone in page
        assert hang_up in page
    assert dial(desk, case).status_code == 303  # one call at a time
    call = PhoneCall.objects.get()
    assert phone not in (others := client_of(make.operator("second"))).get(at(case)).content.decode()
    assert hang_up not in others.get(at(case)).content.decode()
    told = {"call": call.pk, "seconds": 40, "text": "pays on Friday"}
    assert desk.post(hang_up, {**told, "seconds": "-1"}).status_code == 422
    assert desk.post(hang_up, told).status_code == 303
    page = desk.get(at(case)).content.decode()
    assert phone not in page
    assert hang_up not in page
    assert "pays on Friday" in page
    assert desk.post(hang_up, told).status_code == 422


def test_minutes_later_the_number_is_gone_and_the_form_is_not(desk: Client, case: CollectionCase) -> None:
    phone = case.customer.user.phone.open(by="test", purpose="test", at=NOW)
    dial(desk, case)
    with make.moment(NOW + timedelta(minutes=11)):
        page = client_of(make.operator()).get(at(case)).content.decode()
    assert phone not in page
    assert reverse("desk:case_hang_up", args=[case.number]) in page


def test_at_night_the_page_says_so_and_a_forged_press_is_refused(case: CollectionCase) -> None:
    with make.moment(NOW + timedelta(hours=13)):  # 23:00
        desk = client_of(make.operator())
        assert "nobody is called" in desk.get(at(case)).content.decode()
        assert dial(desk, case).status_code == 303
    assert not PhoneCall.objects.exists()


def test_a_promise_beyond_what_is_owed_is_refused_on_the_page(desk: Client, case: CollectionCase) -> None:
    until = (NOW + timedelta(days=2)).date().isoformat()
    assert desk.post(at(case, "promise"), {"amount": "99999", "until": until}).status_code == 422
    assert desk.post(at(case, "promise"), {"amount": "100", "until": until}).status_code == 303
    assert "100.00" in desk.get(at(case)).content.decode()
    assert desk.post(at(case, "nonsense"), {}).status_code == 404


def test_a_customer_asks_in_a_hard_month_and_is_answered(desk: Client, order: Order, case: CollectionCase) -> None:
    customer = client_of(order.customer.user)
    mine = reverse("storefront:hardship", args=[order.number])
    assert customer.post(mine, {"text": "", "monthly": "-1"}).status_code == 422
    assert customer.post(mine, {"text": "I am in hospital", "monthly": "200"}).status_code == 303
    assert "answer him before anybody calls" in desk.get(at(case)).content.decode()
    dial(desk, case)
    assert not PhoneCall.objects.exists()
    asked = HardshipRequest.objects.get()
    theirs = reverse("desk:hardship", args=[asked.number])
    assert asked.number in "".join(desk.get(reverse("desk:queue", args=["hardships"])).content.decode().split())
    assert desk.post(theirs, {"text": "Half in May, half in June."}).status_code == 303
    assert "Half in May" in customer.get(mine).content.decode()
    assert customer.post(mine, {"withdraw": "1"}).status_code == 303
    assert HardshipRequest.objects.get().state == "ANSWERED"


def test_the_promised_day_stands_on_both_pages_and_in_the_queue(
    desk: Client, order: Order, case: CollectionCase
) -> None:
    """Asked on a Saturday: by Tuesday. Past it, the supervisor's queue has it, and the customer reads who answers."""
    customer, mine = client_of(order.customer.user), reverse("storefront:hardship", args=[order.number])
    customer.post(mine, {"text": "I am in hospital"})
    asked = HardshipRequest.objects.get()
    assert "We answer by the end of" in customer.get(mine).content.decode()
    theirs = reverse("desk:hardship", args=[asked.number])
    assert "Promised by the end of" in desk.get(theirs).content.decode()
    assert "left" in desk.get(reverse("desk:queue", args=["hardships"])).content.decode()
    late = asked.answer_by + timedelta(days=1)
    hardship.keep_promises(late, calendar.instant(late, 12))
    with make.moment(calendar.instant(late, 12)):
        desk, customer = client_of(make.operator()), client_of(order.customer.user)
        assert theirs in desk.get(reverse("desk:queue", args=["hardships_late"])).content.decode()
        assert theirs not in desk.get(reverse("desk:queue", args=["hardships"])).content.decode()
        assert "are late" in customer.get(mine).content.decode()
        assert "left to a supervisor" in desk.get(theirs).content.decode()
    paused = hardship.decide_by(asked) + timedelta(days=1)
    hardship.keep_promises(paused, calendar.instant(paused, 12))
    with make.moment(calendar.instant(paused, 12)):
        desk, customer = client_of(make.operator()), client_of(order.customer.user)
        assert "nobody calls, visits or sends a demand" in customer.get(mine).content.decode()
        assert "nobody asks him until" in desk.get(theirs).content.decode()
        assert "nobody asks him until" in desk.get(at(case)).content.decode()


def test_asked_again_at_once_the_page_says_from_when_and_takes_a_change_once(
    desk: Client, order: Order, case: CollectionCase
) -> None:
    customer, mine = client_of(order.customer.user), reverse("storefront:hardship", args=[order.number])
    for has_changed in (False, True):
        told = {"text": "again: in hospital"} | ({"news": "on"} if has_changed else {})
        assert customer.post(mine, told).status_code == 303
        asked = HardshipRequest.objects.latest("pk")
        hardship.answer(asked.pk, "We cannot.", "operator:1", NOW)
        assert customer.post(mine, {"text": "again: in hospital"}).status_code == 422
        assert ('name="news"' in customer.get(mine).content.decode()) is not has_changed
    page = customer.get(mine).content.decode()
    assert "You may ask again from" in page
    assert "<textarea" not in page
    assert HardshipRequest.objects.count() == 2


def test_others_find_nothing_and_change_nothing(order: Order, case: CollectionCase) -> None:
    with make.moment(NOW):
        stranger, merchant = client_of(make.customer(at=NOW).user), client_of(make.merchant_member("qinghe"))
        owner = client_of(order.customer.user)
        with walks.nothing_changes():
            for client in (stranger, merchant, owner):
                assert client.get(at(case)).status_code == 404
                assert dial(client, case).status_code == 404
            mine = reverse("storefront:hardship", args=[order.number])
            assert stranger.post(mine, {"text": "not my lease"}).status_code == 404
            assert Client().post(mine, {"text": "nobody"}).status_code in (302, 303)
