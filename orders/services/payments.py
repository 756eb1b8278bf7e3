"""Money for an order: opening attempts, and the one way in for what a provider says (house.md, Layers).

The callback, the return page, the poller and the statement all end in `receive` and `receive_freeze`, the only
callers of billing's capture; they step the order in the same transaction.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import AutopayTry, BalanceUse, Bill, Deposit, DepositFreeze, Payment, PaymentChannel, Refund
from billing.rules import securing
from billing.rules.terms import LeaseTerms
from billing.services import (
    autopay,
    balance,
    channels,
    chargebacks,
    deductions,
    deposits,
    lapses,
    payments,
    refunds,
    standing,
    write_offs,
)
from core import calendar
from core.errors import DomainError
from core.fields import exact_sum
from core.models import InboxNotice
from core.services import events, inbox, outbox
from core.services.events import PLATFORM
from core.templatetags.xinzu import yuan
from credit.rules import risks as rules
from credit.services import quota
from integrations import registry
from integrations.payments import (
    AgreementFact,
    Declined,
    Device,
    DisputeFact,
    DisputeNews,
    FreezeFact,
    PaymentFact,
    RefundFact,
    ReleaseFact,
    Way,
)
from notices.services import messages
from orders.models import Order, State
from orders.models.orders import CLOSED
from orders.services import buyouts, endings, risks, settlements, steps

ATTEMPT_LIVES = timedelta(minutes=30)
SHIPPING_WAIT = timedelta(days=5)
DISPUTE_TOLD = "dispute.told"


class NotPayableYet(DomainError):
    code = "not_payable_yet"
    message = _("Please sign the agreement first.")


class WholeBillFirst(DomainError):
    code = "whole_bill_first"
    message = _("Before the device is sent, its first bill is paid as a whole.")


class PartTooLarge(DomainError):
    code = "part_too_large"
    message = _("At most %(most)s can be paid on this now.")


class DepositOtherwise(DomainError):
    code = "deposit_otherwise"
    message = _("The agreement says how the deposit is secured. Please look at the page again.")


# Everywhere here `channel` is the customer's choice among the open ones; "" takes the first that can do it.
# ChannelClosed, NoChannelOpen.


def pay_first(order: Order, at: datetime, channel: str = "") -> Payment:
    """An attempt to pay bill 1; needs both signatures (L3: no payment before signature). AttemptOver when too late."""
    _require_payable(order, at)
    bill = order.lease.bills.get(number=1)
    code = channels.chosen(channel, channels.offered())
    return payments.open(order.customer, [bill.pk], code, at=at, expires_at=_until(order, at))


def freeze_deposit(order: Order, at: datetime, channel: str = "") -> DepositFreeze:
    """An attempt to freeze what is not waived. NotPayableYet, AttemptOver, DepositOtherwise."""
    deposit = _deposit(order, Deposit.Kind.FREEZE, at)
    code = channels.chosen(channel, for_deposit(order, channels.offered()))
    return deposits.open_freeze(deposit.pk, code, at=at, expires_at=_until(order, at))


def pay_deposit(order: Order, at: datetime, channel: str = "") -> Payment:
    """An attempt to pay what is not waived, to be held. As `freeze_deposit`."""
    deposit = _deposit(order, Deposit.Kind.PAID, at)
    code = channels.chosen(channel, for_deposit(order, channels.offered()))
    return payments.open_deposit(deposit.pk, code, at=at, expires_at=_until(order, at))


def for_deposit(order: Order, among: list[PaymentChannel]) -> list[PaymentChannel]:
    """Those by which this deposit can be secured as agreed: all for a payment, for a freeze those that hold it."""
    if order.lease.deposit.kind == Deposit.Kind.PAID:
        return among
    window = LeaseTerms.from_json(order.lease.terms).return_window_days
    days = securing.days_to_hold(calendar.business_date(order.placed_at), order.months, window, order.last_day)
    return channels.freezing(among, days)


@transaction.atomic
def pay_bills(
    order: Order, bill_ids: list[int], at: datetime, channel: str = "", part: Decimal | None = None
) -> Payment:
    """An attempt to pay named bills of a lease, now with what is owed today, or a `part` of it. At first as
    `pay_first`. WholeBillFirst, PartTooLarge."""
    if Bill.objects.filter(lease=order.lease_id, pk__in=bill_ids, kind=Bill.Kind.BUYOUT).exists():
        return pay_offer(order, at, channel)
    code = channels.chosen(channel, channels.offered())
    if order.state in (State.PLACED, State.APPROVED, State.SIGNED):
        _require_payable(order, at)
        if part is not None:
            raise WholeBillFirst
    ends = _until(order, at) if order.state == State.SIGNED else at + ATTEMPT_LIVES
    payment = payments.open(order.customer, _own(order, bill_ids), code, at=at, expires_at=ends, amount=part)
    most: Decimal = payment.items.aggregate(sum=exact_sum("amount"))["sum"]
    if payment.amount > most:
        raise PartTooLarge(most=yuan(most))
    return payment


def pay_offer(order: Order, at: datetime, channel: str = "") -> Payment:
    """An attempt to pay just what is left of the offer to buy, until its midnight. StepNotPossible, QuoteLapsed."""
    ending = buyouts.offer_of(order)
    if ending is None:
        raise steps.StepNotPossible(state=order.get_state_display())
    assert ending.valid_until is not None  # an offer has its midnight
    if at >= ending.valid_until:
        raise endings.QuoteLapsed
    return payments.open(
        order.customer,
        buyouts.bills_of(order, ending),
        channels.chosen(channel, channels.offered()),
        at=at,
        expires_at=min(at + ATTEMPT_LIVES, ending.valid_until),
        amount=buyouts.remaining(order, ending),
    )


def pay_from_balance(order: Order, bill_ids: list[int], at: datetime) -> BalanceUse:
    """Lay the customer's credit balance on named bills of a lease at once, and step the order as after any money.

    NotPayableYet, AttemptOver; further as `balance.use`.
    """
    with transaction.atomic():
        locked = steps.lock(order.pk)
        if locked.state in (State.PLACED, State.APPROVED, State.SIGNED):
            _require_payable(locked, at)
        made = balance.use(locked.customer, _own(locked, bill_ids), BalanceUse.Why.ASKED, at)
        after_money([locked], at)
    return made


def page(payment: Payment, return_url: str) -> str:
    """Where the customer pays; the provider's page for a phone. BeingDeducted."""
    deductions.require_by_hand(payment)
    return payments.page(payment, return_url)


