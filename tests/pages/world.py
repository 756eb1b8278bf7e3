"""A prepared world: people in telling states, each order of the diagram, a merchant with work, a desk with queues."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.models import Customer, MerchantMember, SecondFactor, User
from accounts.services import identity, members, second_factor
from arrears.models import CollectionCase
from arrears.services import cases, hardship, letters, promises
from billing.models import (
    MerchantStatement,
    Payment,
    ReconciliationException,
    StatementFile,
    StatementGap,
    StatementLine,
)
from billing.rules import settlement
from billing.rules.extension import Terms
from billing.rules.limits import Deed
from billing.services import (
    balance,
    limits,
    partial_refunds,
    reconciliation,
    refunds,
    settlements,
    statements,
)
from billing.services import extensions as plans
from billing.services.offline import Receipt
from billing.services.partial_refunds import Wish
from catalog.models import LeasePlan, PlanTerm
from core import calendar
from core.models import Approval, OutboxMessage
from core.services.events import PLATFORM
from credit.models import TierSet
from credit.services import tiers
from integrations.payments import DisputeFact, DisputeStatus
from orders.models import Order, RiskRule, State
from orders.services import (
    answers,
    approvals,
    backtests,
    cancellations,
    claims,
    extensions,
    inspections,
    offline,
    payments,
    renewals,
    returns,
    review_requests,
    rule_trials,
)
from rental.demo import cast
from sandbox import magic, visitors
from tests import evidence, make, risks
from tests.quick_paper import quick_paper
from visits.services import opinions

SLUG, NEW, SHORT = "lan-x2", "play-2", "mini-4"  # of one merchant; the last one may end after three months
BY_DAY = "trip-6"
LESSOR, OTHER_LESSOR = "qinghe", "shiguang"
COLLEAGUE = "qinghe-pan"
TERM_AGO = timedelta(days=96)  # a lease of three months that began then has ended


@dataclass(frozen=True)
class World:
    """Who and what the pages of the registry are looked at with. `now` is the moment of looking."""

    now: datetime
    people: dict[str, User]
    orders: dict[str, Order]
    draft: LeasePlan
    strange: Payment
    open_payment: Payment
    difference: ReconciliationException
    statement: MerchantStatement
    paid_statement: MerchantStatement
    asked: Approval

    def number(self, name: str) -> str:
        return self.orders[name].number

    @property
    def plan(self) -> LeasePlan:
        return self.orders["ACTIVE"].plan

    @property
    def ahead(self) -> str:
        return str(calendar.add_months(calendar.business_date(self.now), 1))

    @property
    def colleague(self) -> MerchantMember:
        """Who works for the merchant without leading."""
        return MerchantMember.objects.get(user__login=COLLEAGUE)


def build(now: datetime) -> World:
    """Walks the real services, but for the paper: no page looks into it, and twelve signed ones take half a minute."""
    with quick_paper():
        return _build(now)


def _build(now: datetime) -> World:
    """Oldest first, so that every plan stood before it was ordered."""
    make.tiers(now - timedelta(days=200))
    for slug in (SLUG, NEW, SHORT, "room-1", "q7-pro", BY_DAY):
        make.plan(slug, now - timedelta(days=200))
    renter, other = make.customer(at=now - timedelta(days=150)), make.customer(at=now - timedelta(days=150))
    orders = {**_ended(renter, other, now), **_running(renter, now), **_fresh(renter, now), **_held_and_visited(now)}
    orders |= {**_by_rule(now), **_renewing(now)}
    strange = _strange_things(orders["LATE"], now)
    _hard_month(orders["LATE"], now)
    letters.issue(CollectionCase.objects.get(lease=orders["LETTERED"].lease).pk, "operator:1", now)
    people = {
        "renter": renter.user,
        "other": other.user,
        "referred": orders["REFERRED"].customer.user,
        "refused": orders["REFUSED"].customer.user,
        "held": orders["HELD"].customer.user,
        "visited": orders["VISITED"].customer.user,
        "looked": orders["LOOKED"].customer.user,
        "asked": orders["ASKED"].customer.user,
        "planned": orders["PLANNED"].customer.user,
        "lettered": orders["LETTERED"].customer.user,
        "renewing": orders["RENEWING"].customer.user,
        "agent": evidence.agent().user,
        **{name: made.user for name, made in _people(now).items()},
        "merchant": make.merchant_member(LESSOR),
        "other merchant": make.merchant_member(OTHER_LESSOR),
        "operator": make.operator(),
        "colleague": _with_an_app(make.operator("colleague"), now),
    }
    leader = MerchantMember.objects.get(user=people["merchant"])
    members.add(leader, COLLEAGUE, cast.PASSWORD, MerchantMember.Role.STAFF, now)
    open_payment = payments.pay_bills(orders["LATE"], [orders["LATE"].lease.bills.get(number=2).pk], now)
    orders = {name: Order.objects.get(pk=order.pk) for name, order in orders.items()}
    draft = _draft(orders["ACTIVE"].plan)
    _tested(tiers.draft_from(make.tiers(now).pk, "operator:1", now), now)
    rule = RiskRule.objects.create(kind=RiskRule.Kind.MANY_LEASES, threshold=3, window_days=7)
    rule_trials.run(rule_trials.request(rule, "operator:1", now).pk, now)
    paper = _statements(leader, people["operator"], now)
    asked = _asked(orders["ACTIVE"], now)
    return World(now, people, orders, draft, strange, open_payment, _difference(now), *paper, asked)


def _tested(tier_set: TierSet, now: datetime) -> None:
    """A back-test of the draft that has ended."""
    backtests.run(backtests.request(tier_set, None, "operator:1", now).pk, now)


def _asked(order: Order, now: datetime) -> Approval:
    """A refund of the order's first payment that waits for a second person."""
    payment = Payment.objects.filter(items__bill__lease=order.lease, state=Payment.State.SUCCEEDED).earliest("pk")
    limits.set_most(Deed.REFUND, Decimal("10.00"), make.operator(), now)
    wish = Wish(payment.number, order.lease.number, Decimal("20.00"), "屏幕有划痕")
    asked = partial_refunds.give(wish, f"operator:{make.operator('colleague').pk}", now)
    assert isinstance(asked, Approval)
    return asked


