from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """One thing that happened. Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE.

    A state change of a subject is the event `transition` with source and target; the log of a subject is contiguous.
    """

    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20, blank=True)
    actor = models.CharField(max_length=60)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="core_event_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id} {self.source}→{self.target}"
