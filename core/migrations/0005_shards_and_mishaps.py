from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Runs of before are whole: shard 0 of 1."""

    dependencies = [("core", "0004_versions")]

    operations = [
        migrations.AddField(
            "jobrun", "shards", models.PositiveSmallIntegerField(default=1, verbose_name="of so many shards")
        ),
        migrations.AddField("jobrun", "done", models.PositiveIntegerField(default=0, verbose_name="items done")),
        migrations.AddField("jobrun", "took_ms", models.PositiveIntegerField(null=True, verbose_name="milliseconds")),
        migrations.AlterField("jobrun", "started_at", models.DateTimeField(null=True, verbose_name="started")),
        migrations.AddConstraint(
            "jobrun", models.CheckConstraint(condition=Q(shard__lt=F("shards")), name="core_job_run_shard")
        ),
        migrations.AddConstraint(
            "jobrun",
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(started_at__isnull=False), name="core_job_run_started"
            ),
        ),
        migrations.AddIndex("jobrun", models.Index(fields=["day"], name="core_job_run_day")),
        migrations.CreateModel(
            "Mishap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job", models.CharField(max_length=60, verbose_name="job")),
                ("day", models.DateField(verbose_name="business day")),
                ("shard", models.PositiveSmallIntegerField(default=0, verbose_name="shard")),
                ("subject_type", models.CharField(max_length=60, verbose_name="subject")),
                ("subject_id", models.BigIntegerField(verbose_name="number of the subject")),
                ("error", models.CharField(max_length=80, verbose_name="error")),
                ("text", models.CharField(blank=True, max_length=160, verbose_name="where, or which rule")),
                ("count", models.PositiveIntegerField(default=1, verbose_name="how often")),
                ("first_at", models.DateTimeField(verbose_name="first seen")),
                ("last_at", models.DateTimeField(verbose_name="last seen")),
                ("cleared_at", models.DateTimeField(null=True, verbose_name="cleared")),
            ],
            options={
                "verbose_name": "mishap",
                "verbose_name_plural": "mishaps",
                "indexes": [models.Index(fields=["day"], name="core_mishap_day")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(cleared_at=None),
                        fields=("job", "subject_type", "subject_id"),
                        name="core_mishap_open_once",
                    ),
                    models.CheckConstraint(condition=Q(count__gt=0), name="core_mishap_seen"),
                    models.CheckConstraint(condition=Q(last_at__gte=F("first_at")), name="core_mishap_order"),
                ],
            },
        ),
    ]
