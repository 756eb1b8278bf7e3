"""The cost table as customers read it: every figure of the quote, with the sums written out (domain.md §3)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.rules.securing import Kind
from catalog.rules.shorts import Part
from core.money import ZERO
from core.templatetags.xinzu import rate, yuan
from orders.rules.costs import CostTable
from storefront.pages import late

Text = str | Promise

LIMITED_BY: dict[str, Text] = {
    "tier": _("All that your credit tier waives for this device"),
    "quota": _("All that is left of your quota"),
    "cap": _("The most that your tier waives in one checkout"),
    "floor": _("Down to the smallest deposit of this device"),
    "devices": _("Your tier's number of devices with a waiver is already in use"),
    "none": _("The whole deposit is waived"),
}


FORBIDDEN: dict[str, Text] = {
    "income": _("This rent is above what your declared income carries beside your other leases. Choose another term."),
    "income_all": _("Your declared income carries no term of this device beside your other leases."),
    "grade_all": _("Your grade allows no term of this device."),
    "grade": _("This term is longer than your grade allows. Choose a shorter one."),
}


@dataclass(frozen=True, slots=True)
class ShownCost:
    """What `components/cost_table.html` prints, in its fixed order."""

    deposit: Decimal
    deposit_because: Text
    waived: Decimal
    waived_because: Text
    to_freeze: Decimal
    is_frozen: bool
    first_rent: Decimal
    first_payment: Decimal
    cover_monthly: Decimal
    cover_is_chosen: bool
    payable_now: Decimal
    months: int
    monthly_rent: Decimal
    monthly_payment: Decimal
    total_to_return: Decimal
    rents: Decimal
    last_buyout: Decimal | None
    total_to_own: Decimal | None
    cash_price: Decimal
    cash_price_as_of: date
    extra: Decimal | None
    saves: Decimal | None
    cost_simple_yearly: Decimal | None
    cost_effective_yearly: Decimal | None
    cost_paid_simple: Decimal | None
    cost_paid_effective: Decimal | None
    digest: str
    list_rent: Decimal | None = None
    forbidden: Text = ""
    parts: str = ""
    late: str = ""
    late_daily: str = ""


def shown(cost: CostTable) -> ShownCost:
    dearer = cost.extra is not None and cost.extra >= ZERO
    return ShownCost(
        deposit=cost.deposit,
        deposit_because=_deposit_because(cost),
        waived=cost.waived,
        waived_because=_waived_because(cost),
        to_freeze=cost.to_freeze,
        is_frozen=cost.deposit_kind is Kind.FREEZE,
        first_rent=cost.first_rent,
        first_payment=cost.to_pay,
        cover_monthly=cost.cover_monthly,
        cover_is_chosen=cost.cover_is_chosen,
        payable_now=cost.payable_now,
        months=cost.months,
        monthly_rent=cost.monthly,
        monthly_payment=cost.monthly + cost.cover_monthly,
        total_to_return=cost.total_to_return,
        rents=cost.total_to_return,
        last_buyout=cost.buyout_at_end,
        total_to_own=cost.total_to_own,
        cash_price=cost.cash_price,
        cash_price_as_of=cost.cash_price_as_of,
        extra=cost.extra if dearer else None,
        saves=None if dearer or cost.extra is None else -cost.extra,
        cost_simple_yearly=cost.cost_simple_yearly,
        cost_effective_yearly=cost.cost_effective_yearly,
        cost_paid_simple=cost.cost_paid_simple,
        cost_paid_effective=cost.cost_paid_effective,
        digest=cost.digest,
        list_rent=cost.list_rent,
        forbidden=FORBIDDEN.get(cost.forbidden if cost.allowed else f"{cost.forbidden}_all", ""),
        parts=" + ".join(_part(part) for part in cost.parts),
        late=late.told(cost.rules),
        late_daily=rate(cost.rules.fee_rate_daily),
    )  # fmt: skip


def _part(part: Part) -> str:
    told = ngettext("%(count)s × %(days)s day at %(amount)s", "%(count)s × %(days)s days at %(amount)s", part.days)
    return told % {"count": part.count, "days": part.days, "amount": yuan(part.amount)}


def _deposit_because(cost: CostTable) -> Text:
    if cost.credit_deposit is None:
        return ""
    return _("The full value: without a credit decision. With one it is %(deposit)s.") % {
        "deposit": yuan(cost.credit_deposit)
    }


def _waived_because(cost: CostTable) -> Text:
    if cost.credit_deposit is not None:
        return _("Needs a credit decision that allows it")
    return LIMITED_BY.get(cost.limited_by, "")
