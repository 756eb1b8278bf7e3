"""What a lease, its bills, its agreement and its messages say, in amounts and dates."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Bill, Payment
from billing.services import extras, holding, statements
from core import calendar
from core.templatetags.xinzu import yuan
from notices.models import Message
from notices.services import inbox, messages
from orders.models import Order, State
from orders.rules import damage
from orders.services import losses
from tests import make, walks

pytestmark = pytest.mark.django_db
START = calendar.business_date(make.AT)


@pytest.fixture(scope="module")
def stage(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, Order]]:
    """A phone at 309.00 × 12 that is rented, and a laptop whose agreement waits."""
    with walks.kept(django_db_blocker):
        customer = make.customer()
        yield {
            "ACTIVE": make.order(State.ACTIVE, of=customer),
            "APPROVED": make.order(State.APPROVED, of=customer, slug="lan-x2"),
        }


@pytest.fixture
def client(stage: dict[str, Order]) -> Client:
    client = Client()
    client.force_login(stage["ACTIVE"].customer.user)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


def told(client: Client, address: str, on: date, hour: int = 12) -> str:
    """The words of a page as a person reads them on that day."""
    with make.moment(calendar.instant(on, hour)):
        page = client.get(address)
    assert page.status_code == 200
    body = page.content.decode().split("<main")[1].replace('<span class="sign">¥</span>', "¥")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def start_of(order: Order) -> date:
    assert order.lease.start is not None
    return order.lease.start


def test_a_lease_tells_every_way_out_at_todays_price(stage: dict[str, Order], client: Client) -> None:
    order = stage["ACTIVE"]
    terms = order.lease.terms
    text = told(client, f"/leases/{order.number}/", start_of(order) + timedelta(days=20))
    assert yuan(Decimal(terms["curve"][0])) in text  # the buyout price of month 1
    assert "Return early Sent back now, no later rent is charged pay ¥309.00 1 month's rent" in text
    assert "Return at the end" in text
    assert "less in all than rented to the end" in text
    assert "Month 1 of 12" in text


def test_a_running_lease_says_what_one_may_do_and_must_not(stage: dict[str, Order], client: Client) -> None:
    order = stage["ACTIVE"]
    text = told(client, f"/leases/{order.number}/", start_of(order) + timedelta(days=20))
    assert "Please do not Sublet, sell or pawn it" in text
    assert "Before you take it abroad" in text


def test_in_the_first_days_only_the_days_used_are_asked(stage: dict[str, Order], client: Client) -> None:
    # 309 × 12 / 365 × 3 days = 30.48; of the 309.00 paid 278.52 come back
    order = stage["ACTIVE"]
    text = told(client, f"/leases/{order.number}/", start_of(order) + timedelta(days=2))
    assert "3 days used" in text
    assert "back to you ¥278.52" in text
    assert "Return early" not in text


def test_arrears_are_part_of_every_price_of_today(stage: dict[str, Order], client: Client) -> None:
    # bill 2 open, nine days past due: 309.00 + 0.46; the early return adds one month's rent: 618.46
    order = stage["ACTIVE"]
    due = order.lease.bills.get(number=2).due_date
    assert due is not None
    text = told(client, f"/leases/{order.number}/", due + timedelta(days=9))
    assert "pay ¥618.46 1 month's rent, with ¥309.46 owed" in text
    assert "Rents and late fees owed rent ¥309.00, late fee ¥0.46 ¥309.46" in text


def test_any_later_day_tells_every_way_out_at_the_price_of_that_day(stage: dict[str, Order], client: Client) -> None:
    """20 days on, asked of the day after bill 4 is due: bills 2 to 4 are counted as paid, 927.00."""
    order, today = stage["ACTIVE"], start_of(stage["ACTIVE"]) + timedelta(days=20)
    fourth = order.lease.bills.get(number=4).due_date
    assert fourth is not None
    text = told(client, f"/leases/{order.number}/?on={fourth + timedelta(days=1)}", today)
    later = text.split("Ways to end it on ")[1]
    assert "3 bills before that day paid on their days: ¥927.00" in later
    price = yuan(Decimal(order.lease.terms["curve"][3]))
    assert f"Buy it The device is yours; later bills fall away pay {price} the deposit is released" in later
    assert "Return early Sent back that day, no later rent is charged pay ¥309.00 1 month's rent" in later
    assert "8 bills to pay: ¥2,472.00" in later
    assert "Lost or stolen" in later
    assert "Rent on" in later
    assert f"pay {price}" in text.split("Lost or stolen")[2]
    # what the lease page tells ahead is what that day asks for, once its bills are paid
    assert f"pay {yuan(Decimal(order.lease.terms['curve'][0]))}" in text.split("Ways to end it on ")[0]


def test_after_the_last_day_a_late_return_costs_its_days_and_buying_stays_what_it_is(
    stage: dict[str, Order], client: Client
) -> None:
    order = stage["ACTIVE"]
    last = order.lease.last_day
    assert last is not None
    text = told(client, f"/leases/{order.number}/?on={last + timedelta(days=10)}", start_of(order) + timedelta(days=20))
    later = text.split("Ways to end it on ")[1]
    # window of three days, so day 4 is the first: seven days of 309.00 × 12 / 365
    assert "Send it back late" in later
    assert "pay ¥71.11 7 days at ¥10.16 a day" in later
    assert f"Buy it The device is yours pay {yuan(Decimal(order.lease.terms['curve'][-1]))}" in later
    assert "Rent on" not in later
    assert "Return early" not in later


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [("2026-02-30", "That is no day"), ("soon", "That is no day"), ("1999-01-01", "Please pick a day from"),
     ("9999-12-31", "Please pick a day from"), ("", "")],
)  # fmt: skip
def test_a_day_without_a_price_is_refused_with_the_days_that_have_one(
    stage: dict[str, Order], client: Client, asked: str, refusal: str
) -> None:
    order, today = stage["ACTIVE"], start_of(stage["ACTIVE"]) + timedelta(days=20)
    text = told(client, f"/leases/{order.number}/?{urlencode({'on': asked})}", today)
    assert refusal in text
    assert "Ways to end it on " not in text
    assert "Ways to end it, at today's prices" in text


def test_a_strangers_lease_tells_no_day_either(stage: dict[str, Order]) -> None:
    order, stranger = stage["ACTIVE"], Client()
    stranger.force_login(make.signed_up().user)
    with make.moment(make.AT):
        assert stranger.get(f"/leases/{order.number}/?on={order.lease.last_day}").status_code == 404
        assert Client().get(f"/leases/{order.number}/?on={order.lease.last_day}").status_code == 302


def test_the_payable_sum_of_several_bills_stands_there_without_script(stage: dict[str, Order], client: Client) -> None:
    order = stage["ACTIVE"]
    text = told(client, f"/leases/{order.number}/pay/", start_of(order) + timedelta(days=20))
    assert "2 bills ¥618.00" in text
    assert "11 bills ¥3,399.00" in text


def test_exactly_the_chosen_bills_are_paid_together(stage: dict[str, Order], client: Client) -> None:
    order = stage["ACTIVE"]
    with make.moment(calendar.instant(start_of(order) + timedelta(days=20), 12)):
        client.post(f"/leases/{order.number}/pay/", {"bill": "2-3-x-999"})
    attempt = Payment.objects.latest("pk")
    assert sorted(attempt.items.values_list("bill__number", flat=True)) == [2, 3]
    assert f"{attempt.amount}" == "618.00"


def test_a_choice_of_nothing_asks_again(stage: dict[str, Order], client: Client) -> None:
    order, before = stage["ACTIVE"], Payment.objects.count()
    with make.moment(calendar.instant(start_of(order) + timedelta(days=20), 12)):
        answered = client.post(f"/leases/{order.number}/pay/")
    assert answered.headers["Location"] == f"/leases/{order.number}/pay/"
    assert Payment.objects.count() == before


def test_a_paid_bill_names_its_receipt(stage: dict[str, Order], client: Client) -> None:
    order = stage["ACTIVE"]
    receipt = order.customer.payments.get(items__bill__lease=order.lease).number
    assert f"Receipt {receipt}" in told(client, f"/leases/{order.number}/bills/1/", start_of(order))


def test_a_bill_in_grace_says_first_that_today_costs_nothing_more(stage: dict[str, Order], client: Client) -> None:
    order = stage["ACTIVE"]
    due = order.lease.bills.get(number=2).due_date
    assert due is not None
    text = told(client, f"/leases/{order.number}/bills/2/", due + timedelta(days=2))
    assert text.index("no late fee") < text.index("What happens when")
    assert "3 days of grace, today is day 2" in text
    assert "Today" in text.split("What happens when")[1]


def test_a_bill_says_what_the_lease_would_owe_by_each_day_and_at_its_end(
    stage: dict[str, Order], client: Client
) -> None:
    """Nothing paid since bill 2: on day 90 four rents are open; ended by notice on day 113, worn value included."""
    order = stage["ACTIVE"]
    due = order.lease.bills.get(number=2).due_date
    assert due is not None
    text = told(client, f"/leases/{order.number}/bills/2/", due).split("What happens when")[1]
    for late in (30, 90):
        day = due + timedelta(days=late)
        assert yuan(settlements_owed(order, day)) in text.split(f"Day {late} ")[1].split("late fee")[0]
    ended = due + timedelta(days=90 + 15 + 1 + 7)
    claimed = losses.quote(order, ended).payoff
    by_notice = text.split("Ended by notice")[1]
    assert yuan(claimed.price) in by_notice
    assert yuan(claimed.to_pay) in by_notice.split("Deposit used")[0]
    later = [view.fee_owed for view in statements.statement(order.lease, ended + timedelta(days=30))]
    reached = sum(later[: claimed_bills(order, ended)], Decimal("0.00"))
    settled = damage.settle(held_of(order), Decimal("0.00"), replace(claimed, fees=reached).to_pay)
    assert yuan(settled.open) in by_notice.split("Deposit used")[1]


def settlements_owed(order: Order, day: date) -> Decimal:
    views = statements.statement(order.lease, day)
    return sum((view.owed_now for view in views if view.bill.due_date and view.bill.due_date <= day), Decimal("0.00"))


def claimed_bills(order: Order, day: date) -> int:
    return order.lease.bills.filter(due_date__lte=day).count()


def held_of(order: Order) -> Decimal:
    return holding.held(order.lease.deposit)


def test_an_older_bill_of_the_lease_counts_on_the_page_of_a_newer_one(stage: dict[str, Order], client: Client) -> None:
    order = stage["ACTIVE"]
    second, third = (order.lease.bills.get(number=number) for number in (2, 3))
    assert second.due_date is not None
    assert third.due_date is not None
    text = told(client, f"/leases/{order.number}/bills/3/", third.due_date).split("What happens when")[1]
    assert yuan(settlements_owed(order, third.due_date)) in text.split("Today")[1].split("late fee")[0]
    assert "Day 90" in text
    assert "Day 1 " not in text  # its oldest bill is a month late


def test_help_stands_on_an_extra_bill_too_while_the_lease_runs(stage: dict[str, Order], client: Client) -> None:
    order = stage["ACTIVE"]
    on = start_of(order) + timedelta(days=10)
    bill = extras.charge(order.lease_id, Bill.Kind.DAY_RENT, Decimal(50), on, calendar.instant(on, 9))
    text = told(client, f"/leases/{order.number}/bills/{bill.number}/", on)
    assert "Ask for help or a plan" in text
    assert "What happens when" not in text


def test_the_agreement_is_read_on_the_page_from_the_source_of_its_pdf(stage: dict[str, Order], client: Client) -> None:
    order = stage["APPROVED"]
    text = told(client, f"/orders/{order.number}/agreement/", START)
    for part in ("16. Notices, disputes and law", "Annex 1. Bills", "Annex 3. Damage"):
        assert part in text
    assert "What you sign is the Chinese text" in text  # its owner speaks Chinese; the reader asked for English
    client.post("/language/", {"language": "zh-hans", "next": "/"})
    assert "第十六条" in told(client, f"/orders/{order.number}/agreement/", START)


def test_nothing_is_ticked_beforehand_and_all_is_asked(stage: dict[str, Order], client: Client) -> None:
    with make.moment(make.AT):
        page = client.get(f"/orders/{stage['APPROVED'].number}/agreement/sign/").content.decode()
    assert page.count('name="confirmed"') == 8
    assert "checked" not in page


def test_there_is_nothing_to_sign_twice(stage: dict[str, Order], client: Client) -> None:
    number = stage["ACTIVE"].number
    with make.moment(make.AT):
        answered = client.get(f"/orders/{number}/agreement/sign/")
    assert answered.headers["Location"] == f"/orders/{number}/agreement/"


def test_the_bell_knows_what_is_unread(stage: dict[str, Order], client: Client) -> None:
    user = stage["ACTIVE"].customer.user
    with make.moment(make.AT):
        assert 'class="dot"' in client.get("/devices/").content.decode()
        client.post(reverse("storefront:messages_read"))
        assert 'class="dot"' not in client.get("/devices/").content.decode()
    assert inbox.unread(user) == 0


def test_messages_print_days_and_amounts_as_they_are_read(stage: dict[str, Order], client: Client) -> None:
    user = stage["ACTIVE"].customer.user
    figures = {"lease": "XO1", "number": "2", "amount": "1309.00", "due": "2026-04-02"}
    messages.inform(user, "bill_due_soon", figures, step="a step", at=make.AT, sms=False)
    assert "Rent 2 of lease XO1, ¥1,309.00, is due on 2 Apr." in told(client, "/my/messages/", START)
    assert Message.objects.get(step="a step").params["due"] == "2026-04-02"  # what an SMS would take stays plain
