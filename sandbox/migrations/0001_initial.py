import core.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AlipayAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(max_length=20, unique=True)),
                ('user_id', models.CharField(max_length=16, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='FaultOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[('LOSE_REPLY', 'Lose Reply'), ('HANG', 'Hang'), ('DOWN', 'Down'), ('UNKNOWN', 'Unknown'), ('FORGED', 'Forged'), ('WRONG_AMOUNT', 'Wrong Amount'), ('DUPLICATE', 'Duplicate'), ('DELAY', 'Delay'), ('REORDER', 'Reorder'), ('DROP', 'Drop'), ('FAIL_LATER', 'Fail Later'), ('NO_BALANCE', 'No Balance')], max_length=20)),
                ('argument', models.CharField(blank=True, max_length=20)),
                ('remaining', models.PositiveSmallIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('id_index', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('phone', models.CharField(blank=True, db_index=True, max_length=20)),
                ('score', models.PositiveSmallIntegerField(help_text='set it to pin an exact score; empty means N/A', null=True)),
                ('quirk', models.CharField(blank=True, max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='SmsMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(db_index=True, max_length=20)),
                ('sign_name', models.CharField(max_length=40)),
                ('template', models.CharField(max_length=60)),
                ('params', models.JSONField()),
                ('text', models.CharField(max_length=1000)),
                ('out_id', models.CharField(blank=True, max_length=64)),
                ('biz_id', models.CharField(max_length=40, unique=True)),
                ('sent_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SpentNonce',
            fields=[
                ('value', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('spent_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Spoilt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wire', models.CharField(choices=[('alipay', 'Alipay'), ('wechat', 'Wechat')], max_length=10)),
                ('day', models.DateField()),
                ('kind', models.CharField(choices=[('MISSING', 'Missing'), ('EXTRA', 'Extra'), ('AMOUNT', 'Amount'), ('TWICE', 'Twice'), ('NEXT_DAY', 'Next Day'), ('NUMBER', 'Number'), ('TAKEN', 'Taken')], max_length=10)),
                ('number', models.CharField(help_text='of the payment or the refund as it truly is', max_length=64)),
                ('row', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='StatementFault',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wire', models.CharField(choices=[('alipay', 'Alipay'), ('wechat', 'Wechat')], max_length=10)),
                ('seed', models.PositiveIntegerField()),
                ('errors', models.PositiveSmallIntegerField(default=1)),
                ('day', models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True)),
                ('access_token', models.CharField(max_length=40, null=True, unique=True)),
                ('scope', models.CharField(max_length=40)),
                ('given_at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='sandbox.alipayaccount')),
            ],
        ),
        migrations.CreateModel(
            name='DayFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wire', models.CharField(choices=[('alipay', 'Alipay'), ('wechat', 'Wechat')], max_length=10)),
                ('day', models.DateField()),
                ('content', models.BinaryField()),
                ('token', models.CharField(max_length=40, unique=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('wire', 'day'), name='sandbox_dayfile_once')],
            },
        ),
        migrations.CreateModel(
            name='Freeze',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('auth_no', models.CharField(max_length=32, unique=True)),
                ('operation_id', models.CharField(max_length=32, unique=True)),
                ('out_order_no', models.CharField(max_length=64)),
                ('out_request_no', models.CharField(max_length=64)),
                ('title', models.CharField(max_length=256)),
                ('amount', core.fields.MoneyField()),
                ('status', models.CharField(choices=[('INIT', 'Init'), ('SUCCESS', 'Success'), ('CLOSED', 'Closed')], default='INIT', max_length=10)),
                ('is_credit', models.BooleanField(default=False)),
                ('may_be_credit', models.BooleanField(default=False)),
                ('notify_url', models.CharField(blank=True, max_length=500)),
                ('return_url', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('frozen_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='sandbox.alipayaccount')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('out_order_no', 'out_request_no'), name='sandbox_freeze_number_once')],
            },
        ),
        migrations.CreateModel(
            name='OutgoingNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wire', models.CharField(choices=[('alipay', 'Alipay'), ('wechat', 'Wechat')], default='alipay', max_length=10)),
                ('url', models.CharField(max_length=500)),
                ('notify_id', models.CharField(db_index=True, max_length=40)),
                ('notify_type', models.CharField(max_length=40)),
                ('form', models.JSONField()),
                ('goes_last', models.BooleanField(default=False)),
                ('due_at', models.DateTimeField(help_text='empty: no further try', null=True)),
                ('posts', models.PositiveSmallIntegerField(default=0)),
                ('answered', models.CharField(blank=True, max_length=100)),
                ('delivered_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['due_at'], name='sandbox_notice_due')],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('operation_id', models.CharField(max_length=32, unique=True)),
                ('out_request_no', models.CharField(max_length=64)),
                ('amount', core.fields.MoneyField()),
                ('remark', models.CharField(blank=True, max_length=100)),
                ('released_at', models.DateTimeField()),
                ('freeze', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='sandbox.freeze')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('freeze', 'out_request_no'), name='sandbox_release_number_once')],
            },
        ),
        migrations.CreateModel(
            name='ScoreReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transaction_id', models.CharField(max_length=64, unique=True)),
                ('biz_no', models.CharField(max_length=32)),
                ('zm_score', models.CharField(max_length=5)),
                ('answered_at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='sandbox.alipayaccount')),
            ],
        ),
        migrations.CreateModel(
            name='Trade',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trade_no', models.CharField(max_length=32, unique=True)),
                ('out_trade_no', models.CharField(max_length=64, unique=True)),
                ('subject', models.CharField(max_length=256)),
                ('total_amount', core.fields.MoneyField()),
                ('status', models.CharField(choices=[('WAIT_BUYER_PAY', 'Wait Buyer Pay'), ('TRADE_SUCCESS', 'Trade Success'), ('TRADE_FINISHED', 'Trade Finished'), ('TRADE_CLOSED', 'Trade Closed')], default='WAIT_BUYER_PAY', max_length=20)),
                ('method', models.CharField(max_length=40)),
                ('notify_url', models.CharField(blank=True, max_length=500)),
                ('return_url', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='sandbox.alipayaccount')),
                ('freeze', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='captures', to='sandbox.freeze')),
            ],
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('out_request_no', models.CharField(max_length=64)),
                ('amount', core.fields.MoneyField()),
                ('refunded_at', models.DateTimeField()),
                ('fails_at', models.DateTimeField(null=True)),
                ('trade', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='sandbox.trade')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('trade', 'out_request_no'), name='sandbox_refund_number_once')],
            },
        ),
        migrations.CreateModel(
            name='UserAgreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agreement_no', models.CharField(max_length=32, unique=True)),
                ('external_agreement_no', models.CharField(max_length=32, unique=True)),
                ('sign_scene', models.CharField(max_length=64)),
                ('single_amount', core.fields.MoneyField()),
                ('status', models.CharField(choices=[('TEMP', 'Temp'), ('NORMAL', 'Normal'), ('UNSIGN', 'Unsign')], default='TEMP', max_length=10)),
                ('notify_url', models.CharField(blank=True, max_length=500)),
                ('return_url', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('signed_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='sandbox.alipayaccount')),
            ],
        ),
        migrations.AddField(
            model_name='trade',
            name='agreement',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deductions', to='sandbox.useragreement'),
        ),
        migrations.CreateModel(
            name='WechatOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prepay_id', models.CharField(max_length=32, unique=True)),
                ('out_trade_no', models.CharField(max_length=32, unique=True)),
                ('transaction_id', models.CharField(blank=True, max_length=32)),
                ('description', models.CharField(max_length=127)),
                ('total', models.PositiveBigIntegerField()),
                ('entry', models.CharField(max_length=10)),
                ('state', models.CharField(choices=[('NOTPAY', 'Notpay'), ('SUCCESS', 'Success'), ('REFUND', 'Refund'), ('CLOSED', 'Closed')], default='NOTPAY', max_length=10)),
                ('notify_url', models.CharField(max_length=500)),
                ('return_url', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='sandbox.alipayaccount')),
            ],
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
        migrations.CreateModel(
            name='WechatRefund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('refund_id', models.CharField(max_length=32, unique=True)),
                ('out_refund_no', models.CharField(max_length=64, unique=True)),
                ('amount', models.PositiveBigIntegerField()),
                ('state', models.CharField(choices=[('PROCESSING', 'Processing'), ('SUCCESS', 'Success'), ('ABNORMAL', 'Abnormal')], default='PROCESSING', max_length=10)),
                ('fails', models.BooleanField(default=False)),
                ('notify_url', models.CharField(blank=True, max_length=500)),
                ('settles_at', models.DateTimeField()),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='sandbox.wechatorder')),
            ],
        ),
    ]
