"""One customer's past, walked from the first text message to the present: a heap of steps at explicit instants, and
between them what the clock itself would have done (waits, the jobs of business days, deferred messages)."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Literal

from accounts.models import Address, Customer, IdentityVerification, MerchantMember, User
from accounts.services import addresses, codes, identity, sign_in
from billing.models import Bill
from billing.services import deposits
from catalog.models import LeasePlan
from catalog.rules.shorts import DAY, Dates
from core import calendar, clock, jobs
from core.services import workdays
from core.services.events import PLATFORM
from credit.services import decisions, incomes, reports
from notices.models import Message
from notices.services import inbox
from orders.models import Order, State
from orders.services import approvals, arrears, cancellations, checkout, inspections, receipts, returns, shipping, waits
from rental.demo import asking, walk
from rental.demo.cast import PersonRole
from sandbox import visitors
from sandbox.models import FaultOrder
from sandbox.services import faults, people

JOBS_HOUR, JOBS_MINUTE = 10, 5
UNDISPUTED = "undisputed"
DAYS_AHEAD = 5
PAYS_AFTER = {"ahead": -9, "early": -2, "on_time": 0, "grace": 2, "late": 6, "very_late": 12}  # days from the due date
STREETS = ["科苑路 15 号 3 栋 1201", "人民路 88 号 2 单元 402", "滨江大道 210 号 7 栋 1803", "学院路 37 号 5 号楼 611"]
REGIONS = ["广东省深圳市南山区", "浙江省杭州市滨江区", "四川省成都市武侯区", "北京市海淀区", "湖北省武汉市洪山区"]
REMINDED = (-7, -3, -1, 0, 1, 3, 7)  # the calendar as it is seeded
DAYS_OF_A_BILL = (*REMINDED, arrears.ENDS_DECISION_AFTER.days + 1)  # on which a job may find something
Step = Callable[[datetime], object]
Habit = Literal["ahead", "early", "on_time", "grace", "late", "very_late", "mixed"]
Goes = Literal[
    "on",
    "placed",
    "papers",  # asked for two, one is there
    "visit_today",
    "visited",  # asked for a visit, which is over; then on
    "refused",
    "approved",
    "changed_mind",  # cancelled before the signature
    "signed",
    "paid",
    "tired_of_waiting",  # cancelled because nobody ships
    "shipped",
    "delivered",
    "silent",  # delivered, the receipt confirmed by time
    "undecided",  # a return opened and withdrawn, then another
    "unsent",  # a return opened, no parcel
    "lost_back",
    "uninspected",
    "at_limit",  # uninspected, and the merchant's days are nearly over
    "promised",  # inspected and settled; the promised day of the deposit is near
]


@dataclass(frozen=True)
class Rental:
    """How one rental goes, over `months`, or by the day over `days`. It is placed so long before the present.

    `goes`: on to the end of its term and home again, or where it stops or turns off; what stops is ended by its wait.
    `habit`: how rents are paid; bills after `paid_to` stay unpaid. `mishap`: what goes wrong at the first payment, as
    the sandbox's faults name it (target, kind). `disputes`: bills whose payment he makes by WeChat Pay and then wants
    back from WeChat Pay, each with whether the platform gives it back; None is not decided yet.
    """

    slug: str
    months: int
    months_ago: int = 0
    days_ago: int = 0
    goes: Goes = "on"
    hours_ago: float = 0
    habit: Habit = "early"
    paid_to: int = 99
    mishap: tuple[str, str] | None = None
    disputes: tuple[tuple[int, bool | None], ...] = ()
    days: int = 0

    def dates(self, on: date) -> Dates | None:
        """Picked on day `on`: there is time to prepare the device, to send it and to deliver it the day before."""
        return Dates(on + DAYS_AHEAD * DAY, on + (DAYS_AHEAD + self.days - 1) * DAY) if self.days else None


@dataclass(frozen=True)
class Story:
    """A person and the rentals of that person; the role's `story` says what who signs in as this person meets."""

    role: PersonRole
    rentals: tuple[Rental, ...]
    language: str = "zh-hans"
    income: int | None = None


