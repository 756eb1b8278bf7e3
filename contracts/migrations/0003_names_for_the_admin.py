"""Names and hints that the admin shows; nothing in the database changes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_names_for_the_admin"),
        ("contracts", "0002_guards"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="document",
            options={"verbose_name": "document", "verbose_name_plural": "documents"},
        ),
        migrations.AlterModelOptions(
            name="evidenceevent",
            options={
                "ordering": ("sequence",),
                "verbose_name": "link of the evidence",
                "verbose_name_plural": "evidence",
            },
        ),
        migrations.AlterField(
            model_name="agreement",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="agreements",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="agreement",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="agreements",
                to="accounts.merchant",
                verbose_name="merchant",
            ),
        ),
        migrations.AlterField(
            model_name="agreement",
            name="terms_sha256",
            field=models.CharField(max_length=64, verbose_name="fingerprint of the terms"),
        ),
        migrations.AlterField(
            model_name="document",
            name="agreement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="contracts.agreement",
                verbose_name="agreement",
            ),
        ),
        migrations.AlterField(
            model_name="document",
            name="kind",
            field=models.CharField(
                choices=[("UNSIGNED", "To be signed"), ("SIGNED", "Signed")], max_length=8, verbose_name="kind"
            ),
        ),
        migrations.AlterField(
            model_name="document",
            name="made_at",
            field=models.DateTimeField(verbose_name="made"),
        ),
        migrations.AlterField(
            model_name="document",
            name="sha256",
            field=models.CharField(max_length=64, verbose_name="fingerprint (SHA-256)"),
        ),
        migrations.AlterField(
            model_name="document",
            name="size",
            field=models.PositiveIntegerField(verbose_name="bytes"),
        ),
        migrations.AlterField(
            model_name="evidenceevent",
            name="agreement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="evidence",
                to="contracts.agreement",
                verbose_name="agreement",
            ),
        ),
        migrations.AlterField(
            model_name="evidenceevent",
            name="at",
            field=models.DateTimeField(verbose_name="at"),
        ),
        migrations.AlterField(
            model_name="evidenceevent",
            name="body",
            field=models.TextField(verbose_name="text that was hashed"),
        ),
        migrations.AlterField(
            model_name="evidenceevent",
            name="facts",
            field=models.JSONField(verbose_name="facts"),
        ),
        migrations.AlterField(
            model_name="evidenceevent",
            name="hash",
            field=models.CharField(max_length=64, verbose_name="hash of the chain"),
        ),
        migrations.AlterField(
            model_name="evidenceevent",
            name="kind",
            field=models.CharField(max_length=40, verbose_name="event"),
        ),
        migrations.AlterField(
            model_name="evidenceevent",
            name="sequence",
            field=models.PositiveIntegerField(verbose_name="number"),
        ),
    ]
