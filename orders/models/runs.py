from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import StateField


class Run(models.Model):
    """Work on past rows that a worker does in pieces: whoever takes over from a dead one goes on where it stopped.

    `orders.services.runs` is its one loop.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Waits for a worker")
        RUNNING = "RUNNING", _("Under way")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    state = StateField(_("state"), default=State.QUEUED, protected=True, choices=State.choices)
    asked_by = models.CharField(_("asked by"), max_length=60)
    asked_at = models.DateTimeField(_("asked"))
    moved_at = models.DateTimeField(_("last progress"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    total = models.PositiveIntegerField(_("to look at"), default=0)
    done = models.PositiveIntegerField(_("looked at"), default=0)
    result = models.JSONField(_("result"), null=True)
    failure = models.CharField(_("why it failed"), max_length=300, blank=True)

    class Meta:
        abstract = True

    @transition(field=state, source=State.QUEUED, target=State.RUNNING)
    def begin(self) -> None:
        """A worker took it; whoever takes over from a dead one finds it under way."""

    @transition(field=state, source=State.RUNNING, target=State.DONE)
    def finish(self, result: dict[str, object], at: datetime) -> None:
        self.result, self.ended_at = result, at

    @transition(field=state, source=[State.QUEUED, State.RUNNING], target=State.FAILED)
    def fail(self, failure: str, at: datetime) -> None:
        self.failure, self.ended_at = failure[:300], at
