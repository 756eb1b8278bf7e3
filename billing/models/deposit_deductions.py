from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.deposits import Deposit
from billing.models.payments import Payment
from core.fields import MoneyField
from core.models import Approval


class DepositDeduction(models.Model):
    """押金扣除: a part of a deposit that is kept for what is owed, by two persons (reliability.md 22). Append-only.

    `most` is what was approved; `payment` is the capture of a freeze at its provider, or what a paid deposit gave: its
    amount is what is taken, its state whether it is.
    """

    class Kind(models.TextChoices):
        DUES = "DUES", _("Open bills")
        DAMAGE = "DAMAGE", _("Damage")

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="deductions", verbose_name=_("deposit"))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    most = MoneyField(_("at most"))
    reason = models.CharField(_("reason"), max_length=60)
    requested_by = models.CharField(_("requested by"), max_length=60)
    approval = models.OneToOneField(
        Approval, models.PROTECT, related_name="deposit_deduction", verbose_name=_("second person's approval")
    )
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="deposit_deduction", verbose_name=_("payment"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("deduction from a deposit")
        verbose_name_plural = _("deductions from deposits")
        constraints = [models.CheckConstraint(condition=Q(most__gt=0), name="billing_depositdeduction_positive")]

    def __str__(self) -> str:
        return f"{self.deposit} {self.most}"
