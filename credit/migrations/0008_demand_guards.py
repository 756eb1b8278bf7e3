from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("credit", "0007_demands")]

    operations = [
        guards.edges(
            "credit.demand",
            [
                ("", "OPEN"),
                ("OPEN", "LAPSED"),
                ("OPEN", "MET"),
                ("OPEN", "REFUSED"),
                ("OPEN", "WAIVED"),
            ],
        ),
        guards.state_machine("credit_demand", "credit.demand"),
    ]
