from django.db import migrations

from core import guards

# Nobody stands at another's door at night, whatever the service says (domain.md §9): an hour's visit ends by 22:00.
HOURS = """
ALTER TABLE visits_visit ADD CONSTRAINT visits_visit_decent_hours
    CHECK ((starts_at AT TIME ZONE 'Asia/Shanghai')::time BETWEEN '08:00' AND '21:00');
ALTER TABLE visits_proposedtime ADD CONSTRAINT visits_time_decent_hours
    CHECK ((starts_at AT TIME ZONE 'Asia/Shanghai')::time BETWEEN '08:00' AND '21:00');
"""
NO_HOURS = """
ALTER TABLE visits_visit DROP CONSTRAINT visits_visit_decent_hours;
ALTER TABLE visits_proposedtime DROP CONSTRAINT visits_time_decent_hours;
"""


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
        guards.edges("visits.visitcomplaint", [("", "OPEN"), ("OPEN", "ANSWERED")]),
        guards.state_machine("visits_visitcomplaint", "visits.visitcomplaint"),
        guards.append_only("visits_visitreport"),
        migrations.RunSQL(HOURS, NO_HOURS),
    ]
