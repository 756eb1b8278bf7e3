"""The figures of an agreement as they are printed: one spelling for every amount, share and day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.rules.terms import CHINESE, AgreementTerms, BillTerm, Due
from core import money

NARROW = "\u202f"


def yuan(amount: Decimal) -> str:
    """¥1,234.00"""
    return f"¥{amount:,.2f}"


def percent(share: Decimal) -> str:
    """A share with all its places: 0.0003 → 0.03 %."""
    return f"{(share * 100).normalize():f}{NARROW}%"


def yearly(rate: Decimal) -> str:
    """A yearly cost with one place: 0.0929 → 9.3 %."""
    return f"{money.fen(rate * 10) * 10:.1f}{NARROW}%"


def day(on: date, language: str) -> str:
    return f"{on.year}年{on.month}月{on.day}日" if language == CHINESE else f"{on.day} {on:%B %Y}"


@dataclass(frozen=True, slots=True)
class BillRow:
    number: int
    due: str
    rent: str
    cover: str
    reduction: str
    payable: str


def bill_rows(terms: AgreementTerms, language: str) -> list[BillRow]:
    return [
        BillRow(
            bill.number,
            due(bill, language),
            yuan(bill.rent),
            yuan(bill.cover),
            yuan(bill.reduction) if bill.reduction else "",
            yuan(bill.payable),
        )
        for bill in terms.bills
    ]


def due(bill: BillTerm, language: str) -> str:
    months = bill.number - 1
    match bill.due, language == CHINESE:
        case Due.CHECKOUT, True:
            return "签署时"
        case Due.CHECKOUT, False:
            return "On signing"
        case Due.MONTHLY, True:
            return f"收货满 {months} 个月之日" if months else "收货之日"
        case Due.MONTHLY, False:
            return f"{months} month{'s' if months > 1 else ''} after receipt" if months else "On receipt"
    if bill.due_date is None:
        raise ValueError("a bill with the rule DATE has its day")
    return day(bill.due_date, language)


def of(terms: AgreementTerms, language: str) -> dict[str, Any]:
    """What the templates print, as strings (and booleans for what applies)."""
    first = terms.bills[0]
    payable_now = first.payable if first.due is Due.CHECKOUT else money.ZERO
    return {
        "agreed_on": day(terms.agreed_on, language),
        "signed_value": yuan(terms.device.signed_value),
        "cash_price": yuan(terms.device.cash_price),
        "monthly_rent": yuan(terms.monthly_rent),
        "total_rent": yuan(terms.total_rent),
        "first_rent": yuan(first.payable),
        "payable_now": yuan(payable_now),
        "first_is_due_now": first.due is Due.CHECKOUT,
        "bills": bill_rows(terms, language),
        "bill_count": len(terms.bills),
        "has_cover": any(bill.cover for bill in terms.bills),
        "has_reduction": any(bill.reduction for bill in terms.bills),
        "cover_each": yuan(first.cover),
        "cover_total": yuan(money.total(bill.cover for bill in terms.bills)),
        "reduction_total": yuan(money.total(bill.reduction for bill in terms.bills)),
        "total_to_return": yuan(terms.total_to_return),
        **_deposit(terms),
        **_ownership(terms),
        **_fees(terms),
        **_damage(terms, language),
        "first_day": day(terms.first_day, language) if terms.first_day else "",
        "last_day": day(terms.last_day, language) if terms.last_day else "",
        "day_price": yuan(terms.day_price) if terms.day_price else "",
    }


def _deposit(terms: AgreementTerms) -> dict[str, Any]:
    deposit = terms.deposit
    return {
        "deposit": yuan(deposit.amount),
        "waived": yuan(deposit.waived),
        "held": yuan(deposit.held),
        "is_waived": deposit.waived > 0,
        "is_held": deposit.held > 0,
        "is_frozen": deposit.kind == "FREEZE",
    }


def _ownership(terms: AgreementTerms) -> dict[str, Any]:
    if terms.total_to_own is None or terms.annual_cost_simple is None or terms.annual_cost_effective is None:
        return {"can_be_owned": False}
    numbered = [(k, yuan(price)) for k, price in enumerate(terms.buyout_prices, start=1)]
    half = (len(numbered) + 1) // 2
    beside: list[tuple[int, str] | None] = [*numbered[half:], *([None] * (2 * half - len(numbered)))]
    dearer = terms.total_to_own >= terms.device.cash_price
    gap = terms.total_to_own - terms.device.cash_price
    return {
        "can_be_owned": True,
        "rent_to_own": terms.lease_model == "RENT_TO_OWN",
        "total_to_own": yuan(terms.total_to_own),
        "last_price": yuan(terms.buyout_prices[-1]),
        "curve": list(zip(numbered[:half], beside, strict=True)),
        "dearer": dearer,
        "difference": yuan(gap if dearer else -gap),
        "annual_simple": yearly(terms.annual_cost_simple),
        "annual_effective": yearly(terms.annual_cost_effective),
        **_with_deposit(terms),
    }


def _with_deposit(terms: AgreementTerms) -> dict[str, Any]:
    simple, effective = terms.annual_cost_deposit_simple, terms.annual_cost_deposit_effective
    return {
        "deposit_costs": terms.deposit.kind == "PAID" and terms.deposit.held > 0,
        "deposit_simple": "" if simple is None else yearly(simple),
        "deposit_effective": "" if effective is None else yearly(effective),
    }


def _fees(terms: AgreementTerms) -> dict[str, Any]:
    fee = terms.late_fee
    rent = max(bill.rent for bill in terms.bills)
    return {
        "fee_rate": percent(fee.rate_daily),
        "fee_cap_share": percent(fee.cap_share),
        "fee_a_day": yuan(money.fen(fee.rate_daily * rent)),
        "fee_cap": yuan(money.floor_fen(fee.cap_share * rent)),
        "fee_is_free": fee.mode == "FREE",
        "early_return": yuan(terms.early_return_months * terms.monthly_rent),
        "day_rent": yuan(money.fen(terms.monthly_rent * 12 / 365)),
    }


def _damage(terms: AgreementTerms, language: str) -> dict[str, Any]:
    damage = terms.damage
    return {
        "damage": [(line.name if language == CHINESE else line.name_en, yuan(line.amount)) for line in damage.lines],
        "residual": percent(damage.residual_share),
        "lessor_ships_out": terms.delivery.outbound_payer == "LESSOR",
        "lessor_ships_back": terms.delivery.return_payer == "LESSOR",
    }
