from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import StateField


class StatementGap(models.Model):
    """缺失对账单: a channel's day without a readable statement, until it came or somebody explained it.

    `actor` and `resolution` only when a person did.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("Open")
        CLOSED = "CLOSED", _("Closed")

    channel = models.CharField(_("channel"), max_length=20)
    day = models.DateField(_("day"))
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    answer = models.CharField(_("last answer"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    resolution = models.CharField(_("resolution"), max_length=300, blank=True)
    actor = models.CharField(_("resolved by"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("missing statement")
        verbose_name_plural = _("missing statements")
        constraints = [
            models.UniqueConstraint(fields=["channel", "day"], name="billing_gap_once"),
            models.CheckConstraint(
                condition=Q(state="OPEN", closed_at__isnull=True, resolution="", actor="")
                | Q(state="CLOSED", closed_at__isnull=False),
                name="billing_gap_closed_when",
            ),
            models.CheckConstraint(
                condition=Q(resolution="", actor="") | ~Q(resolution="") & ~Q(actor=""), name="billing_gap_explained_by"
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], condition=Q(state="OPEN"), name="billing_gap_open")]

    def __str__(self) -> str:
        return f"{self.channel} {self.day}"

    @property
    def is_open(self) -> bool:
        return bool(self.state == self.State.OPEN)

    @transition(field=state, source=State.OPEN, target=State.CLOSED)
    def close(self, at: datetime, resolution: str = "", actor: str = "") -> None:
        self.closed_at, self.resolution, self.actor = at, resolution, actor
