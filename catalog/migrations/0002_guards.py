from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("catalog", "0001_initial")]

    operations = [
        guards.edges(
            "catalog.leaseplan",
            [
                ("", "DRAFT"),
                ("DRAFT", "PUBLISHED"),
                ("PUBLISHED", "SUPERSEDED"),
            ],
        ),
        guards.state_machine("catalog_leaseplan", "catalog.leaseplan"),
        guards.append_only("catalog_cashprice"),
    ]
