"""Setting the stage: the cast's catalogue, tiers and logins, through the real services. Safe to repeat.

The business opened fifteen months ago. Its offers are the present ones, published three weeks ago: an order needs a
plan that is on offer, so histories (histories.py) use them for older orders too.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Merchant, MerchantMember, SecondFactor, User
from accounts.services import second_factor
from billing.services import settlements
from catalog.models import (
    ConditionGrade,
    DamageItem,
    DayPrice,
    DeviceModel,
    DeviceType,
    LeaseModel,
    LeasePlan,
    LendingRate,
    PlanTerm,
    Sku,
)
from catalog.rules import imei
from catalog.services import plans, prices, units
from core import calendar, money
from core.services.events import PLATFORM
from credit.models import FactorBin, Scorecard, TierSet, WaiverTier
from credit.services import scorecards, tiers
from orders.models import RiskRule
from orders.services import risk_rules
from rental.demo import cast
from rental.demo.cast import MerchantRole, ModelRole
from visits.models import FieldAgent

OPENED = timedelta(days=450)
PRICED = timedelta(days=20)


@transaction.atomic
def stage(at: datetime, say: Callable[[str], None] = lambda _: None) -> None:
    """Everything that must stand before the first customer comes in; nothing when it stands already."""
    if User.objects.filter(login="operator").exists():
        return
    opened, priced = at - OPENED, at - PRICED
    password = make_password(cast.PASSWORD)  # hashed once: it is slow on purpose, and the same for all
    operator = _operators(password, opened)
    _agents(password, opened)
    merchants = {role.login: _merchant(role, password, opened) for role in cast.MERCHANTS}
    for lessor in cast.MERCHANTS:
        since = calendar.business_date(opened).replace(day=1)
        settlements.set_commission(merchants[lessor.login], Decimal(lessor.commission_rate), since, operator)
    _connect_apps(opened)
    say("people")
    scorecard(opened)
    fallback(tier_set(opened).pk, opened)
    risk_rule(opened)
    for day, rate in cast.LENDING_RATES:
        LendingRate.objects.create(day=date.fromisoformat(day), rate_yearly=Decimal(rate))
    types = {code: device_type(code) for code, _name, _name_en in cast.TYPES}
    for index, role in enumerate(cast.MODELS):
        of_type, merchant = types[role.type_code], merchants[role.merchant]
        offer(role, of_type, merchant, operator, priced, first_unit=index * 100, shelved_at=opened)
    say("devices and plans")


def _connect_apps(at: datetime) -> None:
    """Each of the staff has an authenticator app, whose code the demo's page shows."""
    for user in User.objects.exclude(kind=User.Kind.CUSTOMER):
        SecondFactor.objects.create(user=user, secret=second_factor.new_secret(), begun_at=at, confirmed_at=at)


def tier_set(at: datetime) -> TierSet:
    """The first published waiver tiers."""
    made = TierSet.objects.create(version=1, deposit_floor=money.ZERO)
    for from_score, grade, outcome, waives, amount, percent, limit, cap, devices in cast.TIERS:
        WaiverTier.objects.create(
            tier_set=made,
            from_score=from_score,
            grade=grade,
            outcome=outcome,
            waives=waives,
            amount=Decimal(amount),
            percent=percent,
            quota_limit=Decimal(limit),
            checkout_cap=Decimal(cap),
            devices=devices,
        )
    return _in_force(made, "the demo's first table", at)


def scorecard(at: datetime) -> Scorecard:
    """The first published scorecard."""
    weights = {f"{dimension}_weight": weight for dimension, weight in cast.SCORECARD_WEIGHTS.items()}
    made = Scorecard.objects.create(version=scorecards.next_version(), **weights)
    FactorBin.objects.bulk_create(
        FactorBin(
            scorecard=made,
            factor=factor.code,
            dimension=factor.dimension,
            from_value=each.from_value,
            points=each.points,
        )
        for factor in cast.SCORECARD.factors
        for each in factor.bins
    )
    asked = scorecards.propose(made.pk, PLATFORM, "the demo's first scorecard", at)
    return scorecards.carry_out(asked.pk, "demo", at)


def risk_rule(at: datetime) -> RiskRule:
    """Three orders within two days wait for a person."""
    made = RiskRule.objects.create(kind=RiskRule.Kind.MANY_LEASES, threshold=3, window_days=2)
    return risk_rules.carry_out(risk_rules.propose(made.pk, PLATFORM, "against cash-out", at).pk, "demo", at)


def fallback(tier_set_id: int, at: datetime) -> TierSet:
    """The next version: the own scorecard where Zhima is silent, rents within a third of the income, fast track."""
    draft = tiers.draft_from(tier_set_id, PLATFORM, at)
    draft.falls_back, draft.rent_share_percent, draft.fast_track_from = True, 33, 750
    draft.save(update_fields=["falls_back", "rent_share_percent", "fast_track_from"])
    return _in_force(draft, "the own scorecard, and rents within an income", at)


