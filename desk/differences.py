"""Differences with the channels' statements, in words."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.models import ReconciliationException, StatementGap
from billing.services.reconciliation import ALARM_AFTER
from core.services.events import PLATFORM
from core.templatetags.xinzu import yuan
from desk.templatetags.desk_words import channel as channel_name
from orders.words import Left

Kind = ReconciliationException.Name
ADVICE = {
    Kind.MISSING_HERE: _("look the trade up at the provider; book it or have it given back"),
    Kind.MISSING_THERE: _("wait for the next statement, then ask the provider"),
    Kind.AMOUNT: _("compare with the trade at the provider"),
    Kind.TWICE: _("ask the provider which of the lines moved money"),
    Kind.NUMBER: _("compare both numbers at the provider"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One difference: what each side says (None: nothing), since when, and whether it waits too long or no more."""

    row: ReconciliationException
    number: str
    told: Decimal | None
    booked: Decimal | None
    todo: str | Promise
    left: Left | None

    @property
    def href(self) -> str:
        return reverse("desk:difference", args=[self.row.pk])

    @property
    def is_refund(self) -> bool:
        return bool(self.row.refund_id or self.row.chargeback_id or (self.row.line and self.row.line.refund_number))

    @property
    def came_by_itself(self) -> bool:
        return self.row.actor == PLATFORM


def show(row: ReconciliationException, at: datetime) -> Shown:
    line, ours = row.line, row.refund or row.chargeback or row.payment
    number = ours.number if ours else (line.refund_number or line.payment_number) if line else ""
    return Shown(
        row,
        number,
        line.amount if line else None,
        ours.amount if ours else None,
        ADVICE[Kind(row.kind)],
        waited(row, at),
    )


def source(row: ReconciliationException) -> str:
    """Channel and day of the statement."""
    return f"{channel_name(row.file.channel)} {row.file.day:%Y-%m-%d}"


def sides(shown: Shown) -> str:
    """Whose statement, and both amounts."""
    none = _("nothing")
    return gettext("%(source)s: statement %(told)s, our books %(booked)s") % {
        "source": source(shown.row),
        "told": none if shown.told is None else yuan(shown.told),
        "booked": none if shown.booked is None else yuan(shown.booked),
    }


def missed(gap: StatementGap) -> str:
    """Channel and day of a statement that did not come."""
    return f"{channel_name(gap.channel)} {gap.day:%Y-%m-%d}"


def waited(row: ReconciliationException | StatementGap, at: datetime) -> Left | None:
    """The alarm, when it is open for more than two days; that it is resolved."""
    if not row.is_open:
        return Left(str(row.get_state_display()), "ok")
    age = at - row.opened_at
    if age <= ALARM_AFTER:
        return None
    return Left(ngettext("open for %(days)s day", "open for %(days)s days", age.days) % {"days": age.days}, "late")
