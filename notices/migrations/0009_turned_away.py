from django.db import migrations, models

from core import guards


class Migration(migrations.Migration):
    """A mail that its server did not take for now is queued again."""

    dependencies = [("notices", "0008_called_off")]

    operations = [
        migrations.AddField(
            "message",
            "turned_away",
            models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="turned away for now, times"),
        ),
        guards.edges("notices.message", [("SENDING", "QUEUED")]),
    ]
