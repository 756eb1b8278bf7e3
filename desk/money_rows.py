"""Lines of the operators' queues about money: payments, deposits, refunds, statements."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import (
    WITHOUT_ADAPTER,
    Chargeback,
    Deposit,
    DepositDeduction,
    DepositFreeze,
    MerchantStatement,
    Payment,
    ReconciliationException,
    Refund,
    StatementGap,
)
from core import calendar
from core.templatetags.xinzu import month
from desk import differences
from desk.rows import Row, order_href
from orders import words
from orders.models import Order


def promised_row(deposit: Deposit, at: datetime) -> Row:
    assert deposit.promised_on is not None  # set with the state
    end = calendar.instant(deposit.promised_on + timedelta(days=1))
    order: Order = deposit.lease.order
    todo = _("the provider has not confirmed yet; ask it if the day has come")
    text = _("deposit to be released")
    return Row(order.number, order_href(order), text, deposit.to_hold, words.left(end, at), order.closed_at, todo)


def payment_row(payment: Any, at: datetime) -> Row:
    text, todo = _strange_text(payment)
    return Row(payment.number, _payments_href(payment), text, payment.amount, None, payment.created_at, todo)


def freeze_row(freeze: Any, at: datetime) -> Row:
    text, todo = _strange_text(freeze)
    return Row(
        freeze.number, order_href(freeze.deposit.lease.order), text, freeze.amount, None, freeze.created_at, todo
    )


def _strange_text(row: Any) -> tuple[str | Promise, str | Promise]:
    if row.came_right:
        return _("A matching message followed; please compare at the provider."), ""
    wrong = _("the provider's message names another amount or receiver")
    return wrong, _("compare at the provider; nothing was posted")


def refund_row(refund: Refund, at: datetime) -> Row:
    wrong, todo = _("the provider refused for good"), _("try again, or pay it out another way")
    if refund.payment.channel in WITHOUT_ADAPTER:
        wrong, todo = _("paid by transfer or in cash"), _("transfer it back, then write down the bank's reference")
    href = reverse("desk:failed_refund", args=[refund.number])
    return Row(refund.number, href, wrong, refund.amount, None, refund.requested_at, todo)


def deduction_row(deduction: DepositDeduction, at: datetime) -> Row:
    wrong, todo = _("the provider did not give it"), _("look at the freeze there; propose it again, or ask for payment")
    order: Order = deduction.deposit.lease.order
    return Row(order.number, order_href(order), wrong, deduction.payment.amount, None, deduction.at, todo)


def ending_freeze_row(freeze: DepositFreeze, at: datetime) -> Row:
    assert freeze.ends_at is not None  # chosen by it
    todo = _("end the lease or agree on a paid deposit before; after that nothing is held")
    order: Order = freeze.deposit.lease.order
    left = words.left(freeze.ends_at, at)
    return Row(
        order.number, order_href(order), _("the provider ends the freeze"), freeze.held, left, freeze.frozen_at, todo
    )


def lapsed_row(deposit: Deposit, at: datetime) -> Row:
    order: Order = deposit.lease.order
    todo = _("nothing is held any more; keep an eye on the bills")
    return Row(order.number, order_href(order), _("the provider ended the freeze"), deposit.to_hold, None, None, todo)


def difference_row(found: ReconciliationException, at: datetime) -> Row:
    """A difference in its queue and on its day."""
    shown = differences.show(found, at)
    return Row(
        title=f"{found.get_kind_display()} · {shown.number}",
        href=shown.href,
        text=differences.sides(shown),
        left=shown.left,
        since=found.opened_at,
        todo=shown.todo if found.is_open else "",
    )


def dispute_row(found: Chargeback, at: datetime) -> Row:
    left = words.left(found.respond_by, at) if found.respond_by and not found.answered_at else None
    todo = _("record the decision") if found.answered_at else _("send the evidence before the deadline")
    href = reverse("desk:dispute", args=[found.number])
    return Row(found.payment.customer.number, href, found.reason, found.amount, left, found.opened_at, todo)


def gap_row(gap: StatementGap, at: datetime) -> Row:
    todo = _("ask the provider; close it if nothing moved that day")
    href, left = reverse("desk:gap", args=[gap.pk]), differences.waited(gap, at)
    return Row(differences.missed(gap), href, gap.answer, None, left, gap.opened_at, todo)


def payout_row(statement: MerchantStatement, at: datetime) -> Row:
    href = reverse("desk:payout", args=[statement.number])
    todo = _("transfer the amount at the bank, then mark it as paid out")
    title = f"{statement.merchant.name} · {month(statement.month)}"
    return Row(title, href, statement.number, statement.payable, None, statement.issued_at, todo)


def _payments_href(payment: Payment) -> str:
    items = list(payment.items.all())
    return order_href(items[0].bill.lease.order) if items else reverse("desk:orders")
