"""What happens when nothing is paid, day by day and to the end, in the amounts of this lease (domain.md §9).

Every sum is all that is open on the lease by that day. The later ones are computed by the very rules that would charge
them: the worn value (`losses.payoff_of`), day rent (`day_rents`), the deposit (`damage.settle`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from arrears.rules import letters
from billing.models import Bill
from billing.rules.payoff import Payoff
from billing.rules.terms import LeaseTerms
from billing.services import holding, overdue, payoffs, statements
from billing.services.statements import Account, BillView
from core import money
from core.money import ZERO
from core.templatetags.xinzu import yuan
from orders.models import Order
from orders.rules import damage
from orders.services import choices, day_rents, losses, settlements, terminations
from storefront.pages import late as late_words

DAYS = (1, 5, 7, 30, letters.FROM_DAYS)  # days past due that change something


@dataclass(frozen=True, slots=True)
class Consequence:
    """One line of "what happens when"; `fee` of its `amount` is late fee."""

    title: str
    on: date | None
    text: str
    amount: Decimal
    fee: Decimal
    is_today: bool


@dataclass(frozen=True)
class Seen:
    """The lease as the bill's page sees it on day `on`: `since` is the day its oldest arrears fell due, `credit` the
    customer's balance."""

    order: Order
    bill: Account
    accounts: Sequence[Account]
    on: date
    since: date
    credit: Decimal

    @cached_property
    def kept(self) -> day_rents.Agreed | None:
        """What a device costs that is kept past its last day."""
        return day_rents.at_term(self.order)

    def views(self, day: date) -> list[BillView]:
        """Every bill that is due by `day`, and the one looked at, as they stand then."""
        due = [each for each in self.accounts if each is self.bill or _is_due(each.bill, day)]
        return [statements.seen(each, day) for each in due]

    def day_rent(self, day: date) -> Decimal:
        """What the days until then cost beyond what is billed of them."""
        last = self.order.lease.last_day
        if last is None or day <= last or self.kept is None:
            return ZERO
        billed = money.total(each.bill.rent for each in self.accounts if _is_day_rent(each.bill))
        return max(ZERO, self.kept.of_days(self.kept.kept(day)) - billed)


def of(order: Order, account: Account, accounts: Sequence[Account], credit: Decimal, on: date) -> list[Consequence]:
    """Today first, then every later day on which something changes, then how it would end."""
    due, last_free = account.bill.due_date, account.last_free_day
    assert due is not None
    assert last_free is not None
    seen = Seen(order, account, accounts, on, min(due, _since(accounts, on)), credit)
    days = {on, last_free, *(seen.since + timedelta(days=late) for late in DAYS)}
    told = [_day(seen, day, last_free) for day in sorted(days) if day >= on]
    end = _end(seen) if order.lease.start else []
    return [*told, *end, _worst(statements.seen(account, on))]


def cap(bill: Bill) -> Decimal:
    """The most that the late fee of a bill may come to."""
    return money.floor_fen(LeaseTerms.from_json(bill.lease.terms).fee_cap_rate * bill.rent)


def _since(accounts: Sequence[Account], on: date) -> date:
    """When the oldest arrears fell due, frozen days of a broken plan counted on; no day is as late as without any."""
    if any(each.bill.is_part for each in accounts):
        leases = {each.bill.lease_id for each in accounts}
        return min((on - timedelta(days=late.days) for late in overdue.of(leases, on).values()), default=date.max)
    views = [statements.seen(each, on) for each in accounts]
    days = [view.bill.due_date for view in views if view.is_overdue and _is_due(view.bill, on)]
    return min((day for day in days if day is not None), default=date.max)


def _day(seen: Seen, day: date, last_free: date) -> Consequence:
    late, views = (day - seen.since).days, seen.views(day)
    title = _("Today") if day == seen.on else _("Due day") if late == 0 else _("Day %(late)s") % {"late": late}
    amount = money.total(view.owed_now for view in views) + seen.day_rent(day)
    fees = money.total(view.fee_owed for view in views)
    return Consequence(title, day, _what_happens(seen, late, day, last_free), amount, fees, day == seen.on)


