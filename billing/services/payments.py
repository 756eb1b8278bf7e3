"""Taking money for bills: an attempt under our own number, a page outside, and one place that posts its outcome."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Customer
from billing.models import WITHOUT_ADAPTER, Bill, Deposit, DepositFreeze, Lease, Payment, PaymentItem, Refund
from billing.rules import allocation, asking
from billing.services import books, holding, late_news, laying, numbers, refunds, statements
from billing.services.statements import Account
from core import calendar, faults, money
from core.errors import DomainError
from core.services import events
from core.templatetags.xinzu import yuan
from integrations import registry
from integrations.payments import Device, PayIntent, PaymentFact, Redirect, Status, Way

CURRENCY = "CNY"
SURELY_OVER = timedelta(minutes=2)  # past its end, a page that the provider never saw can no longer be paid


class BillUnknown(DomainError):
    code = "bill_unknown"
    message = _("There is no such bill.")


class BillAlreadyPaid(DomainError):
    code = "bill_already_paid"
    message = _("Nothing is owed on this bill.")


class BillVoid(DomainError):
    code = "bill_void"
    message = _("This bill was cancelled.")


class BillReplanned(DomainError):
    code = "bill_replanned"
    message = _("This bill is in an extension plan. Please pay the plan's parts.")


class BillNotSigned(DomainError):
    code = "bill_not_signed"
    message = _("The agreement is signed first, then paid.")


class AttemptOpen(DomainError):
    """`payment` is the attempt that is still open; its page can be continued, or it is asked about and closed."""

    code = "attempt_open"
    message = _("A payment of %(amount)s is already under way. Continue it, or choose again once it has ended.")

    def __init__(self, payment: Payment) -> None:
        super().__init__(payment=payment.number, amount=yuan(payment.amount))
        self.payment = payment


class AttemptOver(DomainError):
    code = "attempt_over"
    message = _("This payment can no longer be continued. Please start again.")


class PaymentUnknown(DomainError):
    code = "payment_unknown"
    message = _("There is no payment with this number.")


@dataclass(frozen=True, slots=True)
class Captured:
    """What a fact changed. `news`: something was posted, closed or quarantined now, not before.

    `bill_ids` are the bills that the payment names, `lease_ids` their leases; `refund` gives late money back.
    """

    payment: Payment
    news: bool
    quarantined: bool
    bill_ids: tuple[int, ...]
    lease_ids: tuple[int, ...]
    refund: Refund | None = None


@transaction.atomic
def open(  # noqa: A001 - read with its noun: payments.open
    customer: Customer, bill_ids: Iterable[int], channel: str, *, at: datetime, expires_at: datetime,
    amount: Decimal | None = None,
) -> Payment:  # fmt: skip
    """An attempt on what is owed now on the bills, late fees included; or on `amount`, where it is known what came.

    Where a late fee grows tomorrow it ends at midnight: a quote holds for its day. BillUnknown (others' too),
    BillVoid, BillAlreadyPaid, BillNotSigned; AttemptOpen carries the one under way. Locks leases, then bills.
    """
    on = calendar.business_date(at)
    bills = locked_bills(set(bill_ids), customer)
    require_no_attempt(bills)
    accounts = payable(bills)
    owed = [account.owed(on) for account in accounts]
    if amount is None:
        amount = money.total(each.total for each in owed)
    payment = Payment.objects.create(
        number=numbers.new("P", at),
        customer=customer,
        channel=channel,
        amount=amount,
        created_at=at,
        expires_at=min(expires_at, _quote_ends(accounts, on) or expires_at),
    )
    PaymentItem.objects.bulk_create(
        PaymentItem(payment=payment, bill=bill, amount=share)
        for bill, share in zip(bills, _shares(amount, owed), strict=True)
    )
    return payment


@transaction.atomic
def open_deposit(deposit_id: int, channel: str, *, at: datetime, expires_at: datetime) -> Payment:
    """An attempt to pay what is to be held, where it cannot be frozen. AttemptOpen, DepositNotDue.

    Locks lease, deposit.
    """
    lease, deposit = holding.locked(deposit_id)
    holding.require_due(lease, deposit)
    under_way = deposit.payments.filter(state=Payment.State.OPEN).first()
    if under_way:
        raise AttemptOpen(under_way)
    return Payment.objects.create(
        number=numbers.new("P", at),
        customer=lease.customer,
        channel=channel,
        deposit=deposit,
        amount=deposit.to_hold,
        created_at=at,
        expires_at=expires_at,
    )


def page(payment: Payment, return_url: str) -> str:
    """The address where a phone's browser pays. As `way`."""
    found = way(payment, return_url, "phone")
    assert isinstance(found, Redirect)  # what every adapter gives a phone's browser
    return found.url


def way(payment: Payment, return_url: str, device: Device, payer_ip: str = "127.0.0.1", payer_id: str = "") -> Way:
    """How the customer pays on his device; the same as often as it is asked for. AttemptOver, ProviderUnavailable.

    ProviderRefused: not like this any more, as when it was begun on another device. `payer_id` as in PayIntent.
    """
    if payment.state != Payment.State.OPEN:
        raise AttemptOver
    subject = gettext("Rent, payment %(number)s") % {"number": payment.number}
    intent = PayIntent(
        payment.number, payment.amount, subject, payment.expires_at, return_url, device, payer_id, payer_ip
    )
    return registry.payments(payment.channel).pay(intent)


def capture(channel: str, fact: PaymentFact, at: datetime) -> Captured:
    """Post what the provider says of a payment: the one place for callback, poller, return page and statement.

    Posted once; a state never goes back. A success lays the money on the bills that the payment names, the late fee
    counted to the provider's pay time (reliability.md 11, 27). One that names another amount, currency or receiver is
    quarantined. Money for bills that are void or were paid meanwhile is posted and given back by itself.
    PaymentUnknown. Locks leases, bills, payment.
    """
    with transaction.atomic():
        captured = _capture(channel, fact, at)
    if captured.news:
        faults.point("payment.captured")
    return captured


def ask(payment_id: int) -> PaymentFact:
    """What the provider says now; give it to `capture`. ProviderUnavailable: nothing known."""
    payment = Payment.objects.get(pk=payment_id)
    return registry.payments(payment.channel).query(payment.number)


def close(payment_id: int, at: datetime) -> PaymentFact:
    """End an attempt at the provider and record it. The fact may be a SUCCESS that was quicker: post it by `capture`.

    NOT_FOUND: the provider has not seen the customer; the attempt closes once its page has surely ended.
    """
    payment = Payment.objects.get(pk=payment_id)
    fact = registry.payments(payment.channel).close(payment.number)
    if fact.status is not Status.SUCCEEDED:
        capture(payment.channel, fact, at)
    return fact


def leases_of(channel: str, number: str) -> list[int]:
    """The leases whose bills the payment names, by our number: what a caller locks orders by. PaymentUnknown."""
    payment = by_number(channel, number)
    if payment.deposit is not None:
        return [payment.deposit.lease_id]
    return sorted(set(payment.items.values_list("bill__lease_id", flat=True)))


def to_ask(at: datetime) -> list[int]:
    """Open attempts to ask about: 1, 5, 15, 60 minutes after they began, and at their end."""
    waiting = Payment.objects.filter(state=Payment.State.OPEN, freeze=None)  # captures are asked about by themselves
    return [payment.pk for payment in waiting if asking.is_time(payment.created_at, payment.asked_at, at)]


def to_close(at: datetime) -> list[int]:
    """Open attempts past their end."""
    over = Payment.objects.filter(state=Payment.State.OPEN, freeze=None, expires_at__lte=at)
    return list(over.order_by("expires_at").values_list("pk", flat=True)[:200])


def locked_bills(bill_ids: set[int], customer: Customer | None = None) -> list[Bill]:
    """Leases, then bills, each locked by id. With a customer: only his, and all of them or BillUnknown."""
    named = Bill.objects.filter(pk__in=bill_ids)
    if customer is not None:
        named = named.filter(lease__customer=customer)
    lease_ids = set(named.values_list("lease_id", flat=True))
    leases = {lease.pk: lease for lease in Lease.objects.select_for_update().filter(pk__in=lease_ids).order_by("pk")}
    bills = list(named.select_for_update(of=("self",)).order_by("pk"))
    if customer is not None and (not bills or len(bills) != len(bill_ids)):
        raise BillUnknown
    for bill in bills:
        bill.lease = leases[bill.lease_id]
    return bills


def require_no_attempt(bills: list[Bill]) -> None:
    """AttemptOpen. The caller holds the bills' locks."""
    under_way = PaymentItem.objects.filter(bill__in=bills, open=True).select_related("payment").first()
    if under_way:
        raise AttemptOpen(under_way.payment)


def payable(bills: list[Bill]) -> list[Account]:
    """The bills with what lies on them. BillVoid, BillReplanned, BillAlreadyPaid, BillNotSigned."""
    accounts = statements.accounts(bills)
    for bill in bills:
        if bill.state == Bill.State.VOID:
            raise BillVoid
        if bill.state == Bill.State.REPLANNED:
            raise BillReplanned
        if bill.state == Bill.State.PAID:
            raise BillAlreadyPaid
        if bill.lease.frozen_at is None:
            raise BillNotSigned
    return accounts


def by_number(channel: str, number: str) -> Payment:
    """PaymentUnknown."""
    payment = Payment.objects.filter(channel=channel, number=number).first()
    if payment is None:
        raise PaymentUnknown
    return payment


def _quote_ends(accounts: list[Account], on: date) -> datetime | None:
    """Midnight when tomorrow more is owed."""
    tomorrow = on + timedelta(days=1)
    grows = any(account.owed(tomorrow).total > account.owed(on).total for account in accounts)
    return calendar.instant(tomorrow) if grows else None


def _shares(amount: Decimal, owed: list[allocation.Owed]) -> list[Decimal]:
    """What of the amount is meant for each bill."""
    laid, _rest = allocation.allocate(amount, owed)
    return [money.total(share.amount for share in laid if share.bill == each.bill) for each in owed]


def _capture(channel: str, fact: PaymentFact, at: datetime) -> Captured:
    named = by_number(channel, fact.request_no)
    pledge = holding.locked(named.deposit_id) if named.deposit_id else None
    freeze = holding.locked_freeze(named.freeze_id) if named.freeze_id else None
    bills = locked_bills(set(named.items.values_list("bill_id", flat=True)))
    if any(bill.state == Bill.State.REPLANNED for bill in bills):
        bills = locked_bills(late_news.meant(named))
    payment = Payment.objects.select_for_update().get(pk=named.pk)
    match fact.status:
        case Status.SUCCEEDED:
            return _succeeded(payment, bills, fact, at, pledge, freeze)
        case Status.CLOSED:
            return _closed(payment, bills, fact, at)
        case Status.NOT_FOUND if at >= payment.expires_at + SURELY_OVER:
            return _closed(payment, bills, fact, at)
        case _:
            return _unchanged(payment, bills, at)


def _succeeded(
    payment: Payment, bills: list[Bill], fact: PaymentFact, at: datetime, pledge: tuple[Lease, Deposit] | None,
    freeze: DepositFreeze | None,
) -> Captured:  # fmt: skip
    if not can_proceed(payment.succeed):
        _note_further_money(payment, fact, at)
        return _unchanged(payment, bills, at)
    wrong = _mismatch(payment, fact)
    if wrong:
        return _quarantine(payment, bills, wrong, fact, at)
    payment.succeed(fact.trade_no, fact.payer, fact.paid_at or at, at)
    payment.save(update_fields=["state", "trade_number", "payer", "paid_at", "posted_at"])
    payment.items.update(open=False)
    was_over = bool(over := [bill for bill in bills if bill.state not in laying.PAYABLE])
    if pledge:
        was_over = not _hold(payment, *pledge, at)
    if not payment.holds:
        if late_news.put_right(payment, over, at):
            bills = locked_bills({bill.pk for bill in bills})
        laying.lay(payment, bills, at)
    if freeze:
        was_over = True  # of a deposit no more is kept than is owed
        holding.take_out(freeze, payment, at)
    events.record("payment_received", payment, at=at, facts={"amount": str(payment.amount), "trade": fact.trade_no})
    refund = refunds.give_back_rest(payment, "late_payment", at) if was_over else None
    return _captured(payment, bills, news=True, refund=refund)


def _hold(payment: Payment, lease: Lease, deposit: Deposit, at: datetime) -> bool:
    """Whether the money now is the deposit; a deposit that is no longer wanted, or secured already, takes none."""
    if lease.state == Lease.State.VOID or not can_proceed(deposit.secure):
        return False
    deposit.secure()
    deposit.save(update_fields=["state"])
    payment.holds = True
    payment.save(update_fields=["holds"])
    books.deposit_received(payment, at)
    return True


def _note_further_money(payment: Payment, fact: PaymentFact, at: datetime) -> None:
    """Nothing is posted: a second trade under one number, or a right one after a wrong one, is for an operator."""
    told = {"trade": fact.trade_no, "amount": str(fact.amount)}
    if payment.state == Payment.State.SUCCEEDED and fact.trade_no != payment.trade_number:
        events.record("payment_twice", payment, at=at, facts=told)
    elif payment.state == Payment.State.QUARANTINED and not _mismatch(payment, fact):
        seen = events.of(payment).filter(kind="payment_after_quarantine", facts__trade=fact.trade_no)
        if not seen.exists():
            events.record("payment_after_quarantine", payment, at=at, facts=told)


def _mismatch(payment: Payment, fact: PaymentFact) -> str:
    """Which of amount, currency, receiver and trade number is not ours (reliability.md 12); "" when all are."""
    if fact.amount != payment.amount:
        return "amount"
    if fact.currency != CURRENCY:
        return "currency"
    if fact.merchant_id != _receiver(payment.channel):
        return "merchant"
    posted = Payment.objects.filter(channel=payment.channel, trade_number=fact.trade_no).exclude(pk=payment.pk)
    return "trade" if not fact.trade_no or posted.exists() else ""


def _receiver(channel: str) -> str:
    return channel if channel in WITHOUT_ADAPTER else registry.payments(channel).merchant_id


def _quarantine(payment: Payment, bills: list[Bill], wrong: str, fact: PaymentFact, at: datetime) -> Captured:
    payment.quarantine()
    payment.save(update_fields=["state"])
    payment.items.update(open=False)
    told = {"wrong": wrong, "trade": fact.trade_no, "amount": str(fact.amount), "currency": fact.currency}
    events.record("payment_quarantined", payment, at=at, facts={**told, "merchant": fact.merchant_id})
    return _captured(payment, bills, news=True)


def _closed(payment: Payment, bills: list[Bill], fact: PaymentFact, at: datetime) -> Captured:
    if not can_proceed(payment.close):
        return _unchanged(payment, bills, at)
    payment.close()
    payment.asked_at, payment.declined = at, fact.declined or ""
    payment.save(update_fields=["state", "asked_at", "declined"])
    payment.items.update(open=False)
    return _captured(payment, bills, news=True)


def _unchanged(payment: Payment, bills: list[Bill], at: datetime) -> Captured:
    if payment.state == Payment.State.OPEN:
        payment.asked_at = at
        payment.save(update_fields=["asked_at"])
    return _captured(payment, bills, news=False)


def _captured(payment: Payment, bills: list[Bill], *, news: bool, refund: Refund | None = None) -> Captured:
    return Captured(
        payment=payment,
        news=news,
        quarantined=payment.state == Payment.State.QUARANTINED,
        bill_ids=tuple(bill.pk for bill in bills),
        lease_ids=tuple(sorted({bill.lease_id for bill in bills} | _deposits_lease(payment))),
        refund=refund,
    )


def _deposits_lease(payment: Payment) -> set[int]:
    return {payment.deposit.lease_id} if payment.deposit else set()
