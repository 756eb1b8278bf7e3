"""A statement's line may be what a lost dispute took back; when an open one was last asked about."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0021_disputes'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='match',
            name='billing_match_one_of_ours',
        ),
        migrations.RemoveConstraint(
            model_name='reconciliationexception',
            name='billing_exception_of_something',
        ),
        migrations.RemoveConstraint(
            model_name='reconciliationexception',
            name='billing_exception_one_of_ours',
        ),
        migrations.AddField(
            model_name='chargeback',
            name='asked_at',
            field=models.DateTimeField(null=True, verbose_name='last asked about'),
        ),
        migrations.AddField(
            model_name='match',
            name='chargeback',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='match', to='billing.chargeback', verbose_name='dispute'),
        ),
        migrations.AddField(
            model_name='reconciliationexception',
            name='chargeback',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exceptions', to='billing.chargeback', verbose_name='dispute'),
        ),
        migrations.AddConstraint(
            model_name='match',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('chargeback__isnull', True), ('payment__isnull', False), ('refund__isnull', True)), models.Q(('chargeback__isnull', True), ('payment__isnull', True), ('refund__isnull', False)), models.Q(('chargeback__isnull', False), ('payment__isnull', True), ('refund__isnull', True)), _connector='OR'), name='billing_match_one_of_ours'),
        ),
        migrations.AddConstraint(
            model_name='reconciliationexception',
            constraint=models.CheckConstraint(condition=models.Q(('line__isnull', False), models.Q(('chargeback__isnull', True), ('payment__isnull', False), ('refund__isnull', True)), models.Q(('chargeback__isnull', True), ('payment__isnull', True), ('refund__isnull', False)), models.Q(('chargeback__isnull', False), ('payment__isnull', True), ('refund__isnull', True)), _connector='OR'), name='billing_exception_of_something'),
        ),
        migrations.AddConstraint(
            model_name='reconciliationexception',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('chargeback__isnull', True), ('payment__isnull', True), ('refund__isnull', True)), models.Q(('chargeback__isnull', True), ('payment__isnull', False), ('refund__isnull', True)), models.Q(('chargeback__isnull', True), ('payment__isnull', True), ('refund__isnull', False)), models.Q(('chargeback__isnull', False), ('payment__isnull', True), ('refund__isnull', True)), _connector='OR'), name='billing_exception_one_of_ours'),
        ),
        migrations.AddConstraint(
            model_name='reconciliationexception',
            constraint=models.UniqueConstraint(condition=models.Q(('line__isnull', True)), fields=('chargeback',), name='billing_exception_dispute_once'),
        ),
    ]