def _with_an_app(user: User, now: datetime) -> User:
    SecondFactor.objects.create(user=user, secret=second_factor.new_secret(), begun_at=now, confirmed_at=now)
    return user


def _people(now: datetime) -> dict[str, Customer]:
    """Customers at each station before an order."""
    before = now - timedelta(days=1)
    made = {
        "newcomer": make.signed_up(at=before),
        "proved": make.verified(at=before),
        "poor": make.customer(score=400, at=before),
        "scoreless": make.customer(score=None, at=before),
        "mistaken": make.signed_up(at=before),
        "waiting": make.signed_up(at=before),
    }
    wrong = magic.number(date(1990, 5, 1), "991", "440305")
    identity.request(made["mistaken"], make.NAME, wrong, consent_version="2026-01", at=before)
    make.drain(before)
    identity.request(made["waiting"], make.NAME, make.id_number(), consent_version="2026-01", at=now)
    return made


def _ended(renter: Customer, other: Customer, now: datetime) -> dict[str, Order]:
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


def _renewing(now: datetime) -> dict[str, Order]:
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


def _running(renter: Customer, now: datetime) -> dict[str, Order]:
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
    return {
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


def _fresh(renter: Customer, now: datetime) -> dict[str, Order]:
    """What was ordered this morning."""
    lately = now - timedelta(hours=2)
    made = {state: make.order(State(state), of=renter, slug=NEW, at=lately) for state in ("APPROVED", "SIGNED", "PAID")}
    cancelled = make.order(State.PLACED, of=renter, slug=NEW, at=lately)
    cancellations.cancel(cancelled.pk, f"customer:{renter.pk}", "by_customer", lately + timedelta(hours=1))
    referred = make.order(State.PLACED, of=make.customer(score=580, at=lately), slug="room-1", at=lately)
    refused = make.order(State.PLACED, of=make.customer(score=580, at=lately), slug="room-1", at=lately)
    make.drain(lately + timedelta(minutes=30))
    approvals.refuse(refused.pk, f"operator:{make.operator().pk}", "收件人与承租人不同", lately + timedelta(hours=1))
    return {**made, "CANCELLED": cancelled, "REFERRED": referred, "REFUSED": refused}


def _held_and_visited(now: datetime) -> dict[str, Order]:
    """One order that waits for everything at once, one whose visit is done, doubted, rated and complained about."""
    lately, before = now - timedelta(hours=2), now - timedelta(days=2)
    held = make.order(State.PLACED, of=make.customer(score=580, at=lately), slug="room-1", at=lately)
    visited = make.order(State.PLACED, of=make.customer(score=580, at=before), slug="room-1", at=before)
    at = lately + timedelta(minutes=45)
    make.drain(at)
    evidence.appointed(held, at)
    for kind, wanted in (("CONTACT", ()), ("GUARANTOR", ()), ("DOCUMENTS", ("WORK", "HOUSEHOLD"))):
        evidence.demanded(held, kind, at, *wanted)
    answers.name_contact(held.pk, "CONTACT", evidence.CONTACT, at)
    answers.name_contact(held.pk, "GUARANTOR", evidence.CONTACT, at)
    answers.add_document(held.pk, "WORK", evidence.picture(), at)
    visit = evidence.appointed(visited, before)
    done = evidence.tomorrow(before)
    answers.report_visit(visit.pk, evidence.findings(visit, RESIDENCE="NOT_SHOWN"), "agent:1", done)
    opinions.rate(visit.pk, 4, "", done)
    opinions.complain(visit.pk, "来得比约定早", done)
    return {"HELD": held, "VISITED": visited}


def _by_rule(now: datetime) -> dict[str, Order]:
    """One order that a rule holds, one that was refused by itself and whose customer asks for a person."""
    lately = now - timedelta(hours=2)
    rule = risks.in_force("SHARED_ADDRESS", 1)
    looked = make.order(State.PLACED, of=make.customer(726, at=lately), slug=NEW, at=lately)
    make.drain(lately)
    risks.ended(rule)
    asked = make.order(State.PLACED, of=make.customer(726, at=lately), slug="room-1", at=lately)
    approvals.refuse(asked.pk, PLATFORM, "risk", lately)
    again = make.order(State.PLACED, of=asked.customer, slug="room-1", at=lately)
    approvals.refuse(again.pk, PLATFORM, "risk", lately)
    review_requests.ask(asked.pk, "家里人和我用同一个地址", f"customer:{asked.customer_id}", lately)
    return {"LOOKED": looked, "ASKED": asked, "BY_RULE": again}


def _hard_month(order: Order, now: datetime) -> None:
    """The late lease has a case with a promise and a call, and its customer asks for relief."""
    called = calendar.instant(calendar.business_date(now) - timedelta(days=1), 15)  # nobody may be called at night
    cases.open_due(calendar.business_date(called), called)
    case = CollectionCase.objects.get(lease=order.lease)
    promises.make(case.pk, Decimal(100), calendar.business_date(now), "operator:1", called)
    call = cases.dial(case.pk, "operator:1", called).call
    cases.hang_up(case.pk, call.pk, 45, "会在月底前付清", "operator:1", called)
    hardship.ask(order.lease_id, "这个月住院，月底发工资", Decimal(200), f"customer:{order.customer_id}", now)


def _strange_things(order: Order, now: datetime) -> Payment:
    """A payment that does not match and work that was given up, for the desk."""
    strange = Payment.objects.create(
        number="P-STRANGE", customer=order.customer, channel="alipay", amount=Decimal("1.00"), created_at=now,
        expires_at=now,
    )  # fmt: skip
    strange.quarantine()
    strange.save()
    [back] = balance.pay_out(order.customer, now, Decimal(20))  # what came by bank, a person transfers back
    refunds.send(back.pk, now)
    StatementGap.objects.create(
        channel="wechat", day=calendar.business_date(now - timedelta(days=4)), opened_at=now - timedelta(days=3)
    )
    disputed = Payment.objects.filter(items__bill__lease=order.lease, state=Payment.State.SUCCEEDED).latest("pk")
    fact = DisputeFact(
        "D-2026-1",
        disputed.number,
        DisputeStatus.OPEN,
        Decimal(100),
        True,
        "并非本人支付",
        now,
        now + timedelta(days=3),
        None,
    )
    payments.receive_dispute(disputed.channel, fact, now)
    OutboxMessage.objects.create(topic="x", payload={}, dead_at=now, error="gave up")
    return strange


def _difference(now: datetime) -> ReconciliationException:
    """A line of a statement that nobody booked, three days ago."""
    at = now - timedelta(days=3)
    day = calendar.business_date(at) - timedelta(days=1)
    file = StatementFile.objects.create(channel="alipay", day=day, sha256="0" * 64, content=b"-", fetched_at=at)
    StatementLine.objects.create(
        file=file, number=1, kind=StatementLine.Kind.PAYMENT, trade_number="2026030122001", payment_number="P-NOBODY",
        amount=Decimal("309.00"), moved_at=at - timedelta(days=1), raw=[],
    )  # fmt: skip
    reconciliation.reconcile(file.channel, file.day, at)
    return ReconciliationException.objects.get(line__file=file)


def _statements(leader: MerchantMember, operator: User, now: datetime) -> tuple[MerchantStatement, MerchantStatement]:
    """Last month's, to be paid out, and the one before, which was."""
    last = settlement.month_before(calendar.business_date(now))
    before = settlement.month_before(last)
    settlements.set_commission(leader.merchant, Decimal("0.1"), calendar.add_months(before, -12), operator)
    first = calendar.instant(calendar.add_months(before, 1), 10)
    paid = settlements.issue(leader.merchant_id, before, first)
    waits = settlements.issue(leader.merchant_id, last, now)
    assert paid is not None
    assert waits is not None
    return waits, settlements.pay_out(paid.pk, "B-0042", f"operator:{operator.pk}", first + timedelta(hours=1))


def _draft(like: LeasePlan) -> LeasePlan:
    """A plan that waits for its publication in the admin."""
    same = {name: getattr(like, name) for name in ("merchant", "sku", "lease_model", "signed_value")}
    made = LeasePlan.objects.create(version=like.version + 1, **same)
    for term in like.terms.all():
        PlanTerm.objects.create(
            plan=made, months=term.months, monthly_rent=term.monthly_rent, total_to_own=term.total_to_own
        )
    return made
