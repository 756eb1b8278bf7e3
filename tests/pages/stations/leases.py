"""Leases at each station of their term and of their end."""

from datetime import datetime, timedelta

from accounts.models import Customer
from accounts.services.standstills import Event
from billing.models import Bill
from billing.rules.extension import Terms
from billing.services import extensions as plans
from billing.services import (
    statements,
)
from billing.services.offline import Receipt
from catalog.services import units
from core import calendar
from orders.models import Order, State
from orders.services import (
    aftersales,
    claims,
    extensions,
    fault_waits,
    inspections,
    losses,
    offline,
    opinions,
    payments,
    photos,
    renewals,
    retrievals,
    returns,
    standstills,
)
from sandbox import visitors
from tests import evidence, make
from tests.pages.stations.plans import LESSOR, SHORT, SLUG, TERM_AGO


def running(renter: Customer, now: datetime) -> dict[str, Order]:
    """One lease in good order, one with late bills, one parcel that nobody delivered."""
    late = make.order(State.ACTIVE, of=renter, slug=SLUG, at=now - timedelta(days=90))
    active = make.order(State.ACTIVE, of=renter, slug=SLUG, at=now - timedelta(days=35))
    person = make.customer(at=now - timedelta(days=90))
    planned = make.order(State.ACTIVE, of=person, slug=SLUG, at=now - timedelta(days=90))
    _offered(planned, now - timedelta(hours=1))
    began = now - timedelta(days=126)
    lettered = make.order(State.ACTIVE, of=make.customer(at=began), slug="q7-pro", at=began)
    paid_at = now - timedelta(days=5)
    owed = statements.view(active.lease.bills.get(number=2), calendar.business_date(paid_at)).owed_now
    receipt = Receipt(owed + 100, paid_at, "B-0007", "100 too much")
    offline.record(active, [2], receipt, f"operator:{make.operator().pk}", paid_at)
    opinions.give(active.pk, "RECEIPT-0", 2, "盒子是湿的", f"customer:{renter.pk}", now - timedelta(days=33))
    lately = now - timedelta(days=3)
    ago = now - timedelta(days=60)
    mourned = make.order(State.ACTIVE, of=make.customer(at=ago), slug="q7-pro", at=ago)
    day = calendar.business_date(now) - timedelta(days=1)
    happened = Event("DEATH", day, "女儿出示死亡证明")
    standstills.record(mourned.customer, happened, evidence.picture(), f"operator:{make.operator().pk}", now)
    return {
        "MOURNED": mourned,
        "RECEIVED": make.order(State.ACTIVE, of=make.customer(at=lately), slug="q7-pro", at=lately),
        "LATE": late,
        "PLANNED": planned,
        "LETTERED": lettered,
        "ACTIVE": active,
        "SHIPPED": make.order(State.SHIPPED, of=renter, slug=SLUG, at=now - timedelta(days=12)),
    }


def _offered(order: Order, at: datetime) -> None:
    """An extension plan waits for its customer's yes or no."""
    on = calendar.business_date(at)
    due = tuple(plans.choosable(order.lease_id, on).values_list("number", flat=True))
    extensions.offer(order.pk, Terms(due, 3, on + timedelta(days=7)), f"operator:{make.operator().pk}", at)
    make.drain(at)


def renewing(now: datetime) -> dict[str, Order]:
    """In the last weeks of six months: one may be rented on, of one the addendum waits for its signature."""
    ago, lately = now - timedelta(days=170), now - timedelta(hours=2)
    person, made = make.customer(at=ago), {}
    for name in ("LAST_WEEKS", "RENEWING"):
        made[name] = make.order(State.ACTIVE, of=person, slug=SLUG, months=6, at=ago)
        ids = made[name].lease.bills.filter(number__gt=1).values_list("pk", flat=True)
        with make.moment(ago + timedelta(days=2)):
            payment = payments.pay_bills(made[name], list(ids), ago + timedelta(days=2))
            visitors.pay(payments.page(payment, "http://testserver/"), make.phone_of(person, ago))
        make.deliver_notices(ago + timedelta(days=2))
    renewals.open(made["RENEWING"].pk, 1, f"customer:{person.pk}", lately)
    make.drain(lately)
    return made


