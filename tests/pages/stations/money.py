"""Money and collections in telling states."""

from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import MerchantMember, User
from arrears.models import CollectionCase
from arrears.services import cases, hardship, promises
from billing.models import (
    MerchantStatement,
    Payment,
    ReconciliationException,
    StatementFile,
    StatementGap,
    StatementLine,
)
from billing.rules import settlement
from billing.rules.limits import Deed
from billing.services import (
    balance,
    limits,
    partial_refunds,
    reconciliation,
    refunds,
    settlements,
)
from billing.services.partial_refunds import Wish
from core import calendar
from core.models import Approval, OutboxMessage
from integrations.payments import DisputeFact, DisputeStatus
from notices.models import Message
from orders.models import Order
from orders.services import (
    payments,
)
from tests import make


def hard_month(order: Order, now: datetime) -> None:
    """The late lease has a case with a promise and a call, and its customer asks for relief."""
    called = calendar.instant(calendar.business_date(now) - timedelta(days=1), 15)  # nobody may be called at night
    cases.open_due(calendar.business_date(called), called)
    case = CollectionCase.objects.get(lease=order.lease)
    promises.make(case.pk, Decimal(100), calendar.business_date(now), "operator:1", called)
    call = cases.dial(case.pk, "operator:1", called).call
    cases.hang_up(case.pk, call.pk, 45, "会在月底前付清", "operator:1", called)
    hardship.ask(order.lease_id, "这个月住院，月底发工资", Decimal(200), f"customer:{order.customer_id}", now)


def strange_things(order: Order, now: datetime) -> Payment:
    """A payment that does not match and work that was given up, for the desk."""
    strange = Payment.objects.create(
        number="P-STRANGE", customer=order.customer, channel="alipay", amount=Decimal("1.00"), created_at=now,
        expires_at=now,
    )  # fmt: skip
    strange.quarantine()
    strange.save()
    [back] = balance.pay_out(order.customer, now, Decimal(20))  # what came by bank, a person transfers back
    refunds.send(back.pk, now)
    StatementGap.objects.create(
        channel="wechat", day=calendar.business_date(now - timedelta(days=4)), opened_at=now - timedelta(days=3)
    )
    disputed = Payment.objects.filter(items__bill__lease=order.lease, state=Payment.State.SUCCEEDED).latest("pk")
    fact = DisputeFact(
        "D-2026-1",
        disputed.number,
        DisputeStatus.OPEN,
        Decimal(100),
        True,
        "并非本人支付",
        now,
        now + timedelta(days=3),
        None,
    )
    payments.receive_dispute(disputed.channel, fact, now)
    OutboxMessage.objects.create(topic="x", payload={}, dead_at=now, error="gave up")
    lost = Message.objects.filter(user=order.customer.user, channel="SMS", state="QUEUED").latest("pk")
    lost.begin(now)
    lost.save()  # each step of its own: the database knows the edges
    lost.miss("BIZ-1", "MK:0001 空号", now)
    lost.save()
    return strange


def difference(now: datetime) -> ReconciliationException:
    """A line of a statement that nobody booked, three days ago."""
    at = now - timedelta(days=3)
    day = calendar.business_date(at) - timedelta(days=1)
    file = StatementFile.objects.create(channel="alipay", day=day, sha256="0" * 64, content=b"-", fetched_at=at)
    StatementLine.objects.create(
        file=file, number=1, kind=StatementLine.Kind.PAYMENT, trade_number="2026030122001", payment_number="P-NOBODY",
        amount=Decimal("309.00"), moved_at=at - timedelta(days=1), raw=[],
    )  # fmt: skip
    reconciliation.reconcile(file.channel, file.day, at)
    return ReconciliationException.objects.get(line__file=file)


def statements_of(leader: MerchantMember, operator: User, now: datetime) -> tuple[MerchantStatement, MerchantStatement]:
    """Last month's, to be paid out, and the one before, which was."""
    last = settlement.month_before(calendar.business_date(now))
    before = settlement.month_before(last)
    settlements.set_commission(leader.merchant, Decimal("0.1"), calendar.add_months(before, -12), operator)
    first = calendar.instant(calendar.add_months(before, 1), 10)
    paid = settlements.issue(leader.merchant_id, before, first)
    waits = settlements.issue(leader.merchant_id, last, now)
    assert paid is not None
    assert waits is not None
    return waits, settlements.pay_out(paid.pk, "B-0042", f"operator:{operator.pk}", first + timedelta(hours=1))


def refund_asked_for(order: Order, now: datetime) -> Approval:
    """A refund of the order's first payment that waits for a second person."""
    payment = Payment.objects.filter(items__bill__lease=order.lease, state=Payment.State.SUCCEEDED).earliest("pk")
    limits.set_most(Deed.REFUND, Decimal("10.00"), make.operator(), now)
    wish = Wish(payment.number, order.lease.number, Decimal("20.00"), "屏幕有划痕")
    asked = partial_refunds.give(wish, f"operator:{make.operator('colleague').pk}", now)
    assert isinstance(asked, Approval)
    return asked
