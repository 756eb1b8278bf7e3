"""Addenda as HTML: the page to read before signing and the source of the PDF are one."""

from typing import Any

from contracts.paper import figures
from contracts.paper.summary import KeyTerm
from contracts.rules.addenda import Point, RenewalTerms, TitleTerms
from contracts.rules.terms import CHINESE
from core.money import ZERO

Addendum = RenewalTerms | TitleTerms
TEMPLATES = {RenewalTerms: "renewal", TitleTerms: "title"}
TITLES = {RenewalTerms: ("续租协议", "Renewal addendum"), TitleTerms: ("所有权转移证明", "Title paper")}


def template(terms: Addendum, language: str) -> str:
    return f"documents/addenda/{TEMPLATES[type(terms)]}_{language}.html"


def printed(terms: Addendum, language: str) -> dict[str, Any]:
    """What the template prints, every amount and day spelled."""
    values: dict[str, Any] = {"t": terms, "agreed_on": figures.day(terms.agreed_on, language)}
    if isinstance(terms, TitleTerms):
        return values | {"price": figures.yuan(terms.price), "paid_in_all": figures.yuan(terms.paid_in_all)}
    return values | {
        "first_day": figures.day(terms.first_day, language),
        "last_day": figures.day(terms.last_day, language),
        "rent": figures.yuan(terms.monthly_rent),
        "cover": figures.yuan(terms.cover_monthly) if terms.cover_monthly else "",
        "total": figures.yuan(terms.total),
        "held": figures.yuan(terms.deposit_held) if terms.deposit_held else "",
        "before": _price(terms.price_before),
        "after": _price(terms.price_after),
        "bills": [(b.number, figures.day(b.due_date, language), figures.yuan(b.amount)) for b in terms.bills],
    }


def key_terms(terms: RenewalTerms, language: str) -> tuple[KeyTerm, ...]:
    """One row for each point that the customer ticks."""
    say = _chinese if language == CHINESE else _english
    told = say(terms, printed(terms, language))
    return tuple(KeyTerm(point, *told[point]) for point in Point)


def _price(price: Any) -> str:
    return "" if price is None else figures.yuan(price)


def _chinese(t: RenewalTerms, f: dict[str, Any]) -> dict[Point, tuple[str, str]]:
    price = f"买断价从 {f['before']} 降到期满的 {f['after']}。" if t.price_after is not None else ""
    each = f"每期 {f['rent']}" + (f" 加保障 {f['cover']}" if f["cover"] else "")
    held = f"押金 {f['held']} 继续保留，不另收。" if t.deposit_held > ZERO else "不另收押金。"
    return {
        Point.TERM: ("续租多久", f"{t.months} 个月，{f['first_day']}至{f['last_day']}。到期不会自动再续。"),
        Point.RENT: ("要付多少", f"{each}，共 {t.months} 期，合计 {f['total']}。签署时不扣款，各期在应付日支付。"),
        Point.REST: ("押金和买断价", f"{held}{price}其余按原合同。"),
        Point.SIGNATURE: ("签名和反悔", "用短信验证码签署本协议。新租期开始前可以随时撤销，不收费用。"),
    }


def _english(t: RenewalTerms, f: dict[str, Any]) -> dict[Point, tuple[str, str]]:
    price = f" The buyout price falls from {f['before']} to {f['after']} at the end." if f["after"] else ""
    each = f"{f['rent']} a month" + (f" and cover {f['cover']}" if f["cover"] else "")
    held = f"The deposit of {f['held']} stays; no more is asked." if t.deposit_held > ZERO else "No deposit is asked."
    term = f"{t.months} months, {f['first_day']} to {f['last_day']}. It never renews by itself."
    rent = f"{each}, {t.months} bills, {f['total']} in all. Signing charges nothing; each bill is paid on its day."
    sign = "You sign with a code by SMS. Until the new term begins you may take it back, free of charge."
    return {
        Point.TERM: ("How long", term),
        Point.RENT: ("What you pay", rent),
        Point.REST: ("Deposit and buyout price", f"{held}{price} All else stays as agreed."),
        Point.SIGNATURE: ("Signature, change of mind", sign),
    }
