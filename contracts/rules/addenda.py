"""Papers that follow an agreement: a renewal or a plan, which both sign; a title paper or a notice, which one signs.

Like the agreement each is one frozen value that adds up; contracts renders it and keeps it as the document's JSON.
Amounts are yuan with exactly two places.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from contracts.rules.refusals import InconsistentTerms, MissingTerm
from contracts.rules.terms import Party
from core import canonical, money

ADDENDUM_VERSION = "2026-11"  # the wording in templates/documents/addenda/; a new wording gets a new one


class Point(StrEnum):
    """A key term of a renewal that the customer ticks before signing; nothing is ticked beforehand."""

    TERM = "TERM"
    RENT = "RENT"
    REST = "REST"  # deposit, buyout price, and that the agreement goes on otherwise
    SIGNATURE = "SIGNATURE"


class PlanPoint(StrEnum):
    """What the customer ticks before signing an extension plan."""

    SUM = "SUM"
    PARTS = "PARTS"
    BROKEN = "BROKEN"  # what happens if a part is not paid
    SIGNATURE = "SIGNATURE"


@dataclass(frozen=True)
class _Following:
    """What each of these papers says first: `agreement` is the one that it follows, `agreement_sha256` of its signed
    file. One spelling, one hash.
    """

    number: str
    languages: tuple[str, ...]
    agreed_on: date
    platform: str
    lessor: Party
    lessee: Party
    agreement: str
    agreement_sha256: str
    device: str
    serial: str
    text_version: str = field(default=ADDENDUM_VERSION, kw_only=True)

    def canonical_bytes(self) -> bytes:
        return canonical.encode(self)

    def sha256(self) -> str:
        return hashlib.sha256(self.canonical_bytes()).hexdigest()

    def to_json(self) -> str:
        return self.canonical_bytes().decode("utf-8")

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The very terms that `to_json` wrote. MissingTerm for an absent field, ValueError for anything unreadable."""
        try:
            read: Any = canonical.decode(cls, json.loads(text))
        except KeyError as absent:
            raise MissingTerm(str(absent.args[0])) from absent
        return read  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Instalment:
    """`amount` is rent and cover together."""

    number: int
    due_date: date
    amount: Decimal


@dataclass(frozen=True)
class RenewalTerms(_Following):
    """A further term.

    `price_before` is what buying costs on the last day of the old term, `price_after` on that of the new one; None for
    a lease that ends with the return. Σ bills = total must hold exactly.
    """

    months: int
    first_day: date
    last_day: date
    monthly_rent: Decimal
    cover_monthly: Decimal
    bills: tuple[Instalment, ...]
    total: Decimal
    deposit_held: Decimal
    price_before: Decimal | None
    price_after: Decimal | None

    def __post_init__(self) -> None:
        if self.months < 1 or len(self.bills) != self.months:
            raise InconsistentTerms("bills", "one bill for every month")
        if self.total != money.total(bill.amount for bill in self.bills):
            raise InconsistentTerms("total", "not the sum of the bills")
        if any(bill.amount != self.monthly_rent + self.cover_monthly for bill in self.bills):
            raise InconsistentTerms("bills", "not rent and cover of a month")
        if self.last_day < self.first_day or self.bills[0].due_date != self.first_day:
            raise InconsistentTerms("first_day", "the first bill is due on the first day")
        if (self.price_before is None) is not (self.price_after is None):
            raise InconsistentTerms("price_after", "a price before and after, or none")
        if self.price_before is not None and self.price_after is not None and self.price_after > self.price_before:
            raise InconsistentTerms("price_after", "the price rises")


@dataclass(frozen=True)
class ExtensionTerms(_Following):
    """Late bills paid in parts. `bills` are what they replace, each with what is open of rent and cover; `late_fees` of
    all of them on `agreed_on`, from which day on they stand still. Σ bills + late_fees + fee = Σ parts must hold."""

    bills: tuple[Instalment, ...]
    late_fees: Decimal
    fee: Decimal
    parts: tuple[Instalment, ...]
    total: Decimal
    grace_days: int
    is_retroactive: bool = False  # of the late fee; unhashed where it is not: older papers do not say it

    def canonical_bytes(self) -> bytes:
        written = canonical.plain(self)
        return canonical.encode({n: written[n] for n in written if n != "is_retroactive" or written[n]})

    @classmethod
    def from_json(cls, text: str) -> Self:
        raw = json.loads(text)
        return super().from_json(json.dumps({"is_retroactive": False, **raw}) if isinstance(raw, dict) else text)

    def __post_init__(self) -> None:
        if not self.bills or len(self.parts) < 2:
            raise InconsistentTerms("parts", "bills are paid in two parts or more")
        if self.total != money.total(part.amount for part in self.parts):
            raise InconsistentTerms("total", "not the sum of the parts")
        if self.total != money.total(bill.amount for bill in self.bills) + self.late_fees + self.fee:
            raise InconsistentTerms("total", "not what is owed and the agreed fee")


@dataclass(frozen=True)
class TitleTerms(_Following):
    """The device is the customer's. `price` is the last buyout price that was paid, `paid_in_all` everything paid on
    the lease, rents and cover included."""

    price: Decimal
    paid_in_all: Decimal

    def __post_init__(self) -> None:
        if self.price > self.paid_in_all:
            raise InconsistentTerms("price", "more than was paid in all")


@dataclass(frozen=True)
class Claim:
    """One open bill on the day a lease is ended: `rest` of rent and cover, or of a one-off, and its late fee so far."""

    number: int
    kind: str
    due_date: date
    rest: Decimal
    fee: Decimal

    @property
    def amount(self) -> Decimal:
        return self.rest + self.fee


@dataclass(frozen=True)
class NoticeTerms(_Following):
    """A lease is ended by notice after demand letter `letter`. `claims` are all bills that are open then, the value of
    the device (kind LOSS) among them; `credit` is money of the customer that no bill took yet. Σ claims = total."""

    letter: str
    letter_on: date
    cure_until: date
    claims: tuple[Claim, ...]
    total: Decimal
    credit: Decimal
    signed_value: Decimal
    telephone: str

    def __post_init__(self) -> None:
        if not self.letter_on < self.cure_until < self.agreed_on:
            raise InconsistentTerms("cure_until", "a letter, its time, then the end")
        if self.total != money.total(claim.amount for claim in self.claims):
            raise InconsistentTerms("total", "not the sum of the claims")

    @property
    def to_pay(self) -> Decimal:
        return max(money.ZERO, self.total - self.credit)


def left(ticked: "frozenset[str]", points: type[StrEnum] = Point) -> list[StrEnum]:
    """Points, of a renewal if no others are named, that are still to be ticked."""
    return [point for point in points if point.value not in ticked]
