from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.fields import MoneyField


class BalanceUse(models.Model):
    """余额抵扣: money that lay on no bill is laid on bills; its allocations say which money and where. Append-only."""

    class Why(models.TextChoices):
        DUE = "DUE", _("A bill was due")
        ASKED = "ASKED", _("The customer asked")

    number = models.CharField(_("number"), max_length=32, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="balance_uses", verbose_name=_("customer"))
    why = models.CharField(_("why"), max_length=5, choices=Why.choices)
    amount = MoneyField(_("amount"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("use of the credit balance")
        verbose_name_plural = _("uses of the credit balance")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="billing_balanceuse_positive")]

    def __str__(self) -> str:
        return self.number
