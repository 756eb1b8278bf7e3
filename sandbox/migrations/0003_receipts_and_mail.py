from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sandbox', '0002_parcels'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to', models.CharField(db_index=True, max_length=254)),
                ('sender', models.CharField(max_length=254)),
                ('subject', models.CharField(max_length=300)),
                ('text', models.TextField()),
                ('message_id', models.CharField(blank=True, max_length=200)),
                ('sent_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SmsReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('vendor', models.CharField(choices=[('aliyun', 'Aliyun'), ('tencent', 'Tencent')], max_length=10)),
                ('told', models.JSONField()),
                ('due_at', models.DateTimeField(help_text='empty: no further try', null=True)),
                ('posts', models.PositiveSmallIntegerField(default=0)),
                ('answered', models.CharField(blank=True, max_length=100)),
                ('delivered_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['due_at'], name='sandbox_receipt_due')],
            },
        ),
    ]
