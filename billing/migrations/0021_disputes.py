"""Disputes: what a provider takes back after success, and what that takes off bills again."""

import core.fields
import django.db.models.deletion
import django.db.models.expressions
import django_fsm
from decimal import Decimal
from django.db import migrations, models

from core import guards


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_shared_places'),
        ('billing', '0020_freezes_end'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chargeback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=32, unique=True, verbose_name='number')),
                ('channel', models.CharField(max_length=20, verbose_name='channel')),
                ('dispute_number', models.CharField(max_length=64, verbose_name="provider's number")),
                ('state', django_fsm.FSMField(choices=[('OPEN', 'Open'), ('WON', 'Won'), ('LOST', 'Lost')], default='OPEN', max_length=50, protected=True, verbose_name='state')),
                ('amount', core.fields.MoneyField(verbose_name='amount')),
                ('withheld', models.BooleanField(verbose_name='withheld by the provider')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('known_at', models.DateTimeField(verbose_name='known here')),
                ('respond_by', models.DateTimeField(null=True, verbose_name='answer by')),
                ('answer', models.CharField(blank=True, max_length=1000, verbose_name='what was answered')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
            ],
            options={
                'verbose_name': 'dispute',
                'verbose_name_plural': 'disputes',
            },
        ),
        migrations.CreateModel(
            name='Reversal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', core.fields.MoneyField(verbose_name='amount')),
                ('day', models.DateField(verbose_name='day')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'allocation taken back',
                'verbose_name_plural': 'allocations taken back',
            },
        ),
        migrations.RemoveConstraint(
            model_name='settlementline',
            name='billing_settlement_of_one_thing',
        ),
        migrations.AddField(
            model_name='payment',
            name='charged_back',
            field=core.fields.MoneyField(default=Decimal('0.00'), verbose_name='disputed or taken back'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('charged_back__lte', django.db.models.expressions.CombinedExpression(models.F('amount'), '-', models.F('refunded')))), name='billing_payment_disputes_within'),
        ),
        migrations.AddField(
            model_name='chargeback',
            name='payment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='chargebacks', to='billing.payment', verbose_name='payment'),
        ),
        migrations.AddField(
            model_name='reversal',
            name='allocation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='billing.allocation', verbose_name='allocation'),
        ),
        migrations.AddField(
            model_name='reversal',
            name='chargeback',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='billing.chargeback', verbose_name='dispute'),
        ),
        migrations.AddField(
            model_name='settlementline',
            name='reversal',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settled', to='billing.reversal', verbose_name='allocation taken back'),
        ),
        migrations.AddConstraint(
            model_name='settlementline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('allocation__isnull', False), ('refund__isnull', True), ('reversal__isnull', True)), models.Q(('allocation__isnull', True), ('refund__isnull', False), ('reversal__isnull', True)), models.Q(('allocation__isnull', True), ('refund__isnull', True), ('reversal__isnull', False)), _connector='OR'), name='billing_settlement_of_one_thing'),
        ),
        migrations.AddIndex(
            model_name='chargeback',
            index=models.Index(condition=models.Q(('state', 'OPEN')), fields=['respond_by'], name='billing_chargeback_open'),
        ),
        migrations.AddConstraint(
            model_name='chargeback',
            constraint=models.UniqueConstraint(fields=('channel', 'dispute_number'), name='billing_chargeback_once'),
        ),
        migrations.AddConstraint(
            model_name='chargeback',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'OPEN')), fields=('payment',), name='billing_chargeback_one_open'),
        ),
        migrations.AddConstraint(
            model_name='chargeback',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='billing_chargeback_positive'),
        ),
        migrations.AddConstraint(
            model_name='chargeback',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state', 'OPEN')), models.Q(models.Q(('state', 'OPEN'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='billing_chargeback_decided_when'),
        ),
        migrations.AddConstraint(
            model_name='reversal',
            constraint=models.UniqueConstraint(fields=('chargeback', 'allocation'), name='billing_reversal_once'),
        ),
        migrations.AddConstraint(
            model_name='reversal',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='billing_reversal_positive'),
        ),
        guards.edges("billing.chargeback", [("", "OPEN"), ("OPEN", "WON"), ("OPEN", "LOST")]),
        guards.state_machine("billing_chargeback", "billing.chargeback"),
        guards.append_only("billing_reversal"),
    ]
