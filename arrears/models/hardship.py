from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import Customer
from billing.models import Lease
from core.fields import MoneyField, StateField


class HardshipRequest(models.Model):
    """A customer's word that a month is hard, and what he can pay. While it waits nobody calls him about the lease.

    Answered by the end of `answer_by`, two working days; else it escalates, and in the end the clock grants a pause of
    bounded length (docs/domain/clock.md). `has_changed`: made out of turn, soon after another.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("Being looked at")
        ANSWERED = "ANSWERED", _("Answered")
        WITHDRAWN = "WITHDRAWN", _("Taken back")
        GRANTED = "GRANTED", _("A pause, granted by the clock")
        LAPSED = "LAPSED", _("The lease has ended meanwhile")

    number = models.CharField(_("number"), max_length=24, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="hardships", verbose_name=_("customer"))
    lease = models.ForeignKey(Lease, models.PROTECT, related_name="hardships", verbose_name=_("lease"))
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    text = models.CharField(_("what happened"), max_length=500)
    monthly = MoneyField(_("can pay a month"), null=True)
    has_changed = models.BooleanField(_("something has changed since the last request"), default=False)
    asked_at = models.DateTimeField(_("asked"))
    answer_by = models.DateField(_("to be answered by the end of"))
    escalated_at = models.DateTimeField(_("left to a supervisor"), null=True)
    pause_until = models.DateField(_("nobody asks until the end of"), null=True)
    answer_text = models.CharField(_("answer"), max_length=500, blank=True)
    answered_by = models.CharField(_("answered by"), max_length=60, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("hardship request")
        verbose_name_plural = _("hardship requests")
        constraints = [
            models.UniqueConstraint(fields=["lease"], condition=Q(state="OPEN"), name="arrears_hardship_one_open"),
            models.CheckConstraint(
                condition=~Q(state="ANSWERED") | ~Q(answer_text=""), name="arrears_hardship_answer_says_something"
            ),
            models.CheckConstraint(
                condition=Q(state="GRANTED", pause_until__isnull=False) | ~Q(state="GRANTED") & Q(pause_until=None),
                name="arrears_hardship_pause_is_granted",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=State.OPEN, target=State.ANSWERED)
    def answer(self, text: str, by: str, at: datetime) -> None:
        self.answer_text, self.answered_by, self.closed_at = text, by, at

    @transition(field=state, source=State.OPEN, target=State.WITHDRAWN)
    def withdraw(self, at: datetime) -> None:
        self.closed_at = at

    @transition(field=state, source=State.OPEN, target=State.GRANTED)
    def grant(self, until: date, at: datetime) -> None:
        """Nobody answered in time."""
        self.pause_until, self.closed_at = until, at

    @transition(field=state, source=State.OPEN, target=State.LAPSED)
    def lapse(self, at: datetime) -> None:
        self.closed_at = at
