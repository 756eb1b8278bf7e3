from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import Merchant, User
from billing.models.chargebacks import Reversal
from billing.models.payments import Allocation, Refund
from core.fields import MoneyField, RateField, StateField

ZERO = Decimal("0.00")


class CommissionTerm(models.Model):
    """佣金条款: the platform's share for a merchant, from the first day of a month until a later one. Append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="commission_terms", verbose_name=_("merchant"))
    commission_rate = RateField(_("commission rate"), help_text=_("A share: 0.08 is 8%."))
    since = models.DateField(_("since"), help_text=_("The first day of a month that is not settled yet."))
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("set by"))

    class Meta:
        verbose_name = _("commission term")
        verbose_name_plural = _("commission terms")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "since"], name="billing_commission_once"),
            models.CheckConstraint(
                condition=Q(commission_rate__gte=0, commission_rate__lt=1),
                name="billing_commission_is_a_share",
                violation_error_message=_("A share lies between 0 and 1: 0.08 of 1.00 are 8 fen."),
            ),
            models.CheckConstraint(
                condition=Q(since__day=1),
                name="billing_commission_by_month",
                violation_error_message=_("A commission counts from the first day of a month."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} {self.since:%Y-%m}"


class MerchantStatement(models.Model):
    """结算单 of one merchant for one month. Its amounts never change once it is issued (a trigger).

    gross + carried_forward = refunded + brought_forward + commission + payable.
    """

    class State(models.TextChoices):
        ISSUED = "ISSUED", _("Issued")
        PAID_OUT = "PAID_OUT", _("Paid out")

    number = models.CharField(_("number"), max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="statements", verbose_name=_("merchant"))
    month = models.DateField(_("month"))
    state = StateField(_("state"), default=State.ISSUED, protected=True, choices=State.choices)
    commission_rate = RateField(_("commission rate"))
    gross = MoneyField(_("came in"))
    refunded = MoneyField(_("given back"))
    brought_forward = MoneyField(_("brought forward"), default=ZERO)
    commission = MoneyField(_("commission"))
    payable = MoneyField(_("payable"))
    carried_forward = MoneyField(_("carried forward"), default=ZERO)
    issued_at = models.DateTimeField(_("issued"))
    paid_out_at = models.DateTimeField(_("paid out at"), null=True)
    reference = models.CharField(_("reference of the transfer"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("merchant statement")
        verbose_name_plural = _("merchant statements")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "month"], name="billing_merchantstatement_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="billing_statement_by_month"),
            models.CheckConstraint(
                condition=Q(
                    gross=F("refunded") + F("brought_forward") + F("commission") + F("payable") - F("carried_forward")
                ),
                name="billing_statement_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(carried_forward=0) | Q(payable=0, commission=0), name="billing_statement_one_direction"
            ),
            models.CheckConstraint(
                condition=Q(state="ISSUED", paid_out_at__isnull=True, reference="")
                | Q(state="PAID_OUT", paid_out_at__isnull=False, payable__gt=0) & ~Q(reference=""),
                name="billing_statement_paid_out_says_how",
            ),
        ]
        indexes = [
            models.Index(fields=["issued_at"], condition=Q(state="ISSUED", payable__gt=0), name="billing_statement_due")
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def waits_for_payment(self) -> bool:
        return self.state == self.State.ISSUED and bool(self.payable)

    @transition(field=state, source=State.ISSUED, target=State.PAID_OUT)
    def pay_out(self, reference: str, at: datetime) -> None:
        self.reference, self.paid_out_at = reference, at


class SettlementLine(models.Model):
    """A payment's share on a bill, a refund, or what a lost dispute took off: in one statement, ever.

    Append-only.
    """

    statement = models.ForeignKey(
        MerchantStatement, models.PROTECT, related_name="lines", verbose_name=_("merchant statement")
    )
    allocation = models.OneToOneField(
        Allocation, models.PROTECT, null=True, related_name="settled", verbose_name=_("allocation")
    )
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, related_name="settled", verbose_name=_("refund"))
    reversal = models.OneToOneField(
        Reversal, models.PROTECT, null=True, related_name="settled", verbose_name=_("allocation taken back")
    )
    rent = MoneyField(_("rent"), default=ZERO)
    cover = MoneyField(_("cover"), default=ZERO)
    fee = MoneyField(_("late fee"), default=ZERO)

    class Meta:
        verbose_name = _("settlement line")
        verbose_name_plural = _("settlement lines")
        constraints = [
            models.CheckConstraint(
                condition=Q(allocation__isnull=False, refund__isnull=True, reversal__isnull=True)
                | Q(allocation__isnull=True, refund__isnull=False, reversal__isnull=True)
                | Q(allocation__isnull=True, refund__isnull=True, reversal__isnull=False),
                name="billing_settlement_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement} {self.rent + self.cover + self.fee}"
