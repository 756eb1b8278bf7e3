"""The revolving waiver quota and what holds it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from accounts.models import Customer
from core.fields import MoneyField, StateField


class QuotaAccount(models.Model):
    """免押额度: held ≤ granted always; lowering the limit gives granted = max(limit, held) (domain.md §4)."""

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="quota", verbose_name=_("customer"))
    limit = MoneyField(_("limit"), default=Decimal("0.00"))
    granted = MoneyField(_("granted"), default=Decimal("0.00"))
    held = MoneyField(_("held"), default=Decimal("0.00"))

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [
            models.CheckConstraint(condition=Q(held__lte=F("granted")), name="credit_quota_held_within_granted"),
            models.CheckConstraint(
                condition=Q(granted=Greatest("limit", "held")), name="credit_quota_granted_is_limit_or_held"
            ),
        ]

    def __str__(self) -> str:
        return str(self.customer)


class Hold(models.Model):
    """占用 of quota by one order, released once.

    `former`: the hold of the device that this order replaces (换机). As long as that one is held, `counted_back` of
    this amount is carried by it and taken once (domain.md §8); a hold that counts one back is not itself counted back.
    """

    class State(models.TextChoices):
        HELD = "HELD", _("Held")
        RELEASED = "RELEASED", pgettext_lazy("hold", "Released")

    account = models.ForeignKey(QuotaAccount, models.PROTECT, related_name="holds", verbose_name=_("quota"))
    order_number = models.CharField(_("order"), max_length=24, unique=True)
    amount = MoneyField(_("amount"))
    former = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="followers", verbose_name=_("hold that it replaces")
    )
    counted_back = MoneyField(
        _("counted back"), default=Decimal("0.00"), db_default=Value(Decimal("0.00"), output_field=MoneyField())
    )
    state = StateField(_("state"), default=State.HELD, protected=True, choices=State.choices)
    held_at = models.DateTimeField(_("held"))
    released_at = models.DateTimeField(_("released"), null=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_hold_positive"),
            models.CheckConstraint(
                condition=Q(former=None, counted_back=0)
                | Q(former__isnull=False, counted_back__gt=0, counted_back__lte=F("amount")),
                name="credit_hold_counts_back_one",
            ),
            models.UniqueConstraint(fields=["former"], condition=Q(state="HELD"), name="credit_hold_counted_back_once"),
        ]

    def __str__(self) -> str:
        return self.order_number

    @property
    def carried(self) -> Decimal:
        """What of the amount the former hold carries now."""
        is_carried = self.former is not None and self.former.state == self.State.HELD
        return self.counted_back if is_carried else Decimal("0.00")

    @property
    def takes(self) -> Decimal:
        """What it takes of the quota now, as long as it is held."""
        taken: Decimal = self.amount - self.carried
        return taken

    @transition(field=state, source=State.HELD, target=State.RELEASED)
    def release(self, reason: str, at: datetime) -> None:
        self.reason, self.released_at = reason, at
