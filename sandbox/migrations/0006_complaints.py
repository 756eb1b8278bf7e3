"""Complaints about payments, and statements that carry what they took."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sandbox', '0005_refunds_that_fail'),
    ]

    operations = [
        migrations.AlterField(
            model_name='spoilt',
            name='kind',
            field=models.CharField(choices=[('MISSING', 'Missing'), ('EXTRA', 'Extra'), ('AMOUNT', 'Amount'), ('TWICE', 'Twice'), ('NEXT_DAY', 'Next Day'), ('NUMBER', 'Number'), ('TAKEN', 'Taken')], max_length=10),
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('complaint_id', models.CharField(max_length=64, unique=True)),
                ('amount', models.PositiveBigIntegerField()),
                ('words', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('PENDING', 'Pending'), ('PROCESSED', 'Processed')], default='PENDING', max_length=10)),
                ('made_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('refund_id', models.CharField(blank=True, max_length=32)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='sandbox.wechatorder')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'PENDING')), fields=('order',), name='sandbox_complaint_one_pending')],
            },
        ),
    ]
