"""True values for every component: the one story of the design. Amounts agree with each other (a test adds them up)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import PaymentChannel
from billing.services.balance import Quote
from catalog.models import ConditionGrade, LeaseModel
from catalog.rules import pricing
from core import calendar
from core.money import ZERO
from credit.models import WaiverTier
from credit.rules import scorecards
from desk import band_pictures, charts
from desk import curves as separations
from desk.curves import Curve
from rental.demo import cast
from storefront.pages import bills, breakdown, costs, credit, curves, foreseen, offers
from storefront.pages.days import Cell, Month
from storefront.pages.device import Choice
from storefront.pages.endings import Way
from storefront.pages.standing import Part
from storefront.pages.timelines import Step

ON = date(2027, 4, 20)
RENT, MONTHS, BUYOUT, CASH = Decimal("309.00"), 12, Decimal("2680.00"), Decimal("5999.00")
RETURNED = RENT * MONTHS
OWNED = RETURNED + BUYOUT
TIERS = (350, 550, 600, 650, 700, 750)
SCORES = (412, 612, 726, 803)
PEOPLE = {480: 3, 560: 6, 610: 14, 660: 22, 710: 31, 726: 12, 780: 18, 840: 7}
LIMIT, HOLDS = Decimal("6000.00"), (Decimal("1600.00"), Decimal("3200.00"))

COST = costs.ShownCost(
    deposit=Decimal("4000.00"), deposit_because="", waived=Decimal("3200.00"), waived_because=costs.LIMITED_BY["tier"],
    to_freeze=Decimal("800.00"), is_frozen=True, first_rent=RENT, first_payment=RENT, cover_monthly=ZERO,
    cover_is_chosen=False, payable_now=Decimal("1109.00"), months=MONTHS, monthly_rent=RENT, monthly_payment=RENT,
    total_to_return=RETURNED, rents=RETURNED, last_buyout=BUYOUT,
    total_to_own=OWNED, cash_price=CASH, cash_price_as_of=date(2026, 11, 1), extra=OWNED - CASH, saves=None,
    cost_simple_yearly=Decimal("0.093"), cost_effective_yearly=Decimal("0.097"),
    cost_paid_simple=None, cost_paid_effective=None, digest="",
)  # fmt: skip
CARD = offers.Card(
    href="#offer", drawing="phone", name="Q7 Pro", specification="256 GB", condition=ConditionGrade.NEW.label,
    lease_model=LeaseModel.OPTION_TO_BUY.label, rent=RENT, months=MONTHS, total_to_return=RETURNED,
    total_to_own=OWNED, cash_price=CASH, deposit=COST.deposit, waived=COST.waived, needs_credit=False,
    yearly="9.3\u2009%", is_free=True,
)  # fmt: skip
CHANNELS = [
    PaymentChannel(code="alipay", name="支付宝", name_en="Alipay"),
    PaymentChannel(code="wechat", name="微信支付", name_en="WeChat Pay"),
]
TERMS = [
    Choice(f"#months-{months}", str(months), rent, months == MONTHS)
    for months, rent in ((3, Decimal(429)), (6, Decimal(369)), (MONTHS, RENT), (24, Decimal(239)))
]


def shown() -> dict[str, Any]:
    """Everything that the page's templates print, in the language of the moment."""
    return {
        "cost": COST,
        "card": CARD,
        "terms": TERMS,
        "curve": curves.draw(prices(), 5, _("Buyout price after each month"), past=4),
        "dials": [_dial(score) for score in SCORES],
        "quotas": [_parts(HOLDS[:1]), _parts(HOLDS)],
        "free": [LIMIT - sum(HOLDS[:1]), LIMIT - sum(HOLDS)],
        "score_parts": _score_parts(),
        "tiers": [
            {"share": share, "quota_limit": LIMIT, "checkout_cap": Decimal(5000)} for share in (Decimal("0.8"), None)
        ],
        "bills": _bills(),
        "steps": _steps(),
        "consequences": _consequences(),
        "ways": _ways(),
        "month": _month(),
        "scans": _scans(),
        "sum_lines": [
            {"title": _("Buyout price after month 5"), "note": "", "is_less": False, "amount": Decimal("4616.08")},
            {"title": _("Credit balance"), "note": "", "is_less": True, "amount": Decimal("80.00")},
        ],
        "sum_total": Decimal("4536.08"),
        "wear": ("hairlines", "edges", "battery", "case"),
        "buyout": _buyout(),
        "todo": _todo(),
        "balance": Quote(Decimal("400.00"), RENT, ZERO),
        "balance_short": Quote(Decimal("100.00"), Decimal("100.00"), RENT - 100),
        "bands": band_pictures.pictures(PEOPLE, [(first, n + 1, f"{first}") for n, first in enumerate(TIERS[1:])]),
        "separation": _separation(),
        **_charts(),
    }