def _what_happens(seen: Seen, late: int, day: date, last_free: date) -> str:
    if day == last_free:
        return _("Last day without a late fee on this bill")
    if late <= LeaseTerms.from_json(seen.order.lease.terms).grace_days:
        return _("Nothing is charged extra") if late <= 0 else _("In grace: nothing is charged extra")
    if late >= letters.FROM_DAYS:
        return _("A written demand with time to make good; then you choose: pay, send it back or buy it")
    if late >= 30:
        return _("Your credit decision has ended. We may ask for a visit; you may refuse it. Nobody else is contacted")
    if late >= 7:
        return _("A reminder; from the eighth day on nothing new is waived")
    return late_words.begins(LeaseTerms.from_json(seen.order.lease.terms))


def _end(seen: Seen) -> list[Consequence]:
    """Ended by notice, or given up past its last day where that is sooner; then what the deposit pays of it."""
    by_notice = _by_notice(seen)
    day = _given_up(seen, by_notice)
    owed = _payoff(seen, day)
    value = {"value": yuan(owed.price)}
    title = _("Ended by notice")
    text = _(
        "At the earliest, if you chose nothing: no further rent, but your device's worn value of that day, %(value)s, "
        "is claimed. Sent back before it is settled, it is not owed"
    )
    if day != by_notice:
        title = _("Given up")
        text = _(
            "Kept past its last day for so long, your device's worn value of that day, %(value)s, is claimed. "
            "Sent back before it is settled, it is not owed"
        )
    return [Consequence(title, day, text % value, owed.to_pay, owed.fees, is_today=False), _deposit(seen, owed, day)]


def _by_notice(seen: Seen) -> date:
    """The earliest day on which a second person may end it: demand, time to make good, announcement."""
    letter = choices.standing(seen.order) if choices.has_letter(seen.order) else None
    first = max(seen.on, seen.since + timedelta(days=letters.FROM_DAYS))
    until = letter.cure_until if letter else letters.cure_until(first)
    return max(until + timedelta(days=1), seen.on) + timedelta(days=terminations.ANNOUNCED_DAYS)


def _given_up(seen: Seen, by_notice: date) -> date:
    """The day on which the clock gives it up past its last day, if that is sooner."""
    last = seen.order.lease.last_day
    if last is None or by_notice <= last or seen.kept is None:
        return by_notice
    given_up = seen.kept.first + timedelta(days=losses.given_up_after(seen.kept))
    return min(by_notice, max(seen.on, given_up))


def _payoff(seen: Seen, day: date) -> Payoff:
    terms, start = LeaseTerms.from_json(seen.order.lease.terms), seen.order.lease.start
    assert start is not None
    found = payoffs.position([statements.seen(each, day) for each in seen.accounts], day, seen.credit)
    rent = seen.day_rent(day)
    found = replace(found, owed=found.owed + rent, kept=found.kept + rent)
    return losses.payoff_of(terms, start, found, day)


def _deposit(seen: Seen, owed: Payoff, ended: date) -> Consequence:
    """Thirty days later the deposit pays what it can; late fees have grown until then."""
    day = ended + settlements.PAID_WITHIN
    asked = [each for each in seen.accounts if each.bill.is_extra or _is_due(each.bill, ended)]
    fees = money.total(statements.seen(each, day).fee_owed for each in asked)
    found = damage.settle(holding.held(seen.order.lease.deposit), ZERO, replace(owed, fees=fees).to_pay)
    text = _("Nothing is held as a deposit: all of it stays owed")
    if found.held:
        parts = {"held": yuan(found.held), "taken": yuan(found.taken), "back": yuan(found.back)}
        text = _("Of the deposit of %(held)s, %(taken)s are used and %(back)s go back; this would be left") % parts
    return Consequence(_("Deposit used"), day, text, found.open, ZERO, is_today=False)


def _worst(view: BillView) -> Consequence:
    """What the bill can come to at most, whatever happens."""
    most = cap(view.bill)
    text = _("The late fee of this bill never grows beyond this")
    return Consequence(_("This bill"), None, text, view.owed_now - view.fee_now + most, most, is_today=False)


def _is_due(bill: Bill, day: date) -> bool:
    """Void ones owe nothing; an offer to buy is nothing that is owed."""
    return bill.kind != Bill.Kind.BUYOUT and bill.due_date is not None and bill.due_date <= day


def _is_day_rent(bill: Bill) -> bool:
    return bill.kind == Bill.Kind.DAY_RENT and bill.state != Bill.State.VOID
