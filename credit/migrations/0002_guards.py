from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("credit", "0001_initial")]

    operations = [
        guards.edges(
            "credit.creditreport",
            [
                ("", "REQUESTED"),
                ("REQUESTED", "FAILED"),
                ("REQUESTED", "RECEIVED"),
            ],
        ),
        guards.state_machine("credit_creditreport", "credit.creditreport"),
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
        guards.edges(
            "credit.hold",
            [
                ("", "HELD"),
                ("HELD", "RELEASED"),
            ],
        ),
        guards.state_machine("credit_hold", "credit.hold"),
        guards.edges(
            "credit.scorecard",
            [
                ("", "DRAFT"),
                ("DRAFT", "PUBLISHED"),
                ("PUBLISHED", "SUPERSEDED"),
            ],
        ),
        guards.state_machine("credit_scorecard", "credit.scorecard"),
        guards.edges(
            "credit.tierset",
            [
                ("", "DRAFT"),
                ("DRAFT", "PUBLISHED"),
                ("PUBLISHED", "SUPERSEDED"),
            ],
        ),
        guards.state_machine("credit_tierset", "credit.tierset"),
    ]
