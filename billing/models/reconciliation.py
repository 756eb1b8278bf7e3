from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from billing.models.chargebacks import Chargeback
from billing.models.payments import Payment, Refund
from billing.rules.reconciliation import Kind
from core.fields import MoneyField, StateField

OURS = ("payment", "refund", "chargeback")
NONE_OF_OURS = Q(**{f"{name}__isnull": True for name in OURS})
ONE_OF_OURS = (
    Q(payment__isnull=False, refund__isnull=True, chargeback__isnull=True)
    | Q(payment__isnull=True, refund__isnull=False, chargeback__isnull=True)
    | Q(payment__isnull=True, refund__isnull=True, chargeback__isnull=False)
)


class StatementFile(models.Model):
    """对账单: what a channel says of one day, as it came. Once in; only `reconciled_at` is written later, once."""

    channel = models.CharField(_("channel"), max_length=20)
    day = models.DateField(_("day"))
    sha256 = models.CharField(_("digest"), max_length=64)
    content = models.BinaryField(_("file"))
    fetched_at = models.DateTimeField(_("fetched"))
    reconciled_at = models.DateTimeField(_("reconciled"), null=True)

    class Meta:
        verbose_name = _("channel statement")
        verbose_name_plural = _("channel statements")
        constraints = [models.UniqueConstraint(fields=["channel", "day"], name="billing_statement_once")]

    def __str__(self) -> str:
        return f"{self.channel} {self.day}"


class StatementLine(models.Model):
    """One movement of a statement. Append-only; `raw` is the row, cell by cell."""

    class Kind(models.TextChoices):
        PAYMENT = "PAYMENT", _("Payment")
        REFUND = "REFUND", _("Refund")

    file = models.ForeignKey(StatementFile, models.PROTECT, related_name="lines", verbose_name=_("channel statement"))
    number = models.PositiveIntegerField(_("line"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    trade_number = models.CharField(_("provider's number"), max_length=64)
    payment_number = models.CharField(_("payment"), max_length=64)
    refund_number = models.CharField(_("refund"), max_length=64, blank=True)
    amount = MoneyField(_("amount"))
    moved_at = models.DateTimeField(_("moved"))
    raw = models.JSONField(_("row"))

    class Meta:
        verbose_name = _("statement line")
        verbose_name_plural = _("statement lines")
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="billing_statementline_once")]

    def __str__(self) -> str:
        return self.refund_number or self.payment_number


class Match(models.Model):
    """A line is what we have booked: one payment, refund or lost dispute, each once. Append-only."""

    line = models.OneToOneField(StatementLine, models.PROTECT, related_name="match", verbose_name=_("line"))
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="match", verbose_name=_("payment"))
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, related_name="match", verbose_name=_("refund"))
    chargeback = models.OneToOneField(
        Chargeback, models.PROTECT, null=True, related_name="match", verbose_name=_("dispute")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [models.CheckConstraint(condition=ONE_OF_OURS, name="billing_match_one_of_ours")]

    def __str__(self) -> str:
        return str(self.line)


class ReconciliationException(models.Model):
    """对账差异: a line, one of our rows, or both, that do not agree. A person explains it, or the line comes."""

    class Name(models.TextChoices):
        MISSING_HERE = Kind.MISSING_HERE, _("On the statement, not booked here")
        MISSING_THERE = Kind.MISSING_THERE, _("Booked here, not on the statement")
        AMOUNT = Kind.AMOUNT, _("The amounts differ")
        TWICE = Kind.TWICE, _("Twice on the statement")
        NUMBER = Kind.NUMBER, _("The numbers differ")

    class State(models.TextChoices):
        OPEN = "OPEN", _("To be resolved")
        RESOLVED = "RESOLVED", _("Resolved")

    kind = models.CharField(_("kind"), max_length=20, choices=Name.choices)
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    file = models.ForeignKey(
        StatementFile, models.PROTECT, related_name="exceptions", verbose_name=_("channel statement")
    )
    line = models.OneToOneField(
        StatementLine, models.PROTECT, null=True, related_name="exception", verbose_name=_("line")
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, related_name="exceptions", verbose_name=_("payment")
    )
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="exceptions", verbose_name=_("refund"))
    chargeback = models.ForeignKey(
        Chargeback, models.PROTECT, null=True, related_name="exceptions", verbose_name=_("dispute")
    )
    opened_at = models.DateTimeField(_("opened"))
    resolved_at = models.DateTimeField(_("resolved"), null=True)
    resolution = models.CharField(_("resolution"), max_length=300, blank=True)
    actor = models.CharField(_("resolved by"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        constraints = [
            models.CheckConstraint(
                condition=Q(line__isnull=False) | ONE_OF_OURS, name="billing_exception_of_something"
            ),
            models.CheckConstraint(condition=NONE_OF_OURS | ONE_OF_OURS, name="billing_exception_one_of_ours"),
            models.CheckConstraint(
                condition=Q(kind=Kind.MISSING_THERE) & Q(line__isnull=True)
                | ~Q(kind=Kind.MISSING_THERE) & Q(line__isnull=False),
                name="billing_exception_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", resolved_at__isnull=True, resolution="", actor="")
                | Q(state="RESOLVED", resolved_at__isnull=False) & ~Q(resolution="") & ~Q(actor=""),
                name="billing_exception_resolved_why",
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(line__isnull=True), name="billing_exception_payment_once"
            ),
            models.UniqueConstraint(
                fields=["refund"], condition=Q(line__isnull=True), name="billing_exception_refund_once"
            ),
            models.UniqueConstraint(
                fields=["chargeback"], condition=Q(line__isnull=True), name="billing_exception_dispute_once"
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], condition=Q(state="OPEN"), name="billing_exception_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.line or self.payment or self.refund or self.chargeback}"

    @property
    def is_open(self) -> bool:
        return bool(self.state == self.State.OPEN)

    @transition(field=state, source=State.OPEN, target=State.RESOLVED)
    def resolve(self, resolution: str, actor: str, at: datetime) -> None:
        """Explained for good; the books are mended by events of their own, never by this."""
        self.resolution, self.actor, self.resolved_at = resolution, actor, at
