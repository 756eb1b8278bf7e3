from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """A day-end job of one business date and shard; it takes effect once (reliability.md 38)."""

    job = models.CharField(_("job"), max_length=60)
    day = models.DateField(_("business day"))
    shard = models.PositiveSmallIntegerField(_("shard"), default=0)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    finished_at = models.DateTimeField(_("finished"), null=True)
    counts = models.JSONField(_("counts"), default=dict)

    class Meta:
        verbose_name = _("day-end run")
        verbose_name_plural = _("day-end runs")
        constraints = [models.UniqueConstraint(fields=["job", "day", "shard"], name="core_job_run_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.day}/{self.shard}"
