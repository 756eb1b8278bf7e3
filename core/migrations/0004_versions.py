from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0003_approval_guards")]

    operations = [
        migrations.RunSQL(guards.REQUIRE_SECOND_PERSON, "DROP FUNCTION core_require_second_person();"),
    ]
