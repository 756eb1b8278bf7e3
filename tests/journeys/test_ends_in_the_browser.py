"""How leases end, each walked in a browser of 390 px: the years before are made by the services, the end by people."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from billing.models import Refund
from core import calendar, clock, jobs
from orders.models import Order, State
from rental.demo import asking, cast
from sandbox.services import parcels
from sandbox.shipments import Shipment
from tests import make, walks
from tests.journeys.people import CustomerAtPhone, MerchantAtDesk, enter_desk, main_button, press, until

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@dataclass
class Past:
    """An order as it stands when its end begins, and who rents."""

    order: Order
    role: cast.PersonRole


@pytest.fixture
def past(stage: None, request: Any) -> Past | None:
    """An order of `(slug, months, state, days since, bills paid)`; what fell due until now of those is paid."""
    if request.param is None:
        return None
    slug, months, state, days, paid = request.param
    at = clock.now() - timedelta(days=days)
    renter = make.customer(at=at)
    order = make.order(state, slug=slug, months=months, of=renter, at=at)
    if state == State.ACTIVE:
        due = order.lease.bills.filter(state="OPEN", due_date__lte=calendar.business_date(clock.now()))
        for bill in due.filter(number__lte=paid):
            assert bill.due_date is not None
            make.pay_bill(order, bill.number, calendar.instant(bill.due_date, 12))
    return Past(order, replace(cast.PEOPLE[0], phone=make.phone_of(renter, at)))


def lived(slug: str, months: int, days: int, state: str = State.ACTIVE, paid: int = 99) -> Any:
    return pytest.mark.parametrize("past", [(slug, months, state, days, paid)], indirect=True, ids=[slug])


@pytest.fixture
def customer(past: Past, site: str, new_context: Callable[..., Any]) -> CustomerAtPhone:
    made = CustomerAtPhone(new_context(viewport=PHONE, locale="zh-CN").new_page(), site, past.role)
    made.sign_in()
    return made


@pytest.fixture
def merchant(past: Past, site: str, new_context: Callable[..., Any]) -> MerchantAtDesk:
    login = past.order.merchant.members.get(role="OWNER").user.login
    return MerchantAtDesk(new_context(viewport=DESK).new_page(), site, login)


@pytest.fixture
def desk(new_context: Callable[..., Any]) -> Page:
    page: Page = new_context(viewport=DESK).new_page()
    return page


def move_to(day: date, hour: int = 12) -> None:
    """The clock goes on to a business day, and every day on the way is run."""
    clock.move(calendar.instant(day, hour) - clock.now())
    jobs.catch_up(day, clock.now())


def today() -> date:
    return calendar.business_date(clock.now())


def sent_back(customer: CustomerAtPhone, merchant: MerchantAtDesk, order: Order) -> None:
    """The parcel goes off and comes in two days later."""
    customer.act(order, "hand-over", carrier="sf", waybill=make.waybill())
    move_to(today() + timedelta(days=2))
    merchant.sign_in()
    merchant.act(order, "arrive")


@lived("mini-4", 3, 85)
def test_a_return_with_a_dispute(past: Past, customer: CustomerAtPhone, merchant: MerchantAtDesk, desk: Page) -> None:
    """A cracked corner is claimed, the customer says no, the platform decides for a part; the rest comes back."""
    order = past.order
    move_to(_last_day(order))
    customer.act(order, "return")
    sent_back(customer, merchant, order)
    merchant.claim(order, asking.badge())
    customer.dispute(order, "寄出时没有裂")

    enter_desk(desk, customer.site, "operator")
    desk.goto(f"{customer.site}/desk/claims/{order.number}/")
    desk.locator("input[name^=line_]").fill("50")
    desk.fill("[name=grounds]", "包装照片里已有旧痕")
    press(main_button(desk))
    customer.reach(order, "COMPLETED")
    settled(order)
    customer.go(f"/orders/{order.number}/inspection/")
    expect(customer.page.locator("main")).to_contain_text("包装照片里已有旧痕")
    assert order.lease.deposit.freezes.get(held=0).captured == 50


@lived("q7-pro", 6, 160)
def test_a_renewal_then_a_buyout(past: Past, customer: CustomerAtPhone) -> None:
    """Rented on with an addendum, then bought; whoever holds the title paper has it checked without an account."""
    order, last_day = past.order, _last_day(past.order)
    customer.renew(order)
    move_to(last_day + timedelta(days=1))
    assert _last_day(walks.read(order)) > last_day

    customer.act(order, "buy", at="leases")
    customer.pay_extra(order, "BUYOUT")
    customer.reach(order, "COMPLETED")
    settled(order)
    until(lambda: len(papers(customer, order)) == 2, "the title paper")
    for path in papers(customer, order):
        answer = customer.page.request.get(f"{customer.site}{path}")
        assert answer.ok
        assert genuine(customer, answer.body())


@lived("q7-pro", 12, 100)
def test_an_early_return(past: Past, customer: CustomerAtPhone, merchant: MerchantAtDesk) -> None:
    """Its price stands before the yes, is fixed when the carrier has the parcel, and is paid; later rents are gone."""
    order = past.order
    customer.act(order, "return-early", at="leases")
    sent_back(customer, merchant, order)
    merchant.act(order, "pass", serial_matches=True, wiped=True)
    customer.pay_extra(order, "EARLY")
    customer.reach(order, "COMPLETED")
    settled(order)
    assert not order.lease.bills.filter(state="OPEN").exists()


@lived("q7-pro", 12, 100)
def test_a_swap(past: Past, customer: CustomerAtPhone, merchant: MerchantAtDesk) -> None:
    """Another device for this one: the old lease runs until the new one is there, then goes back and is settled."""
    old = past.order
    new = customer.swap(old)
    customer.sign(new)
    customer.pay_first(new)
    assert walks.read(old).state == State.ACTIVE
    merchant.sign_in()
    unit = new.merchant.units.filter(sku=new.plan.sku).earliest("pk")
    merchant.act(new, "ship", code=unit.serial, carrier="sf", waybill=make.waybill())
    customer.act(new, "confirm")
    customer.reach(old, "RETURNING")
    sent_back(customer, merchant, old)
    merchant.act(old, "pass", serial_matches=True, wiped=True)
    if old.lease.bills.filter(kind="EARLY", state="OPEN").exists():
        customer.pay_extra(old, "EARLY")
    customer.reach(old, "COMPLETED")
    settled(old)
    assert walks.read(new).state == State.ACTIVE
    assert not old.lease.bills.filter(state="OPEN").exists()


@lived("mini-4", 6, 80, paid=1)
def test_late_rents_are_paid_in_parts(past: Past, customer: CustomerAtPhone, desk: Page) -> None:
    """Two late rents: the desk offers a plan, the customer signs it and pays its first part, and nothing grows."""
    order = past.order
    enter_desk(desk, customer.site, "operator")
    desk.goto(f"{customer.site}/desk/orders/{order.number}/extension/")
    press(desk.locator("section[aria-labelledby=pick] button.primary"))
    expect(desk).not_to_have_url(re.compile("/extension/"))
    customer.sign_plan(order)
    customer.pay_bill(order, 2001)
    states = order.lease.bills.filter(number__in=[2, 3]).values_list("state", flat=True)
    assert list(states) == ["REPLANNED", "REPLANNED"]
    customer.go(f"/orders/{order.number}/extension/")
    assert walks.broken() == {}


@lived("mini-4", 6, 40)
def test_a_lost_device(past: Past, customer: CustomerAtPhone) -> None:
    """Reported at the figures shown, its value paid once, no later rent."""
    order = past.order
    customer.act(order, "lost", how="lost", story="昨天在地铁上丢了")
    customer.pay_extra(order, "LOSS")
    customer.reach(order, "COMPLETED")
    settled(order)
    assert not order.lease.bills.filter(state="OPEN").exists()


@lived("mini-4", 6, 40)
def test_a_lost_device_that_is_found(past: Past, customer: CustomerAtPhone, merchant: MerchantAtDesk) -> None:
    """Its value was paid; found weeks later it goes back with a label, and the money comes back less day rent."""
    order = past.order
    customer.act(order, "lost", how="stolen", story="地铁上被偷", police="A-2026-77")
    customer.pay_extra(order, "LOSS")
    customer.reach(order, "COMPLETED")
    move_to(today() + timedelta(days=25))  # past the last period that was paid
    customer.act(order, "found-late")
    customer.label(order)
    customer.act(order, "send-found", carrier="sf", waybill=make.waybill())
    move_to(today() + timedelta(days=2))
    merchant.sign_in()
    merchant.act(order, "found-arrived")
    found, paid = order.retrievals.get(), order.lease.bills.get(kind="LOSS").rent
    assert found.day_rent > 0
    assert found.refunded == paid - found.day_rent
    until(lambda: not Refund.objects.filter(lease=order.lease).exclude(state="SUCCEEDED").exists(), "the refund")
    settled(order)


@lived("q7-pro", 12, 20)
def test_a_fault_and_its_repair(past: Past, customer: CustomerAtPhone, merchant: MerchantAtDesk) -> None:
    """Reported with a picture, repaired, sent back; the days that the carrier tells come off the next bill."""
    order = past.order
    customer.act(order, "fault", words="屏幕左上角不亮")
    customer.photograph(order, asking.badge())
    merchant.sign_in()
    merchant.page.goto(f"{merchant.site}/portal/orders/{order.number}/")
    expect(merchant.page.locator("section[aria-labelledby=faults] img")).to_have_count(1)
    merchant.act(order, "fault-repair")
    customer.label(order)
    customer.act(order, "fault-send", carrier="sf", waybill=make.waybill())
    carried(order, "TO_REPAIR", days=2)
    merchant.act(order, "fault-back", carrier="sf", waybill=make.waybill())
    carried(order, "FROM_REPAIR", days=3)
    customer.act(order, "fault-received")
    fault, bill = order.faults.get(), order.lease.bills.get(number=2)
    assert (fault.state, fault.days) == ("DONE", 5)
    assert bill.reduced == fault.credited > 0
    customer.go(f"/leases/{order.number}/bills/2/")
    expect(customer.page.locator("main")).to_contain_text(f"{bill.reduced}")
    assert walks.broken() == {}


@lived("mini-4", 3, 2, State.SHIPPED)
def test_a_defect_at_receipt(past: Past, customer: CustomerAtPhone, merchant: MerchantAtDesk) -> None:
    """The lease never begins: the parcel goes back, and with it all that was paid and frozen."""
    order = past.order
    customer.act(order, "defect", power=True, words="开不了机")
    customer.act(order, "hand-over", carrier="sf", waybill=make.waybill())
    clock.move(timedelta(days=1))
    merchant.sign_in()
    merchant.act(order, "arrive")
    merchant.act(order, "pass", serial_matches=True, wiped=True)
    customer.reach(order, "COMPLETED")
    settled(order)
    customer.go(f"/orders/{order.number}/")
    until(lambda: Refund.objects.get(lease=order.lease).state == "SUCCEEDED", "the refund")


@pytest.mark.parametrize("past", [None], indirect=True, ids=["trip-6"])
def test_a_weekend_camera(past: None, site: str, new_context: Callable[..., Any]) -> None:
    """Two days tapped on the calendar, one bill; the carrier's delivery is the receipt. Broken on the second day, it
    goes back with a picture, and the days from then on come back."""
    customer = CustomerAtPhone(new_context(viewport=PHONE, locale="zh-CN").new_page(), site, cast.PEOPLE[0])
    customer.sign_in()
    customer.prove_identity()
    customer.authorise_score()
    first = today() + timedelta(days=8)
    order = customer.order_days("trip-6", first, first + timedelta(days=2))
    customer.sign(order)
    customer.pay_first(order)
    merchant = MerchantAtDesk(new_context(viewport=DESK).new_page(), site, "xingyun")
    move_to(first - timedelta(days=2))
    merchant.sign_in()
    merchant.act(order, "ship", code=walks.read(order).booking.unit.serial, carrier="sf", waybill=make.waybill())
    carried(order, "OUT", days=1)
    customer.reach(order, "ACTIVE")
    move_to(first + timedelta(days=1), 9)
    customer.act(order, "broken", power=True, words="开不了机")
    customer.photograph(order, asking.badge())
    sent_back(customer, merchant, order)
    merchant.act(order, "pass", serial_matches=True, wiped=True)
    customer.reach(order, "COMPLETED")
    settled(order)
    bill = walks.read(order).lease.bills.get()
    assert bill.reduced == Decimal("265.33")  # two of three days at 398
    until(lambda: Refund.objects.get(payment__customer=order.customer).state == "SUCCEEDED", "the refund")


def carried(order: Order, way: str, days: int) -> None:
    """The carrier of the newest parcel takes it today and brings it after some days, and tells so each time."""
    parcel = order.parcels.get(way=way)
    until(lambda: Shipment.objects.filter(number=parcel.waybill).exclude(callback_url="").exists(), "the subscription")
    shipment = Shipment.objects.get(number=parcel.waybill)
    parcels.move(shipment, "collected", clock.now())
    until(lambda: parcel.scans.count() == 1, "the first scan")
    move_to(today() + timedelta(days=days))
    parcels.move(shipment, "delivered", clock.now())
    until(lambda: parcel.scans.count() == 2, "the delivery")


def settled(order: Order) -> None:
    """Nothing is held any more, and every invariant stands."""
    until(lambda: walks.read(order).lease.deposit.state in ("RELEASED", "WAIVED"), "the deposit")
    assert walks.broken() == {}


def papers(customer: CustomerAtPhone, order: Order) -> list[str]:
    """The addresses of what was signed after the agreement, from the lease page."""
    customer.go(f"/leases/{order.number}/")
    links = customer.page.locator("a[href*='/papers/']").all()
    return [str(link.get_attribute("href")) for link in links]


def genuine(customer: CustomerAtPhone, paper: bytes) -> bool:
    """What the public page says of a paper."""
    customer.go("/verify/")
    customer.page.set_input_files("input[type=file]", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": paper})
    press(main_button(customer.page))
    return customer.page.locator(".notice.ok").count() > 0


def _last_day(order: Order) -> date:
    assert order.lease.last_day is not None
    return order.lease.last_day
