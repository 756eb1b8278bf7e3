import core.fields
import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models

from core import guards


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0008_extra_bills'),
    ]

    operations = [
        migrations.AlterField(
            model_name='alonelimit',
            name='deed',
            field=models.CharField(choices=[('refund', 'Refund part of a payment'), ('reduction', 'Reduce a bill'), ('offline', 'Record money received offline'), ('refund_by_hand', 'Record a refund that was transferred'), ('deposit_deduction', 'Keep damage of a deposit')], max_length=20, verbose_name='what'),
        ),
        migrations.AlterField(
            model_name='bill',
            name='state',
            field=models.CharField(choices=[('OPEN', 'Open'), ('PAID', 'Paid'), ('VOID', 'Void'), ('WRITTEN_OFF', 'Written off')], default='OPEN', max_length=50, verbose_name='state'),
        ),
        migrations.CreateModel(
            name='WriteOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', core.fields.MoneyField(verbose_name='written off')),
                ('recovered', core.fields.MoneyField(default=Decimal('0.00'), verbose_name='recovered')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('lease', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='write_off', to='billing.lease', verbose_name='lease')),
            ],
            options={
                'verbose_name': 'write-off',
                'verbose_name_plural': 'write-offs',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('recovered__lte', models.F('amount'))), name='billing_writeoff_recovered_within')],
            },
        ),
        guards.edges("billing.bill", [("OPEN", "WRITTEN_OFF"), ("WRITTEN_OFF", "PAID")]),
    ]
