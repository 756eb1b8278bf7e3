from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """A day-end job of one business date and shard; it takes effect once (reliability.md 38).

    `shards`: into how many parts the job was cut on that day; a later release may cut differently. `done`: how many
    items so far, told while it runs. `took_ms` is measured; the instants are the platform's present.
    """

    job = models.CharField(_("job"), max_length=60)
    day = models.DateField(_("business day"))
    shard = models.PositiveSmallIntegerField(_("shard"), default=0)
    shards = models.PositiveSmallIntegerField(_("of so many shards"), default=1)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    done = models.PositiveIntegerField(_("items done"), default=0)
    took_ms = models.PositiveIntegerField(_("milliseconds"), null=True)
    counts = models.JSONField(_("counts"), default=dict)

    class Meta:
        verbose_name = _("day-end run")
        verbose_name_plural = _("day-end runs")
        constraints = [
            models.UniqueConstraint(fields=["job", "day", "shard"], name="core_job_run_once"),
            models.CheckConstraint(condition=Q(shard__lt=F("shards")), name="core_job_run_shard"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(started_at__isnull=False), name="core_job_run_started"
            ),
        ]
        indexes = [models.Index(fields=["day"], name="core_job_run_day")]

    def __str__(self) -> str:
        return f"{self.job} {self.day}/{self.shard}"


class Mishap(models.Model):
    """One customer, lease or order whose day-end work raised; the others went on (reliability.md 38).

    `text` is a code, a constraint's name or a place in our code, never the error's own words: those may name people.
    Open until a later run of the job has nothing to complain of.
    """

    job = models.CharField(_("job"), max_length=60)
    day = models.DateField(_("business day"))
    shard = models.PositiveSmallIntegerField(_("shard"), default=0)
    subject_type = models.CharField(_("subject"), max_length=60)
    subject_id = models.BigIntegerField(_("number of the subject"))
    error = models.CharField(_("error"), max_length=80)
    text = models.CharField(_("where, or which rule"), max_length=160, blank=True)
    count = models.PositiveIntegerField(_("how often"), default=1)
    first_at = models.DateTimeField(_("first seen"))
    last_at = models.DateTimeField(_("last seen"))
    cleared_at = models.DateTimeField(_("cleared"), null=True)

    class Meta:
        verbose_name = _("mishap")
        verbose_name_plural = _("mishaps")
        constraints = [
            models.UniqueConstraint(
                fields=["job", "subject_type", "subject_id"], condition=Q(cleared_at=None), name="core_mishap_open_once"
            ),
            models.CheckConstraint(condition=Q(count__gt=0), name="core_mishap_seen"),
            models.CheckConstraint(condition=Q(last_at__gte=F("first_at")), name="core_mishap_order"),
        ]
        indexes = [models.Index(fields=["day"], name="core_mishap_day")]

    def __str__(self) -> str:
        return f"{self.job} {self.subject_type}:{self.subject_id}"
