import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('billing', '0001_initial'),
        ('catalog', '0001_initial'),
        ('contracts', '0001_initial'),
        ('credit', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BackTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('PAST', 'Past applications'), ('FILE', 'A file')], max_length=4, verbose_name='source')),
                ('state', models.CharField(choices=[('QUEUED', 'Waits for a worker'), ('RUNNING', 'Under way'), ('DONE', 'Done'), ('FAILED', 'Failed')], default='QUEUED', max_length=50, verbose_name='state')),
                ('asked_by', models.CharField(max_length=60, verbose_name='asked by')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('gathered_at', models.DateTimeField(null=True, verbose_name='cases gathered')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='cases')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='cases judged')),
                ('result', models.JSONField(null=True, verbose_name='result')),
                ('failure', models.CharField(blank=True, max_length=300, verbose_name='why it failed')),
                ('new_card', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tested', to='credit.scorecard', verbose_name='scorecard looked at')),
                ('new_tiers', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tested', to='credit.tierset', verbose_name='tier set looked at')),
                ('old_tiers', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='credit.tierset', verbose_name='tier set in force')),
            ],
            options={
                'verbose_name': 'back-test',
                'verbose_name_plural': 'back-tests',
                'constraints': [models.CheckConstraint(condition=models.Q(('done__lte', models.F('total'))), name='orders_backtest_done_of_total'), models.CheckConstraint(condition=models.Q(models.Q(('result__isnull', False), ('state', 'DONE')), models.Q(('state', 'DONE'), _negated=True), _connector='OR'), name='orders_backtest_done_has_result')],
            },
        ),
        migrations.CreateModel(
            name='BackTestCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField(verbose_name='place')),
                ('on', models.DateField(verbose_name='decided on')),
                ('inputs', models.JSONField(verbose_name='inputs')),
                ('deposits', models.JSONField(verbose_name='deposits')),
                ('bad', models.BooleanField(null=True, verbose_name='went bad')),
                ('judged', models.JSONField(null=True, verbose_name='old and new')),
                ('backtest', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='orders.backtest', verbose_name='back-test')),
            ],
            options={
                'verbose_name': 'case of a back-test',
                'verbose_name_plural': 'cases of back-tests',
                'constraints': [models.UniqueConstraint(fields=('backtest', 'place'), name='orders_backtest_case_once')],
            },
        ),
        migrations.CreateModel(
            name='Checkout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True, verbose_name='number')),
                ('placed_at', models.DateTimeField(verbose_name='placed')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checkouts', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'checkout',
                'verbose_name_plural': 'checkouts',
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True, verbose_name='number')),
                ('months', models.PositiveSmallIntegerField(verbose_name='months')),
                ('state', models.CharField(choices=[('PLACED', 'Under review'), ('APPROVED', 'To be signed'), ('SIGNED', 'To be paid'), ('PAID', 'To be shipped'), ('SHIPPED', 'On its way'), ('ACTIVE', 'Renting'), ('RETURNING', 'Being returned'), ('INSPECTING', 'Being inspected'), ('SETTLING', 'Being settled'), ('COMPLETED', 'Completed'), ('REFUSED', 'Not approved'), ('CANCELLED', 'Cancelled')], default='PLACED', max_length=50, verbose_name='state')),
                ('placed_at', models.DateTimeField(verbose_name='placed')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='approved')),
                ('signed_at', models.DateTimeField(null=True, verbose_name='signed')),
                ('paid_at', models.DateTimeField(null=True, verbose_name='paid')),
                ('shipped_at', models.DateTimeField(null=True, verbose_name='shipped')),
                ('received_at', models.DateTimeField(null=True, verbose_name='received')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed')),
                ('waits_until', models.DateTimeField(null=True, verbose_name='the present wait ends')),
                ('reason', models.CharField(blank=True, max_length=60, verbose_name='reason')),
                ('address', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='accounts.address', verbose_name='address')),
                ('agreement', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='order', to='contracts.agreement', verbose_name='agreement')),
                ('checkout', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='orders.checkout', verbose_name='checkout')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='accounts.customer', verbose_name='customer')),
                ('decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='credit.decision', verbose_name='decision')),
                ('lease', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='order', to='billing.lease', verbose_name='lease')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='accounts.merchant', verbose_name='merchant')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='catalog.leaseplan', verbose_name='lease plan')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='catalog.deviceunit', verbose_name='device unit')),
            ],
            options={
                'verbose_name': 'order',
                'verbose_name_plural': 'orders',
                'indexes': [models.Index(fields=['customer', '-id'], name='orders_of_customer'), models.Index(fields=['merchant', 'state', '-id'], name='orders_of_merchant'), models.Index(condition=models.Q(('waits_until__isnull', False)), fields=['waits_until'], name='orders_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['SHIPPED', 'ACTIVE', 'RETURNING', 'INSPECTING'])), fields=('unit',), name='orders_unit_in_one_custody'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['SHIPPED', 'ACTIVE', 'RETURNING', 'INSPECTING']), _negated=True), ('unit__isnull', False), _connector='OR'), name='orders_custody_has_unit'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['SIGNED', 'PAID', 'SHIPPED', 'ACTIVE']), _negated=True), ('signed_at__isnull', False), _connector='OR'), name='orders_signed_before_paid')],
            },
        ),
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result', models.CharField(choices=[('PASSED', 'Passed'), ('NOT_MADE', 'Not made in time: passed')], max_length=10, verbose_name='result')),
                ('serial_matches', models.BooleanField(default=True, verbose_name='serial number matches')),
                ('wiped', models.BooleanField(default=True, verbose_name='wiped and account lock off')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('inspector', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='inspected by')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='inspection', to='orders.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'inspection',
                'verbose_name_plural': 'inspections',
            },
        ),
        migrations.CreateModel(
            name='Ending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('RETURN', 'Return')], max_length=10, verbose_name='kind')),
                ('state', models.CharField(choices=[('OPEN', 'Under way'), ('WITHDRAWN', 'Withdrawn'), ('DONE', 'Done')], default='OPEN', max_length=50, verbose_name='state')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='endings', to='orders.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'ending',
                'verbose_name_plural': 'endings',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'OPEN')), fields=('order',), name='orders_ending_one_open')],
            },
        ),
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.CharField(choices=[('OUT', 'Out'), ('BACK', 'Back')], max_length=4, verbose_name='way')),
                ('carrier', models.CharField(max_length=20, verbose_name='carrier')),
                ('waybill', models.CharField(max_length=40, verbose_name='waybill number')),
                ('handed_over_at', models.DateTimeField(verbose_name='handed over')),
                ('delivered_at', models.DateTimeField(null=True, verbose_name='delivered')),
                ('void_at', models.DateTimeField(null=True, verbose_name='void since')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parcels', to='orders.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'parcel',
                'verbose_name_plural': 'parcels',
                'constraints': [models.UniqueConstraint(condition=models.Q(('void_at', None)), fields=('order', 'way'), name='orders_parcel_one_each_way'), models.UniqueConstraint(fields=('carrier', 'waybill'), name='orders_parcel_waybill_once')],
            },
        ),
        migrations.CreateModel(
            name='RiskRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('MANY_LEASES', 'Many leases in days'), ('SHARED_ADDRESS', 'Same consignee or address as other customers'), ('OTHER_PAYER', 'Paid by another account than before'), ('KNOWN_DEFAULTERS', 'Shares a phone, an address or an account with people in arrears')], max_length=20, verbose_name='kind')),
                ('threshold', models.PositiveSmallIntegerField(help_text='From this number on the rule is met: leases, customers, or accounts.', verbose_name='threshold')),
                ('window_days', models.PositiveSmallIntegerField(default=30, help_text='From 1 to 730.', verbose_name='within days')),
                ('action', models.CharField(choices=[('HOLD', 'A person looks first'), ('DEMAND', 'Something is asked for'), ('REFUSE', 'The order is refused')], default='HOLD', help_text='Once an order is paid, a person looks first, whatever stands here.', max_length=10, verbose_name='what follows')),
                ('demand', models.CharField(blank=True, choices=[('CONTACT', 'Emergency contact'), ('GUARANTOR', 'Guarantor'), ('DOCUMENTS', 'Documents'), ('VISIT', 'Field visit')], max_length=10, verbose_name='asks for')),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('PUBLISHED', 'Published'), ('SUPERSEDED', 'Superseded')], default='DRAFT', max_length=50, verbose_name='state')),
                ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='published')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended')),
            ],
            options={
                'verbose_name': 'risk rule',
                'verbose_name_plural': 'risk rules',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'PUBLISHED')), fields=('kind',), name='orders_risk_rule_one_published'), models.CheckConstraint(condition=models.Q(('window_days__range', (1, 730))), name='orders_risk_rule_window', violation_error_message='The days go from 1 to 730.'), models.CheckConstraint(condition=models.Q(('threshold__gte', 2), models.Q(('threshold', 1), models.Q(('kind', 'MANY_LEASES'), _negated=True)), _connector='OR'), name='orders_risk_rule_threshold', violation_error_message='With this threshold everybody would be looked at.'), models.CheckConstraint(condition=models.Q(models.Q(('action', 'DEMAND'), models.Q(('demand', ''), _negated=True)), models.Q(models.Q(('action', 'DEMAND'), _negated=True), ('demand', '')), _connector='OR'), name='orders_risk_rule_demand', violation_error_message='Name what is asked for if something is, and nothing otherwise.'), models.CheckConstraint(condition=models.Q(('action', 'HOLD'), ('kind', 'KNOWN_DEFAULTERS'), models.Q(('action', 'DEMAND'), models.Q(('kind', 'OTHER_PAYER'), _negated=True)), _connector='OR'), name='orders_risk_rule_action', violation_error_message='Only arrears may refuse, and who has paid is asked for nothing more.')],
            },
        ),
        migrations.CreateModel(
            name='RiskHit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('MANY_LEASES', 'Many leases in days'), ('SHARED_ADDRESS', 'Same consignee or address as other customers'), ('OTHER_PAYER', 'Paid by another account than before'), ('KNOWN_DEFAULTERS', 'Shares a phone, an address or an account with people in arrears')], max_length=20, verbose_name='kind')),
                ('facts', models.JSONField(verbose_name='facts')),
                ('state', models.CharField(choices=[('OPEN', 'To be looked at'), ('CLEARED', 'Looked at'), ('ENDED', 'The order ended')], default='OPEN', max_length=50, verbose_name='state')),
                ('found_at', models.DateTimeField(verbose_name='found on')),
                ('cleared_at', models.DateTimeField(null=True, verbose_name='closed on')),
                ('cleared_by', models.CharField(blank=True, max_length=60, verbose_name='closed by')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='risk_hits', to='orders.order', verbose_name='order')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hits', to='orders.riskrule', verbose_name='risk rule')),
            ],
            options={
                'verbose_name': 'risk hit',
                'verbose_name_plural': 'risk hits',
                'constraints': [models.UniqueConstraint(fields=('order', 'kind'), name='orders_risk_hit_once'), models.CheckConstraint(condition=models.Q(models.Q(('cleared_at', None), ('state', 'OPEN')), models.Q(models.Q(('state', 'OPEN'), _negated=True), ('cleared_at__isnull', False)), _connector='OR'), name='orders_risk_hit_says_when_cleared')],
            },
        ),
    ]
