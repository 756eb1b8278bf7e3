"""Where a lease stands when it is to be ended on a day, from its statement. Reads only; prices are in rules.payoff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import Bill
from billing.rules.payoff import Position
from billing.services import statements
from billing.services.statements import BillView
from core import money
from core.money import ZERO


@dataclass(frozen=True, slots=True)
class Ahead:
    """Where a lease will stand on a later day, with the `bills` before that day paid on their days, `paid` in all."""

    position: Position
    bills: int
    paid: Decimal


def position(views: Sequence[BillView], on: date, credit: Decimal | None = None) -> Position:
    """Where a running lease stands on day `on`; `views` is its whole statement of that day. `credit`: the customer's
    balance, where the caller has read it."""
    standing = _standing(views)
    reached = [view for view in standing if view.bill.is_extra or _is_due(view.bill, on)]
    later = [view for view in standing if view not in reached]
    return Position(
        period=sum(not view.bill.is_extra for view in reached),
        owed=money.total(view.owed_now - view.fee_owed for view in reached),
        fees=money.total(view.fee_owed for view in reached),
        prepaid=money.total(view.bill.paid for view in later),
        kept=money.total(view.bill.rent for view in standing if view.bill.kind == Bill.Kind.DAY_RENT),
        credit=_credit(standing) if credit is None else credit,
    )


def ahead(views: Sequence[BillView], now: Position, day: date) -> Ahead:
    """Day `day` as one plans for it on an earlier one: what falls due before it is paid on its day, what is late today
    is paid today, and the credit balance serves first. `views` and `now` are today's. Asks nothing.
    """
    standing = _standing(views)
    reached = [view for view in standing if view.bill.is_extra or _is_due(view.bill, day)]
    before = [view for view in reached if view.owed_now and view.bill.due_date is not None and view.bill.due_date < day]
    open_then = [view for view in reached if view not in before]
    paid = money.total(view.owed_now for view in before)
    position = Position(
        period=sum(not view.bill.is_extra for view in reached),
        owed=money.total(view.owed_now - view.fee_owed for view in open_then),
        fees=money.total(view.fee_owed for view in open_then),
        prepaid=money.total(view.bill.paid for view in standing if view not in reached),
        kept=now.kept,
        credit=max(ZERO, now.credit - paid),
    )
    return Ahead(position, len(before), paid)


def _standing(views: Sequence[BillView]) -> list[BillView]:
    return [view for view in views if view.bill.state != Bill.State.VOID and view.bill.kind != Bill.Kind.BUYOUT]


def _credit(standing: Sequence[BillView]) -> Decimal:
    return statements.credit_balance(standing[0].bill.lease.customer) if standing else ZERO


def _is_due(bill: Bill, on: date) -> bool:
    return bill.due_date is not None and bill.due_date <= on
