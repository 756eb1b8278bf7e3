from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from orders.models.orders import Order


class Inspection(models.Model):
    """验机: what the merchant found when the device came back."""

    class Result(models.TextChoices):
        PASSED = "PASSED", _("Passed")
        NOT_MADE = "NOT_MADE", _("Not made in time: passed")

    order = models.OneToOneField(Order, models.PROTECT, related_name="inspection", verbose_name=_("order"))
    result = models.CharField(_("result"), max_length=10, choices=Result.choices)
    serial_matches = models.BooleanField(_("serial number matches"), default=True)
    wiped = models.BooleanField(_("wiped and account lock off"), default=True)
    note = models.TextField(_("note"), blank=True)
    inspector = models.ForeignKey(User, models.PROTECT, null=True, verbose_name=_("inspected by"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")

    def __str__(self) -> str:
        return str(self.get_result_display())
