"""A prepared world: people in telling states, each order of the diagram, a merchant with work, a desk with queues."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import MerchantMember, SecondFactor, User
from accounts.services import members, second_factor, tokens
from arrears.models import CollectionCase
from arrears.services import letters
from billing.models import (
    MerchantStatement,
    Payment,
    ReconciliationException,
)
from catalog.models import LeasePlan, PlanTerm
from core import calendar
from core.models import Approval
from credit.models import TierSet
from credit.services import tiers
from orders.models import Order, RiskRule
from orders.services import (
    backtests,
    payments,
    rule_trials,
)
from rental.demo import cast
from tests import evidence, make
from tests.pages.stations import days, fresh, leases, money, newcomers
from tests.pages.stations.plans import BY_DAY, COLLEAGUE, LESSOR, NEW, OTHER_LESSOR, SHORT, SLUG
from tests.quick_paper import quick_paper

EMAIL = "wang.fang@example.com"


OF_THEIR_OWN = (
    "REFERRED", "REFUSED", "HELD", "VISITED", "LOOKED", "ASKED", "PLANNED", "LETTERED", "RECEIVED", "RENEWING",
    "MOURNED",
)  # fmt: skip


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
    orders = {
        **leases.ended(renter, other, now),
        **leases.running(renter, now),
        **fresh.fresh(renter, now),
        **fresh.held_and_visited(now),
    }
    orders |= {**fresh.by_rule(now), **leases.renewing(now), **leases.faulty(now)}
    strange = money.strange_things(orders["LATE"], now)
    money.hard_month(orders["LATE"], now)
    days.two(orders["LATE"], now)
    letters.issue(CollectionCase.objects.get(lease=orders["LETTERED"].lease).pk, "operator:1", now)
    people = {
        "renter": renter.user,
        "other": other.user,
        "faulty": orders["FOUND"].customer.user,
        **{name.lower(): orders[name].customer.user for name in OF_THEIR_OWN},
        "agent": evidence.agent().user,
        **{name: made.user for name, made in newcomers.each(now).items()},
        "merchant": make.merchant_member(LESSOR),
        "other merchant": make.merchant_member(OTHER_LESSOR),
        "operator": make.operator(),
        "colleague": _with_an_app(make.operator("colleague"), now),
    }
    leader = MerchantMember.objects.get(user=people["merchant"])
    members.add(leader, COLLEAGUE, cast.PASSWORD, MerchantMember.Role.STAFF, now)
    for owner in (renter.user, leader.user):
        tokens.make(owner, "warehouse", now)
    open_payment = payments.pay_bills(orders["LATE"], [orders["LATE"].lease.bills.get(number=2).pk], now)
    orders = {name: Order.objects.get(pk=order.pk) for name, order in orders.items()}
    draft = _draft(orders["ACTIVE"].plan)
    _tested(tiers.draft_from(make.tiers(now).pk, "operator:1", now), now)
    rule = RiskRule.objects.create(kind=RiskRule.Kind.MANY_LEASES, threshold=3, window_days=7)
    rule_trials.run(rule_trials.request(rule, "operator:1", now).pk, now)
    paper = money.statements_of(leader, people["operator"], now)
    asked = money.refund_asked_for(orders["ACTIVE"], now)
    people["renter"].email = EMAIL
    people["renter"].save(update_fields=["email", "email_index"])
    return World(now, people, orders, draft, strange, open_payment, money.difference(now), *paper, asked)


def _tested(tier_set: TierSet, now: datetime) -> None:
    """A back-test of the draft that has ended."""
    backtests.run(backtests.request(tier_set, None, "operator:1", now).pk, now)


def _with_an_app(user: User, now: datetime) -> User:
    SecondFactor.objects.create(user=user, secret=second_factor.new_secret(), begun_at=now, confirmed_at=now)
    return user


def _draft(like: LeasePlan) -> LeasePlan:
    """A plan that waits for its publication in the admin."""
    same = {name: getattr(like, name) for name in ("merchant", "sku", "lease_model", "signed_value")}
    made = LeasePlan.objects.create(version=like.version + 1, **same)
    for term in like.terms.all():
        PlanTerm.objects.create(
            plan=made, months=term.months, monthly_rent=term.monthly_rent, total_to_own=term.total_to_own
        )
    return made
