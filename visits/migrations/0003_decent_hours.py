from django.db import migrations


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
    dependencies = [("visits", "0002_guards")]

    operations = [
        migrations.RunSQL(HOURS, NO_HOURS),
    ]
