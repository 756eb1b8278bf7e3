from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0004_versions"), ("orders", "0004_risks")]

    operations = [
        guards.second_person("orders_riskrule", "risk_rule", "id"),
    ]
