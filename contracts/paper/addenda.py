"""Addenda as HTML: the page to read before signing and the source of the PDF are one."""

from typing import Any

from contracts.paper import figures
from contracts.paper.summary import KeyTerm
from contracts.rules.addenda import Claim, ExtensionTerms, NoticeTerms, PlanPoint, Point, RenewalTerms, TitleTerms
from contracts.rules.terms import CHINESE
from core.money import ZERO

Addendum = RenewalTerms | ExtensionTerms | TitleTerms | NoticeTerms
ALONE = (TitleTerms, NoticeTerms)  # signed by the lessor, with no place for the lessee
TEMPLATES = {RenewalTerms: "renewal", ExtensionTerms: "extension", TitleTerms: "title", NoticeTerms: "notice"}
TITLES = {
    RenewalTerms: ("续租协议", "Renewal addendum"),
    ExtensionTerms: ("延期付款协议", "Extension addendum"),
    TitleTerms: ("所有权转移证明", "Title paper"),
    NoticeTerms: ("解除租赁合同通知书", "Termination notice"),
}
CLAIMED = {  # what a bill that is no rent is for
    "DAMAGE": ("设备损坏", "Damage"), "DAY_RENT": ("到期后的租金", "Rent after the last day"),
    "EARLY": ("提前归还", "Early return"), "LOSS": ("设备折旧后的价值", "Worn value of the device"),
    "PART": ("延期计划的一期", "Part of an extension plan"),
}  # fmt: skip


def template(terms: Addendum, language: str) -> str:
    return f"documents/addenda/{TEMPLATES[type(terms)]}_{language}.html"


def printed(terms: Addendum, language: str) -> dict[str, Any]:
    """What the template prints, every amount and day spelled."""
    values: dict[str, Any] = {"t": terms, "agreed_on": figures.day(terms.agreed_on, language)}
    if isinstance(terms, TitleTerms):
        return values | {"price": figures.yuan(terms.price), "paid_in_all": figures.yuan(terms.paid_in_all)}
    if isinstance(terms, NoticeTerms):
        return values | _claimed(terms, language)
    if isinstance(terms, ExtensionTerms):
        return values | {
            "bills": [(b.number, figures.day(b.due_date, language), figures.yuan(b.amount)) for b in terms.bills],
            "parts": [(b.number, figures.day(b.due_date, language), figures.yuan(b.amount)) for b in terms.parts],
            "late_fees": figures.yuan(terms.late_fees),
            "fee": figures.yuan(terms.fee) if terms.fee else "",
            "owed": figures.yuan(terms.total - terms.fee),
            "total": figures.yuan(terms.total),
        }
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


def plan_terms(terms: ExtensionTerms, language: str) -> tuple[KeyTerm, ...]:
    """One row for each point of an extension plan."""
    say = _plan_chinese if language == CHINESE else _plan_english
    told = say(terms, printed(terms, language))
    return tuple(KeyTerm(point, *told[point]) for point in PlanPoint)


def _claimed(terms: NoticeTerms, language: str) -> dict[str, Any]:
    return {
        "letter_on": figures.day(terms.letter_on, language),
        "cure_until": figures.day(terms.cure_until, language),
        "total": figures.yuan(terms.total),
        "credit": figures.yuan(min(terms.credit, terms.total)) if terms.credit and terms.total else "",
        "to_pay": figures.yuan(terms.to_pay),
        "signed_value": figures.yuan(terms.signed_value),
        "claims": [
            (_what(claim, language), figures.day(claim.due_date, language), figures.yuan(claim.rest),
             figures.yuan(claim.fee), figures.yuan(claim.amount))
            for claim in terms.claims
        ],
    }  # fmt: skip


def _what(claim: Claim, language: str) -> str:
    """A month's rent by its number, anything else by its name."""
    if claim.kind in CLAIMED:
        return CLAIMED[claim.kind][language != CHINESE]
    return f"第 {claim.number} 期" if language == CHINESE else f"Bill {claim.number}"


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


_AGAIN_CHINESE = {
    False: "重新计算，计划期间的日子不补算。",
    True: "从各期应付日次日起重新计算，宽限的日子也计；之前的日子不补算。",
}
_AGAIN_ENGLISH = {
    False: "; the days of the plan are never counted.",
    True: " from the day after each part's due day on, its days of grace included; earlier days are never counted.",
}


def _plan_chinese(t: ExtensionTerms, f: dict[str, Any]) -> dict[PlanPoint, tuple[str, str]]:
    fee = f"另加约定费用 {f['fee']}" if f["fee"] else "不另收费用"
    first, last = f["parts"][0], f["parts"][-1]
    return {
        PlanPoint.SUM: (
            "一共付多少",
            f"所欠 {f['owed']}（含逾期费 {f['late_fees']}），{fee}，合计 {f['total']}。",
        ),
        PlanPoint.PARTS: ("怎么付", f"{len(t.parts)} 期，首期 {first[2]}，{first[1]}付；末期 {last[2]}，{last[1]}付。"),
        PlanPoint.BROKEN: (
            "没按期付会怎样",
            f"每期有 {t.grace_days} 天宽限。过后仍未付，余下各期当天到期，逾期费{_AGAIN_CHINESE[t.is_retroactive]}",
        ),
        PlanPoint.SIGNATURE: ("签名", "用短信验证码签署本协议。也可以拒绝，拒绝不影响任何权利，原账单照旧。"),
    }


def _plan_english(t: ExtensionTerms, f: dict[str, Any]) -> dict[PlanPoint, tuple[str, str]]:
    fee = f"and an agreed fee of {f['fee']}" if f["fee"] else "and no fee"
    first, last = f["parts"][0], f["parts"][-1]
    whole = f"{f['owed']} that is owed, late fees of {f['late_fees']} until today included, {fee}: {f['total']} in all."
    parts = f"{len(t.parts)} parts, the first of {first[2]} on {first[1]}, the last of {last[2]} on {last[1]}."
    broken = (
        f"Each part has {t.grace_days} days of grace. Unpaid after that, what is left is due that day and late fees"
        f" count again{_AGAIN_ENGLISH[t.is_retroactive]}"
    )
    sign = "You sign with a code by SMS. You may refuse it as well: that costs nothing, and your bills stand as before."
    return {
        PlanPoint.SUM: ("What you pay in all", whole),
        PlanPoint.PARTS: ("How you pay it", parts),
        PlanPoint.BROKEN: ("If a part is not paid", broken),
        PlanPoint.SIGNATURE: ("Signature", sign),
    }
