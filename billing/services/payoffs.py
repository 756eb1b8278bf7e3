"""Where a lease stands when it is to be ended on a day, from its statement. Reads only; prices are in rules.payoff."""

from collections.abc import Sequence
from datetime import date

from billing.models import Bill
from billing.rules.payoff import Position
from billing.services import statements
from billing.services.statements import BillView
from core import money
from core.money import ZERO


def position(views: Sequence[BillView], on: date) -> Position:
    """Where a running lease stands on day `on`; `views` is its whole statement of that day."""
    standing = [view for view in views if view.bill.state != Bill.State.VOID and view.bill.kind != Bill.Kind.BUYOUT]
    reached = [view for view in standing if view.bill.is_extra or _is_due(view.bill, on)]
    later = [view for view in standing if view not in reached]
    return Position(
        period=sum(not view.bill.is_extra for view in reached),
        owed=money.total(view.owed_now - view.fee_owed for view in reached),
        fees=money.total(view.fee_owed for view in reached),
        prepaid=money.total(view.bill.paid for view in later),
        kept=money.total(view.bill.rent for view in standing if view.bill.kind == Bill.Kind.DAY_RENT),
        credit=statements.credit_balance(standing[0].bill.lease.customer) if standing else ZERO,
    )


def _is_due(bill: Bill, on: date) -> bool:
    return bill.due_date is not None and bill.due_date <= on
