from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("notices", "0001_initial")]

    operations = [
        guards.edges(
            "notices.message",
            [
                ("", "QUEUED"),
                ("QUEUED", "SENDING"),
                ("QUEUED", "SENT"),
                ("SENDING", "FAILED"),
                ("SENDING", "SENT"),
                ("SENDING", "UNKNOWN"),
            ],
        ),
        guards.state_machine("notices_message", "notices.message"),
    ]
