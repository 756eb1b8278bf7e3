import core.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import uuid
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CreditReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=20, verbose_name='source')),
                ('state', models.CharField(choices=[('REQUESTED', 'Being asked'), ('RECEIVED', 'Received'), ('FAILED', 'Not received')], default='REQUESTED', max_length=50, verbose_name='state')),
                ('request_number', models.CharField(max_length=40, unique=True, verbose_name='request number')),
                ('seal_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('auth_code', core.fields.SealedField(editable=False, null=True)),
                ('score', models.PositiveSmallIntegerField(null=True, verbose_name='score')),
                ('bar', models.PositiveSmallIntegerField(null=True, verbose_name='bar asked about')),
                ('admitted', models.BooleanField(null=True, verbose_name='admitted')),
                ('provider_user', models.CharField(blank=True, max_length=64, verbose_name="provider's user")),
                ('reason', models.CharField(blank=True, max_length=80, verbose_name='reason')),
                ('authorised_at', models.DateTimeField(verbose_name='authorised')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'credit report',
                'verbose_name_plural': 'credit reports',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'REQUESTED')), fields=('customer', 'source'), name='credit_report_one_open')],
            },
        ),
        migrations.CreateModel(
            name='Demand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_number', models.CharField(max_length=24, verbose_name='order')),
                ('kind', models.CharField(choices=[('CONTACT', 'Emergency contact'), ('GUARANTOR', 'Guarantor'), ('DOCUMENTS', 'Documents'), ('VISIT', 'Field visit')], max_length=10, verbose_name='kind')),
                ('state', models.CharField(choices=[('OPEN', 'Open'), ('MET', 'Met'), ('WAIVED', 'Waived'), ('REFUSED', 'Not met'), ('LAPSED', 'No longer needed')], default='OPEN', max_length=50, verbose_name='state')),
                ('wanted', models.JSONField(default=list, verbose_name='wanted')),
                ('raised_at', models.DateTimeField(verbose_name='raised')),
                ('raised_by', models.CharField(max_length=40, verbose_name='raised by')),
                ('grounds', models.CharField(max_length=200, verbose_name='grounds')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed')),
                ('closed_by', models.CharField(blank=True, max_length=40, verbose_name='closed by')),
                ('closing_grounds', models.CharField(blank=True, max_length=200, verbose_name='grounds of the end')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='demands', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'demand',
                'verbose_name_plural': 'demands',
                'indexes': [models.Index(fields=['order_number'], name='credit_demand_of_order')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'OPEN')), fields=('order_number', 'kind'), name='credit_demand_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'OPEN')), models.Q(models.Q(('state', 'OPEN'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='credit_demand_closed_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['WAIVED', 'REFUSED']), _negated=True), models.Q(('closing_grounds', ''), _negated=True), _connector='OR'), name='credit_demand_waived_has_grounds')],
            },
        ),
        migrations.CreateModel(
            name='HardStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('BLACKLIST', 'Blacklist'), ('FRAUD', 'Confirmed fraud')], max_length=10, verbose_name='kind')),
                ('id_index', models.CharField(blank=True, editable=False, max_length=64)),
                ('phone_index', models.CharField(blank=True, editable=False, max_length=64)),
                ('grounds', models.CharField(max_length=400, verbose_name='grounds')),
                ('added_by', models.CharField(max_length=40, verbose_name='added by')),
                ('added_at', models.DateTimeField(verbose_name='added')),
                ('lifted_by', models.CharField(blank=True, max_length=40, verbose_name='lifted by')),
                ('lifted_at', models.DateTimeField(null=True, verbose_name='lifted')),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hard_stops', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'hard stop',
                'verbose_name_plural': 'hard stops',
                'indexes': [models.Index(condition=models.Q(('lifted_at', None)), fields=['id_index'], name='credit_stop_id'), models.Index(condition=models.Q(('lifted_at', None)), fields=['phone_index'], name='credit_stop_phone')],
                'constraints': [models.CheckConstraint(condition=models.Q(('id_index', ''), ('phone_index', ''), _negated=True), name='credit_stop_names_someone')],
            },
        ),
        migrations.CreateModel(
            name='IncomeDeclaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_monthly', core.fields.MoneyField(verbose_name='monthly income')),
                ('declared_at', models.DateTimeField(verbose_name='declared')),
                ('documented_at', models.DateTimeField(null=True, verbose_name='documented')),
                ('documented_by', models.CharField(blank=True, max_length=40, verbose_name='documented by')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incomes', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'income declaration',
                'verbose_name_plural': 'income declarations',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('customer',), name='credit_income_one_standing')],
            },
        ),
        migrations.CreateModel(
            name='LiftRevocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grounds', models.CharField(max_length=400, verbose_name='grounds')),
                ('revoked_by', models.CharField(max_length=40, verbose_name='revoked by')),
                ('revoked_at', models.DateTimeField(verbose_name='revoked')),
                ('restored_by', models.CharField(blank=True, max_length=40, verbose_name='restored by')),
                ('restored_at', models.DateTimeField(null=True, verbose_name='restored')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lift_revocations', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'revoked lift',
                'verbose_name_plural': 'revoked lifts',
                'constraints': [models.UniqueConstraint(condition=models.Q(('restored_at', None)), fields=('customer',), name='credit_lift_revoked_once')],
            },
        ),
        migrations.CreateModel(
            name='QuotaAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('limit', core.fields.MoneyField(default=Decimal('0.00'), verbose_name='limit')),
                ('granted', core.fields.MoneyField(default=Decimal('0.00'), verbose_name='granted')),
                ('held', core.fields.MoneyField(default=Decimal('0.00'), verbose_name='held')),
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='quota', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'quota',
                'verbose_name_plural': 'quotas',
                'constraints': [models.CheckConstraint(condition=models.Q(('held__lte', models.F('granted'))), name='credit_quota_held_within_granted'), models.CheckConstraint(condition=models.Q(('granted', django.db.models.functions.comparison.Greatest('limit', 'held'))), name='credit_quota_granted_is_limit_or_held')],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_number', models.CharField(max_length=24, unique=True, verbose_name='order')),
                ('amount', core.fields.MoneyField(verbose_name='amount')),
                ('state', models.CharField(choices=[('HELD', 'Held'), ('RELEASED', 'Released')], default='HELD', max_length=50, verbose_name='state')),
                ('held_at', models.DateTimeField(verbose_name='held')),
                ('released_at', models.DateTimeField(null=True, verbose_name='released')),
                ('reason', models.CharField(blank=True, max_length=40, verbose_name='reason')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='credit.quotaaccount', verbose_name='quota')),
            ],
            options={
                'verbose_name': 'hold',
                'verbose_name_plural': 'holds',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='credit_hold_positive')],
            },
        ),
        migrations.CreateModel(
            name='Scorecard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True, verbose_name='version')),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('PUBLISHED', 'Published'), ('SUPERSEDED', 'Superseded')], default='DRAFT', max_length=50, verbose_name='state')),
                ('identity_weight', models.PositiveSmallIntegerField(default=20, verbose_name='weight of identity')),
                ('behaviour_weight', models.PositiveSmallIntegerField(default=20, verbose_name='weight of behaviour')),
                ('ability_weight', models.PositiveSmallIntegerField(default=25, verbose_name='weight of ability')),
                ('network_weight', models.PositiveSmallIntegerField(default=10, verbose_name='weight of network')),
                ('history_weight', models.PositiveSmallIntegerField(default=25, verbose_name='weight of history')),
                ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='published')),
            ],
            options={
                'verbose_name': 'scorecard',
                'verbose_name_plural': 'scorecards',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'PUBLISHED')), fields=('state',), name='credit_scorecard_one_published')],
            },
        ),
        migrations.CreateModel(
            name='FactorBin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('factor', models.CharField(max_length=30, verbose_name='factor')),
                ('dimension', models.CharField(choices=[('identity', 'Identity'), ('behaviour', 'Behaviour here'), ('ability', 'Ability to pay'), ('network', 'Connections'), ('history', 'Credit history')], editable=False, max_length=10, verbose_name='dimension')),
                ('from_value', models.PositiveIntegerField(verbose_name='from value')),
                ('points', models.PositiveSmallIntegerField(verbose_name='points')),
                ('scorecard', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bins', to='credit.scorecard', verbose_name='scorecard')),
            ],
            options={
                'verbose_name': 'factor bin',
                'verbose_name_plural': 'factor bins',
                'ordering': ('factor', 'from_value'),
                'constraints': [models.UniqueConstraint(fields=('scorecard', 'factor', 'from_value'), name='credit_factor_bin_from_once'), models.CheckConstraint(condition=models.Q(('points__lte', 100)), name='credit_factor_bin_points', violation_error_message='A bin gives from 0 to 100 points.')],
            },
        ),
        migrations.CreateModel(
            name='TierSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True, verbose_name='version')),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('PUBLISHED', 'Published'), ('SUPERSEDED', 'Superseded')], default='DRAFT', max_length=50, verbose_name='state')),
                ('deposit_floor', core.fields.MoneyField(default=Decimal('0.00'), help_text='What every customer pays of the deposit, whatever the tier waives.', verbose_name='deposit floor per device')),
                ('decision_days', models.PositiveSmallIntegerField(default=180, help_text='From 1 to 730; later orders use the same decision.', verbose_name='a decision is valid for days')),
                ('reapply_days', models.PositiveSmallIntegerField(default=30, help_text='From 1 to 730.', verbose_name='after a refusal, may apply again after days')),
                ('source', models.CharField(choices=[('zhima', 'Zhima score'), ('zhima_admission', 'Zhima admission answer'), ('own', 'Own scorecard')], default='zhima', help_text='The own scorecard needs a published version.', max_length=20, verbose_name='score comes from')),
                ('falls_back', models.BooleanField(default=False, help_text='When the source is down or has no score. Otherwise the full deposit stays open.', verbose_name='own scorecard when the source is silent')),
                ('admission_bar', models.PositiveSmallIntegerField(default=650, help_text='Asked of a source that answers yes or no; who passes has the tier of this score.', verbose_name='bar for an admission answer')),
                ('fast_track_from', models.PositiveSmallIntegerField(blank=True, help_text='From this score on no rule below asks for anything. Empty: for nobody.', null=True, verbose_name='fast track from score')),
                ('lift_after', models.PositiveSmallIntegerField(default=2, help_text='Completed, of at least six months, without arrears. 0: nobody is lifted.', verbose_name='leases kept that lift one tier')),
                ('rent_share_percent', models.PositiveSmallIntegerField(default=0, help_text='Percent of the declared monthly income that all rents may take together. 0: no limit.', verbose_name='rents within this share of the income')),
                ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='published')),
            ],
            options={
                'verbose_name': 'tier set',
                'verbose_name_plural': 'tier sets',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'PUBLISHED')), fields=('state',), name='credit_tier_set_one_published'), models.CheckConstraint(condition=models.Q(('admission_bar__range', (350, 950)), models.Q(('fast_track_from', None), ('fast_track_from__range', (350, 950)), _connector='OR')), name='credit_tier_set_scores', violation_error_message='A score lies between 350 and 950.'), models.CheckConstraint(condition=models.Q(('rent_share_percent__lte', 100)), name='credit_tier_set_rent_share', violation_error_message='A percentage is at most 100.')],
            },
        ),
        migrations.CreateModel(
            name='DemandRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('CONTACT', 'An emergency contact'), ('GUARANTOR', 'A guarantor'), ('DOCUMENTS', 'Documents'), ('VISIT', 'A field visit')], max_length=10, verbose_name='asks for')),
                ('when', models.CharField(choices=[('ALWAYS', 'Always'), ('FIRST_LEASE', 'No lease completed with us yet'), ('MISSING_FACTOR', 'A factor of the scorecard is missing'), ('SHARED', 'A phone, an address or an account is shared'), ('UNDOCUMENTED_INCOME', 'The income is not documented')], default='ALWAYS', max_length=20, verbose_name='when')),
                ('from_score', models.PositiveSmallIntegerField(default=350, verbose_name='from score')),
                ('to_score', models.PositiveSmallIntegerField(default=950, verbose_name='to score')),
                ('tier_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='demand_rules', to='credit.tierset', verbose_name='tier set')),
            ],
            options={
                'verbose_name': 'demand rule',
                'verbose_name_plural': 'demand rules',
                'ordering': ('kind', 'from_score', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('from_score__gte', 350), ('from_score__lte', models.F('to_score')), ('to_score__lte', 950)), name='credit_demand_rule_scores', violation_error_message='Scores lie between 350 and 950, the first not above the last.')],
            },
        ),
        migrations.CreateModel(
            name='WaiverTier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_score', models.PositiveSmallIntegerField(verbose_name='from score')),
                ('grade', models.CharField(max_length=2, verbose_name='grade')),
                ('outcome', models.CharField(choices=[('APPROVE', 'Approved'), ('REFER', 'To be reviewed'), ('REFUSE', 'Not approved')], default='APPROVE', max_length=8, verbose_name='outcome')),
                ('waives', models.CharField(choices=[('AMOUNT', 'An amount'), ('PERCENT', 'A percentage of the deposit'), ('ALL', 'The whole deposit')], max_length=8, verbose_name='waives')),
                ('amount', core.fields.MoneyField(default=Decimal('0.00'), verbose_name='amount')),
                ('percent', models.PositiveSmallIntegerField(default=0, verbose_name='percent')),
                ('quota_limit', core.fields.MoneyField(verbose_name='quota limit')),
                ('checkout_cap', core.fields.MoneyField(verbose_name='cap per checkout')),
                ('devices', models.PositiveSmallIntegerField(default=2, verbose_name='devices held with a waiver')),
                ('rent_off_percent', models.PositiveSmallIntegerField(default=0, help_text='Lowers the monthly rent of the plan; no grade ever raises it.', verbose_name='percent off the rent')),
                ('longest_term', models.PositiveSmallIntegerField(blank=True, help_text='Empty: every term of the plan.', null=True, verbose_name='longest term in months')),
                ('tier_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tiers', to='credit.tierset', verbose_name='tier set')),
            ],
            options={
                'verbose_name': 'waiver tier',
                'verbose_name_plural': 'waiver tiers',
                'ordering': ('from_score',),
                'constraints': [models.UniqueConstraint(fields=('tier_set', 'from_score'), name='credit_tier_from_once'), models.CheckConstraint(condition=models.Q(('from_score__gte', 350), ('from_score__lte', 950)), name='credit_tier_score', violation_error_message='A score lies between 350 and 950.'), models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='credit_tier_percent', violation_error_message='A percentage is at most 100.'), models.CheckConstraint(condition=models.Q(('rent_off_percent__lte', 50)), name='credit_tier_rent_off', violation_error_message='At most half of the rent is taken off.'), models.CheckConstraint(condition=models.Q(('longest_term', None), ('longest_term__gt', 0), _connector='OR'), name='credit_tier_longest_term', violation_error_message='A term has at least one month.')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('APPROVE', 'Approved'), ('REFER', 'To be reviewed'), ('REFUSE', 'Not approved')], max_length=8, verbose_name='outcome')),
                ('reasons', models.JSONField(default=list, verbose_name='reasons')),
                ('demands', models.JSONField(default=list, verbose_name='asks for')),
                ('inputs', models.JSONField(default=dict, verbose_name='inputs')),
                ('made_by', models.CharField(default='platform', max_length=40, verbose_name='made by')),
                ('grounds', models.CharField(blank=True, max_length=400, verbose_name='grounds')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('valid_until', models.DateField(verbose_name='valid until')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('reapply_on', models.DateField(null=True, verbose_name='may apply again')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='accounts.customer', verbose_name='customer')),
                ('report', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='credit.creditreport', verbose_name='credit report')),
                ('scorecard', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='credit.scorecard', verbose_name='scorecard')),
                ('tier_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='credit.tierset', verbose_name='tier set')),
                ('tier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='credit.waivertier', verbose_name='waiver tier')),
            ],
            options={
                'verbose_name': 'decision',
                'verbose_name_plural': 'decisions',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('customer',), name='credit_decision_one_open')],
            },
        ),
    ]
