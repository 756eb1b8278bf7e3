"""What the portal gives to keep, as rows for a spreadsheet."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from billing.models import MerchantStatement
from billing.services import settlements
from core import calendar
from core.spreadsheets import Row

CHUNK = 2000


def statement(of: MerchantStatement) -> Iterator[Row]:
    """The sums, then every line, oldest first."""
    yield (_("Statement"), of.number, f"{of.month:%Y-%m}")
    yield (_("Came in"), of.gross)
    yield (_("Given back"), of.refunded)
    yield (_("Brought forward"), of.brought_forward)
    yield (_("Commission"), of.commission, of.commission_rate.normalize())
    yield (_("Payable"), of.payable)
    yield (_("Carried forward"), of.carried_forward)
    yield ()
    yield (_("Day"), _("Order"), _("Bill"), _("Direction"), _("Number"), _("Rent"), _("Cover"), _("Late fee"), _("Sum"))
    lines = settlements.lines(of).select_related("allocation__bill__lease__order", "refund__lease__order")
    for line in settlements.settled(lines.order_by("pk").iterator(CHUNK)):
        day = calendar.business_date(line.at).isoformat()
        direction = _("given back") if line.is_refund else _("came in")
        bill = line.bill.number if line.bill else ""
        parts = line.parts
        yield (day, line.lease.order.number, bill, direction, line.number,
               parts.rent, parts.cover, parts.fee, parts.total)  # fmt: skip
