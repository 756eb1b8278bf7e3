"""How far orders came, by the share of the deposit that was waived (L6)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.services import records

Text = str | Promise
SHARES: dict[str, Text] = {
    records.NONE: _("nothing waived"),
    records.UP_TO_HALF: _("up to half"),
    records.MORE: _("more than half"),
    records.ALL: _("all of it"),
}
STEPS: tuple[Text, ...] = (
    pgettext_lazy("of orders", "Placed"),
    pgettext_lazy("of orders", "Approved"),
    pgettext_lazy("of orders", "Signed"),
    pgettext_lazy("of orders", "Paid"),
    pgettext_lazy("of orders", "Received"),
)


@dataclass(frozen=True, slots=True)
class Reached:
    """So many orders, and their share of those that were placed."""

    count: int
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Row:
    """One share of the deposit; a cell for each of STEPS."""

    name: Text
    cells: list[Reached]


def rows(at: datetime) -> list[Row]:
    return [_row(passed) for passed in records.funnel(at)]


def _row(passed: records.Passed) -> Row:
    counts = (passed.placed, passed.approved, passed.signed, passed.paid, passed.received)
    return Row(SHARES[passed.share], [Reached(count, passed.of_placed(count)) for count in counts])
