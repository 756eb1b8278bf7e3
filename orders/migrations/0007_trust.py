from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0007_versions"), ("orders", "0006_risks")]

    operations = [
        guards.second_person("orders_riskrule", "risk_rule", "id"),
    ]
