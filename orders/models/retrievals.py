from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import MoneyField, StateField
from orders.models.orders import Order
from orders.models.parcels import Parcel


class Retrieval(models.Model):
    """找回: a device that was lost or kept, was paid for, and is there again within ninety days (domain.md §8).

    The order stays completed. Nothing is given back before the device is with the merchant: `refunded` is what he paid
    for it less `day_rent`, the days until the carrier had it. At `until` the clock ends the present wait.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("Is to come back")
        DONE = "DONE", _("Back, and paid back")
        REFUSED = "REFUSED", _("Not accepted")
        LAPSED = "LAPSED", _("Not sent back")

    order = models.ForeignKey(Order, models.PROTECT, related_name="retrievals", verbose_name=_("order"))
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    parcel = models.OneToOneField(Parcel, models.PROTECT, null=True, related_name="retrieval", verbose_name=_("parcel"))
    opened_at = models.DateTimeField(_("opened"))
    until = models.DateTimeField(_("the present wait ends"))
    day_rent = MoneyField(_("day rent"), null=True)
    refunded = MoneyField(_("given back"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("device found again")
        verbose_name_plural = _("devices found again")
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["OPEN", "DONE"]), name="orders_retrieval_one"
            ),
            models.CheckConstraint(
                condition=Q(state="DONE", refunded__isnull=False, day_rent__isnull=False)
                | ~Q(state="DONE") & Q(refunded=None, day_rent=None),
                name="orders_retrieval_done_has_figures",
            ),
            models.CheckConstraint(
                condition=~Q(state="REFUSED") | ~Q(reason=""), name="orders_retrieval_refused_says_why"
            ),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(state="OPEN"), name="orders_retrieval_waiting")]

    def __str__(self) -> str:
        return str(self.get_state_display())

    @transition(field=state, source=State.OPEN, target=State.DONE)
    def finish(self, at: datetime) -> None:
        """The merchant has it."""
        self.closed_at = at

    @transition(field=state, source=State.OPEN, target=State.REFUSED)
    def refuse(self, reason: str, at: datetime) -> None:
        """It was not this device, or nothing that could be taken back: by an operator."""
        self.reason, self.closed_at = reason, at

    @transition(field=state, source=State.OPEN, target=State.LAPSED)
    def lapse(self, at: datetime) -> None:
        """No carrier had it in time; he keeps the device, and the merchant the money."""
        self.closed_at = at
