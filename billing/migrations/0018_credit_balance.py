"""The credit balance is used: which money was a rest before, and no customer's credit below zero."""

import billing.rules.postings
import core.fields
import django.db.models.deletion
from django.db import migrations, models

from core import guards


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_address_removed'),
        ('billing', '0017_deposit_deductions'),
    ]

    operations = [
        migrations.CreateModel(
            name='BalanceUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=32, unique=True, verbose_name='number')),
                ('why', models.CharField(choices=[('DUE', 'A bill was due'), ('ASKED', 'The customer asked')], max_length=5, verbose_name='why')),
                ('amount', core.fields.MoneyField(verbose_name='amount')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'use of the credit balance',
                'verbose_name_plural': 'uses of the credit balance',
            },
        ),
        migrations.RemoveConstraint(
            model_name='allocation',
            name='billing_allocation_once',
        ),
        migrations.AddConstraint(
            model_name='ledgeraccount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', billing.rules.postings.Kind['CREDIT']), _negated=True), ('credits__gte', models.F('debits')), _connector='OR'), name='billing_credit_not_below_zero'),
        ),
        migrations.AddField(
            model_name='balanceuse',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balance_uses', to='accounts.customer', verbose_name='customer'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='use',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='billing.balanceuse', verbose_name='use of the credit balance'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.UniqueConstraint(fields=('payment', 'bill', 'part', 'use'), name='billing_allocation_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='balanceuse',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='billing_balanceuse_positive'),
        ),
        guards.append_only('billing_balanceuse'),
    ]