def _separation() -> Curve | None:
    old = [{"bad": "0.40", "good": "0.20"}, {"bad": "0.70", "good": "0.50"}, {"bad": "1", "good": "1"}]
    new = [{"bad": "0.60", "good": "0.15"}, {"bad": "0.90", "good": "0.50"}, {"bad": "1", "good": "1"}]
    return separations.drawn(old, new)


def prices() -> list[Decimal]:
    return pricing.curve(CASH, OWNED, MONTHS, RENT)


def _score_parts() -> breakdown.Breakdown:
    """The first example of docs/domain/credit.md, without an income."""
    known = {"age": 31, "owns_phone": 1, "addresses_added": 1, "income_monthly": None}
    read = {factor.code: known.get(factor.code, 0) for factor in cast.SCORECARD.factors}
    return breakdown.of(scorecards.score(cast.SCORECARD, read), scorecards.rises(cast.SCORECARD, read), "v1")


def _dial(score: int) -> credit.Dial:
    tiers = [WaiverTier(from_score=start) for start in TIERS]
    own = [tier for tier in tiers if tier.from_score <= score][-1]
    return credit.dial_of(score, tiers, own)


def _parts(held: tuple[Decimal, ...]) -> tuple[Part, ...]:
    parts, x = [], 0
    for amount in held:
        width = int(amount * 1000 / LIMIT)
        parts.append(Part(x, width - 5, x + width - 5))
        x += width
    return tuple(parts)


def _bills() -> list[bills.Row]:
    rows = (
        (5, date(2027, 3, 25), _("Paid"), "ok"),
        (6, date(2027, 4, 25), ngettext("%(days)s day left", "%(days)s days left", 5) % {"days": 5}, "wait"),
        (7, date(2027, 5, 25), ngettext("%(days)s day past due", "%(days)s days past due", 2) % {"days": 2}, "late"),
        (8, date(2027, 6, 25), _("Not due yet"), "neutral"),
    )
    return [bills.Row(number, f"#bill-{number}", day, None, word, tone, RENT, True) for number, day, word, tone in rows]


def _steps() -> list[Step]:
    at = calendar.instant(date(2026, 11, 22), 16)
    return [
        Step(_("Order placed"), "", at, "done"),
        Step(_("Shipping"), _("The merchant, within 48 hours"), None, "now"),
        Step(_("Inspection"), _("The merchant, within three working days"), None, "failed"),
        Step(_("Receipt"), _("You confirm; seven days after delivery it counts as confirmed"), None, ""),
    ]


def _consequences() -> list[foreseen.Consequence]:
    called = _("The late fee counts. We may call between 8:00 and 22:00")
    free, fee, most = ZERO, Decimal("0.46"), Decimal("61.80")
    rows = (
        (_("Today"), date(2027, 5, 27), _("In grace: nothing is charged extra"), free, True),
        (_("Day %(late)s") % {"late": 5}, date(2027, 5, 30), called, fee, False),
        (_("This bill"), None, _("The late fee of this bill never grows beyond this"), most, False),
    )  # fmt: skip
    return [foreseen.Consequence(title, on, text, RENT + extra, extra, now) for title, on, text, extra, now in rows]


