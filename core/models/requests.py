from django.db import models
from django.db.models.functions import Now


class IdempotencyKey(models.Model):
    """One request of one actor: the same key gives the stored answer, another body is refused (house.md)."""

    actor = models.CharField(max_length=60)
    route = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    body_hash = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "route", "key"], name="core_idempotency_once")]
