from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import StateField
from orders.models.orders import Order


class Ending(models.Model):
    """到期处置: how an order comes to its end; at most one open per order (domain.md §5)."""

    class Kind(models.TextChoices):
        RETURN = "RETURN", _("Return")

    class State(models.TextChoices):
        OPEN = "OPEN", _("Under way")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")
        DONE = "DONE", _("Done")

    order = models.ForeignKey(Order, models.PROTECT, related_name="endings", verbose_name=_("order"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("ending")
        verbose_name_plural = _("endings")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="OPEN"), name="orders_ending_one_open")
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @transition(field=state, source=State.OPEN, target=State.WITHDRAWN)
    def withdraw(self, at: datetime) -> None:
        self.closed_at = at

    @transition(field=state, source=State.OPEN, target=State.DONE)
    def finish(self, at: datetime) -> None:
        self.closed_at = at
