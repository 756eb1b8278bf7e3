"""Builders: people, offers and orders made by walking the real services, at explicit instants."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import time_machine
from django.test import Client
from django.utils.module_loading import import_string

from accounts import staff
from accounts.models import Address, Customer, Merchant, MerchantMember, User
from accounts.services import addresses, codes, identity, sign_in
from catalog.models import DeviceType, LeasePlan, LendingRate
from catalog.rules.shorts import Dates
from core import calendar
from core.services import outbox
from credit.models import TierSet
from credit.services import reports
from integrations.logistics import Condition, Scan, Tracking
from orders.models import Order, Parcel, State
from orders.services import checkout, inspections, payments, receipts, returns, shipping, signing, tracking
from rental.demo import cast, seed
from rental.routes import ROUTES
from sandbox import keys as sandbox_keys
from sandbox import magic, visitors
from sandbox.services import notices, people, sms
from tests.quick_paper import quick_paper

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # Monday 10:00 in Shanghai
NAME = "林晓"
_serial = itertools.count(1)


@contextmanager
def moment(at: datetime) -> Iterator[None]:
    """The machine's clock stands at `at`, for doors, tasks and the sandbox."""
    with time_machine.travel(at, tick=False):
        yield


def drain(at: datetime) -> int:
    """Do all outbox work that waits, as the relay and the workers would, at `at`."""
    done = 0

    def run(task: str, message_id: int, payload: dict[str, Any]) -> None:
        waiting.append((task, message_id, payload))

    with moment(at):
        while True:
            waiting: list[tuple[str, int, dict[str, Any]]] = []
            outbox.publish(run, ROUTES, at)
            if not waiting:
                return done
            for task, message_id, payload in waiting:
                import_string(task)(message_id, payload)
                done += 1


def deliver_notices(at: datetime) -> int:
    """Post what the sandbox has to tell to our own site, then act on it."""
    with moment(at):
        count = notices.deliver_due(at, notices.into(Client()))
    drain(at)
    return count


def id_number(born: date = date(1995, 3, 12)) -> str:
    """A valid ID number of an ordinary person, another one at each call."""
    return magic.number(born, f"{next(_serial) % 899:03d}", area=f"{110101 + next(_serial) % 80000:06d}")


def phone() -> str:
    return f"139{next(_serial):08d}"


def signed_up(number: str | None = None, at: datetime = AT) -> Customer:
    """Somebody who signed in by phone and code, no more."""
    number = number or phone()
    ticket = codes.request(number, sign_in.PURPOSE, language="zh-hans", at=at).ticket
    drain(at)
    user = sign_in.by_code(number, sms.latest(number).params["code"], ticket=ticket, language="zh-hans", at=at)
    return user.customer


def verified(name: str = NAME, at: datetime = AT, card: str | None = None) -> Customer:
    """A customer whose identity is proved."""
    customer = signed_up(at=at)
    identity.request(customer, name, card or id_number(), consent_version="2026-01", at=at)
    drain(at)
    assert identity.verified(customer) is not None
    return customer


def customer(score: int | None = 726, at: datetime = AT) -> Customer:
    """A customer with proved identity and a decision on `score`."""
    tiers(at)
    made = verified(at=at)
    number = phone_of(made, at)
    owner = people.owner(people.account(number))
    assert owner is not None
    owner.score = score
    owner.save(update_fields=["score"])
    with moment(at):
        code = visitors.auth_code(reports.authorise_url(made), number)
    reports.authorised(made, code, at)
    drain(at)
    return made


def tiers(at: datetime = AT) -> TierSet:
    """The cast's waiver tiers, published."""
    return TierSet.objects.filter(state="PUBLISHED").first() or seed.tier_set(at)


def operator(login: str = "operator") -> User:
    found = User.objects.filter(login=login).first()
    return found or User.objects.create_superuser(login, cast.PASSWORD)


def gave_second_factor(client: Client) -> None:
    """Whoever signed in at this client showed his authenticator app's code as well."""
    session = client.session
    session[staff.SECOND_FACTOR] = True
    session.save()


def signed_in(user: User) -> Client:
    """A browser in which this person is in, with the second factor where one is asked for."""
    client = Client()
    client.force_login(user)
    gave_second_factor(client)
    return client


def merchant_member(login: str = "shiguang") -> User:
    """The person who works for the cast's merchant of that login, the merchant included."""
    found = User.objects.filter(login=login).first()
    if found:
        return found
    role = next(role for role in cast.MERCHANTS if role.login == login)
    merchant = Merchant.objects.create(
        name=role.name,
        name_en=role.name_en,
        licence_number=role.licence_number,
        address=role.address,
        return_address=role.address,
        telephone="400-000-0000",
    )
    user = User.objects.create_user(login, cast.PASSWORD, kind=User.Kind.MERCHANT)
    MerchantMember.objects.create(user=user, merchant=merchant, role=MerchantMember.Role.OWNER)
    return user


def plan(slug: str = "q7-pro", at: datetime = AT) -> LeasePlan:
    """The published plan of one of the cast's models, with units on the shelf."""
    found = LeasePlan.objects.filter(sku__device_model__slug=slug, state="PUBLISHED").first()
    if found:
        return found
    LendingRate.objects.get_or_create(day=date(2025, 5, 20), defaults={"rate_yearly": Decimal("0.030")})
    index, role = next((i, role) for i, role in enumerate(cast.MODELS) if role.slug == slug)
    kind = DeviceType.objects.filter(code=role.type_code).first() or seed.device_type(role.type_code)
    merchant = merchant_member(role.merchant).membership.merchant
    return seed.offer(role, kind, merchant, operator(), at, first_unit=index * 100)