def way(payment: Payment, return_url: str, device: Device, payer_ip: str, payer_id: str = "") -> Way:
    """How the customer pays on what he holds. Calls the provider. BeingDeducted."""
    deductions.require_by_hand(payment)
    return payments.way(payment, return_url, device, payer_ip, payer_id)


def ask_payer(channel: str, return_url: str, state: str) -> str:
    """Where the provider tells its own browser who holds it."""
    return registry.payers(channel).ask_payer(return_url, state).url


def payer(channel: str, code: str) -> str:
    """The provider's number of the payer. Calls the provider."""
    return registry.payers(channel).payer(code)


def freeze_page(freeze: DepositFreeze, return_url: str) -> str:
    """Where the customer confirms the freeze. Calls the provider."""
    return deposits.page(freeze, return_url)


def receive(channel: str, fact: PaymentFact, at: datetime) -> str:
    """Post what a provider says of a payment, once, and step its order. A word for the inbox comes back."""
    try:
        lease_ids = payments.leases_of(channel, fact.request_no)
    except payments.PaymentUnknown:
        return "unknown number"
    with transaction.atomic():
        orders = _lock_orders(lease_ids)
        captured = payments.capture(channel, fact, at)
        if captured.news and captured.payment.state == Payment.State.SUCCEEDED:
            after_money(orders, at)
        deductions.tell_failed(captured.payment, at)
    return _word(captured.news, captured.quarantined)


