from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.leases import Lease
from core.fields import MoneyField


class WriteOff(models.Model):
    """核销: what a lease still owed when it was given up as lost, and 追回, what came of it afterwards."""

    lease = models.OneToOneField(Lease, models.PROTECT, related_name="write_off", verbose_name=_("lease"))
    amount = MoneyField(_("written off"))
    recovered = MoneyField(_("recovered"), default=Decimal("0.00"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, recovered__lte=F("amount")), name="billing_writeoff_recovered_within"
            )
        ]

    def __str__(self) -> str:
        return str(self.lease)

    @property
    def is_recovered(self) -> bool:
        return bool(self.recovered == self.amount)
