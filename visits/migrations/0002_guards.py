from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("visits", "0001_initial")]

    operations = [
        guards.edges(
            "visits.visit",
            [
                ("", "REQUESTED"),
                ("AGREED", "CANCELLED"),
                ("AGREED", "DECLINED"),
                ("AGREED", "DONE"),
                ("AGREED", "REQUESTED"),
                ("PROPOSED", "AGREED"),
                ("PROPOSED", "CANCELLED"),
                ("PROPOSED", "DECLINED"),
                ("PROPOSED", "REQUESTED"),
                ("REQUESTED", "AGREED"),
                ("REQUESTED", "CANCELLED"),
                ("REQUESTED", "DECLINED"),
                ("REQUESTED", "PROPOSED"),
            ],
        ),
        guards.state_machine("visits_visit", "visits.visit"),
        guards.edges(
            "visits.visitcomplaint",
            [
                ("", "OPEN"),
                ("OPEN", "ANSWERED"),
            ],
        ),
        guards.state_machine("visits_visitcomplaint", "visits.visitcomplaint"),
        guards.append_only("visits_visitreport"),
    ]
