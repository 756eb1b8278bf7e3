"""Customers: they come in, are known, order, pay as their habit is, fall behind, ask, dispute."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Customer
from accounts.services import addresses, codes, identity, sign_in
from arrears.services import hardship
from billing.models import Bill, Lease, Payment
from billing.services import autopay, balance
from catalog.models import LeasePlan
from catalog.rules.shorts import DAY, Dates
from core import calendar
from credit.services import decisions, incomes, reports
from orders.models import Order
from orders.models.orders import CLOSED
from orders.services import checkout, payments
from rental.demo import walk
from rental.demo.life import REGIONS, STREETS
from rental.demo.walk import BACK
from rental.simulation.stage import Stage, read
from sandbox import magic, visitors
from sandbox.models import WechatOrder
from sandbox.services import people

MOST_OPEN = 3
AHEAD, BEHIND = 10, 200  # days around the due date in which a bill may be paid
HABITS: dict[str, list[tuple[int, float]]] = {  # from so many days after the due date on: the share that pays that day
    "early": [(-9, 0.2), (-2, 0.6)],
    "on time": [(-1, 0.5), (0, 0.9)],
    "in grace": [(0, 0.1), (2, 0.5)],
    "late": [(4, 0.2), (12, 0.4)],
    "very late": [(9, 0.05), (25, 0.1)],
    "gives up": [(-1, 0.5), (35, 0.01)],
}
SHARES = [30, 40, 12, 9, 5, 4]


@dataclass
class Person:
    """`gives_up_at`: from that number of bills on nothing is paid for long."""

    customer: Customer
    phone: str
    habit: str
    channel: str
    gives_up_at: int

    def pays(self, stage: Stage, bill: Bill) -> bool:
        assert bill.due_date is not None  # chosen by it
        after = (stage.on - bill.due_date).days
        habit = self.habit
        if habit == "gives up" and bill.number < self.gives_up_at:
            habit = "on time"
        share = max((share for since, share in HABITS[habit] if after >= since), default=0.0)
        return stage.happens(share)


def come_in(stage: Stage, number: int) -> Person:
    """Signs in by phone and code, proves who he is; nobody is known twice."""
    chance = stage.chance
    phone = f"136{number:08d}"
    born = date(1970, 1, 1) + timedelta(days=chance.randrange(12_000))
    name = f"{chance.choice('赵钱孙李周吴郑王冯陈')}{chance.choice('一心小晓子文')}{chance.choice('宁安然清远舟')}"
    card = magic.number(born, f"{number % 899 + 100}", f"{110101 + number:06d}")
    score = None if stage.happens(0.06) else min(max(int(chance.gauss(680, 85)), 360), 940)
    people.know(name, card, phone, score)
    ticket = codes.request(phone, sign_in.PURPOSE, language="zh-hans", at=stage.at).ticket
    stage.work()
    user = sign_in.by_code(phone, walk.code_for(phone), ticket=ticket, language="zh-hans", at=stage.at)
    stage.act("prove identity", identity.request, user.customer, name, card, consent_version="1", at=stage.at)
    street, region = chance.choice(STREETS), f"{chance.choice(REGIONS)}"
    addresses.add(user.customer, name, phone, region, f"{street} {number}", stage.at)
    stage.tally["come in", "done"] += 1
    [habit] = chance.choices(list(HABITS), SHARES)
    return Person(user.customer, phone, habit, chance.choice(["alipay", "alipay", "wechat"]), chance.randint(2, 8))


def standing() -> Counter[int]:
    """Customer → his open orders."""
    return Counter(Order.objects.exclude(state__in=CLOSED).values_list("customer", flat=True))


def shop(stage: Stage, person: Person, standing: int, share: float) -> None:
    """Perhaps another order, on a `share` of the days: whoever has one `standing` is less likely to look."""
    if standing >= MOST_OPEN or not stage.happens(share / (1 + 2 * standing)):
        return
    _be_trusted(stage, person)
    plan = stage.one_of(LeasePlan.objects.filter(state=LeasePlan.State.PUBLISHED).order_by("pk"))
    months = stage.one_of(plan.terms.order_by("months").values_list("months", flat=True)) or 0
    dates = None
    if not months:
        first = stage.on + stage.chance.randint(4, 12) * DAY
        dates = Dates(first, first + stage.chance.randint(1, 9) * DAY)
    home = addresses.latest(person.customer)
    assert home is not None
    key = f"simulated-{person.phone}-{stage.at:%Y%m%d%H%M%S}"

    def place() -> None:
        cost = checkout.quote(person.customer, plan, months, stage.on, dates=dates)
        for _ in range(2 if stage.happens(0.05) else 1):  # pressed twice, at times
            checkout.place(person.customer, plan.pk, months, home, cost.digest, key, stage.at, dates=dates)

    stage.act("order", place)


def pay_due(stage: Stage, folk: dict[int, Person]) -> None:
    """Everybody looks at his bills once a day."""
    near = Bill.objects.filter(
        state=Bill.State.OPEN, lease__state=Lease.State.LIVE, due_date__lte=stage.on + timedelta(days=AHEAD),
        due_date__gte=stage.on - timedelta(days=BEHIND), lease__customer__in=folk,
    )  # fmt: skip
    wanted: dict[int, list[int]] = {}
    for bill in near.select_related("lease").order_by("lease", "number"):
        if folk[bill.lease.customer_id].pays(stage, bill):
            wanted.setdefault(bill.lease_id, []).append(bill.pk)
    owners = dict(Order.objects.filter(lease__in=wanted).values_list("lease", "pk"))
    for lease, bills in wanted.items():
        order = read(owners[lease])
        person = folk[order.customer_id]
        pay(stage, person, "pay bills", payments.pay_bills, order, bills, stage.at, person.channel)


def pay(stage: Stage, person: Person, name: str, intend: Callable[..., Payment], *args: Any) -> None:
    """To the provider's page and, mostly, to the end of it; some walk away."""
    does = stage.chance.choices([visitors.pay, visitors.look, visitors.decline], [94, 3, 3])[0]
    stage.act(name, lambda: does(payments.page(intend(*args), BACK), person.phone))
    if stage.happens(0.8):  # else the courier is slow
        stage.deliver()