def receive_freeze(channel: str, fact: FreezeFact, at: datetime) -> str:
    """Post what a provider says of a freeze, once, and step its order."""
    try:
        lease_id = deposits.lease_of_freeze(channel, fact.order_no)
    except deposits.FreezeUnknown:
        return "unknown number"
    with transaction.atomic():
        orders = _lock_orders([lease_id])
        frozen = deposits.capture_freeze(channel, fact, at)
        if frozen.news and frozen.freeze.state == DepositFreeze.State.FROZEN:
            after_money(orders, at)
    return _word(frozen.news, frozen.quarantined)


def receive_release(fact: ReleaseFact, at: datetime) -> str:
    """Post what a provider says of a release, once."""
    try:
        return _word(deposits.apply_release(fact, at).news)
    except deposits.ReleaseUnknown:
        return "freeze ended" if lapses.look_at(fact.auth_no, at) else "unknown number"


def receive_agreement(channel: str, fact: AgreementFact, at: datetime) -> str:
    """Record what a provider says of an agreement on deductions, once."""
    try:
        return _word(autopay.apply(channel, fact, at))
    except autopay.AutopayUnknown:
        return "unknown number"


def receive_refund(fact: RefundFact, at: datetime) -> str:
    """Post what a provider says of a refund, once."""
    try:
        return _word(refunds.apply(fact, at).state != Refund.State.REQUESTED)
    except refunds.RefundUnknown:
        return "unknown number"


def receive_dispute(channel: str, fact: DisputeFact, at: datetime, actor: str = PLATFORM) -> str:
    """Post what a provider says of a dispute, once; an operator says it for one that sends no notices."""
    known = chargebacks.payment_of(channel, fact)
    if known is None:
        return "unknown number"
    with transaction.atomic():
        _lock_orders(payments.leases_of(channel, known))
        outcome = chargebacks.apply(channel, fact, at, actor)
    return _word(outcome.news, bool(outcome.wrong))


def deduct(payment_id: int, at: datetime) -> str:
    """Send a deduction and post its outcome. An agreement that the provider no longer knows ends here too."""
    fact = deductions.send(payment_id, at)
    if fact is None:
        return "nothing to do"
    tried = AutopayTry.objects.select_related("payment").get(payment=payment_id)
    if fact.declined is Declined.AGREEMENT:
        autopay.ask(tried.agreement_id, at)
    return receive(tried.payment.channel, fact, at)


def ask(payment_id: int, at: datetime) -> str:
    """Ask the provider how a payment stands (return page, poller)."""
    channel = Payment.objects.values_list("channel", flat=True).get(pk=payment_id)
    return receive(channel, payments.ask(payment_id), at)


def ask_freeze(freeze_id: int, at: datetime) -> str:
    channel = DepositFreeze.objects.values_list("channel", flat=True).get(pk=freeze_id)
    return receive_freeze(channel, deposits.ask_freeze(freeze_id), at)


def close(payment_id: int, at: datetime) -> str:
    """End an attempt at the provider; a success that was quicker is posted."""
    channel = Payment.objects.values_list("channel", flat=True).get(pk=payment_id)
    return receive(channel, payments.close(payment_id, at), at)


def close_freeze(freeze_id: int, at: datetime) -> str:
    channel = DepositFreeze.objects.values_list("channel", flat=True).get(pk=freeze_id)
    return receive_freeze(channel, deposits.close_freeze(freeze_id, at), at)


