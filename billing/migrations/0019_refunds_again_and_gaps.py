"""A failed refund is tried again or paid by hand; a statement that did not come is an open exception."""

import django.db.models.deletion
import django_fsm
from django.db import migrations, models

from core import guards


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0018_credit_balance'),
    ]

    operations = [
        migrations.AlterField(
            model_name='alonelimit',
            name='deed',
            field=models.CharField(choices=[("refund", "Refund part of a payment"), ("reduction", "Reduce a bill"), ("offline", "Record money received offline"), ("refund_by_hand", 'Record a refund that was transferred')], max_length=20, verbose_name='what'),
        ),
        migrations.CreateModel(
            name='StatementGap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=20, verbose_name='channel')),
                ('day', models.DateField(verbose_name='day')),
                ('state', django_fsm.FSMField(choices=[('OPEN', 'Open'), ('CLOSED', 'Closed')], default='OPEN', max_length=50, protected=True, verbose_name='state')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='last answer')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed')),
                ('resolution', models.CharField(blank=True, max_length=300, verbose_name='resolution')),
                ('actor', models.CharField(blank=True, max_length=60, verbose_name='resolved by')),
            ],
            options={
                'verbose_name': 'missing statement',
                'verbose_name_plural': 'missing statements',
            },
        ),
        migrations.AddField(
            model_name='refund',
            name='reference',
            field=models.CharField(blank=True, max_length=64, verbose_name='reference of the transfer'),
        ),
        migrations.AddField(
            model_name='refund',
            name='replaces',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='billing.refund', verbose_name='takes the place of'),
        ),
        migrations.AlterField(
            model_name='refund',
            name='state',
            field=django_fsm.FSMField(choices=[('REQUESTED', 'Under way'), ('SUCCEEDED', 'Refunded'), ('FAILED', 'Failed'), ('REPLACED', 'Failed, tried again')], default='REQUESTED', max_length=50, protected=True, verbose_name='state'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('reference', ''), ('state', 'SUCCEEDED'), _connector='OR'), name='billing_refund_by_hand_done'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(condition=models.Q(('reference', ''), _negated=True), fields=('reference',), name='billing_refund_reference_once'),
        ),
        migrations.AddIndex(
            model_name='statementgap',
            index=models.Index(condition=models.Q(('state', 'OPEN')), fields=['opened_at'], name='billing_gap_open'),
        ),
        migrations.AddConstraint(
            model_name='statementgap',
            constraint=models.UniqueConstraint(fields=('channel', 'day'), name='billing_gap_once'),
        ),
        migrations.AddConstraint(
            model_name='statementgap',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('actor', ''), ('closed_at__isnull', True), ('resolution', ''), ('state', 'OPEN')), models.Q(('closed_at__isnull', False), ('state', 'CLOSED')), _connector='OR'), name='billing_gap_closed_when'),
        ),
        migrations.AddConstraint(
            model_name='statementgap',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('actor', ''), ('resolution', '')), models.Q(models.Q(('resolution', ''), _negated=True), models.Q(('actor', ''), _negated=True)), _connector='OR'), name='billing_gap_explained_by'),
        ),
        guards.edges("billing.refund", [("FAILED", "REPLACED")]),
        guards.edges("billing.statementgap", [("", "OPEN"), ("OPEN", "CLOSED")]),
        guards.state_machine("billing_statementgap", "billing.statementgap"),
    ]
