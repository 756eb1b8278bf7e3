import django.db.models.deletion
from django.db import migrations, models

from core import guards


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0013_papers'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='backtest',
            name='gathered_at',
        ),
        migrations.AlterField(
            model_name='backtest',
            name='done',
            field=models.PositiveIntegerField(default=0, verbose_name='looked at'),
        ),
        migrations.AlterField(
            model_name='backtest',
            name='total',
            field=models.PositiveIntegerField(default=0, verbose_name='to look at'),
        ),
        migrations.AlterField(
            model_name='riskhit',
            name='kind',
            field=models.CharField(choices=[('MANY_LEASES', 'Many leases in days'), ('SHARED_ADDRESS', 'Same consignee or address as other customers'), ('OTHER_PAYER', 'Paid by another account than before'), ('KNOWN_DEFAULTERS', 'Shares a phone, an address or an account with people in arrears'), ('NEVER_ACTIVATED', 'Devices on lease that were never switched on')], max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='riskrule',
            name='kind',
            field=models.CharField(choices=[('MANY_LEASES', 'Many leases in days'), ('SHARED_ADDRESS', 'Same consignee or address as other customers'), ('OTHER_PAYER', 'Paid by another account than before'), ('KNOWN_DEFAULTERS', 'Shares a phone, an address or an account with people in arrears'), ('NEVER_ACTIVATED', 'Devices on lease that were never switched on')], max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='riskrule',
            name='threshold',
            field=models.PositiveSmallIntegerField(help_text='From this number on the rule is met: leases, customers, accounts, or devices.', verbose_name='threshold'),
        ),
        migrations.AlterField(
            model_name='riskrule',
            name='window_days',
            field=models.PositiveSmallIntegerField(default=30, help_text='From 1 to 730. For devices never switched on: the days after the receipt from which a report counts.', verbose_name='within days'),
        ),
        migrations.AlterField(
            model_name='ruletrial',
            name='done',
            field=models.PositiveIntegerField(default=0, verbose_name='looked at'),
        ),
        migrations.AlterField(
            model_name='ruletrial',
            name='total',
            field=models.PositiveIntegerField(default=0, verbose_name='to look at'),
        ),
        migrations.CreateModel(
            name='ActivationReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('activated', models.BooleanField(verbose_name='activated')),
                ('source', models.CharField(choices=[('MAKER', "The maker's service page or interface"), ('MERCHANT', "The merchant's own device management")], max_length=8, verbose_name='who knows it')),
                ('reported_by', models.CharField(max_length=60, verbose_name='reported by')),
                ('reported_at', models.DateTimeField(verbose_name='reported')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='activations', to='orders.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'activation report',
                'verbose_name_plural': 'activation reports',
                'constraints': [models.UniqueConstraint(condition=models.Q(('activated', True)), fields=('order',), name='orders_activation_seen_once')],
            },
        ),
        guards.append_only("orders_activationreport"),
        guards.edges("orders.backtest", [("QUEUED", "FAILED")]),
    ]