def freeze(stage: Stage, person: Person, order: Order) -> None:
    stage.act("freeze deposit", lambda: visitors.pay(
        payments.freeze_page(payments.freeze_deposit(order, stage.at), BACK), person.phone))  # fmt: skip
    stage.deliver()


def live(stage: Stage, person: Person) -> None:
    """What a customer does now and then beside his orders."""
    lease = stage.one_of(Lease.objects.filter(customer=person.customer, state=Lease.State.LIVE).order_by("pk"))
    if lease is None:
        return
    match stage.chance.choice(["deduct", "revoke", "hardship", "balance", "dispute", "on", "on"]):
        case "deduct":
            stage.act("agree to deduct", _agree, stage, person, lease)
            stage.deliver()
        case "revoke" if stage.happens(0.2):
            stage.act("stop deducting", autopay.revoke, lease.pk, stage.at)
        case "hardship" if person.habit in {"very late", "gives up", "late"}:
            who = f"customer:{person.customer.pk}"
            stage.act("ask for relief", hardship.ask, lease.pk, "这个月很难", Decimal(100), who, stage.at)
        case "balance":
            stage.act("take balance out", balance.pay_out, person.customer, stage.at)
        case "dispute":
            paid = WechatOrder.objects.filter(paid_at__gt=stage.at - timedelta(days=30)).order_by("pk")
            number = stage.one_of(paid.values_list("out_trade_no", flat=True)) if stage.happens(0.1) else None
            if number:
                stage.act("complain at the provider", visitors.complain, number, "不是我付的")


def _agree(stage: Stage, person: Person, lease: Lease) -> None:
    made = autopay.open(lease.pk, "alipay", on=stage.on, at=stage.at)
    visitors.pay(autopay.page(made, BACK, "phone"), person.phone)


def _be_trusted(stage: Stage, person: Person) -> None:
    if incomes.standing(person.customer) is None and stage.happens(0.5):
        income = Decimal(stage.chance.randrange(3000, 20000, 500))
        stage.act("declare income", incomes.declare, person.customer, income, stage.at)
    if decisions.current(person.customer, calendar.business_date(stage.at)) is None:
        stage.act("be scored", _authorise, stage, person)


def _authorise(stage: Stage, person: Person) -> None:
    code = visitors.auth_code(reports.authorise_url(person.customer), person.phone)
    reports.authorised(person.customer, code, stage.at)
