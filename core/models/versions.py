from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import StateField


class Version(models.Model):
    """What people are judged by, as a version: draft → published → superseded; never edited once in force (a trigger).

    `core.services.versions` is the one way into force: a second person approves exactly the draft's figures.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        PUBLISHED = "PUBLISHED", _("Published")
        SUPERSEDED = "SUPERSEDED", _("Superseded")

    state = StateField(_("state"), default=State.DRAFT, protected=True, choices=State.choices)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_draft(self) -> bool:
        return bool(self.state == self.State.DRAFT)

    @transition(field=state, source=State.DRAFT, target=State.PUBLISHED)
    def publish(self, at: datetime) -> None:
        self.published_at = at

    @transition(field=state, source=State.PUBLISHED, target=State.SUPERSEDED)
    def supersede(self, at: datetime) -> None:
        """What was made on it stays valid to its own end."""
        self.ended_at = at
