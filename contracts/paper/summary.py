"""The key terms in plain words: the first page of the agreement and the boxes that the customer ticks say the same."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contracts.paper import figures
from contracts.rules.terms import CHINESE, AgreementTerms, Confirmation, confirmations


@dataclass(frozen=True, slots=True)
class KeyTerm:
    code: StrEnum
    title: str
    text: str


def key_terms(terms: AgreementTerms, language: str) -> tuple[KeyTerm, ...]:
    """One row for each confirmation of `rules.terms.confirmations`, in its order. `language` is "zh" or "en"."""
    say = _CHINESE if language == CHINESE else _ENGLISH
    printed = {"t": terms, **figures.of(terms, language)}
    return tuple(KeyTerm(code, say[code][0], say[code][1](terms, printed)) for code in confirmations(terms))


_Say = Callable[[AgreementTerms, dict[str, Any]], str]


def _device_zh(t: AgreementTerms, f: dict[str, Any]) -> str:
    span = f"{f['first_day']}至{f['last_day']}" if t.is_short else f"{t.months} 个月，从你确认收货那天算起"
    return f"{t.device.model} {t.device.specification}，{t.device.condition}；签约价值 {f['signed_value']}；租 {span}"


def _device_en(t: AgreementTerms, f: dict[str, Any]) -> str:
    span = (
        f"{f['first_day']} to {f['last_day']}" if t.is_short else f"{t.months} months from the day you confirm receipt"
    )
    return f"{t.device.model} {t.device.specification}, {t.device.condition}; agreed value {f['signed_value']}; {span}"


def _rent_zh(t: AgreementTerms, f: dict[str, Any]) -> str:
    cover = f"、保障 {f['cover_each']}" if f["has_cover"] else ""
    each = f"每期租金 {f['monthly_rent']}{cover}，共 {f['bill_count']} 期" if not t.is_short else "一次付清"
    ending = "" if f.get("rent_to_own") else "租完归还，"
    return f"{each}；{ending}一共付 {f['total_to_return']}"


def _rent_en(t: AgreementTerms, f: dict[str, Any]) -> str:
    cover = f" and cover {f['cover_each']}" if f["has_cover"] else ""
    each = f"Rent {f['monthly_rent']}{cover} a period, {f['bill_count']} periods" if not t.is_short else "One payment"
    ending = "" if f.get("rent_to_own") else " if you return the device at the end"
    return f"{each}; {f['total_to_return']} in all{ending}"


def _deposit_zh(t: AgreementTerms, f: dict[str, Any]) -> str:
    if t.deposit.amount == 0:
        return "不收押金"
    act = "冻结（不扣款）" if f["is_frozen"] else "支付"
    held = f"{act} {f['held']}" if f["is_held"] else "不用付"
    return f"{f['deposit']}；免 {f['waived']}，{held}。结清后 {t.deposit.release_working_days} 个工作日内退还或解冻"


def _deposit_en(t: AgreementTerms, f: dict[str, Any]) -> str:
    if t.deposit.amount == 0:
        return "No deposit"
    act = "frozen (not charged)" if f["is_frozen"] else "paid"
    held = f"{f['held']} {act}" if f["is_held"] else "nothing to pay"
    days = t.deposit.release_working_days
    return f"{f['deposit']}; {f['waived']} waived, {held}. Given back within {days} working days of settlement"


def _buyout_zh(t: AgreementTerms, f: dict[str, Any]) -> str:
    last = "付完最后一期就是你的" if f["rent_to_own"] else f"租满再付 {f['last_price']}"
    paid = f"，连付出的押金一起算 {f['deposit_simple']}" if f["deposit_simple"] else ""
    return f"{last}；总共 {f['total_to_own']}，市场价 {f['cash_price']}；折合年化 {f['annual_simple']}{paid}"


def _buyout_en(t: AgreementTerms, f: dict[str, Any]) -> str:
    last = "Yours with the last rent" if f["rent_to_own"] else f"{f['last_price']} more at the end"
    cost = f"{f['total_to_own']} in all, cash price {f['cash_price']}"
    paid = f", {f['deposit_simple']} with the paid deposit counted in" if f["deposit_simple"] else ""
    return f"{last}; {cost}; yearly cost {f['annual_simple']}{paid}"


def _early_zh(t: AgreementTerms, f: dict[str, Any]) -> str:
    back = f"收货 {t.cooling_off_days} 天内可以反悔，只付用了的天数。之后提前还"
    if t.early_return_months == 0:
        return f"{back}，不另付款"
    return f"{back}，最多再付 {t.early_return_months} 个月租金 {f['early_return']}"


def _early_en(t: AgreementTerms, f: dict[str, Any]) -> str:
    back = f"Within {t.cooling_off_days} days of receipt you may change your mind and pay only the days used. Later"
    if t.early_return_months == 0:
        return f"{back}, nothing more is due"
    months = "one month's rent" if t.early_return_months == 1 else f"{t.early_return_months} months' rent"
    return f"{back}, at most {months} more: {f['early_return']}"


def _late_zh(t: AgreementTerms, f: dict[str, Any]) -> str:
    grace = f"宽限 {t.late_fee.grace_days} 天，宽限内付清不收费"
    if not f["fee_is_free"]:
        grace = f"{grace}；过了宽限，从应付日次日起算，宽限的日子也计"
        return f"{grace}：每天 {f['fee_a_day']}（{f['fee_rate']}），每期封顶 {f['fee_cap']}"
    return f"{grace}；之后每天 {f['fee_a_day']}（{f['fee_rate']}），每期封顶 {f['fee_cap']}"


def _late_en(t: AgreementTerms, f: dict[str, Any]) -> str:
    grace = f"{t.late_fee.grace_days} days of grace, free if paid within them"
    if not f["fee_is_free"]:
        since = "after them it counts from the day after the due date, the days of grace included"
        return f"{grace}; {since}: {f['fee_a_day']} a day ({f['fee_rate']}), never more than {f['fee_cap']} a bill"
    return f"{grace}; then {f['fee_a_day']} a day ({f['fee_rate']}), never more than {f['fee_cap']} a bill"


def _damage_zh(t: AgreementTerms, f: dict[str, Any]) -> str:
    return f"只按附件三的价目赔，全部加起来不超过折旧后的价值，更不会超过 {f['signed_value']}。正常磨损不赔"


def _damage_en(t: AgreementTerms, f: dict[str, Any]) -> str:
    return (
        f"Only by the list in Annex 3, in all never above the depreciated value, nor {f['signed_value']}. Wear is free"
    )


def _managed(t: AgreementTerms, f: dict[str, Any]) -> str:
    return t.device.managed or ""


def _signature_zh(t: AgreementTerms, f: dict[str, Any]) -> str:
    return "用实名认证加短信验证码作电子签名，与手写签名同等有效；个人信息只为履行本合同使用"


def _signature_en(t: AgreementTerms, f: dict[str, Any]) -> str:
    return (
        "You sign by real-name check and a code sent to your phone, with the force of ink; data serve this lease only"
    )


_CHINESE: dict[Confirmation, tuple[str, _Say]] = {
    Confirmation.DEVICE_AND_TERM: ("租什么", _device_zh),
    Confirmation.RENT: ("付多少", _rent_zh),
    Confirmation.DEPOSIT: ("押金", _deposit_zh),
    Confirmation.BUYOUT_AND_COST: ("想买下", _buyout_zh),
    Confirmation.EARLY_RETURN: ("提前还", _early_zh),
    Confirmation.LATE_FEE: ("付晚了", _late_zh),
    Confirmation.DAMAGE_AND_LOSS: ("弄坏了", _damage_zh),
    Confirmation.MANAGED_DEVICE: ("监管机", _managed),
    Confirmation.SIGNATURE_AND_PRIVACY: ("怎么签", _signature_zh),
}
_ENGLISH: dict[Confirmation, tuple[str, _Say]] = {
    Confirmation.DEVICE_AND_TERM: ("The device", _device_en),
    Confirmation.RENT: ("The rent", _rent_en),
    Confirmation.DEPOSIT: ("Deposit", _deposit_en),
    Confirmation.BUYOUT_AND_COST: ("To own it", _buyout_en),
    Confirmation.EARLY_RETURN: ("Early return", _early_en),
    Confirmation.LATE_FEE: ("Paying late", _late_en),
    Confirmation.DAMAGE_AND_LOSS: ("Damage", _damage_en),
    Confirmation.MANAGED_DEVICE: ("Managed device", _managed),
    Confirmation.SIGNATURE_AND_PRIVACY: ("Signing", _signature_en),
}