def faulty(now: datetime) -> dict[str, Order]:
    """A fault at each station, and a device that was paid for and is there again."""
    ago = now - timedelta(days=45)
    person = make.customer(at=ago)
    names = ("FAULT_TOLD", "FAULT_AT_DESK", "FAULT_ACCEPTED", "FAULT_LOST", "FAULT_BACK", "FOUND")
    plan = make.plan(SHORT, ago)
    for name in names:
        units.add(plan.merchant, plan.sku, f"{SHORT}-{name}".replace("_", "-"), "", ago)
    made = {name: make.order(State.ACTIVE, of=person, slug=SHORT, months=3, at=ago) for name in names}
    actor, day = f"customer:{person.pk}", timedelta(days=1)
    for name in names[:-1]:
        made[name] = Order.objects.get(pk=made[name].pk)
        at = now - (25 if name == "FAULT_LOST" else 10 if name == "FAULT_BACK" else 1) * day
        aftersales.report(made[name].pk, "屏幕左上角不亮", actor, at)
        photos.add(made[name].pk, "FAULTY", "SCREEN", evidence.picture(), actor, at)
        if name == "FAULT_AT_DESK":
            fault_waits.end_wait(made[name].pk, at + 8 * day)
        elif name != "FAULT_TOLD":
            aftersales.accept(made[name].pk, "REPAIR", "merchant:1", at)
        if name in ("FAULT_LOST", "FAULT_BACK"):
            aftersales.send_in(made[name].pk, "sf", make.waybill(), actor, at + day)
            make.scan(made[name], at + day)
    fault_waits.end_wait(made["FAULT_LOST"].pk, now - 5 * day)
    aftersales.arrive(made["FAULT_BACK"].pk, "merchant:1", now - 6 * day)
    aftersales.send_back(made["FAULT_BACK"].pk, "", "sf", make.waybill(), "merchant:1", now - 2 * day)
    make.scan(made["FAULT_BACK"], now - day)
    make.pay_bill(made["FOUND"], 2, now - 10 * day)
    losses.report(made["FOUND"].pk, actor, losses.LOST, "地铁上", "", now - 5 * day)
    make.pay_bill(made["FOUND"], Bill.objects.get(lease=made["FOUND"].lease, kind="LOSS").number, now - 4 * day)
    make.drain(now - 3 * day)
    retrievals.open(made["FOUND"].pk, actor, now - day)
    return made


def ended(renter: Customer, other: Customer, now: datetime) -> dict[str, Order]:
    """Leases of three months that are over, or nearly."""
    ago = now - TERM_AGO
    made = {
        state: make.order(State(state), of=renter, slug=SHORT, months=3, at=ago)
        for state in ("RETURNING", "INSPECTING", "COMPLETED")
    }
    opened = make.order(State.ACTIVE, of=other, slug=SHORT, months=3, at=ago)
    settling = make.order(State.ACTIVE, of=renter, slug=SHORT, months=3, at=ago)
    for order, paid_to in ((opened, 3), (settling, 2)):
        lease = Order.objects.get(pk=order.pk).lease
        for bill in lease.bills.filter(number__range=(2, paid_to)):
            assert bill.due_date is not None
            make.pay_bill(order, bill.number, calendar.instant(bill.due_date, 12))
        assert lease.last_day is not None
        returns.open_return(order.pk, f"customer:{order.customer_id}", calendar.instant(lease.last_day, 12))
    lease = Order.objects.get(pk=settling.pk).lease
    assert lease.last_day is not None
    back = calendar.instant(lease.last_day, 12)
    returns.hand_over(settling.pk, f"customer:{renter.pk}", "sf", make.waybill(), back)
    inspections.arrive(settling.pk, "merchant:1", back + timedelta(days=1))
    inspections.pass_device(
        settling.pk, make.merchant_member(LESSOR), serial_matches=True, wiped=True, note="", at=back + timedelta(days=1)
    )
    return {**made, "OPENED": opened, "SETTLING": settling, **_claimed(renter, ago, now)}


def _claimed(renter: Customer, ago: datetime, now: datetime) -> dict[str, Order]:
    """Damage that its customer has to answer, and damage that he disputes."""
    found = inspections.Findings(serial_matches=True, wiped=True, note="", condition="GOOD")
    made = {}
    for name in ("CLAIMED", "DISPUTED"):
        made[name] = make.order(State.INSPECTING, of=renter, slug=SHORT, months=3, at=ago)
        lines = [claims.Found(code, "left corner", evidence.picture()) for code in ("scratch", "battery")]
        claims.propose(made[name].pk, make.merchant_member(LESSOR), found, lines, now - timedelta(hours=2))
    said, pictures = "It was so when it came.", [evidence.picture()]
    claims.dispute(made["DISPUTED"].pk, f"customer:{renter.pk}", said, pictures, now - timedelta(hours=1))
    return made
