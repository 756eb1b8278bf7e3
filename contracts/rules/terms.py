"""Everything that one rental agreement states, as one frozen value (domain.md §3, §5–§8; capabilities.md E1).

Orders fills it, contracts renders it and keeps it as the document's JSON. A value that exists is complete and adds up:
one with a gap raises `MissingTerm`, with figures that contradict each other `InconsistentTerms`.
Amounts are yuan with exactly two places; rates and shares are ratios (0.0003 a day, 0.20), never percent.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from contracts.rules import refusals
from core import canonical, money

CHINESE, ENGLISH = "zh", "en"
TEXT_VERSION = "2026-11"  # the wording of the clauses in templates/documents/agreement/; a new wording gets a new one
LONGEST_TEXT, MOST_MONTHS, MOST_DAMAGE_LINES = 500, 60, 60
LATER = ("annual_cost_deposit_simple", "annual_cost_deposit_effective", "day_price")  # unhashed in older papers
MissingTerm, InconsistentTerms = refusals.MissingTerm, refusals.InconsistentTerms


class LeaseModel(StrEnum):
    RETURN_ONLY = "RETURN_ONLY"
    OPTION_TO_BUY = "OPTION_TO_BUY"
    RENT_TO_OWN = "RENT_TO_OWN"


class Due(StrEnum):
    CHECKOUT = "CHECKOUT"  # paid with the signature, before shipping
    MONTHLY = "MONTHLY"  # add_months(receipt day, number − 1), clamped
    DATE = "DATE"  # a day known at signing


class FeeMode(StrEnum):
    FREE = "FREE"  # the days of grace are never charged
    RETROACTIVE = "RETROACTIVE"  # once grace has passed, charged from the due date


class Payer(StrEnum):
    LESSOR = "LESSOR"
    LESSEE = "LESSEE"


class DepositKind(StrEnum):
    FREEZE = "FREEZE"  # preauthorised: nothing leaves the account
    PAID = "PAID"


class Confirmation(StrEnum):
    """A key term that the customer ticks one by one before signing; nothing is ticked beforehand."""

    DEVICE_AND_TERM = "DEVICE_AND_TERM"
    RENT = "RENT"
    DEPOSIT = "DEPOSIT"
    BUYOUT_AND_COST = "BUYOUT_AND_COST"
    EARLY_RETURN = "EARLY_RETURN"
    LATE_FEE = "LATE_FEE"
    DAMAGE_AND_LOSS = "DAMAGE_AND_LOSS"
    MANAGED_DEVICE = "MANAGED_DEVICE"
    SIGNATURE_AND_PRIVACY = "SIGNATURE_AND_PRIVACY"


@dataclass(frozen=True, slots=True)
class Party:
    """`registration`: the masked ID number of a person or the licence number of a firm. The phone is masked."""

    name: str
    registration: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class Device:
    model: str
    specification: str
    condition: str
    signed_value: Decimal
    cash_price: Decimal
    managed: str | None = None  # what a managed device carries (remote lock, profile); None when it carries nothing


@dataclass(frozen=True, slots=True)
class BillTerm:
    """`rent` is list rent; `reduction` (a coupon) lowers this bill and never the buyout price."""

    number: int
    due: Due
    rent: Decimal
    cover: Decimal = money.ZERO
    reduction: Decimal = money.ZERO
    due_date: date | None = None

    @property
    def payable(self) -> Decimal:
        return self.rent + self.cover - self.reduction


@dataclass(frozen=True, slots=True)
class Deposit:
    """amount = waived + held; `held` is what is frozen or paid at checkout."""

    amount: Decimal
    waived: Decimal
    held: Decimal
    kind: DepositKind
    release_working_days: int


@dataclass(frozen=True, slots=True)
class LateFee:
    mode: FeeMode
    grace_days: int
    rate_daily: Decimal
    cap_share: Decimal  # of the bill's rent


@dataclass(frozen=True, slots=True)
class DamageLine:
    code: str
    name: str
    name_en: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DamageRules:
    """All damage together never exceeds signed_value × max(residual_share, 1 − whole months / depreciation_months)."""

    lines: tuple[DamageLine, ...]
    depreciation_months: int
    residual_share: Decimal
    answer_hours: int


@dataclass(frozen=True, slots=True)
class Delivery:
    recipient: str
    phone: str
    address: str
    outbound_payer: Payer
    return_payer: Payer


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """One agreement. Totals must hold exactly:

    total_to_return = Σ (rent + cover − reduction) · total_to_own = total_to_return + last buyout price.
    `buyout_prices[k-1]` is the price at the end of period k; empty for RETURN_ONLY and for short leases.
    A short lease has months = 0, first_day, last_day and one bill; a long one has months and no days.
    `languages` is ("zh",) or ("zh", "en"): the Chinese text is always there and decides.
    """

    number: str
    languages: tuple[str, ...]
    agreed_on: date
    platform: str
    lessor: Party
    lessee: Party
    device: Device
    lease_model: LeaseModel
    months: int
    monthly_rent: Decimal
    bills: tuple[BillTerm, ...]
    deposit: Deposit
    total_to_return: Decimal
    total_to_own: Decimal | None
    buyout_prices: tuple[Decimal, ...]
    annual_cost_simple: Decimal | None
    annual_cost_effective: Decimal | None
    late_fee: LateFee
    damage: DamageRules
    delivery: Delivery
    early_return_months: int
    return_window_days: int
    cooling_off_days: int
    annual_cost_deposit_simple: Decimal | None = None  # with a paid deposit counted in; None beyond telling
    annual_cost_deposit_effective: Decimal | None = None
    cover_name: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    day_price: Decimal | None = None  # of a short lease: what a day beyond the last one costs
    text_version: str = TEXT_VERSION

    def __post_init__(self) -> None:
        _require_texts("", self)
        for rule in (_lease, _bills, _deposit, _totals, _curve, _yearly_cost, _fees, _damage):
            rule(self)

    @property
    def is_short(self) -> bool:
        return self.months == 0

    @property
    def can_be_owned(self) -> bool:
        return self.lease_model is not LeaseModel.RETURN_ONLY

    @property
    def total_rent(self) -> Decimal:
        """Σ list rents, before coupons and without cover."""
        return money.total(bill.rent for bill in self.bills)

    def canonical_bytes(self) -> bytes:
        written = canonical.plain(self)
        return canonical.encode({name: written[name] for name in written if name not in LATER or written[name]})

    def sha256(self) -> str:
        return hashlib.sha256(self.canonical_bytes()).hexdigest()

    def to_json(self) -> str:
        return self.canonical_bytes().decode("utf-8")

    @classmethod
    def from_json(cls, text: str) -> "AgreementTerms":
        """The very terms that `to_json` wrote. MissingTerm for an absent field, ValueError for anything unreadable."""
        try:
            raw = json.loads(text)
            return canonical.decode(cls, {**dict.fromkeys(LATER), **raw} if isinstance(raw, dict) else raw)
        except KeyError as absent:
            raise MissingTerm(str(absent.args[0])) from absent


def confirmations(terms: AgreementTerms) -> tuple[Confirmation, ...]:
    """The key terms of this agreement that must each be confirmed, in the order in which they are shown."""
    applies = {
        Confirmation.BUYOUT_AND_COST: terms.can_be_owned,
        Confirmation.EARLY_RETURN: not terms.is_short,
        Confirmation.MANAGED_DEVICE: terms.device.managed is not None,
    }
    return tuple(code for code in Confirmation if applies.get(code, True))


def unconfirmed(terms: AgreementTerms, ticked: Collection[str]) -> tuple[Confirmation, ...]:
    """What is still to be ticked; empty when the agreement may be signed."""
    return tuple(code for code in confirmations(terms) if code.value not in ticked)


def _require_texts(path: str, part: object) -> None:
    for name, value in _leaves(path, part):
        if isinstance(value, str) and not value.strip():
            raise MissingTerm(name)
        if isinstance(value, str) and (len(value) > LONGEST_TEXT or any(ord(c) < 32 for c in value)):
            raise InconsistentTerms(name, f"longer than {LONGEST_TEXT} characters, or holds a control character")
        if isinstance(value, float) or (isinstance(value, Decimal) and not (value.is_finite() and value >= 0)):
            raise InconsistentTerms(name, f"is not an amount: {value}")


_OPTIONAL = (*LATER, "device.managed", "total_to_own", "cover_name", "first_day", "last_day",
             "annual_cost_simple", "annual_cost_effective")  # fmt: skip


def _leaves(path: str, part: object) -> Iterator[tuple[str, object]]:
    for field in fields(part):  # type: ignore[arg-type]
        name, value = f"{path}{field.name}", getattr(part, field.name)
        if value is None and name not in _OPTIONAL and not name.endswith("].due_date"):
            raise MissingTerm(name)
        for step, item in enumerate(value) if isinstance(value, tuple) else ((None, value),):
            spot = name if step is None else f"{name}[{step}]"
            if hasattr(item, "__dataclass_fields__"):
                yield from _leaves(f"{spot}.", item)
            else:
                yield spot, item


def _amount(term: str, value: Decimal) -> None:
    if value.as_tuple().exponent != -2 or value >= money.LARGEST:
        raise InconsistentTerms(term, f"is not an amount with two places: {value}")


def _lease(terms: AgreementTerms) -> None:
    if terms.languages not in ((CHINESE,), (CHINESE, ENGLISH)):
        raise InconsistentTerms("languages", "the Chinese text comes first and is always there")
    _amount("monthly_rent", terms.monthly_rent)
    _amount("device.signed_value", terms.device.signed_value)
    _amount("device.cash_price", terms.device.cash_price)
    if terms.device.signed_value > terms.device.cash_price:
        raise InconsistentTerms("device.signed_value", "above the cash price")
    if not 0 <= terms.months <= MOST_MONTHS:
        raise InconsistentTerms("months", f"not between 0 and {MOST_MONTHS}")
    if terms.is_short:
        if terms.first_day is None or terms.last_day is None:
            raise MissingTerm("first_day" if terms.first_day is None else "last_day")
        if terms.last_day < terms.first_day:
            raise InconsistentTerms("last_day", "before the first day")
    elif terms.first_day or terms.last_day:
        raise InconsistentTerms("first_day", "a long lease starts on the day of receipt")


def _bills(terms: AgreementTerms) -> None:
    if not terms.bills:
        raise MissingTerm("bills")
    if [bill.number for bill in terms.bills] != list(range(1, (terms.months or 1) + 1)):
        raise InconsistentTerms("bills", "one bill for every period, numbered from 1")
    for i, bill in enumerate(terms.bills):
        for name in ("rent", "cover", "reduction"):
            _amount(f"bills[{i}].{name}", getattr(bill, name))
        if bill.reduction > bill.rent:
            raise InconsistentTerms(f"bills[{i}].reduction", "more than the rent")
        if (bill.due is Due.DATE) is (bill.due_date is None):
            raise InconsistentTerms(f"bills[{i}].due_date", "a day stands with the rule DATE and with no other")
    if any(bill.cover for bill in terms.bills) and terms.cover_name is None:
        raise MissingTerm("cover_name")
    if not terms.is_short and terms.total_rent != terms.months * terms.monthly_rent:
        raise InconsistentTerms("bills", "the rents are not months × monthly rent")


def _deposit(terms: AgreementTerms) -> None:
    deposit = terms.deposit
    for name in ("amount", "waived", "held"):
        _amount(f"deposit.{name}", getattr(deposit, name))
    if deposit.waived + deposit.held != deposit.amount:
        raise InconsistentTerms("deposit", "waived and held are not the deposit")
    if deposit.amount > terms.device.signed_value:
        raise InconsistentTerms("deposit.amount", "above the signed value")
    _between("deposit.release_working_days", deposit.release_working_days, 1, 30)


def _totals(terms: AgreementTerms) -> None:
    _amount("total_to_return", terms.total_to_return)
    if terms.total_to_return != money.total(bill.payable for bill in terms.bills):
        raise InconsistentTerms("total_to_return", "not the sum of the bills")
    if not terms.can_be_owned:
        if terms.total_to_own is not None:
            raise InconsistentTerms("total_to_own", "this lease ends with the return")
        return
    if terms.total_to_own is None:
        raise MissingTerm("total_to_own")
    if not terms.buyout_prices:
        raise MissingTerm("buyout_prices")
    _amount("total_to_own", terms.total_to_own)
    if terms.total_to_own != terms.total_to_return + terms.buyout_prices[-1]:
        raise InconsistentTerms("total_to_own", "not the bills and the last buyout price")


def _curve(terms: AgreementTerms) -> None:
    prices = terms.buyout_prices
    if terms.is_short and terms.can_be_owned:
        raise InconsistentTerms("lease_model", "a short lease ends with the return")
    if len(prices) != (terms.months if terms.can_be_owned else 0):
        raise InconsistentTerms("buyout_prices", "one price for every period, none without an option to buy")
    for i, price in enumerate(prices):
        _amount(f"buyout_prices[{i}]", price)
    if any(later > earlier for earlier, later in pairwise(prices)):
        raise InconsistentTerms("buyout_prices", "the price rises")
    if terms.lease_model is LeaseModel.RENT_TO_OWN and prices[-1] != 0:
        raise InconsistentTerms("buyout_prices", "with the last rent nothing is left to pay")


def _yearly_cost(terms: AgreementTerms) -> None:
    for name in ("annual_cost_simple", "annual_cost_effective"):
        rate: Decimal | None = getattr(terms, name)
        if terms.can_be_owned and rate is None:
            raise MissingTerm(name)
        if not terms.can_be_owned and rate is not None:
            raise InconsistentTerms(name, "a lease that ends with the return shows no yearly cost")
        _with_deposit(terms, name.replace("cost_", "cost_deposit_"), rate)


def _with_deposit(terms: AgreementTerms, name: str, without: Decimal | None) -> None:
    rate: Decimal | None = getattr(terms, name)
    if rate is None:
        return
    if terms.deposit.kind is not DepositKind.PAID or not terms.deposit.held:
        raise InconsistentTerms(name, "no deposit is paid")
    if without is None or rate < without:
        raise InconsistentTerms(name, "a paid deposit makes a lease no cheaper")


def _fees(terms: AgreementTerms) -> None:
    _between("late_fee.grace_days", terms.late_fee.grace_days, 0, 31)
    if terms.late_fee.rate_daily > 1 or terms.late_fee.cap_share > 1:
        raise InconsistentTerms("late_fee", "rates are ratios, not percent")
    _between("early_return_months", terms.early_return_months, 0, 2)
    _between("return_window_days", terms.return_window_days, 0, 31)
    _between("cooling_off_days", terms.cooling_off_days, 0 if terms.is_short else 7, 31)


def _damage(terms: AgreementTerms) -> None:
    damage = terms.damage
    if not damage.lines:
        raise MissingTerm("damage.lines")
    if len(damage.lines) > MOST_DAMAGE_LINES or len({line.code for line in damage.lines}) != len(damage.lines):
        raise InconsistentTerms("damage.lines", f"every code once and at most {MOST_DAMAGE_LINES}")
    for i, line in enumerate(damage.lines):
        _amount(f"damage.lines[{i}].amount", line.amount)
    if damage.residual_share > 1:
        raise InconsistentTerms("damage.residual_share", "a share is at most 1")
    _between("damage.depreciation_months", damage.depreciation_months, 1, 120)
    _between("damage.answer_hours", damage.answer_hours, 72, 720)


def _between(term: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InconsistentTerms(term, f"{value} is not between {least} and {most}")
