from django.db import models
from django.db.models.functions import Now


class JobRun(models.Model):
    """A day-end job of one business date and shard; it takes effect once (reliability.md 38)."""

    job = models.CharField(max_length=60)
    day = models.DateField()
    shard = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "day", "shard"], name="core_job_run_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.day}/{self.shard}"
