from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from billing.models.payments import Allocation, Payment
from core.fields import MoneyField, StateField


class Chargeback(models.Model):
    """拒付: the payer disputes a payment at its provider, or his bank takes it back. The payment stays SUCCEEDED.

    `withheld`: the provider keeps the money from the first day on, not only once it is lost. Its amount counts in
    `Payment.charged_back` unless it was won.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("dispute", "Open")
        WON = "WON", pgettext_lazy("dispute", "Won")
        LOST = "LOST", pgettext_lazy("dispute", "Lost")

    number = models.CharField(_("number"), max_length=32, unique=True)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="chargebacks", verbose_name=_("payment"))
    channel = models.CharField(_("channel"), max_length=20)
    dispute_number = models.CharField(_("provider's number"), max_length=64)
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    amount = MoneyField(_("amount"))
    withheld = models.BooleanField(_("withheld by the provider"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    known_at = models.DateTimeField(_("known here"))
    respond_by = models.DateTimeField(_("answer by"), null=True)
    asked_at = models.DateTimeField(_("last asked about"), null=True)
    answer = models.CharField(_("what was answered"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.UniqueConstraint(fields=["channel", "dispute_number"], name="billing_chargeback_once"),
            models.UniqueConstraint(fields=["payment"], condition=Q(state="OPEN"), name="billing_chargeback_one_open"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_chargeback_positive"),
            models.CheckConstraint(
                condition=Q(state="OPEN", decided_at__isnull=True) | ~Q(state="OPEN") & Q(decided_at__isnull=False),
                name="billing_chargeback_decided_when",
            ),
        ]
        indexes = [models.Index(fields=["respond_by"], condition=Q(state="OPEN"), name="billing_chargeback_open")]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return bool(self.state == self.State.OPEN)

    @transition(field=state, source=State.OPEN, target=State.WON)
    def win(self, at: datetime) -> None:
        self.decided_at = at

    @transition(field=state, source=State.OPEN, target=State.LOST)
    def lose(self, at: datetime) -> None:
        self.decided_at = at


class Reversal(models.Model):
    """冲抵撤销: money is taken off a bill again, from `day` on. Append-only.

    By a lost dispute: the money is gone. By no dispute: the bill fell away with the lease's end, and the money is the
    customer's credit again (`services.freeing`).
    """

    chargeback = models.ForeignKey(
        Chargeback, models.PROTECT, null=True, related_name="reversals", verbose_name=_("dispute")
    )
    allocation = models.ForeignKey(Allocation, models.PROTECT, related_name="reversals", verbose_name=_("allocation"))
    amount = MoneyField(_("amount"))
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("allocation taken back")
        verbose_name_plural = _("allocations taken back")
        constraints = [
            models.UniqueConstraint(fields=["chargeback", "allocation"], name="billing_reversal_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_reversal_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
