"""One rental from sign-up to settled return, walked in a browser of 390 px over real sockets."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from contracts.services import agreements, documents
from core import calendar, clock, invariants, jobs
from notices.models import Message
from orders.models import Order
from rental.demo import cast
from tests.journeys.people import CustomerAtPhone, MerchantAtDesk, until

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


def move_to(day: Any, hour: int = 12) -> None:
    """The clock goes on to a business day, and every day on the way is run."""
    clock.move(calendar.instant(day, hour) - clock.now())
    jobs.catch_up(day, clock.now())


def test_a_rental_from_sign_up_to_settled_return(site: str, new_context: Any) -> None:
    customer = CustomerAtPhone(new_context(viewport=PHONE, locale="zh-CN").new_page(), site, cast.PEOPLE[0])
    merchant = MerchantAtDesk(new_context(viewport={"width": 1280, "height": 900}).new_page(), site, "qinghe")

    customer.sign_in()
    customer.prove_identity()
    customer.authorise_score()
    order = customer.order("mini-4", 3)
    customer.sign(order)
    _the_paper_is_genuine(order, customer, site)
    customer.pay_first(order)

    merchant.sign_in()
    unit = order.merchant.units.filter(sku=order.plan.sku).earliest("pk")
    merchant.act(order, "ship", code=unit.serial, carrier="sf", waybill="SF1234567890")
    customer.act(order, "confirm")
    customer.reach(order, "ACTIVE")

    _the_term_passes(order, customer)

    customer.act(order, "return")
    customer.act(order, "hand-over", carrier="sf", waybill="SF1234567891")
    clock.move(timedelta(days=2))
    merchant.act(order, "arrive")
    merchant.act(order, "pass", serial_matches=True, wiped=True)
    customer.reach(order, "COMPLETED")
    until(lambda: order.lease.deposit.__class__.objects.get(lease=order.lease).state == "RELEASED", "the deposit")
    assert order.customer.quota.__class__.objects.get(customer=order.customer).held == 0
    customer.go(f"/orders/{order.number}/")
    assert {i.name: invariants.violations(i) for i in invariants.all_invariants() if invariants.violations(i)} == {}


def _the_paper_is_genuine(order: Order, customer: CustomerAtPhone, site: str) -> None:
    agreement = Order.objects.get(pk=order.pk).agreement
    assert agreement is not None
    signed = agreements.signed(agreement)
    assert signed is not None
    answer = customer.page.request.get(f"{site}/orders/{order.number}/agreement.pdf")
    assert answer.ok
    assert answer.body() == documents.read(signed)
    with ThreadPoolExecutor(1) as aside:  # the browser's event loop runs in this thread
        assert aside.submit(agreements.examine, answer.body(), clock.now()).result().genuine


def _the_term_passes(order: Order, customer: CustomerAtPhone) -> None:
    """Bill 2 is reminded of and paid; bill 3 goes through grace into a late fee, then is paid with it."""
    second, third = (order.lease.bills.get(number=n) for n in (2, 3))
    assert second.due_date is not None
    assert third.due_date is not None
    move_to(second.due_date - timedelta(days=3))
    assert Message.objects.filter(step__startswith=f"bill:{second.pk}:", channel="IN_APP").exists()
    move_to(second.due_date)
    customer.pay_bill(order, 2)
    move_to(third.due_date + timedelta(days=6))
    customer.pay_bill(order, 3)
    third.refresh_from_db(fields=["fee"])
    assert third.fee > 0
    last_day = Order.objects.get(pk=order.pk).lease.last_day
    assert last_day is not None
    move_to(last_day)
