from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.leases import Lease
from core.fields import MoneyField


class Renewal(models.Model):
    """续租: a further term that began; append-only. Only with one may a frozen lease have other terms (ADR 23)."""

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="renewals", verbose_name=_("lease"))
    months_before = models.PositiveSmallIntegerField(_("months before"))
    months_after = models.PositiveSmallIntegerField(_("months after"))
    total_before = MoneyField(_("sum of rents and cover before"))
    total_after = MoneyField(_("sum of rents and cover after"))
    terms_before = models.JSONField(_("terms before"))
    terms_after = models.JSONField(_("terms after"))
    begun_at = models.DateTimeField(_("begun"))

    class Meta:
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        constraints = [
            models.UniqueConstraint(fields=["lease", "months_before"], name="billing_renewal_once"),
            models.CheckConstraint(
                condition=Q(months_after__gt=F("months_before"), total_after__gt=F("total_before")),
                name="billing_renewal_is_longer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lease} · {self.months_after}"
