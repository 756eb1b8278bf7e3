"""The desk: queues, one order on one page, the operator's steps; operators only."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext

from accounts.models import User
from billing.models import Deposit, Payment
from contracts.models import EvidenceEvent
from core.models import Event, OutboxMessage
from orders.models import Order, State
from orders.services import cancellations, payments, shipping
from rental.demo import cast
from tests import make, things

pytestmark = pytest.mark.django_db

SOON = make.AT + timedelta(minutes=30)


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(make.operator())
    return client


@pytest.fixture
def referred() -> Order:
    """An order that a person must look at."""
    order = make.order(State.PLACED, of=make.customer(score=580))
    make.drain(make.AT)
    return Order.objects.get(pk=order.pk)


def act(order: Order, name: str) -> str:
    return reverse("desk:act", args=[order.number, name])


def addresses(order: Order) -> list[str]:
    return [
        *(reverse(name) for name in ("desk:overview", "desk:orders", "desk:clock", "desk:customers")),
        *(reverse(name) for name in ("desk:oldest", "desk:export")),
        reverse("desk:customer", args=[order.customer.number]),
        reverse("desk:queue", args=["review"]),
        reverse("desk:order", args=[order.number]),
        act(order, "approve"),
        reverse("desk:agreement_pdf", args=[order.number]),
    ]


def _customer(order: Order) -> User:
    return order.customer.user


def _member(order: Order) -> User:
    return make.merchant_member()


def _former(order: Order) -> User:
    """An operator whose rights were taken."""
    return User.objects.create_user("former", cast.PASSWORD, kind=User.Kind.OPERATOR)


@pytest.mark.parametrize("who", [_customer, _member, _former])
def test_others_find_no_desk(referred: Order, who: Callable[[Order], User]) -> None:
    client = Client()
    client.force_login(who(referred))
    assert {client.get(address).status_code for address in addresses(referred)} == {404}
    assert client.post(act(referred, "approve")).status_code == 404
    assert client.post(reverse("desk:clock"), {"by": "day"}).status_code == 404
    assert client.post(reverse("desk:customers"), {"q": referred.customer.number}).status_code == 404
    wish = {"fact": "phone", "reason": "to call back"}
    assert client.post(reverse("desk:reveal", args=[referred.customer.number]), wish).status_code == 404
    assert not Event.objects.filter(kind__in=["customer_read", "revealed"]).exists()
    assert Order.objects.get(pk=referred.pk).state == State.PLACED
    assert not OutboxMessage.objects.filter(topic="clock.move_requested").exists()


def test_anonymous_visitors_sign_in_first(referred: Order) -> None:
    for address in addresses(referred):
        assert Client().get(address)["Location"].startswith(f"{reverse('desk:sign_in')}?next=%2Fdesk%2F")
    assert Client().post(act(referred, "approve"))["Location"].endswith("?next=%2Fdesk%2F")


def test_an_operator_signs_in_by_password_and_a_member_does_not() -> None:
    make.operator()
    make.merchant_member()
    address = reverse("desk:sign_in")
    assert Client().post(address, {"username": "shiguang", "password": cast.PASSWORD}).status_code == 200
    answer = Client().post(address, {"username": "operator", "password": cast.PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:overview"))


def test_an_order_to_review_stands_in_its_queue_until_it_is_approved(referred: Order, desk: Client) -> None:
    with make.moment(SOON):
        queue = desk.get(reverse("desk:queue", args=["review"])).context["shown"]
        assert [row.href for row in queue.rows] == [reverse("desk:order", args=[referred.number])]
        assert queue.rows[0].amount == referred.lease.deposit.waived
        page = desk.get(act(referred, "approve"))
        assert [row.at for row in page.context["consequences"] if row.at] == [SOON + timedelta(hours=24)]
        answer = desk.post(act(referred, "approve"))
        assert (answer.status_code, answer["Location"]) == (303, reverse("desk:order", args=[referred.number]))
        assert desk.get(reverse("desk:queue", args=["review"])).context["shown"].count == 0
        again = desk.post(act(referred, "approve"))
    assert again.status_code == 409
    order = Order.objects.get(pk=referred.pk)
    assert order.state == State.APPROVED
    step = Event.objects.filter(kind="transition", subject_id=order.pk).latest("id")
    assert step.actor == f"operator:{make.operator().pk}"


def test_a_refusal_needs_its_reason_and_shows_it(referred: Order, desk: Client) -> None:
    with make.moment(SOON):
        assert list(desk.post(act(referred, "refuse"), {"reason": " "}).context["form"].errors) == ["reason"]
        assert desk.post(act(referred, "refuse"), {"reason": "x" * 61}).status_code == 422
        assert desk.post(act(referred, "refuse"), {"reason": "收件人与承租人不同"}).status_code == 303
        assert "收件人与承租人不同" in desk.get(reverse("desk:order", args=[referred.number])).content.decode()
    assert Order.objects.get(pk=referred.pk).state == State.REFUSED


def test_one_page_tells_everything_of_an_order_and_masks_the_person(desk: Client) -> None:
    order = make.order(State.ACTIVE)
    with make.moment(SOON):
        page = desk.get(reverse("desk:order", args=[order.number]))
    text = page.content.decode()
    assert [len(page.context[name]) for name in ("bills", "payments", "parcels", "evidence")] == [12, 1, 1, 5]
    assert page.context["broken"] is None
    assert [entry.condition for entry in page.context["log"]][-1] == "now"
    customer = order.customer
    assert customer.user.phone is not None
    plain = customer.user.phone.open(by="test", purpose="test", at=SOON)
    for personal in (make.NAME, plain, "13900000000", "科苑路 15 号"):
        assert personal not in text
    assert customer.user.phone.masked in text


def test_a_changed_link_of_the_evidence_shows_as_broken(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    order = make.order(State.APPROVED)
    true_rows = EvidenceEvent.objects.filter(agreement=order.agreement)
    changed = list(true_rows)
    changed[0].body = changed[0].body.replace("drafted", "drifted")
    monkeypatch.setattr("contracts.services.agreements.broken_evidence", lambda agreement: _broken(changed))
    with make.moment(SOON):
        page = desk.get(reverse("desk:order", args=[order.number]))
    assert page.context["broken"].index == 0
    assert "state-badge late" in page.content.decode()


def _broken(rows: list[EvidenceEvent]) -> Any:
    from contracts.rules import evidence

    return evidence.verify([evidence.Link(row.body, row.hash) for row in rows])


def test_the_signed_agreement_is_read_at_the_desk_and_that_is_recorded(desk: Client) -> None:
    order = make.order(State.SIGNED)
    with make.moment(SOON):
        answer = desk.get(reverse("desk:agreement_pdf", args=[order.number]))
    assert answer.content.startswith(b"%PDF-")
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.get(kind="agreement_read").actor == f"operator:{make.operator().pk}"


def test_no_agreement_and_an_unsigned_one_are_no_files(referred: Order, desk: Client) -> None:
    assert desk.get(reverse("desk:agreement_pdf", args=[referred.number])).status_code == 404
    order = make.order(State.APPROVED)
    assert desk.get(reverse("desk:agreement_pdf", args=[order.number])).status_code == 303


def test_a_parcel_ten_days_on_its_way_comes_to_the_desk_until_it_is_delivered(desk: Client) -> None:
    order = make.order(State.SHIPPED)
    assert order.shipped_at is not None
    later = order.shipped_at + timedelta(days=10)
    address = reverse("desk:queue", args=["undelivered"])
    with make.moment(later - timedelta(seconds=1)):
        desk.force_login(make.operator())
        assert desk.get(address).context["shown"].count == 0
    with make.moment(later):
        desk.force_login(make.operator())
        assert desk.get(address).context["shown"].count == 1
        assert desk.post(act(order, "delivered")).status_code == 303
        assert desk.get(address).context["shown"].count == 0
        assert desk.post(act(order, "delivered")).status_code == 409
    assert Order.objects.get(pk=order.pk).waits_until == later + shipping.RECEIPT_WAIT


def test_every_open_state_of_money_and_work_has_its_queue(desk: Client) -> None:
    order = make.order(State.PAID)
    cancellations.cancel(order.pk, "merchant:1", "sold out", SOON)
    deposit = Deposit.objects.get(lease=order.lease)
    assert deposit.state == Deposit.State.RELEASING
    strange = Payment.objects.create(
        number="P-STRANGE", customer=order.customer, channel="alipay", amount=Decimal("1.00"), created_at=SOON,
        expires_at=SOON,
    )  # fmt: skip
    strange.quarantine()
    strange.save()
    OutboxMessage.objects.create(topic="x", payload={}, dead_at=SOON, error="gave up")
    assert deposit.promised_on is not None
    with make.moment(make.AT + timedelta(days=3)):
        desk.force_login(make.operator())
        open_queues = {one.queue.name: one.count for one in desk.get(reverse("desk:overview")).context["open"]}
        for name in ("payments", "messages", "deposits"):
            assert desk.get(reverse("desk:queue", args=[name])).status_code == 200
        promised = [row.order for row in desk.get(reverse("desk:overview")).context["promises"]]
    assert open_queues == {"payments": 1, "messages": 1}
    assert promised == [order]


def test_right_money_after_a_quarantine_is_said_in_the_queue(desk: Client) -> None:
    order = make.order(State.SIGNED)
    payment = payments.pay_first(order, SOON)
    queue = reverse("desk:queue", args=["payments"])
    says = gettext("A matching message followed; please compare at the provider.")
    payments.receive("alipay", things.success(payment, amount=Decimal("0.01")), SOON)
    with make.moment(SOON):
        before = desk.get(queue).content.decode()
        payments.receive("alipay", things.success(payment), SOON)
        after = desk.get(queue).content.decode()
    assert payment.number in before
    assert says not in before
    assert says in after


def test_without_a_review_the_way_leads_to_the_empty_queue(desk: Client) -> None:
    assert desk.get(reverse("desk:oldest"))["Location"] == reverse("desk:queue", args=["review"])
    page = desk.get(reverse("desk:overview"))
    assert page.status_code == 200
    assert reverse("desk:oldest") not in page.content.decode()


def test_orders_are_found_by_their_number_and_by_their_customers(desk: Client) -> None:
    first, second = make.order(State.PLACED), make.order(State.PLACED)

    def found(**query: str) -> set[Order]:
        return {row["order"] for row in desk.get(reverse("desk:orders"), query).context["listed"]}

    assert found() == {first, second}
    assert found(q=first.number.lower()) == {first}
    assert found(q=second.customer.number) == {second}
    assert found(q="%", state="PLACED") == set()
    assert found(q=first.number, state="PAID") == set()
    assert found(before="nonsense", state="nonsense") == {first, second}


@pytest.mark.parametrize(
    "path", ["orders/XO000/", "orders/XO000/approve/", "queues/none/", "orders/XO000/agreement.pdf"]
)
def test_what_does_not_exist_is_not_found(desk: Client, path: str) -> None:
    assert desk.get(f"/desk/{path}").status_code == 404


def test_the_merchants_steps_are_not_the_operators(desk: Client) -> None:
    order = make.order(State.PAID)
    assert desk.post(act(order, "ship")).status_code == 404


def test_the_desk_asks_the_database_as_often_for_many_orders_as_for_one(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        make.order(State.PLACED, of=make.customer(score=580))
    make.drain(make.AT)
    order = make.order(State.ACTIVE)
    with make.moment(SOON):
        desk.get(reverse("desk:overview"))
        for address, most in [  # one of them is the movable clock's own, which it makes now and then
            (reverse("desk:overview"), 46),
            (reverse("desk:orders"), 7),
            (reverse("desk:queue", args=["review"]), 9),
            (reverse("desk:order", args=[order.number]), 30),
            (reverse("desk:customers"), 7),
            (reverse("desk:customer", args=[order.customer.number]), 28),
        ]:
            with django_assert_max_num_queries(most):
                assert desk.get(address).status_code == 200
