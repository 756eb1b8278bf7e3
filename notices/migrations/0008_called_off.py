from django.db import migrations, models

from core import guards

STATES = [
    ("QUEUED", "Queued"), ("SENDING", "Being sent"), ("SENT", "Sent"), ("DELIVERED", "Arrived"), ("FAILED", "Failed"),
    ("UNKNOWN", "Unknown"), ("CALLED_OFF", "Called off"),
]  # fmt: skip


class Migration(migrations.Migration):
    """A mail that waits for its hour does not go to an address that was taken back meanwhile."""

    dependencies = [("notices", "0007_receipts_and_mail")]

    operations = [
        migrations.AlterField(
            "message", "state", models.CharField(choices=STATES, default="QUEUED", max_length=50, verbose_name="state")
        ),
        guards.edges("notices.message", [("QUEUED", "CALLED_OFF")]),
    ]
