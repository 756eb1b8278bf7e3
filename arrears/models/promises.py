from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from arrears.models.cases import CollectionCase
from core.fields import MoneyField, StateField


class PaymentPromise(models.Model):
    """What a customer said he would pay, and by when. Judged by the money that came, the day after."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("Awaited")
        KEPT = "KEPT", _("Kept")
        BROKEN = "BROKEN", _("Not kept")
        LAPSED = "LAPSED", _("Nobody waits for it any more")

    case = models.ForeignKey(CollectionCase, models.PROTECT, related_name="promises", verbose_name=_("case"))
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    amount = MoneyField(_("amount"))
    until = models.DateField(_("by the end of"))
    made_by = models.CharField(_("recorded by"), max_length=60)
    made_at = models.DateTimeField(_("made"))
    judged_on = models.DateField(_("judged"), null=True)

    class Meta:
        verbose_name = _("promise to pay")
        verbose_name_plural = _("promises to pay")
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="OPEN"), name="arrears_promise_one_open"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="arrears_promise_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.until}"

    @transition(field=state, source=State.OPEN, target=State.KEPT)
    def keep(self, on: date) -> None:
        self.judged_on = on

    @transition(field=state, source=State.OPEN, target=State.LAPSED)
    def lapse(self, on: date) -> None:
        """Death or loss of legal capacity."""
        self.judged_on = on

    @transition(field=state, source=State.OPEN, target=State.BROKEN)
    def break_(self, on: date) -> None:
        self.judged_on = on
