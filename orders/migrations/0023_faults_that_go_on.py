from django.db import migrations

from core import guards


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0022_returned_for_an_estate'),
    ]

    operations = [
        guards.edges("orders.fault", [("CLOSED", "SENT")]),
    ]
