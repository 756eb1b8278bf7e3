from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import Customer
from billing.models.balance import BalanceUse
from billing.models.deposits import Deposit, DepositFreeze
from billing.models.leases import Bill, Lease
from core.fields import MoneyField, StateField
from core.models import Approval
from core.services.events import PLATFORM


class Payment(models.Model):
    """支付: an attempt at one provider under our own number. Its state only moves on; SUCCEEDED never leaves.

    A CLOSED attempt on which money arrives after all becomes SUCCEEDED: late money is posted, then refunded.
    It pays bills (its items) or a deposit. `holds`: its money is held as the deposit, none of it is anybody's income.
    `freeze`: it is a capture, a part of a frozen deposit that is kept for the bills.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("Waiting for the payer")
        SUCCEEDED = "SUCCEEDED", _("Received")
        CLOSED = "CLOSED", _("Closed")
        QUARANTINED = "QUARANTINED", _("Does not match")

    class Declined(models.TextChoices):
        BALANCE = "BALANCE", _("Not enough money in the account")
        LIMIT = "LIMIT", _("Above a limit of the account")
        AGREEMENT = "AGREEMENT", _("The agreement on deductions had ended")
        OTHER = "OTHER", _("The provider refused it")

    number = models.CharField(_("number"), max_length=32, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="payments", verbose_name=_("customer"))
    channel = models.CharField(_("channel"), max_length=20)
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    deposit = models.ForeignKey(Deposit, models.PROTECT, null=True, related_name="payments", verbose_name=_("deposit"))
    holds = models.BooleanField(_("held as deposit"), default=False)
    freeze = models.ForeignKey(
        DepositFreeze, models.PROTECT, null=True, related_name="captures", verbose_name=_("preauthorisation")
    )
    declined = models.CharField(_("why it was refused"), max_length=10, choices=Declined.choices, blank=True)
    amount = MoneyField(_("amount"))
    refunded = MoneyField(_("refunded"), default=Decimal("0.00"))
    charged_back = MoneyField(_("disputed or taken back"), default=Decimal("0.00"))
    trade_number = models.CharField(_("provider's number"), max_length=64, null=True)
    payer = models.CharField(_("payer"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    asked_at = models.DateTimeField(_("last asked about"), null=True)
    paid_at = models.DateTimeField(_("paid at the provider"), null=True)
    posted_at = models.DateTimeField(_("posted"), null=True)
    approval = models.OneToOneField(
        Approval, models.PROTECT, null=True, related_name="payment", verbose_name=_("second person's approval")
    )

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(fields=["channel", "trade_number"], name="billing_payment_trade_once"),
            models.CheckConstraint(condition=Q(refunded__lte=F("amount")), name="billing_payment_refunds_within"),
            models.CheckConstraint(
                condition=Q(charged_back__lte=F("amount") - F("refunded")), name="billing_payment_disputes_within"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_payment_positive"),
            models.CheckConstraint(
                condition=Q(holds=False) | Q(deposit__isnull=False), name="billing_payment_holds_a_deposit"
            ),
            models.CheckConstraint(
                condition=Q(freeze__isnull=True) | Q(deposit__isnull=True), name="billing_payment_captures_or_pays"
            ),
            models.UniqueConstraint(
                fields=["deposit"], condition=Q(state="OPEN"), name="billing_payment_one_open_for_deposit"
            ),
            models.UniqueConstraint(fields=["deposit"], condition=Q(holds=True), name="billing_payment_one_holds"),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="OPEN"), name="billing_payment_open"),
            models.Index(fields=["payer"], condition=~Q(payer=""), name="billing_payment_payer"),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=[State.OPEN, State.CLOSED], target=State.SUCCEEDED)
    def succeed(self, trade_number: str, payer: str, paid_at: datetime, at: datetime) -> None:
        self.trade_number, self.payer, self.paid_at, self.posted_at = trade_number, payer, paid_at, at

    @transition(field=state, source=State.OPEN, target=State.CLOSED)
    def close(self) -> None:
        """The provider says that it can no longer be paid."""

    @transition(field=state, source=[State.OPEN, State.CLOSED], target=State.QUARANTINED)
    def quarantine(self) -> None:
        """A genuine notice with another amount, currency or receiver: an operator looks, nothing is posted."""


class PaymentItem(models.Model):
    """A bill that a payment names. `open` mirrors the payment's OPEN: one open attempt per bill (reliability.md 14)."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="items", verbose_name=_("payment"))
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="payment_items", verbose_name=_("bill"))
    amount = MoneyField(_("amount"))
    open = models.BooleanField(_("open attempt"), default=True)

    class Meta:
        verbose_name = _("bill named by the payment")
        verbose_name_plural = _("bills named by the payment")
        constraints = [
            models.UniqueConstraint(fields=["bill"], condition=Q(open=True), name="billing_bill_one_open_attempt"),
            models.UniqueConstraint(fields=["payment", "bill"], name="billing_payment_item_once"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"


class Allocation(models.Model):
    """冲抵: part of a payment laid on a part of a bill. Append-only; a payment's rest is a credit balance.

    `use`: it had been such a rest before.
    """

    class Part(models.TextChoices):
        RENT = "RENT", _("Rent")
        COVER = "COVER", _("Cover")
        FEE = "FEE", _("Late fee")

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations", verbose_name=_("payment"))
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="allocations", verbose_name=_("bill"))
    part = models.CharField(_("part"), max_length=6, choices=Part.choices)
    amount = MoneyField(_("amount"))
    at = models.DateTimeField(_("at"))
    use = models.ForeignKey(
        BalanceUse, models.PROTECT, null=True, related_name="allocations", verbose_name=_("use of the credit balance")
    )

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_allocation_positive"),
            models.UniqueConstraint(
                fields=["payment", "bill", "part", "use"], nulls_distinct=False, name="billing_allocation_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()} {self.amount}"


class Refund(models.Model):
    """退款: one intent with one request number and one amount for ever (reliability.md 16).

    `lease`: whose bills the money had been laid on; `deposit`: which deposit held it; neither for money that was laid
    on nothing. Each intent, whatever became of it, counts in `Payment.refunded`; one that takes the place of another
    (`replaces`) gives back the same money and counts with it. `reduces`: the bills stand and stay paid, what was earned
    on them is less. `approval`: the second person's, where an operator gave more than one may. `reference`: the bank's,
    where a person transferred it.
    """

    class State(models.TextChoices):
        REQUESTED = "REQUESTED", _("Under way")
        SUCCEEDED = "SUCCEEDED", _("Refunded")
        FAILED = "FAILED", _("Failed")
        REPLACED = "REPLACED", _("Failed, tried again")

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    lease = models.ForeignKey(Lease, models.PROTECT, null=True, related_name="refunds", verbose_name=_("lease"))
    deposit = models.ForeignKey(Deposit, models.PROTECT, null=True, related_name="refunds", verbose_name=_("deposit"))
    number = models.CharField(_("number"), max_length=32, unique=True)
    state = StateField(_("state"), default=State.REQUESTED, protected=True, choices=State.choices)
    amount = MoneyField(_("amount"))
    reason = models.CharField(_("reason"), max_length=60)
    reduces = models.BooleanField(_("lowers what was earned"), default=False)
    requested_by = models.CharField(_("requested by"), max_length=60, default=PLATFORM)
    approval = models.OneToOneField(
        Approval, models.PROTECT, null=True, related_name="refund", verbose_name=_("second person's approval")
    )
    requested_at = models.DateTimeField(_("requested"))
    asked_at = models.DateTimeField(_("last asked about"), null=True)
    refunded_at = models.DateTimeField(_("refunded at the provider"), null=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name=_("takes the place of")
    )
    reference = models.CharField(_("reference of the transfer"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_refund_positive"),
            models.CheckConstraint(
                condition=Q(reduces=False) | Q(lease__isnull=False), name="billing_refund_reduces_a_lease"
            ),
            models.CheckConstraint(
                condition=Q(reference="") | Q(state="SUCCEEDED"), name="billing_refund_by_hand_done"
            ),
            models.UniqueConstraint(
                fields=["reference"], condition=~Q(reference=""), name="billing_refund_reference_once"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=[State.REQUESTED, State.FAILED], target=State.SUCCEEDED)
    def succeed(self, at: datetime) -> None:
        self.refunded_at = at

    @transition(field=state, source=State.REQUESTED, target=State.FAILED)
    def fail(self) -> None:
        """The provider refused for good; an operator tries again or pays it out another way."""

    @transition(field=state, source=State.FAILED, target=State.REPLACED)
    def replace(self) -> None:
        """Another intent with another number takes its place."""

    @transition(field=state, source=State.FAILED, target=State.SUCCEEDED)
    def pay_by_hand(self, reference: str, at: datetime) -> None:
        self.reference, self.refunded_at = reference, at
