"""Names and hints that the admin shows; nothing in the database changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="began_at",
            field=models.DateTimeField(null=True, verbose_name="sending since"),
        ),
        migrations.AlterField(
            model_name="message",
            name="link",
            field=models.CharField(blank=True, max_length=200, verbose_name="link"),
        ),
        migrations.AlterField(
            model_name="message",
            name="provider_number",
            field=models.CharField(blank=True, max_length=80, verbose_name="provider's number"),
        ),
        migrations.AlterField(
            model_name="message",
            name="urgent",
            field=models.BooleanField(default=False, verbose_name="urgent"),
        ),
    ]
