from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import User
from core.fields import MoneyField, StateField


class ExtensionLimit(models.Model):
    """What an extension plan may be; the last row counts. Append-only: running plans keep what was agreed."""

    plans = models.PositiveSmallIntegerField(_("plans a lease may have"))
    parts = models.PositiveSmallIntegerField(_("parts at most"))
    first_within_days = models.PositiveSmallIntegerField(_("first part within days"))
    fee_rate = models.DecimalField(
        _("agreed fee at most"), max_digits=5, decimal_places=4, help_text=_("Of what is owed; 0: no fee is agreed.")
    )
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("set by"))
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("limits of extension plans")
        verbose_name_plural = _("limits of extension plans")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(plans__lte=2, parts__gte=2, parts__lte=24, first_within_days__lte=62)
                & Q(fee_rate__gte=0, fee_rate__lte="0.0500"),
                name="billing_extensionlimit_sane",
            )
        ]

    def __str__(self) -> str:
        return f"{self.plans} · {self.parts}"


class ExtensionPlan(models.Model):
    """延期计划: bills that were due are paid in parts instead. While it is kept, fees and dunning stand still.

    `days_frozen`: how many days past due the oldest bill was on `started_on`; counted on only if the plan breaks.
    """

    class State(models.TextChoices):
        RUNNING = "RUNNING", _("Being kept")
        KEPT = "KEPT", _("Kept")
        BROKEN = "BROKEN", _("Not kept")

    lease = models.ForeignKey("billing.Lease", models.PROTECT, related_name="extensions", verbose_name=_("lease"))
    number = models.PositiveSmallIntegerField(_("number"))
    state = StateField(_("state"), default=State.RUNNING, protected=True, choices=State.choices)
    owed = MoneyField(_("owed before"))
    fee = MoneyField(_("agreed fee"))
    days_frozen = models.PositiveSmallIntegerField(_("days past due at the start"))
    started_on = models.DateField(_("started"))
    ended_on = models.DateField(_("ended"), null=True)

    class Meta:
        verbose_name = _("extension plan")
        verbose_name_plural = _("extension plans")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["lease", "number"], name="billing_extension_number_once"),
            models.UniqueConstraint(fields=["lease"], condition=Q(state="RUNNING"), name="billing_extension_one_runs"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=2), name="billing_extension_two_at_most"),
            models.CheckConstraint(
                condition=Q(state="RUNNING", ended_on=None)
                | ~Q(state="RUNNING") & Q(ended_on__gte=F("started_on"), ended_on__isnull=False),
                name="billing_extension_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lease} · {self.number}"

    @property
    def is_running(self) -> bool:
        return bool(self.state == self.State.RUNNING)

    @transition(field=state, source=State.RUNNING, target=State.KEPT)
    def keep(self, on: date) -> None:
        self.ended_on = on

    @transition(field=state, source=State.RUNNING, target=State.BROKEN)
    def break_(self, on: date) -> None:
        self.ended_on = on


class ExtensionItem(models.Model):
    """What of one bill a plan took over: its open rent, cover and late fee on the day it started. Append-only."""

    plan = models.ForeignKey(ExtensionPlan, models.PROTECT, related_name="items", verbose_name=_("plan"))
    bill = models.ForeignKey("billing.Bill", models.PROTECT, related_name="taken_over", verbose_name=_("bill"))
    rent = MoneyField(_("rent"))
    cover = MoneyField(_("cover"))
    fee = MoneyField(_("late fee"))

    class Meta:
        verbose_name = _("bill in a plan")
        verbose_name_plural = _("bills in a plan")
        constraints = [models.UniqueConstraint(fields=["plan", "bill"], name="billing_extensionitem_once")]

    def __str__(self) -> str:
        return str(self.bill)
