from django.db import migrations, models
from django.db.models import Q

from core import guards

STATES = [
    ("REQUESTED", "Waits for a second person"), ("APPROVED", "Approved by a second person"),
    ("REFUSED", "Refused by a second person"), ("WITHDRAWN", "Withdrawn"), ("USED", "Carried out"),
    ("LAPSED", "Nobody decided in time"),
]


class Migration(migrations.Migration):
    """What nobody decides for fourteen days lapses (docs/domain/clock.md)."""

    dependencies = [("core", "0005_shards_and_mishaps")]

    operations = [
        guards.edges("core.approval", [("REQUESTED", "LAPSED")]),
        migrations.AlterField(
            model_name="approval",
            name="state",
            field=models.CharField(choices=STATES, default="REQUESTED", max_length=50, verbose_name="state"),
        ),
        migrations.RemoveConstraint("approval", "core_approval_says_who_decided"),
        migrations.AddConstraint(
            "approval",
            models.CheckConstraint(
                condition=Q(state__in=["REQUESTED", "LAPSED"], decided_by="")
                | Q(state="WITHDRAWN")
                | Q(state__in=["APPROVED", "REFUSED", "USED"], decided_at__isnull=False, decided_by__gt=""),
                name="core_approval_says_who_decided",
            ),
        ),
    ]