def apply_notice(notice_id: int, at: datetime) -> None:
    """Act on a stored notice; the signature was checked before it was stored."""
    stored = InboxNotice.objects.get(pk=notice_id)
    provider = registry.payments(stored.provider)
    notice = provider.parse_notice(bytes(stored.body), stored.headers, stored.received_at)
    outcome = "nothing to do"
    if notice.kind == "unreadable":
        outcome = "unreadable"
        events.record("notice_unreadable", stored, at=at, facts={"provider": stored.provider})
    if isinstance(notice.fact, PaymentFact):
        outcome = receive(stored.provider, notice.fact, at)
    elif isinstance(notice.fact, FreezeFact):
        outcome = receive_freeze(stored.provider, notice.fact, at)
    elif isinstance(notice.fact, ReleaseFact):
        outcome = receive_release(notice.fact, at)
    elif isinstance(notice.fact, AgreementFact):
        outcome = receive_agreement(stored.provider, notice.fact, at)
    elif isinstance(notice.fact, RefundFact):
        outcome = receive_refund(notice.fact, at)
    elif isinstance(notice.fact, DisputeFact):
        outcome = receive_dispute(stored.provider, notice.fact, at)
    elif isinstance(notice.fact, DisputeNews):
        outbox.put(DISPUTE_TOLD, channel=stored.provider, dispute_no=notice.fact.dispute_no)
        outcome = "asked about"
    inbox.close(stored, outcome, at)


def after_money(orders: list[Order], at: datetime) -> None:
    """Step what the money allows. For a closed order billing gives it back by itself; the customer hears of it."""
    for order in orders:
        if order.state in CLOSED:
            tell(order, "late_payment_returned", at)
        elif order.state == State.SIGNED and standing.is_secured(order.lease_id):
            steps.take(order, "pay", at, order.to_ship(at + SHIPPING_WAIT), at=at, actor=PLATFORM)
            risks.look(order, rules.AT_PAYMENT, at)
            tell(order, "order_held" if risks.is_held(order) else paid_words(order), at)
        elif order.state == State.SETTLING:
            settlements.settle_locked(order, at)
        elif order.state == State.WRITTEN_OFF and write_offs.is_recovered(order.lease_id):
            quota.release(order.number, "recovered", at)
        elif order.state == State.ACTIVE:
            buyouts.after_money(order, at)


def paid_words(order: Order) -> str:
    """The message that an order is paid: within 48 hours it leaves, or in time for its first day."""
    return "order_paid_days" if order.is_short else "order_paid"


def _require_payable(order: Order, at: datetime) -> None:
    """Signed, and its wait is not over: an order that the sweeper will cancel any moment takes no new money."""
    steps.require_trusted(order.customer)
    if order.state != State.SIGNED:
        raise NotPayableYet
    if order.waits_until is not None and at >= order.waits_until:
        raise payments.AttemptOver


def _deposit(order: Order, kind: str, at: datetime) -> Deposit:
    _require_payable(order, at)
    deposit: Deposit = order.lease.deposit
    if deposit.kind != kind:
        raise DepositOtherwise
    return deposit


def _own(order: Order, bill_ids: list[int]) -> list[int]:
    return list(Bill.objects.filter(lease=order.lease_id, pk__in=bill_ids).values_list("pk", flat=True))


def _until(order: Order, at: datetime) -> datetime:
    ends = order.waits_until or at + ATTEMPT_LIVES
    return min(ends, at + ATTEMPT_LIVES)


def _lock_orders(lease_ids: list[int]) -> list[Order]:
    ids = Order.objects.filter(lease__in=lease_ids).order_by("pk").values_list("pk", flat=True)
    return [steps.lock(pk) for pk in ids]


def _word(news: bool, quarantined: bool = False) -> str:
    return "quarantined" if quarantined else "posted" if news else "known"


def tell(order: Order, template: str, at: datetime) -> None:
    messages.inform(
        order.customer.user,
        template,
        {"order": order.number},
        step=f"order:{order.pk}:{template}",
        at=at,
        link=f"/orders/{order.number}/",
    )
