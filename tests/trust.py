"""The people of the tests: signed up, proved, with a tier table in force. Everything by the real services."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import Customer, IdentityVerification, OneTimeCode
from accounts.rules import id_numbers
from accounts.services import codes, identity, sign_in
from credit.models import CreditReport, Decision, TierSet, WaiverTier
from credit.services import decisions, tiers
from notices.models import Message

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # noon in Shanghai
ON = date(2026, 11, 23)
PHONE = "13800000001"
NAME = "林晓"

# from, grade, outcome, waives, amount, percent, quota, cap: the table of the design
TABLE: Sequence[tuple[int, str, str, str, int, int, int, int]] = (
    (350, "E", "REFUSE", "AMOUNT", 0, 0, 0, 0),
    (550, "D", "REFER", "AMOUNT", 1000, 0, 1000, 1000),
    (620, "C", "APPROVE", "PERCENT", 0, 60, 3000, 2500),
    (680, "A", "APPROVE", "PERCENT", 0, 80, 6000, 5000),
    (750, "S", "APPROVE", "ALL", 0, 0, 12000, 8000),
)


def id_number(sequence: str = "123", born: date = date(1996, 5, 20), area: str = "110101") -> str:
    """A valid number. Sequences 991–998 behave on order in the sandbox."""
    body = f"{area}{born:%Y%m%d}{sequence}"
    return body + id_numbers.check_digit(body)


def secret_of(message: Message) -> str:
    """The code in a queued message, as its addressee would read it."""
    assert message.secret is not None
    return str(message.secret.open(by="test", purpose="test", at=AT))


def sent_code(phone: str, purpose: str, at: datetime = AT) -> str:
    """Ask for a code and read it from the message."""
    row = codes.request(phone, purpose, language="zh-hans", at=at)
    return secret_of(Message.objects.get(step=f"code:{row.pk}"))


def ticket() -> UUID:
    """Of the code asked for last."""
    return OneTimeCode.objects.latest("id").ticket


def signed_up(phone: str = PHONE, at: datetime = AT) -> Customer:
    secret = sent_code(phone, sign_in.PURPOSE, at)
    return sign_in.by_code(phone, secret, ticket=ticket(), language="zh-hans", at=at).customer


def asked(customer: Customer, number: str = "", name: str = NAME, at: datetime = AT) -> IdentityVerification:
    return identity.request(customer, name, number or id_number(), consent_version="1", at=at)


def proven(phone: str = PHONE, number: str = "", at: datetime = AT) -> Customer:
    """A customer whose identity the register confirmed: walks through the sandbox."""
    customer = signed_up(phone, at)
    verification = asked(customer, number or id_number(), at=at)
    identity.check(verification.pk, at)
    assert identity.verified(customer)
    return customer


def draft(rows: Sequence[tuple[Any, ...]] = TABLE, **fields: Any) -> TierSet:
    tier_set = TierSet.objects.create(version=tiers.next_version(), **fields)
    for from_score, grade, outcome, waives, amount, percent, quota, cap in rows:
        WaiverTier.objects.create(
            tier_set=tier_set,
            from_score=from_score,
            grade=grade,
            outcome=outcome,
            waives=waives,
            amount=Decimal(amount),
            percent=percent,
            quota_limit=Decimal(quota),
            checkout_cap=Decimal(cap),
        )
    return tier_set


def tiers_in_force(**fields: Any) -> TierSet:
    return published(draft(**fields))


def published(tier_set: TierSet) -> TierSet:
    """Asked for by one operator, approved by another."""
    asked = tiers.propose(tier_set.pk, "operator:1", "agreed in the meeting", AT)
    return tiers.carry_out(asked.pk, "operator:2", AT)


def report(customer: Customer, score: int | None, at: datetime = AT) -> CreditReport:
    """A received report, without a source."""
    row = CreditReport.objects.create(
        customer=customer, source="zhima", request_number=f"CR-{CreditReport.objects.count()}", authorised_at=at
    )
    row.receive(score, "2088", at)
    row.save()
    return row


def graded(customer: Customer, score: int, at: datetime = AT) -> Decision:
    if tiers.in_force() is None:
        tiers_in_force()
    return decisions.decide(customer, report(customer, score, at), at)
