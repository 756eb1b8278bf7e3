from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(guards.CREATE_FUNCTIONS, guards.DROP_FUNCTIONS),
        guards.edges(
            "core.approval",
            [
                ("", "REQUESTED"),
                ("APPROVED", "USED"),
                ("APPROVED", "WITHDRAWN"),
                ("REQUESTED", "APPROVED"),
                ("REQUESTED", "REFUSED"),
                ("REQUESTED", "WITHDRAWN"),
            ],
        ),
        guards.state_machine("core_approval", "core.approval"),
        guards.append_only("core_event"),
        migrations.RunSQL("CREATE SEQUENCE core_number", "DROP SEQUENCE core_number"),
    ]
