"""The figures at the top of the desk, as they stand at an instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.models import Deposit
from billing.services.portfolio import Arrears, Month
from core import calendar, money
from core.fields import exact_sum
from core.models import Event
from core.templatetags.xinzu import percent
from credit.models import QuotaAccount
from orders.models import Order
from orders.models.orders import IN_CUSTODY

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with the line under it."""

    word: str | Promise
    value: str
    note: str = ""


def strip(at: datetime, arrears: Arrears, months: Sequence[Month]) -> list[Figure]:
    """Devices, orders, rents, arrears, waivers, deposits. Five queries; the portfolio's figures are given."""
    on = calendar.business_date(at)
    now = next((month for month in months if month.month == on.replace(day=1)), None)
    return [_devices(at), _orders(at), _rents(now), _late(arrears), _waived(), _deposits(at)]


def _whole(amount: Decimal) -> str:
    """¥79,746: the fen only disturb in a total of many (design tokens, Money)."""
    return f"¥{money.whole(amount):,}"


def _devices(at: datetime) -> Figure:
    """The change is what the orders' own steps say: into custody less out of it."""
    steps = Event.objects.filter(subject_type=Order._meta.label_lower, kind="transition", at__gt=at - WEEK, at__lte=at)
    moved = steps.aggregate(
        gone=Count("pk", filter=~Q(source__in=IN_CUSTODY) & Q(target__in=IN_CUSTODY)),
        back=Count("pk", filter=Q(source__in=IN_CUSTODY) & ~Q(target__in=IN_CUSTODY)),
    )
    more = moved["gone"] - moved["back"]
    out = Order.objects.filter(state__in=IN_CUSTODY).count()
    if not more:
        return Figure(_("Devices out"), str(out), gettext("as many as a week ago"))
    word = gettext("%(count)d more than a week ago") if more > 0 else gettext("%(count)d fewer than a week ago")
    return Figure(_("Devices out"), f"{out:,}", word % {"count": abs(more)})


def _orders(at: datetime) -> Figure:
    today = Order.objects.filter(placed_at__gte=calendar.instant(calendar.business_date(at)), placed_at__lte=at)
    found = today.aggregate(all=Count("pk"), waived=Count("pk", filter=Q(lease__deposit__waived__gt=0)))
    note = gettext("%(waived)d with a waiver, %(full)d in full") % {
        "waived": found["waived"],
        "full": found["all"] - found["waived"],
    }
    return Figure(_("Orders today"), f"{found['all']:,}", note)


def _rents(month: Month | None) -> Figure:
    if month is None:
        return Figure(_("Rents due this month"), "–")
    note = gettext("%(share)s received") % {"share": percent(month.share)}
    return Figure(_("Rents due this month"), _whole(month.due), note)


def _late(arrears: Arrears) -> Figure:
    late = arrears.over_30_days
    share = percent(arrears.share(late), 2)
    return Figure(_("Over 30 days late"), share, gettext("%(late)s in all") % {"late": _whole(late)})


def _waived() -> Figure:
    quota = QuotaAccount.objects.aggregate(held=exact_sum("held"), limit=exact_sum("limit"))
    note = gettext("limits %(limit)s") % {"limit": _whole(quota["limit"])}
    return Figure(_("Waived deposits out"), _whole(quota["held"]), note)


def _deposits(at: datetime) -> Figure:
    tomorrow = calendar.business_date(at) + timedelta(days=1)
    back = Deposit.objects.filter(state=Deposit.State.RELEASING).aggregate(
        n=Count("pk"), soon=Count("pk", filter=Q(promised_on__lte=tomorrow))
    )
    count = ngettext("%(count)d deposit", "%(count)d deposits", back["n"]) % {"count": back["n"]}
    if not back["n"]:
        return Figure(_("Deposits to give back"), count, gettext("none is waiting"))
    soon = ngettext("%(count)d by tomorrow", "%(count)d by tomorrow", back["soon"]) % {"count": back["soon"]}
    return Figure(_("Deposits to give back"), count, soon)