class Life:
    """A story being walked up to `until`; what would come later is left to the living."""

    def __init__(self, story: Story, until: datetime) -> None:
        self.story, self.until = story, until
        self.phone = story.role.phone
        self.chance = random.Random(f"7:{self.phone}")  # noqa: S311 - the same cast every time, no secret
        self.operator = User.objects.get(login="operator")
        self._agenda: list[tuple[datetime, int, Step]] = []
        self._turn = count()
        self._customer: Customer | None = None

    @property
    def customer(self) -> Customer:
        assert self._customer is not None
        return self._customer

    def walk(self) -> None:
        """All of it, in order of time."""
        for rental in self.story.rentals:
            placed = self._placed_at(rental)
            self._at(placed, lambda at, rental=rental: self._rent(rental, at))  # type: ignore[misc]
        first = min(at for at, _turn, _step in self._agenda)
        self._at(first - timedelta(minutes=40), self._come_in)
        present = min(first - timedelta(minutes=41), self.until)
        while self._agenda:
            at, _turn, step = heapq.heappop(self._agenda)
            self._pass_time(present, at)
            present = at
            with clock.standing_at(at):
                step(at)
            walk.settle(at)
        self._pass_time(present, self.until)

    # --- the clock ---------------------------------------------------------------------------------------------

    def _at(self, at: datetime, step: Step) -> None:
        if at <= self.until:
            heapq.heappush(self._agenda, (at, next(self._turn), step))

    def _pass_time(self, since: datetime, until: datetime) -> None:
        """What the beat would have done between two steps, at every instant at which it would have found something."""
        while (at := self._next_due(since)) is not None and at < until:
            with clock.standing_at(at):
                waits.end_due(at)
                if (at.hour, at.minute) == _jobs_at(calendar.business_date(at)):
                    for job in jobs.all_jobs():
                        if not job.closes_books:  # one life is not everybody's (histories.py closes them at the end)
                            job.run(calendar.business_date(at), at)
            walk.settle(at)
            since = at

    def _next_due(self, after: datetime) -> datetime | None:
        if self._customer is None:
            return None
        waiting = Order.objects.filter(customer=self._customer, waits_until__gt=after)
        texts = Message.objects.filter(user=self._customer.user, state=Message.State.QUEUED, not_before__gt=after)
        found = [order.waits_until for order in waiting if order.waits_until] + [text.not_before for text in texts]
        due = Bill.objects.filter(lease__customer=self._customer, state=Bill.State.OPEN, lease__state="LIVE")
        for bill in due.exclude(due_date=None):
            assert bill.due_date is not None
            days = (bill.due_date + timedelta(days=offset) for offset in DAYS_OF_A_BILL)
            found += [at for at in (calendar.instant(day, JOBS_HOUR, JOBS_MINUTE) for day in days) if at > after]
        return min(found, default=None)

    def _placed_at(self, rental: Rental) -> datetime:
        if not rental.months_ago and not rental.days_ago:
            return self.until - timedelta(hours=rental.hours_ago)
        today = calendar.business_date(self.until)
        day = calendar.add_months(today, -rental.months_ago) - timedelta(days=rental.days_ago)
        return self._some_time(day, 9, 16)

    def _some_time(self, on: date, from_hour: int = 9, to_hour: int = 20) -> datetime:
        return calendar.instant(on, self.chance.randint(from_hour, to_hour), self.chance.randint(0, 59))

    def _later(self, at: datetime, days: int, from_hour: int = 10, to_hour: int = 20) -> datetime:
        return self._some_time(calendar.business_date(at) + timedelta(days=days), from_hour, to_hour)

    # --- the person --------------------------------------------------------------------------------------------

    def _come_in(self, at: datetime) -> None:
        role = self.story.role
        people.know(role.name, role.id_number, role.phone, role.score)
        language = self.story.language
        ticket = codes.request(self.phone, sign_in.PURPOSE, language=language, at=at).ticket
        walk.drain(at)
        user = sign_in.by_code(self.phone, walk.code_for(self.phone), ticket=ticket, language=language, at=at)
        self._customer = user.customer
        self._at(at + timedelta(minutes=6), self._prove)

    def _prove(self, at: datetime) -> None:
        identity.request(self.customer, self.story.role.name, self.story.role.id_number, consent_version="1", at=at)

    def _be_trusted(self, at: datetime) -> None:
        """Ask for a decision unless one is in force."""
        if self.story.income and incomes.standing(self.customer) is None:
            incomes.declare(self.customer, Decimal(self.story.income), at)
        if decisions.current(self.customer, calendar.business_date(at)) is None:
            code = visitors.auth_code(reports.authorise_url(self.customer), self.phone)
            reports.authorised(self.customer, code, at)
            walk.drain(at)

    def _live_at(self, at: datetime) -> Address:
        street, region = self.chance.choice(STREETS), self.chance.choice(REGIONS)
        return addresses.latest(self.customer) or addresses.add(
            self.customer, self.story.role.name, self.phone, region, street, at
        )

    def _read(self, at: datetime) -> None:
        """Most people read their messages now and then."""
        if self.chance.random() < 0.6:
            for message in inbox.of(self.customer.user).filter(read_at=None):
                inbox.read(message, at)

    # --- a rental ----------------------------------------------------------------------------------------------

    def _rent(self, rental: Rental, at: datetime) -> None:
        assert IdentityVerification.objects.filter(customer=self.customer, state="VERIFIED").exists()
        self._be_trusted(at)
        offered = LeasePlan.objects.filter(state=LeasePlan.State.PUBLISHED)
        plan = offered.filter(sku__device_model__slug=rental.slug).earliest("pk")
        on = calendar.business_date(at)
        dates = rental.dates(on)
        cost = checkout.quote(self.customer, plan, rental.months, on, dates=dates)
        key = f"history-{self.customer.number}-{at:%Y%m%d}"
        home = self._live_at(at)
        made = checkout.place(self.customer, plan.pk, rental.months, home, cost.digest, key, at, dates=dates)
        walk.drain(at)
        order = made.orders.get()
        waits_for_a_person = order.state == State.PLACED
        if rental.goes == "placed":
            return
        if rental.goes in asking.SCENES:
            self._be_asked(order, rental, at)
            return
        yes = at + timedelta(minutes=self.chance.randint(35, 90)) if waits_for_a_person else at
        if waits_for_a_person:
            self._at(yes, lambda now: self._review(order, rental, now))
        if rental.goes in {"refused", "approved"}:
            return
        if rental.goes == "changed_mind":
            self._at(yes + timedelta(minutes=25), lambda now: self._cancel(order, now))
            return
        self._at(yes + timedelta(minutes=12), lambda now: self._sign(order, rental, now))

    def _be_asked(self, order: Order, rental: Rental, at: datetime) -> None:
        asked = asking.SCENES[rental.goes](order, at, self.until, f"operator:{self.operator.pk}")
        for when, step in asked.steps:
            self._at(when, step)
        if asked.approved_at is not None:
            self._at(asked.approved_at, lambda now: self._review(order, rental, now))
            self._at(asked.approved_at + timedelta(minutes=12), lambda now: self._sign(order, rental, now))

    def _review(self, order: Order, rental: Rental, at: datetime) -> None:
        actor = f"operator:{self.operator.pk}"
        if rental.goes == "refused":
            approvals.refuse(order.pk, actor, "资料与订单不符", at)
        else:
            approvals.approve(order.pk, actor, at)

    def _cancel(self, order: Order, at: datetime) -> None:
        cancellations.cancel(order.pk, f"customer:{self.customer.pk}", "不想租了", at)

    def _sign(self, order: Order, rental: Rental, at: datetime) -> None:
        walk.sign(order, self.phone, at)
        if rental.goes != "signed":
            self._at(at + timedelta(minutes=9), lambda now: self._pay_first(order, rental, now))

    def _pay_first(self, order: Order, rental: Rental, at: datetime) -> None:
        if rental.mishap:
            faults.order(rental.mishap[0], FaultOrder.Kind[rental.mishap[1]])
        walk.pay_first(order, self.phone, at)
        if rental.mishap:
            return
        if rental.goes == "tired_of_waiting":
            self._at(at + cancellations.CUSTOMER_WAITS + timedelta(hours=3), lambda now: self._cancel(order, now))
        elif rental.goes != "paid":
            self._at(self._later(at, 1, 10, 18), lambda now: self._ship(order, rental, now))

    def _ship(self, order: Order, rental: Rental, at: datetime) -> None:
        order = Order.objects.get(pk=order.pk)
        held = Order.objects.filter(unit__isnull=False, closed_at=None).values("unit")
        unit = (
            order.merchant.units.filter(sku=order.plan.sku, retired_at=None).exclude(pk__in=held).order_by("pk").first()
        )
        if order.is_short:
            unit = order.booking.unit
        assert unit is not None
        shipping.ship(order.pk, self._merchant(order), unit.serial, "sf", self._waybill(), at)
        if rental.goes != "shipped":
            self._at(self._later(at, 2, 9, 14), lambda now: self._deliver(order, rental, now))

    def _deliver(self, order: Order, rental: Rental, at: datetime) -> None:
        order = shipping.record_delivery(order.pk, PLATFORM, at)
        if order.is_short:  # which is the receipt
            self._use(order, rental, at)
        elif rental.goes == "silent":  # the receipt counts as confirmed a week later
            self._at(at + shipping.RECEIPT_WAIT + timedelta(hours=1), lambda now: self._use(order, rental, now))
        elif rental.goes != "delivered":
            self._at(self._later(at, 0, 18, 21), lambda now: self._receive(order, rental, now))

    def _receive(self, order: Order, rental: Rental, at: datetime) -> None:
        receipts.confirm(order.pk, f"customer:{self.customer.pk}", at)
        self._use(order, rental, at)

    # --- months of rent ----------------------------------------------------------------------------------------

    def _use(self, order: Order, rental: Rental, at: datetime) -> None:
        lease = Order.objects.get(pk=order.pk).lease
        assert lease.last_day is not None
        for bill in lease.bills.filter(number__gt=1, number__lte=rental.paid_to).order_by("number"):
            assert bill.due_date is not None
            after = timedelta(days=self._days_after(rental))
            paid = self._some_time(bill.due_date + after, 12, 20)
            ends = dict(rental.disputes).get(bill.number, UNDISPUTED)
            self._at(paid, lambda now, pk=bill.pk, ends=ends: self._pay(order, pk, ends, now))  # type: ignore[misc]
        if rental.goes == "undecided":
            first = lease.last_day - timedelta(days=20)
            self._at(self._some_time(first), lambda now: self._open_return(order, now))
            self._at(self._some_time(first + timedelta(days=1)), lambda now: self._keep_on(order, now))
        day = self._return_day(lease.last_day, rental)
        self._at(self._some_time(day), lambda now: self._ask_to_return(order, rental, now))

    def _return_day(self, last_day: date, rental: Rental) -> date:
        """On which the return is opened: sent a day later, there after three, inspected after four."""
        if rental.goes == "at_limit":
            return self._still_open(inspections.WORKING_DAYS) - timedelta(days=3)
        if rental.goes == "promised":
            return self._still_open(deposits.PROMISED_WORKING_DAYS) - timedelta(days=4)
        return last_day - timedelta(days=1 if rental.days else 4)

    def _still_open(self, working_days: int) -> date:
        """The earliest day whose so-many-th working day has not passed."""
        today = calendar.business_date(self.until)
        day = today
        while workdays.after(day - timedelta(days=1), working_days) >= today:
            day -= timedelta(days=1)
        return day

    def _days_after(self, rental: Rental) -> int:
        habit = self.chance.choice(["early", "on_time", "on_time", "grace", "late"])
        return PAYS_AFTER[habit if rental.habit == "mixed" else rental.habit]

    def _pay(self, order: Order, bill_id: int, ends: str | bool | None, at: datetime) -> None:
        self._read(at)
        if ends == UNDISPUTED:
            walk.pay_bills(order, [bill_id], self.phone, at)
            return
        number = walk.pay_bills(order, [bill_id], self.phone, at, "wechat")
        self._at(at + timedelta(days=1, hours=2), lambda now: visitors.complain(number, "这一期我没有用设备"))
        if ends is not None:
            decided = at + timedelta(days=4)
            self._at(decided, lambda now: visitors.decide_complaint(number, gives_back=bool(ends)))

    # --- home again --------------------------------------------------------------------------------------------

    def _open_return(self, order: Order, at: datetime) -> None:
        returns.open_return(order.pk, f"customer:{self.customer.pk}", at)

    def _ask_to_return(self, order: Order, rental: Rental, at: datetime) -> None:
        self._open_return(order, at)
        if rental.goes != "unsent":
            self._at(self._later(at, 1), lambda now: self._send_back(order, rental, now))

    def _keep_on(self, order: Order, at: datetime) -> None:
        returns.withdraw(order.pk, f"customer:{self.customer.pk}", at)

    def _send_back(self, order: Order, rental: Rental, at: datetime) -> None:
        if Order.objects.get(pk=order.pk).state != State.RETURNING:
            return
        returns.hand_over(order.pk, f"customer:{self.customer.pk}", "sf", self._waybill(), at)
        if rental.goes != "lost_back":
            self._at(self._later(at, 2, 10, 17), lambda now: self._arrive(order, rental, now))

    def _arrive(self, order: Order, rental: Rental, at: datetime) -> None:
        inspections.arrive(order.pk, self._merchant(order), at)
        if rental.goes not in {"uninspected", "at_limit"}:
            self._at(self._later(at, 1, 10, 18), lambda now: self._inspect(order, now))

    def _inspect(self, order: Order, at: datetime) -> None:
        inspector = self._staff(order)
        inspections.pass_device(order.pk, inspector, serial_matches=True, wiped=True, note="外观完好", at=at)

    def _staff(self, order: Order) -> User:
        members = MerchantMember.objects.filter(merchant=order.merchant).order_by("pk").select_related("user")
        return self.chance.choice(list(members)).user

    def _merchant(self, order: Order) -> str:
        return f"merchant:{self._staff(order).pk}"

    def _waybill(self) -> str:
        return f"SF{self.chance.randrange(10**12):012d}"


def _jobs_at(on: date) -> tuple[int, int]:
    at = calendar.instant(on, JOBS_HOUR, JOBS_MINUTE)
    return at.hour, at.minute
