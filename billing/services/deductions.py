"""Deducting bills on agreements (domain.md §6): intent, commit, call, and the fact goes the way of every other."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import Allocation, AutopayAgreement, AutopayTry, Bill, Chargeback, Lease, Payment, PaymentItem
from billing.rules import autopay as rules
from billing.services import balance, payments, statements
from billing.services.statements import BillView
from core import calendar, faults, running
from core.errors import DomainError
from core.money import ZERO
from core.services import outbox
from integrations import registry
from integrations.payments import Declined, PaymentFact, Status
from notices.services import messages

ATTEMPT_LIVES = timedelta(minutes=30)
DEDUCT_REQUESTED = "autopay.deduct_requested"
BATCH = 500
ACTIVE = AutopayAgreement.State.ACTIVE


class BeingDeducted(DomainError):
    code = "being_deducted"
    message = _("This amount is being deducted automatically at this moment. Please look again in a few minutes.")


class Turn(Enum):
    """What a worker does: SEND the attempt, DROP one that no provider has heard of, CLOSE it at the provider, NONE."""

    SEND = "send"
    DROP = "drop"
    CLOSE = "close"
    NONE = "none"


def due(on: date, at: datetime) -> int:
    """Day-end, at 10:00: an attempt for each bill whose turn is today; how many. A day that is over is not made up for.

    Never a bill that is paid, that has an attempt under way or unknown, or that was tried today.
    """
    if calendar.business_date(at) != on:
        return 0
    under_way = PaymentItem.objects.filter(bill=OuterRef("pk"), open=True)
    tried = AutopayTry.objects.filter(bill=OuterRef("pk"), on=on)
    bills = _covered(on).filter(~Exists(under_way), ~Exists(tried)).order_by("pk")
    return running.each(Bill, list(bills.values_list("pk", flat=True)), lambda pk: _open(pk, on, at))


def send(payment_id: int, at: datetime) -> PaymentFact | None:
    """Ask the provider for the money, under the attempt's number, as often as needed; the caller posts the fact.

    Not once the agreement is over, the bill is paid or the attempt past its end: one that no provider has heard of is
    closed then, any other is closed at the provider. ProviderUnavailable: nothing known, call again.
    """
    turn = _begin(payment_id, at)
    tried = AutopayTry.objects.select_related("payment", "agreement").get(payment=payment_id)
    match turn:
        case Turn.NONE:
            return None
        case Turn.DROP:
            return PaymentFact(tried.payment.number, "", Status.CLOSED, None, payments.CURRENCY, "", None, "")
        case Turn.CLOSE:
            return payments.close(payment_id, at)
    fact = registry.deducts(tried.payment.channel).deduct(
        tried.agreement.provider_number or "",
        tried.payment.number,
        tried.payment.amount,
        gettext("Rent, payment %(number)s") % {"number": tried.payment.number},
    )
    faults.point("deduct.called")
    return fact


def require_by_hand(payment: Payment) -> None:
    """A deduction has no page: paid there under its number, it could be paid twice. BeingDeducted."""
    if payment.freeze_id or AutopayTry.objects.filter(payment=payment).exists():
        raise BeingDeducted


def announce(on: date, at: datetime) -> int:
    """The day before: what is deducted tomorrow, once the credit balance is used up. A further try was announced when
    the one before it failed."""
    if calendar.business_date(at) != on:
        return 0
    tomorrow = on + timedelta(days=1)
    tried = AutopayTry.objects.filter(bill=OuterRef("pk"))
    bills = _covered(tomorrow).filter(~Exists(tried)).select_related("lease__customer__user").order_by("pk")
    told, last, used_up = 0, 0, dict[int, Decimal]()
    while batch := list(bills.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        credits_ = {**balance.credits_of(bill.lease.customer_id for bill in batch), **used_up}
        for view in statements.views(batch, tomorrow):
            amount = _less_credit(view, credits_)
            if amount > ZERO:
                figures = _figures(view, on=tomorrow) | {"amount": str(amount)}
                with running.apart(Bill, view.bill.pk):
                    _tell(view.bill, "bill_autopay_ahead", figures, f"{tomorrow}:ahead", at)
                    told += 1
        used_up = credits_
    return told


def tell_failed(payment: Payment, at: datetime) -> None:
    """Once for a try that came to nothing, with the reason and the next day; not when the customer turned it off."""
    tried = (
        AutopayTry.objects.filter(payment=payment).select_related("bill__lease__customer__user", "agreement").first()
    )
    if tried is None or payment.state != Payment.State.CLOSED or tried.bill.state != Bill.State.OPEN:
        return
    if tried.agreement.state != ACTIVE:
        return
    assert tried.bill.due_date is not None  # chosen by it
    again = rules.next_try(tried.bill.due_date, tried.on + timedelta(days=1))
    template = "bill_autopay_failed" if again else "bill_autopay_over"
    view = statements.view(tried.bill, tried.on)
    figures = _figures(view, on=again or tried.on) | {"reason": payment.declined or Declined.OTHER}
    _tell(tried.bill, template, figures, f"{tried.on}:failed", at)


def tries(bill: Bill) -> list[AutopayTry]:
    """What was tried for a bill, oldest first."""
    return list(AutopayTry.objects.filter(bill=bill).select_related("payment").order_by("on"))


def next_on(bill: Bill, made: Iterable[AutopayTry], at: datetime) -> date | None:
    """The day on which an open bill is tried next, if its agreement stays on."""
    if bill.state != Bill.State.OPEN or bill.due_date is None:
        return None
    on = calendar.business_date(at)
    is_over = any(tried.on == on for tried in made) or at >= calendar.instant(on, rules.HOUR)
    return rules.next_try(bill.due_date, on + timedelta(days=1) if is_over else on)


def is_under_way(lease: Lease) -> bool:
    """Whether the outcome of a deduction that went out is not known yet."""
    sent = AutopayTry.objects.filter(bill__lease=lease, payment__state=Payment.State.OPEN).exclude(sent_at=None)
    return sent.exists()


def covered(bills: Iterable[Bill]) -> set[int]:
    """Those of the bills, by id, that an agreement pays."""
    rows = Bill.objects.filter(_is_covered(), pk__in=[bill.pk for bill in bills])
    return set(rows.values_list("pk", flat=True))


def _is_covered() -> Q:
    """An extra bill is never deducted: the customer agreed to the rents. Nor is one that is about to fall away."""
    standing = AutopayAgreement.objects.filter(
        lease=OuterRef("lease"), state=ACTIVE, first_on__lte=OuterRef("due_date")
    )
    is_paused = Q(lease__paused_from__lt=F("due_date"))
    is_spared = Q(lease__customer__user__in_peace_since__isnull=False)  # suspended after a death, whatever is due
    return Exists(standing) & Q(kind=Bill.Kind.RENT) & ~is_paused & ~is_spared


def _covered(on: date) -> "QuerySet[Bill]":
    """The open bills of running leases whose turn is on day `on`."""
    open_bills = Bill.objects.filter(
        _is_covered(), state=Bill.State.OPEN, lease__state=Lease.State.LIVE, due_date__in=rules.due_dates(on)
    )
    return open_bills.filter(~Exists(_disputed()))


def _disputed() -> "QuerySet[Allocation]":
    """Money of the bill that the payer disputes or took back: what he pays then, he pays himself (domain.md §6)."""
    not_won = ~Q(payment__chargebacks__state=Chargeback.State.WON)
    return Allocation.objects.filter(not_won, bill=OuterRef("pk"), payment__chargebacks__isnull=False)


@transaction.atomic
def _open(bill_id: int, on: date, at: datetime) -> bool:
    """An attempt and the wish to send it; False when something came between. Locks lease, agreement, bill."""
    lease = Lease.objects.select_for_update(of=("self",)).get(bills=bill_id)
    agreement = AutopayAgreement.objects.select_for_update().filter(lease=lease, state=ACTIVE).first()
    is_wanted = Bill.objects.filter(_is_covered(), pk=bill_id).exists()
    if agreement is None or not is_wanted or AutopayTry.objects.filter(bill=bill_id, on=on).exists():
        return False
    if statements.view(Bill.objects.select_related("lease").get(pk=bill_id), on).owed_now > agreement.most:
        return False
    try:
        payment = payments.open(lease.customer, [bill_id], agreement.channel, at=at, expires_at=at + ATTEMPT_LIVES)
    except DomainError:  # paid, void, or an attempt of the customer's own since the bill was chosen
        return False
    AutopayTry.objects.create(agreement=agreement, bill_id=bill_id, payment=payment, on=on)
    outbox.put(DEDUCT_REQUESTED, payment_id=payment.pk)
    return True


@transaction.atomic
def _begin(payment_id: int, at: datetime) -> Turn:
    """Whose turn it is; with SEND the provider has perhaps heard of it from now on. Locks lease, agreement, payment."""
    lease_id = Bill.objects.values_list("lease_id", flat=True).get(autopay_tries__payment=payment_id)
    Lease.objects.select_for_update().get(pk=lease_id)
    agreement = (
        AutopayAgreement.objects.select_for_update(of=("self",))
        .select_related("customer__user")
        .get(tries__payment=payment_id)
    )
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    tried = AutopayTry.objects.select_related("bill").get(payment=payment_id)
    if payment.state != Payment.State.OPEN:
        return Turn.NONE
    is_over = agreement.state != ACTIVE or tried.bill.state != Bill.State.OPEN or at >= payment.expires_at
    if is_over or agreement.customer.user.in_peace_since is not None:
        return Turn.CLOSE if tried.sent_at else Turn.DROP
    if tried.sent_at is None:
        tried.sent_at = max(at, agreement.activated_at or at)
        tried.save(update_fields=["sent_at"])
    return Turn.SEND


def _less_credit(view: BillView, credits_: dict[int, Decimal]) -> Decimal:
    """What the customer's credit leaves of the bill; it is used up by it."""
    of = view.bill.lease.customer_id
    used = min(credits_.get(of, ZERO), view.owed_now)
    credits_[of] = credits_.get(of, ZERO) - used
    return view.owed_now - used


def _figures(view: BillView, on: date) -> dict[str, str]:
    bill = view.bill
    return {
        "lease": bill.lease.number,
        "number": str(bill.number),
        "amount": str(view.owed_now),
        "day": on.isoformat(),
    }


def _tell(bill: Bill, template: str, figures: dict[str, str], step: str, at: datetime) -> None:
    messages.inform(
        bill.lease.customer.user,
        template,
        figures,
        step=f"autopay:{bill.pk}:{step}",
        at=at,
        link=f"/leases/{bill.lease.number}/bills/{bill.number}/",
    )
