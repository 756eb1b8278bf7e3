from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import ConditionGrade
from orders.models.orders import Order


class Inspection(models.Model):
    """验机: what the merchant found when the device came back."""

    class Result(models.TextChoices):
        PASSED = "PASSED", _("Passed")
        DAMAGED = "DAMAGED", _("Damage found")
        NOT_MADE = "NOT_MADE", _("Not made in time: passed")

    order = models.OneToOneField(Order, models.PROTECT, related_name="inspection", verbose_name=_("order"))
    result = models.CharField(_("result"), max_length=10, choices=Result.choices)
    serial_matches = models.BooleanField(_("serial number matches"), default=True)
    wiped = models.BooleanField(_("wiped and account lock off"), default=True)
    condition = models.CharField(_("condition"), max_length=10, choices=ConditionGrade.choices, blank=True)
    note = models.TextField(_("note"), blank=True)
    inspector = models.ForeignKey(User, models.PROTECT, null=True, verbose_name=_("inspected by"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")

    def __str__(self) -> str:
        return str(self.get_result_display())


class AccountLock(models.Model):
    """账号锁: a returned device that nobody can use. The customer removes it from afar; the inspection waits till then.

    Over once he says so (`lifted_at`) or his time ran out (`ended_at`); told once for an order.
    """

    order = models.OneToOneField(Order, models.PROTECT, related_name="account_lock", verbose_name=_("order"))
    reported_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("reported by"))
    reported_at = models.DateTimeField(_("reported"))
    until = models.DateTimeField(_("to be removed by"))
    lifted_at = models.DateTimeField(_("removed"), null=True)
    ended_at = models.DateTimeField(_("not removed in time"), null=True)

    class Meta:
        verbose_name = _("account lock")
        verbose_name_plural = _("account locks")
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(ended_at__isnull=True), name="orders_accountlock_ends_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.order)

    @property
    def stands(self) -> bool:
        return self.lifted_at is None and self.ended_at is None

    def lift(self, at: datetime) -> None:
        self.lifted_at = at
