from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0004_agreements")]

    operations = [
        migrations.AddField(model_name="refund", name="fails_at", field=models.DateTimeField(null=True)),
    ]
