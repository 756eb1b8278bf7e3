"""Builders for catalogue and billing alone: no order, no credit; money moves over the sandbox's real pages."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import time_machine
from django.db import models

from accounts.models import Customer, Merchant, User
from billing.models import Bill, Deposit, DepositFreeze, Lease, Payment
from billing.rules.terms import LeaseTerms
from billing.services import deposits, leases, payments
from catalog.models import (
    CashPrice,
    ConditionGrade,
    DayPrice,
    DeviceModel,
    DeviceType,
    LeaseModel,
    LeasePlan,
    LendingRate,
    PlanTerm,
    Sku,
)
from core.calendar import instant
from integrations.payments import FreezeFact, PaymentFact, ReleaseFact, Status
from sandbox import keys as sandbox_keys
from sandbox import visitors
from tests import house_rules

ON = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # Monday 10:00 in Shanghai
ALIPAY = "alipay"
PHONE = "13900000001"
RETURN_URL = "http://testserver/back/"
TERMS = LeaseTerms(
    lease_model="RETURN_ONLY",
    months=3,
    monthly_rent=Decimal("541.83"),
    cover_monthly=Decimal("10.00"),
    signed_value=Decimal(5800),
    cash_price=Decimal(6000),
    total_to_own=None,
    curve=(),
    **house_rules.FIRST,
)
at_work = time_machine.travel(AT, tick=False)  # the machine's clock, which the sandbox reads
Row = TypeVar("Row", bound=models.Model)
_serial = itertools.count(1)


def customer() -> Customer:
    number = next(_serial)
    user = User.objects.create(login=f"customer-{number}", kind=User.Kind.CUSTOMER)
    return Customer.objects.create(user=user, number=f"C{number:08d}")


def merchant(name: str = "") -> Merchant:
    name = name or f"商家 {next(_serial)}"
    return Merchant.objects.create(
        name=name, name_en=name, licence_number="91310000MA1FL0000X", address="-", return_address="-", telephone="-"
    )


def operator() -> User:
    return User.objects.create(login=f"operator-{next(_serial)}", kind=User.Kind.OPERATOR, is_staff=True)


def sku(type_code: str = "phone") -> Sku:
    number = next(_serial)
    kind, _ = DeviceType.objects.get_or_create(code=type_code, defaults={"name": "手机", "name_en": "Phone"})
    model = DeviceModel.objects.create(
        device_type=kind, slug=f"model-{number}", brand="Aurora", name=f"极光 {number}", name_en=f"Aurora {number}"
    )
    return Sku.objects.create(
        device_model=model, specification="256 GB 黑", specification_en="256 GB black", condition=ConditionGrade.NEW
    )


def priced_sku(amount: str = "6000", as_of: date = ON, type_code: str = "phone") -> Sku:
    LendingRate.objects.get_or_create(day=date(2025, 5, 20), defaults={"rate_yearly": Decimal("0.03")})
    made = sku(type_code)
    CashPrice.objects.create(sku=made, amount=Decimal(amount), source="test", as_of=as_of, set_by=operator())
    return made


def draft_plan(of: Merchant, what: Sku, **fields: Any) -> LeasePlan:
    """OPTION_TO_BUY over 12 × 350 with the highest total that passes a cap of 12 %."""
    months = fields.pop("terms", [(12, "350", "6477.68")])
    by_days = fields.pop("day_prices", {})
    fields = {"lease_model": LeaseModel.OPTION_TO_BUY, "signed_value": Decimal(5800), **fields}
    plan = LeasePlan.objects.create(merchant=of, sku=what, **fields)
    for count, rent, total in months:
        own = None if total is None else Decimal(total)
        PlanTerm.objects.create(plan=plan, months=count, monthly_rent=Decimal(rent), total_to_own=own)
    for days, amount in by_days.items():
        DayPrice.objects.create(plan=plan, days=days, amount=Decimal(amount))
    return plan


def short_plan(of: Merchant, what: Sku, **fields: Any) -> LeasePlan:
    """A draft by the day: 1 day 60, 3 days 150, 7 days 300, 30 days 900; 2 to 30 days, a gap of 2."""
    prices = {1: "60", 3: "150", 7: "300", 30: "900"}
    by_day = {"most_days": 30, "least_days": 2, "gap_days": 2, "day_prices": prices, "terms": []}
    return draft_plan(of, what, **{"lease_model": LeaseModel.RETURN_ONLY, **by_day, **fields})


def lease(
    of: Customer | None = None,
    *,
    terms: LeaseTerms = TERMS,
    deposit: str = "0",
    waived: str = "0",
    signed: bool = True,
    start: date | None = None,
    at: datetime = AT,
) -> Lease:
    """A lease with its bills; `start`: begun on that day."""
    number = f"L{next(_serial):08d}"
    made = leases.draft(number, of or customer(), merchant(), terms, Decimal(deposit), Decimal(waived), at)
    if signed or start:
        leases.freeze_amounts(made.pk, at)
    if start:
        leases.begin(made.pk, start, instant(start, 12))
    return Lease.objects.get(pk=made.pk)


def bill(of: Lease, number: int = 1) -> Bill:
    return Bill.objects.get(lease=of, number=number)


def attempt(*bills: Bill, at: datetime = AT) -> Payment:
    first = Bill.objects.select_related("lease__customer").get(pk=bills[0].pk)
    ids = [one.pk for one in bills]
    return payments.open(first.lease.customer, ids, ALIPAY, at=at, expires_at=at + timedelta(minutes=30))


def lease_of(payment: Payment) -> Lease:
    """Whose bills it paid, as far as it names any."""
    found = Lease.objects.filter(bills__payment_items__payment=payment).first()
    assert found is not None
    return found


def freeze(of: Lease, at: datetime = AT) -> DepositFreeze:
    deposit = Deposit.objects.get(lease=of)
    return deposits.open_freeze(deposit.pk, ALIPAY, at=at, expires_at=at + timedelta(minutes=30))


def seller(channel: str = ALIPAY) -> str:
    from integrations import registry

    return registry.payments(channel).merchant_id


def success(payment: Payment, paid_at: datetime | None = None, **other: Any) -> PaymentFact:
    """What the provider says of a payment that came in."""
    told: dict[str, Any] = {
        "request_no": payment.number,
        "trade_no": f"T{payment.number}",
        "status": Status.SUCCEEDED,
        "amount": payment.amount,
        "currency": "CNY",
        "payer": "2088000000000099",
        "paid_at": paid_at or payment.created_at,
        "merchant_id": seller(payment.channel),
    }
    return PaymentFact(**{**told, **other})


def without_success(payment: Payment, status: Status) -> PaymentFact:
    return PaymentFact(payment.number, "", status, None, "CNY", "", None, seller())


def frozen(of: DepositFreeze, **other: Any) -> FreezeFact:
    told: dict[str, Any] = {
        "order_no": of.number,
        "request_no": of.request_number,
        "auth_no": f"A{of.number}",
        "operation_id": f"O{of.number}",
        "status": Status.SUCCEEDED,
        "amount": of.amount,
        "mode": "FUND",
        "payer": "2088000000000099",
        "frozen_at": of.created_at,
        "merchant_id": seller(),
    }
    return FreezeFact(**{**told, **other})


def released(number: str, amount: Decimal, at: datetime = AT, status: Status = Status.SUCCEEDED) -> ReleaseFact:
    return ReleaseFact("", number, "", "", status, amount, at)


def paid(*bills: Bill, at: datetime = AT) -> Payment:
    """The bills paid at `at`, as the provider tells it."""
    payment = attempt(*bills, at=at)
    payments.capture(ALIPAY, success(payment, at), at)
    return Payment.objects.get(pk=payment.pk)


def paid_part(of: Bill, amount: Decimal, at: datetime) -> Payment:
    """A part of what is owed, as an operator records it."""
    first = Bill.objects.select_related("lease__customer").get(pk=of.pk)
    payment = payments.open(first.lease.customer, [of.pk], ALIPAY, at=at, expires_at=at, amount=amount)
    payments.capture(ALIPAY, success(payment, at), at)
    return again(payment)


def pay_at_cashier(payment: Payment) -> None:
    """The customer pays on the sandbox's page."""
    sandbox_keys.make_all()
    visitors.pay(payments.page(payment, RETURN_URL), PHONE)


def freeze_at_cashier(of: DepositFreeze) -> None:
    sandbox_keys.make_all()
    visitors.pay(deposits.page(of, RETURN_URL), PHONE)


def again(row: Row) -> Row:
    """The row as it stands in the database now: a protected state does not refresh in place."""
    return type(row)._default_manager.get(pk=row.pk)
