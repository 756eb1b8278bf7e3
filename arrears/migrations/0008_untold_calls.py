from django.db import migrations, models

KINDS = [
    ("OPENED", "Opened"), ("ASSIGNED", "Assigned"), ("CALL", "Call"), ("UNTOLD", "Call, no outcome noted"),
    ("NOTE", "Note"), ("PROMISE", "Promise to pay"), ("HARDSHIP", "Hardship"), ("LETTER", "Demand letter"),
    ("EXTENSION", "Extension plan"), ("CHOICE", "The customer chose"), ("TERMINATED", "Ending by notice"),
    ("VISIT", "Field visit"), ("CLOSED", "Closed"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("arrears", "0007_standstills")]

    operations = [
        migrations.AlterField("casenote", "kind", models.CharField(choices=KINDS, max_length=10, verbose_name="kind"))
    ]
