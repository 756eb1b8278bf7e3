from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.leases import Bill
from billing.rules.allocation import Part
from core.fields import MoneyField
from core.models import Approval


class Reduction(models.Model):
    """减免: an operator takes something off a bill, for a reason that the customer reads. Append-only.

    One of the rent lowers what the fee is counted on, from its day on, as a payment would (domain.md §6). It is no
    waiver, which is about a deposit.
    """

    class Of(models.TextChoices):
        RENT = Part.RENT, _("Rent")
        FEE = Part.FEE, _("Late fee")

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="reductions", verbose_name=_("bill"))
    part = models.CharField(_("part"), max_length=6, choices=Of.choices)
    amount = MoneyField(_("amount"))
    reason = models.CharField(_("reason"), max_length=60)
    requested_by = models.CharField(_("requested by"), max_length=60)
    approval = models.OneToOneField(
        Approval, models.PROTECT, null=True, related_name="reduction", verbose_name=_("second person's approval")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("reduction")
        verbose_name_plural = _("reductions")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="billing_reduction_positive")]

    def __str__(self) -> str:
        return f"{self.get_part_display()} {self.amount}"