def _ways() -> list[Way]:
    return [
        Way(
            "calendar",
            _("Return at term"),
            _("Free; ordinary wear costs nothing"),
            ZERO,
            Decimal("800.00"),
            "",
        ),
        Way("key", _("Buy it today"), _("On any day, at that month's price"), prices()[4], ZERO, ""),
    ]


def _month() -> Month:
    """April 2027 with a weekend picked; the days before it are over, the 27th is taken."""
    first, picked = date(2027, 4, 1), {24: "first", 25: "last"}
    days = [first + timedelta(days=day) for day in range(30)]

    def cell(on: date) -> Cell:
        free = on.day > ON.day and on.day != 27
        return Cell(on, f"#day-{on.day}" if free else "", "" if free else _("taken"), picked.get(on.day, ""))

    padded: list[Cell | None] = [None] * first.weekday() + [cell(on) for on in days]
    padded += [None] * (-len(padded) % 7)
    return Month(first, [padded[at : at + 7] for at in range(0, len(padded), 7)], "", "#next-month")


def _scans() -> list[dict[str, Any]]:
    at = calendar.instant(ON, 9)
    told = ((_("Delivered"), 26), (_("Under way"), 9), (_("Collected"), 0))
    return [{"get_condition_display": word, "at": at + timedelta(hours=hours)} for word, hours in told]


def _buyout() -> dict[str, Any]:
    price = prices()[4]
    return {
        "on": ON, "period": 5, "formula": "", "arrears": ZERO, "arrears_parts": "", "had": None,
        "payoff": {"to_pay": price, "price": price, "given_back": None}, "saved": OWNED - price - 5 * RENT,
        "curve": curves.draw(prices(), 5, _("Buyout price after each month"), past=4),
    }  # fmt: skip


def _todo() -> list[dict[str, Any]]:
    def card(word: str, tone: str, act: str, *, over: bool) -> dict[str, Any]:
        return {
            "left": {"word": word, "tone": tone, "is_over": over}, "drawing": "phone", "href": "#todo",
            "title": f"{act} · Q7 Pro", "lines": [_("Missing: unit and waybill")], "who": "L** · X20261122",
            "button": {"url": "#todo", "label": act}, "column": "",
        }  # fmt: skip

    late = ngettext("%(days)s day past due", "%(days)s days past due", 1) % {"days": 1}
    soon = ngettext("%(days)s day left", "%(days)s days left", 2) % {"days": 2}
    return [card(late, "late", _("Ship"), over=True), card(soon, "wait", _("Inspect"), over=False)]


def _charts() -> dict[str, Any]:
    shares = [Decimal("0.031"), Decimal("0.012"), Decimal("0.004")]
    lengths = charts.bars(shares)
    bars = [
        {"name": f"M{rank}", "days": "", "rank": rank, "length": length, "amount": share * 412_000, "share": share}
        for rank, (share, length) in enumerate(zip(shares, lengths, strict=True), start=1)
    ]
    ages = {"09": ("0", "0.004", "0.011", "0.016"), "11": ("0", "0.006", "0.009")}
    series = [(name, [Decimal(share) for share in shares]) for name, shares in ages.items()]
    rents = [(f"{month}", Decimal(38_000 + 1_700 * month), Decimal(37_000 + 1_500 * month)) for month in range(1, 7)]
    return {
        "bars": bars,
        "bars_total": sum(shares) * 412_000,
        "bars_share": sum(shares),
        "lines": [("wide", charts.lines(series, 520, 220)), ("narrow", charts.lines(series, 340, 200))],
        "columns": [("wide", charts.columns(rents, 520, 220)), ("narrow", charts.columns(rents, 340, 200))],
    }