def _in_force(draft: TierSet, reason: str, at: datetime) -> TierSet:
    """Asked for by the platform, approved by a second person."""
    return tiers.carry_out(tiers.propose(draft.pk, PLATFORM, reason, at).pk, "demo", at)


def offer(
    role: ModelRole,
    device_type: DeviceType,
    merchant: Merchant,
    operator: User,
    at: datetime,
    *,
    first_unit: int,
    shelved_at: datetime | None = None,
) -> LeasePlan:
    """One SKU of a model, its cash price, a plan published at `at` and units on the shelf since `shelved_at`."""
    named = {"device_type": device_type, "brand": role.brand, "name": role.name, "name_en": role.name_en}
    model, _new = DeviceModel.objects.get_or_create(slug=role.slug, defaults=named)
    sku = Sku.objects.create(
        device_model=model,
        specification=role.specification,
        specification_en=role.specification_en,
        condition=ConditionGrade[role.condition],
    )
    price = money.fen(role.cash_price)
    prices.set_cash_price(
        sku, price, "三家电商标价的中位数", calendar.business_date(at) - timedelta(days=3), operator, at
    )
    plan = LeasePlan.objects.create(
        merchant=merchant,
        sku=sku,
        lease_model=LeaseModel[role.lease_model],
        signed_value=money.floor_fen(price * cast.SIGNED_SHARE),
        **_cover(role, price),
        **(cast.SHORT_LIMITS if role.slug in cast.SHORT else {}),
    )
    by_days = cast.SHORT.get(role.slug, {})
    DayPrice.objects.bulk_create(DayPrice(plan=plan, days=n, amount=Decimal(each)) for n, each in by_days.items())
    PlanTerm.objects.bulk_create([] if by_days else _terms(plan, role, price))
    plan = plans.publish(plan.pk, f"operator:{operator.pk}", at)
    for n in range(first_unit, first_unit + cast.UNITS_EACH):
        number = _imei(f"35824005{n:06d}") if device_type.code == "phone" else ""
        units.add(merchant, sku, f"{role.slug.upper()}-{n:05d}", number, shelved_at or at)
    return plan


def _cover(role: ModelRole, price: Decimal) -> dict[str, Any]:
    choice = cast.COVERED.get(role.slug) or cast.COVERED.get(role.type_code)
    return {"cover_choice": choice, "cover_monthly": money.fen(price * cast.COVER_SHARE // 1)} if choice else {}


def _terms(plan: LeasePlan, role: ModelRole, price: Decimal) -> list[PlanTerm]:
    def rent(share: Decimal) -> Decimal:
        return money.fen(money.whole(price * share))

    if role.lease_model == "OPTION_TO_BUY":
        return [
            PlanTerm(plan=plan, months=n, monthly_rent=rent(r), total_to_own=money.floor_fen(price * own))
            for n, (r, own) in cast.OPTION_TERMS.items()
        ]
    if role.lease_model == "RENT_TO_OWN":
        return [
            PlanTerm(plan=plan, months=n, monthly_rent=each, total_to_own=n * each)
            for n, each in ((n, price * share // 1) for n, share in cast.RENT_TO_OWN_TERMS.items())
        ]
    return [PlanTerm(plan=plan, months=n, monthly_rent=rent(r)) for n, r in cast.RETURN_TERMS.items()]


def _operators(password: str, at: datetime) -> User:
    all_rights = {"kind": User.Kind.OPERATOR, "is_staff": True, "is_superuser": True}
    for login in cast.OPERATORS:
        User.objects.create(login=login, password=password, joined_at=at, **all_rights)
    return User.objects.get(login="operator")


def _agents(password: str, at: datetime) -> None:
    for login, (name, badge, region) in cast.AGENTS.items():
        user = User.objects.create(login=login, password=password, kind=User.Kind.AGENT, joined_at=at)
        FieldAgent.objects.create(user=user, name=name, badge=badge, region=region)


def _merchant(role: MerchantRole, password: str, at: datetime) -> Merchant:
    merchant = Merchant.objects.create(
        name=role.name,
        name_en=role.name_en,
        licence_number=role.licence_number,
        address=role.address,
        return_address=role.address,
        telephone="400-000-0000",
    )
    for login in (role.login, *role.staff):
        user = User.objects.create(login=login, password=password, kind=User.Kind.MERCHANT, joined_at=at)
        leads = MerchantMember.Role.OWNER if login == role.login else MerchantMember.Role.STAFF
        MerchantMember.objects.create(user=user, merchant=merchant, role=leads)
    return merchant


def device_type(code: str) -> DeviceType:
    """One of the cast's types with its damage list."""
    order, (_code, name, name_en) = next((i, row) for i, row in enumerate(cast.TYPES) if row[0] == code)
    made = DeviceType.objects.create(code=code, name=name, name_en=name_en, order=order)
    dearest = max(role.cash_price for role in cast.MODELS if role.type_code == code)
    for item, label, label_en, share in cast.DAMAGE:
        DamageItem.objects.create(
            device_type=made, code=item, name=label, name_en=label_en, amount=money.floor_fen(dearest * share)
        )
    return made


def _imei(body: str) -> str:
    return f"{body}{imei.luhn(body)}"