def address(of: Customer, at: datetime = AT) -> Address:
    return addresses.add(of, NAME, "13900000000", "广东省深圳市南山区", "科苑路 15 号 3 栋 1201", at)


def order(
    state: str = State.PLACED,
    *,
    of: Customer | None = None,
    slug: str = "q7-pro",
    months: int = 12,
    at: datetime = AT,
    on_paper: bool = False,
    dates: Dates | None = None,
) -> Order:
    """An order walked to `state` by the real services, each step a minute or a day after the one before.

    Its agreement is a quick one unless the test wants it `on_paper`: printed with its own words and really signed.
    """
    of = of or customer(at=at)
    offer = plan(slug, at)
    months = 0 if dates else months
    cost = checkout.quote(of, offer, months, calendar.business_date(at), dates=dates)
    key = f"key-{next(_serial)}"
    made = checkout.place(of, offer.pk, months, address(of, at), cost.digest, key, at, dates=dates)
    placed = made.orders.get()
    with nullcontext() if on_paper else quick_paper():
        for step, name in enumerate(_STEPS):
            if placed.state == state:
                break
            _STEPS[name](placed, at + timedelta(minutes=step + 1))
            placed = Order.objects.get(pk=placed.pk)
    return Order.objects.get(pk=placed.pk)


def sign(of: Order, at: datetime) -> None:
    """Read, confirm, enter the code, let the worker sign."""
    sandbox_keys.make_all()
    number = phone_of(of.customer, at)
    agreement = Order.objects.get(pk=of.pk).agreement
    assert agreement is not None
    from contracts.services import agreements

    with moment(at):
        signing.request_code(Order.objects.get(pk=of.pk), at)
    drain(at)
    confirmed = [term.code.value for term in agreements.key_terms(agreement, "zh", "platform", at)]
    signing.intend(of.pk, confirmed, sms.latest(number).params["code"], {"address": "127.0.0.1"}, at)
    drain(at)


def pay_first(of: Order, at: datetime) -> None:
    """Pay bill 1 and freeze or pay the deposit on the sandbox's pages; the notices come in."""
    of = Order.objects.get(pk=of.pk)
    number = phone_of(of.customer, at)
    with moment(at):
        payment = payments.pay_first(of, at)
        visitors.pay(payments.page(payment, "http://testserver/"), number)
    deliver_notices(at)
    if Order.objects.get(pk=of.pk).state == State.SIGNED:
        with moment(at):
            visitors.pay(_securing_page(of, at), number)
        deliver_notices(at)


def _securing_page(of: Order, at: datetime) -> str:
    if of.lease.deposit.kind == "PAID":
        return payments.page(payments.pay_deposit(of, at), "http://testserver/")
    return payments.freeze_page(payments.freeze_deposit(of, at), "http://testserver/")


def pay_bill(of: Order, bill_number: int, at: datetime) -> None:
    """Pay one bill on the sandbox's page; the notice comes in."""
    number = phone_of(of.customer, at)
    bill = of.lease.bills.get(number=bill_number)
    with moment(at):
        payment = payments.pay_bills(of, [bill.pk], at)
        visitors.pay(payments.page(payment, "http://testserver/"), number)
    deliver_notices(at)


def waybill() -> str:
    return f"SF{next(_serial):012d}"


def scan(of: Order, when: datetime, at: datetime | None = None) -> None:
    """The carrier tells at `at` that it took the order's newest parcel at `when`."""
    parcel = Parcel.objects.filter(order=of).order_by("-id")[0]
    scans = (Scan(when, "已揽收", "", Condition.COLLECTED),)
    tracking.record(parcel.pk, Tracking(parcel.carrier, parcel.waybill, Condition.COLLECTED, scans), at or when)


def _ship(of: Order, at: datetime) -> None:
    held = Order.objects.filter(unit__isnull=False, closed_at=None).values("unit")
    unit = of.merchant.units.filter(sku=of.plan.sku).exclude(pk__in=held).order_by("pk").first()
    assert unit is not None
    shipping.ship(of.pk, "merchant:1", unit.serial, "sf", waybill(), at)
    drain(at)


def _return(of: Order, at: datetime) -> None:
    """On the last day, with every bill paid before."""
    lease = Order.objects.get(pk=of.pk).lease
    assert lease.last_day is not None
    for bill in lease.bills.exclude(state="PAID").order_by("number"):
        assert bill.due_date is not None
        pay_bill(of, bill.number, calendar.instant(bill.due_date, 12))
    last = calendar.instant(lease.last_day, 12)
    returns.open_return(of.pk, f"customer:{of.customer_id}", last)
    returns.hand_over(of.pk, f"customer:{of.customer_id}", "sf", waybill(), last)


def _back_at(of: Order) -> datetime:
    return Parcel.objects.get(order=of, way=Parcel.Way.BACK).handed_over_at + timedelta(days=1)


def _pass(of: Order, at: datetime) -> None:
    inspections.pass_device(
        of.pk, merchant_member(), serial_matches=True, wiped=True, note="", at=_back_at(of) + timedelta(hours=1)
    )


_STEPS = {
    State.APPROVED: lambda of, at: drain(at),
    State.SIGNED: sign,
    State.PAID: pay_first,
    State.SHIPPED: _ship,
    State.ACTIVE: lambda of, at: receipts.confirm(of.pk, f"customer:{of.customer_id}", at),
    State.RETURNING: _return,
    State.INSPECTING: lambda of, at: inspections.arrive(of.pk, "merchant:1", _back_at(of)),
    State.COMPLETED: _pass,
}


def phone_of(of: Customer, at: datetime) -> str:
    return str(of.user.phone.open(by="test", purpose="test", at=at))
