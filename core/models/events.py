from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One thing that happened. Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE.

    A state change of a subject is the event `transition` with source and target; the log of a subject is contiguous.
    """

    kind = models.CharField(_("event"), max_length=60)
    subject_type = models.CharField(_("subject"), max_length=60)
    subject_id = models.BigIntegerField(_("number of the subject"))
    source = models.CharField(_("state before"), max_length=20, blank=True)
    target = models.CharField(_("state after"), max_length=20, blank=True)
    actor = models.CharField(_("actor"), max_length=60)
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="core_event_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id} {self.source}→{self.target}"
