"""Customers who may order: identity proved, a decision that waives, an address, signed in. New ones for each run."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench import _catalogue

if TYPE_CHECKING:
    from credit.models import WaiverTier

SHELVES = 200  # plans that orders are spread over
UNITS = 1_000_000  # in stock of each
QUOTA = 100_000_000
_PROVED = "UPDATE accounts_identityverification SET state = 'VERIFIED', answered_at = now() WHERE state = 'PENDING'"


@dataclass(frozen=True, slots=True)
class Person:
    customer: int
    address: int
    decision: int
    session: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A plan, and the digest of its cost table for each of these customers."""

    plan: int
    merchant: int
    sku: int
    digest: str


def make(count: int) -> list[Person]:
    """That many new customers; all of them alike."""
    from django.db import connection, transaction

    from accounts.models import Address, Customer, IdentityVerification, User
    from billing.models import PaymentChannel
    from core import calendar, clock
    from credit.models import Decision, Outcome, QuotaAccount

    at, run = clock.now(), secrets.token_hex(4)
    _catalogue.fill()
    PaymentChannel.objects.filter(code="alipay").update(is_open=True)
    with transaction.atomic(), connection.cursor() as cursor:
        tier = _tier()
        names = [f"{run}-{n}" for n in range(count)]
        users = User.objects.bulk_create(User(login=f"bench-{n}", password="!", joined_at=at) for n in names)
        customers = Customer.objects.bulk_create(
            Customer(user=user, number=f"B{n}") for user, n in zip(users, names, strict=True)
        )
        IdentityVerification.objects.bulk_create(
            IdentityVerification(
                customer=one, name="林晓", id_number=f"bench {one.number}", birthday="1995-03-12", requested_at=at
            )
            for one in customers
        )
        cursor.execute(_PROVED)
        addresses = Address.objects.bulk_create(
            Address(customer=one, consignee="林晓", phone="13900000000", region="深圳", street="科苑路", added_at=at)
            for one in customers
        )
        decisions = Decision.objects.bulk_create(
            Decision(
                customer=one, tier_set=tier.tier_set, tier=tier, outcome=Outcome.APPROVE, made_at=at,
                valid_until=calendar.business_date(at) + timedelta(days=180),
            )
            for one in customers
        )  # fmt: skip
        QuotaAccount.objects.bulk_create(QuotaAccount(customer=one, limit=QUOTA, granted=QUOTA) for one in customers)
        sessions = _sign_in(users)
    parts = zip(customers, addresses, decisions, sessions, strict=True)
    return [Person(one.pk, address.pk, decision.pk, session) for one, address, decision, session in parts]


def shelves(person: Person, months: int) -> list[Shelf]:
    """Plans with stock for everybody."""
    from accounts.models import Customer
    from catalog.models import LeasePlan, StockLevel
    from catalog.services import offers
    from core import clock
    from orders.services import checkout

    some = list(LeasePlan.objects.order_by("pk").values_list("pk", flat=True)[:SHELVES])
    plans = list(offers.published().filter(pk__in=some))
    StockLevel.objects.filter(sku__in=[plan.sku_id for plan in plans]).update(on_hand=UNITS, reserved=0)
    customer = Customer.objects.get(pk=person.customer)
    costs = checkout.quotes(customer, [(plan, months) for plan in plans], clock.today())
    return [Shelf(plan.pk, plan.merchant_id, plan.sku_id, cost.digest) for plan, cost in zip(plans, costs, strict=True)]


def _tier() -> "WaiverTier":
    """Eighty percent of the deposit, as often as one likes."""
    from core import clock
    from credit.models import TierSet, WaiverTier
    from credit.services import tiers

    found = WaiverTier.objects.select_related("tier_set").filter(tier_set__state="PUBLISHED").first()
    if found:
        return found
    made = TierSet.objects.create(version=tiers.next_version())
    WaiverTier.objects.create(
        tier_set=made, from_score=350, grade="A", waives="PERCENT", percent=80, quota_limit=QUOTA, checkout_cap=QUOTA,
        devices=10_000,
    )  # fmt: skip
    asked = tiers.propose(made.pk, "bench:1", "for the bench", clock.now())
    tiers.carry_out(asked.pk, "bench:2", clock.now())
    return WaiverTier.objects.select_related("tier_set").get(tier_set=made)


def _sign_in(users: list[Any]) -> list[str]:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    from accounts import backends
    from core import clock

    store, ends = SessionStore(), clock.now() + timedelta(days=1)
    keys = [secrets.token_hex(16) for _ in users]
    Session.objects.bulk_create(
        Session(
            session_key=key,
            session_data=store.encode(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: backends.PATH,
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                }
            ),
            expire_date=ends,
        )
        for key, user in zip(keys, users, strict=True)
    )
    return keys
