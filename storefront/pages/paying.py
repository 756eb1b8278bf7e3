"""What is to pay before shipping, and one payment."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext

from billing.models import Bill, Deposit, DepositFreeze, Lease, Payment, PaymentChannel, Refund
from billing.services import statements
from billing.services.balance import Quote
from billing.services.statements import BillView
from core.money import ZERO
from integrations.payments import Device
from orders.models import Order
from storefront.pages import bills, codes, names
from storefront.pages.bills import Row, Text


@dataclass(frozen=True, slots=True)
class Choices:
    """The open channels for the rent and for the deposit, each with the one chosen beforehand."""

    rent: list[PaymentChannel]
    rent_by: str
    deposit: list[PaymentChannel]
    deposit_by: str


@dataclass(frozen=True, slots=True)
class ShownPaying:
    """What `storefront/pay.html` and `paid.html` print."""

    order: Order
    name: str
    kind: str
    rent: Decimal
    rent_owed: Decimal
    rent_done: bool
    deposit: Deposit
    deposit_done: bool
    waived: Decimal
    next_act: str
    choices: Choices
    is_frozen: bool
    from_balance: Quote | None


def shown(order: Order, on: date, choices: Choices) -> ShownPaying:
    view = statements.view(order.lease.bills.select_related("lease").get(number=1), on)
    deposit = order.lease.deposit
    rent_done, deposit_done = view.owed_now == ZERO, deposit.state == Deposit.State.SECURED
    device = order.plan.sku.device_model
    return ShownPaying(
        order=order,
        name=names.of(device),
        kind=names.drawing(device),
        rent=view.bill.amount,
        rent_owed=view.owed_now,
        rent_done=rent_done,
        deposit=deposit,
        deposit_done=deposit_done,
        waived=deposit.waived,
        next_act="rent" if not rent_done else "deposit",
        choices=choices,
        is_frozen=deposit.kind == Deposit.Kind.FREEZE,
        from_balance=None if rent_done else bills.from_balance(view.bill, on),
    )


@dataclass(frozen=True, slots=True)
class Several:
    """Paying the next `count` bills at once: their numbers as the form sends them, and what it comes to that day."""

    count: int
    bills: str
    which: Text
    last_due: date | None
    total: Decimal


def several(order: Order, on: date) -> list[Several]:
    """One choice for each number of bills, oldest first, so that every sum stands there without script."""
    payable = [view for view in statements.statement(order.lease, on) if bills.is_asked_for(view, order, on)]
    views = sorted(payable, key=lambda view: (view.bill.due_date or on, view.bill.number))
    sums = accumulate(view.owed_now for view in views)
    numbers = [view.bill.number for view in views]
    return [
        Several(k, "-".join(map(str, numbers[:k])), _which(views[:k]), views[k - 1].bill.due_date, total)
        for k, total in enumerate(sums, start=1)
    ]


def _which(views: list[BillView]) -> Text:
    """Bill 4; Bills 4 to 6; of an extra bill or a part its kind; of several kinds how many each."""
    kinds = Counter(bills.title(view.bill) for view in views)
    if list(kinds) != [""]:
        return " + ".join(f"{kind or gettext('Rent')} × {count}" for kind, count in kinds.items())
    first, last = views[0].bill.number, views[-1].bill.number
    if first == last:
        return gettext("Bill %(number)s") % {"number": first}
    return gettext("Bills %(first)s to %(last)s") % {"first": first, "last": last}


@dataclass(frozen=True, slots=True)
class ShownPayment:
    """What `storefront/payment.html` prints; `following` is the next bill of a running lease.

    `href` continues an open attempt; `code` is drawn where it is scanned, `code_href` opens it where it is an address;
    `call` is what the script of WeChat's own browser takes, as JSON, and `prepaid` its number there.
    """

    payment: Payment
    lease_number: str
    bills: list[tuple[int, Decimal]]
    chosen: str
    href: str
    back: str
    is_first: bool
    following: Row | None
    channel: PaymentChannel | None
    code: codes.Drawn | None
    code_href: str
    call: str
    prepaid: str
    in_wechat: bool
    refunds: list[Refund]


@dataclass(frozen=True, slots=True)
class Given:
    """What the provider gave to pay by, and what the customer holds."""

    code: str
    call: dict[str, str]
    held: Device


def payment(found: Payment, on: date, given: Given) -> ShownPayment:
    items = list(found.items.select_related("bill__lease").order_by("bill__number"))
    lease = found.deposit.lease if found.deposit else items[0].bill.lease
    code, call = (given.code, given.call) if found.state == Payment.State.OPEN else ("", {})
    is_first = lease.start is None
    return ShownPayment(
        payment=found,
        lease_number=lease.number,
        bills=[(item.bill.number, item.amount) for item in items],
        chosen="-".join(str(item.bill.number) for item in items),
        href=reverse("storefront:order_pay_deposit" if found.deposit else "storefront:bills_pay", args=[lease.number]),
        back=reverse("storefront:order_pay" if is_first else "storefront:lease", args=[lease.number]),
        is_first=is_first,
        following=None if is_first else _following(lease, on),
        channel=PaymentChannel.objects.filter(code=found.channel).first(),
        code=codes.drawn(code) if code else None,
        code_href=code if code.startswith("http") else "",
        call=json.dumps(call) if call else "",
        prepaid=call.get("package", "").removeprefix("prepay_id="),
        in_wechat=given.held == "wechat",
        refunds=list(found.refunds.filter(replaced_by=None).order_by("id")),
    )


def _following(lease: Lease, on: date) -> Row | None:
    views = statements.statement(lease, on)
    return next((bills.row(view, lease.number, on) for view in views if bills.is_payable(view)), None)


def open_payments(order: Order) -> list[int]:
    bills = Bill.objects.filter(lease=order.lease_id)
    mine = Q(items__bill__in=bills) | Q(deposit__lease=order.lease_id)
    opened = Payment.objects.filter(mine, state=Payment.State.OPEN)
    return sorted(set(opened.values_list("pk", flat=True)))


def open_freezes(order: Order) -> list[int]:
    opened = DepositFreeze.objects.filter(deposit__lease=order.lease_id, state=DepositFreeze.State.OPEN)
    return sorted(opened.values_list("pk", flat=True))
