from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.rules.limits import Deed
from core.fields import MoneyField


class AloneLimit(models.Model):
    """单人限额: up to what amount one operator does a thing alone. The last row of a deed counts. Append-only."""

    class Name(models.TextChoices):
        REFUND = Deed.REFUND, _("Refund part of a payment")
        REDUCTION = Deed.REDUCTION, _("Reduce a bill")
        OFFLINE = Deed.OFFLINE, _("Record money received offline")
        BY_HAND = Deed.BY_HAND, _("Record a refund that was transferred")
        DEDUCTION = Deed.DEDUCTION, _("Keep damage of a deposit")

    deed = models.CharField(_("what"), max_length=20, choices=Name.choices)
    most = MoneyField(_("alone at most"), help_text=_("Above it a second person decides. 0: always a second person."))
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("set by"))
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("limit for one person")
        verbose_name_plural = _("limits for one person")
        ordering = ("-id",)
        constraints = [models.CheckConstraint(condition=Q(most__gte=0), name="billing_alonelimit_not_negative")]

    def __str__(self) -> str:
        return f"{self.get_deed_display()}: {self.most}"
