from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from billing.models import ExtensionPlan
from billing.rules.extension import Terms
from contracts.models import Agreement
from core.fields import MoneyField, StateField
from orders.models.orders import Order


class ExtensionOffer(models.Model):
    """延期计划要约: a plan that an operator offers and the customer signs or refuses; unsigned it ends by itself.

    `bills`: their numbers. `total`: what the parts come to, on the figures of the day of the offer.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("Waits for the customer")
        SIGNED = "SIGNED", _("Signed")
        REFUSED = "REFUSED", _("Refused by the customer")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")
        LAPSED = "LAPSED", _("Lapsed")

    order = models.ForeignKey(Order, models.PROTECT, related_name="extension_offers", verbose_name=_("order"))
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    bills = models.JSONField(_("bills"))
    parts = models.PositiveSmallIntegerField(_("parts"))
    first_day = models.DateField(_("first part due"))
    fee = MoneyField(_("agreed fee"))
    total = MoneyField(_("total"))
    paper = models.OneToOneField(Agreement, models.PROTECT, related_name="extension", verbose_name=_("paper"))
    plan = models.OneToOneField(
        ExtensionPlan, models.PROTECT, null=True, related_name="offer", verbose_name=_("extension plan")
    )
    offered_by = models.CharField(_("offered by"), max_length=60)
    offered_at = models.DateTimeField(_("offered"))
    valid_until = models.DateTimeField(_("figures hold until"))
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("offer of an extension plan")
        verbose_name_plural = _("offers of extension plans")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="OPEN"), name="orders_extension_one_open"),
            models.CheckConstraint(
                condition=Q(state="SIGNED", plan__isnull=False) | ~Q(state="SIGNED") & Q(plan=None),
                name="orders_extension_signed_has_plan",
            ),
        ]
        indexes = [models.Index(fields=["valid_until"], condition=Q(state="OPEN"), name="orders_extension_open_until")]

    def __str__(self) -> str:
        return str(self.paper)

    @property
    def terms(self) -> Terms:
        return Terms(tuple(self.bills), self.parts, self.first_day, self.fee)

    @transition(field=state, source=State.OPEN, target=State.SIGNED)
    def sign(self, plan: ExtensionPlan, at: datetime) -> None:
        self.plan, self.closed_at = plan, at

    @transition(field=state, source=State.OPEN, target=State.REFUSED)
    def refuse(self, at: datetime) -> None:
        self.closed_at = at

    @transition(field=state, source=State.OPEN, target=State.WITHDRAWN)
    def withdraw(self, at: datetime) -> None:
        self.closed_at = at

    @transition(field=state, source=State.OPEN, target=State.LAPSED)
    def lapse(self, at: datetime) -> None:
        """Not signed in time, or something was paid since."""
        self.closed_at = at
