"""The second person at the desk: asked for on one page, decided on another by somebody else."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from billing.models import Payment, Refund
from core.models import Approval
from tests import make, movements, things

pytestmark = pytest.mark.django_db
REASON = "the screen was scratched"


@pytest.fixture(autouse=True)
def _at_work() -> Iterator[None]:
    with make.moment(things.AT + timedelta(hours=1)):
        yield


@pytest.fixture
def paid() -> Payment:
    return movements.payment(things.customer(), things.ALIPAY, Decimal(900), things.AT)


def client(login: str = "operator") -> Client:
    made = Client()
    made.force_login(make.operator(login))
    return made


def ask(paid: Payment, amount: str = "500.01") -> Approval:
    typed = {"lease": "", "amount": amount, "reason": REASON}
    answer = client().post(reverse("desk:refund", args=[paid.number]), typed)
    asked = Approval.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, reverse("desk:approval", args=[asked.pk]))
    return asked


def test_a_small_part_goes_back_at_once(paid: Payment) -> None:
    place = reverse("desk:refund", args=[paid.number])
    shown = client().get(place)
    assert [source.most for source in shown.context["sources"]] == [Decimal(900)]
    assert client().post(place, {"lease": "", "amount": "500.00", "reason": REASON}).status_code == 303
    refund = Refund.objects.get()
    assert (refund.amount, refund.requested_by) == (Decimal(500), f"operator:{make.operator().pk}")
    assert refund.number in client().get(place).content.decode()


@pytest.mark.parametrize("amount", ["", "0", "-1", "0.001", "NaN", "1e3x", "900.01", "10000000000"])
def test_nonsense_is_said_on_the_form_and_nothing_moves(paid: Payment, amount: str) -> None:
    place = reverse("desk:refund", args=[paid.number])
    answer = client().post(place, {"lease": "", "amount": amount, "reason": REASON})
    assert answer.status_code == 422
    assert not Refund.objects.exists()
    assert not Approval.objects.exists()
    assert client().post(place, {"lease": "L404", "amount": "1.00", "reason": REASON}).status_code == 422
    assert client().post(place, {"lease": "", "amount": "1.00", "reason": "no"}).status_code == 422


def test_above_the_limit_somebody_else_decides_and_it_is_done_at_once(paid: Payment) -> None:
    asked = ask(paid)
    place = reverse("desk:approval", args=[asked.pk])
    (row,) = client("other").get(reverse("desk:queue", args=["approvals"])).context["shown"].rows
    assert (row.amount, row.href, row.text) == (Decimal("500.01"), place, REASON)
    assert place in client().get(reverse("desk:overview")).content.decode()
    own = client().get(place)
    assert own.context["is_own"]
    assert reverse("desk:approval_withdraw", args=[asked.pk]) in own.content.decode()
    assert client().post(place).status_code == 303
    assert not Refund.objects.exists()
    other = client("other")
    assert REASON in other.get(place).content.decode()
    assert other.post(place).status_code == 303
    assert Refund.objects.get().amount == Decimal("500.01")
    done = things.again(asked)
    assert (done.state, done.decided_by) == ("USED", f"operator:{make.operator('other').pk}")
    assert other.post(place).status_code == 303
    assert Refund.objects.count() == 1
    assert not other.get(reverse("desk:queue", args=["approvals"])).context["shown"].rows


def test_a_no_needs_its_grounds_and_is_read_by_whoever_asked(paid: Payment) -> None:
    asked = ask(paid)
    place = reverse("desk:approval_refuse", args=[asked.pk])
    other = client("other")
    assert other.post(place, {"reason": ""}).status_code == 422
    assert client().post(place, {"reason": "not me"}).status_code == 303
    assert things.again(asked).state == "REQUESTED"
    assert other.post(place, {"reason": "no picture of it"}).status_code == 303
    assert things.again(asked).refusal == "no picture of it"
    assert "no picture of it" in client().get(reverse("desk:approval", args=[asked.pk])).content.decode()
    assert not Refund.objects.exists()


def test_whoever_asked_takes_it_back(paid: Payment) -> None:
    asked = ask(paid)
    place = reverse("desk:approval_withdraw", args=[asked.pk])
    assert client("other").post(place).status_code == 303
    assert things.again(asked).state == "REQUESTED"
    assert client().post(place).status_code == 303
    assert things.again(asked).state == "WITHDRAWN"


def test_ten_requests_cost_no_more_queries_than_one(paid: Payment) -> None:
    ask(paid)
    desk, place = client(), reverse("desk:queue", args=["approvals"])
    desk.get(place)
    one = _queries(desk, place)
    for _each in range(9):
        other = movements.payment(things.customer(), things.ALIPAY, Decimal(900), things.AT)
        typed = {"lease": "", "amount": "600", "reason": REASON}
        assert desk.post(reverse("desk:refund", args=[other.number]), typed).status_code == 303
    assert _queries(desk, place) == one


def _queries(desk: Client, place: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        desk.get(place)
    return len(queries)


def test_strangers_find_nothing_and_change_nothing(paid: Payment) -> None:
    asked = ask(paid)
    pages = [reverse("desk:refund", args=[paid.number]), reverse("desk:approval", args=[asked.pk])]
    acts = [reverse("desk:approval_refuse", args=[asked.pk]), reverse("desk:approval_withdraw", args=[asked.pk])]
    nobody, customer, merchant = Client(), Client(), Client()
    customer.force_login(User.objects.get(pk=paid.customer.user_id))
    merchant.force_login(make.merchant_member("qinghe"))
    for address in [*pages, *acts]:
        assert nobody.post(address, {"reason": "mine now"}).status_code == 302
        assert customer.post(address, {"reason": "mine now"}).status_code == 404
        assert merchant.post(address, {"reason": "mine now"}).status_code == 404
    assert things.again(asked).state == "REQUESTED"
    for address in pages:
        assert customer.get(address).status_code == 404


def test_what_is_not_there_is_not_found(paid: Payment) -> None:
    assert client().get(reverse("desk:approval", args=[0])).status_code == 404
    assert client().post(reverse("desk:approval_withdraw", args=[0])).status_code == 404
    assert client().get(reverse("desk:refund", args=["P404"])).status_code == 404
