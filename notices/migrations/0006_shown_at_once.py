from django.db import migrations

from core import guards

SHOWN_LATER = "DELETE FROM core_stateedge WHERE machine = 'notices.message' AND source = 'QUEUED' AND target = 'SENT'"
AS_IT_WAS = "INSERT INTO core_stateedge (machine, source, target) VALUES ('notices.message', 'QUEUED', 'SENT')"


class Migration(migrations.Migration):
    """A line in the app is born SENT: one row written instead of one written and changed."""

    dependencies = [("notices", "0005_reminders_and_wordings")]

    operations = [
        guards.edges("notices.message", [("", "SENT")]),
        migrations.RunSQL(SHOWN_LATER, AS_IT_WAS),
    ]
