"""The own scorecard, what a table asks for beside its bands, hard stops, and what a decision keeps of them."""

import core.fields
import django.db.models.deletion
import django_fsm
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_shared_places'),
        ('credit', '0004_refusals_in_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='DemandRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('CONTACT', 'An emergency contact'), ('GUARANTOR', 'A guarantor'), ('DOCUMENTS', 'Documents'), ('VISIT', 'A field visit')], max_length=10, verbose_name='asks for')),
                ('when', models.CharField(choices=[('ALWAYS', 'Always'), ('FIRST_LEASE', 'No lease completed with us yet'), ('MISSING_FACTOR', 'A factor of the scorecard is missing'), ('SHARED', 'A phone, an address or an account is shared'), ('UNDOCUMENTED_INCOME', 'The income is not documented')], default='ALWAYS', max_length=20, verbose_name='when')),
                ('from_score', models.PositiveSmallIntegerField(default=350, verbose_name='from score')),
                ('to_score', models.PositiveSmallIntegerField(default=950, verbose_name='to score')),
            ],
            options={
                'verbose_name': 'demand rule',
                'verbose_name_plural': 'demand rules',
                'ordering': ('kind', 'from_score', 'id'),
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
            ],
            options={
                'verbose_name': 'factor bin',
                'verbose_name_plural': 'factor bins',
                'ordering': ('factor', 'from_value'),
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
            ],
            options={
                'verbose_name': 'hard stop',
                'verbose_name_plural': 'hard stops',
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
            ],
            options={
                'verbose_name': 'income declaration',
                'verbose_name_plural': 'income declarations',
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
            ],
            options={
                'verbose_name': 'revoked lift',
                'verbose_name_plural': 'revoked lifts',
            },
        ),
        migrations.CreateModel(
            name='Scorecard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True, verbose_name='version')),
                ('state', django_fsm.FSMField(choices=[('DRAFT', 'Draft'), ('PUBLISHED', 'Published'), ('SUPERSEDED', 'Superseded')], default='DRAFT', max_length=50, protected=True, verbose_name='state')),
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
            },
        ),
        migrations.AddField(
            model_name='creditreport',
            name='admitted',
            field=models.BooleanField(null=True, verbose_name='admitted'),
        ),
        migrations.AddField(
            model_name='creditreport',
            name='bar',
            field=models.PositiveSmallIntegerField(null=True, verbose_name='bar asked about'),
        ),
        migrations.AddField(
            model_name='decision',
            name='demands',
            field=models.JSONField(default=list, verbose_name='asks for'),
        ),
        migrations.AddField(
            model_name='decision',
            name='grounds',
            field=models.CharField(blank=True, max_length=400, verbose_name='grounds'),
        ),
        migrations.AddField(
            model_name='decision',
            name='made_by',
            field=models.CharField(default='platform', max_length=40, verbose_name='made by'),
        ),
        migrations.AddField(
            model_name='tierset',
            name='admission_bar',
            field=models.PositiveSmallIntegerField(default=650, help_text='Asked of a source that answers yes or no; who passes has the tier of this score.', verbose_name='bar for an admission answer'),
        ),
        migrations.AddField(
            model_name='tierset',
            name='falls_back',
            field=models.BooleanField(default=False, help_text='When the source is down or has no score. Otherwise the full deposit stays open.', verbose_name='own scorecard when the source is silent'),
        ),
        migrations.AddField(
            model_name='tierset',
            name='fast_track_from',
            field=models.PositiveSmallIntegerField(blank=True, help_text='From this score on no rule below asks for anything. Empty: for nobody.', null=True, verbose_name='fast track from score'),
        ),
        migrations.AddField(
            model_name='tierset',
            name='lift_after',
            field=models.PositiveSmallIntegerField(default=2, help_text='Completed, of at least six months, without arrears. 0: nobody is lifted.', verbose_name='leases kept that lift one tier'),
        ),
        migrations.AddField(
            model_name='tierset',
            name='rent_share_percent',
            field=models.PositiveSmallIntegerField(default=0, help_text='Percent of the declared monthly income that all rents may take together. 0: no limit.', verbose_name='rents within this share of the income'),
        ),
        migrations.AddField(
            model_name='tierset',
            name='source',
            field=models.CharField(choices=[('zhima', 'Zhima score'), ('zhima_admission', 'Zhima admission answer'), ('own', 'Own scorecard')], default='zhima', help_text='The own scorecard needs a published version.', max_length=20, verbose_name='score comes from'),
        ),
        migrations.AddField(
            model_name='waivertier',
            name='longest_term',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Empty: every term of the plan.', null=True, verbose_name='longest term in months'),
        ),
        migrations.AddField(
            model_name='waivertier',
            name='rent_off_percent',
            field=models.PositiveSmallIntegerField(default=0, help_text='Lowers the monthly rent of the plan; no grade ever raises it.', verbose_name='percent off the rent'),
        ),
        migrations.AddConstraint(
            model_name='tierset',
            constraint=models.CheckConstraint(condition=models.Q(('admission_bar__range', (350, 950)), models.Q(('fast_track_from', None), ('fast_track_from__range', (350, 950)), _connector='OR')), name='credit_tier_set_scores', violation_error_message='A score lies between 350 and 950.'),
        ),
        migrations.AddConstraint(
            model_name='tierset',
            constraint=models.CheckConstraint(condition=models.Q(('rent_share_percent__lte', 100)), name='credit_tier_set_rent_share', violation_error_message='A percentage is at most 100.'),
        ),
        migrations.AddConstraint(
            model_name='waivertier',
            constraint=models.CheckConstraint(condition=models.Q(('rent_off_percent__lte', 50)), name='credit_tier_rent_off', violation_error_message='At most half of the rent is taken off.'),
        ),
        migrations.AddConstraint(
            model_name='waivertier',
            constraint=models.CheckConstraint(condition=models.Q(('longest_term', None), ('longest_term__gt', 0), _connector='OR'), name='credit_tier_longest_term', violation_error_message='A term has at least one month.'),
        ),
        migrations.AddField(
            model_name='demandrule',
            name='tier_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='demand_rules', to='credit.tierset', verbose_name='tier set'),
        ),
        migrations.AddField(
            model_name='hardstop',
            name='customer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hard_stops', to='accounts.customer', verbose_name='customer'),
        ),
        migrations.AddField(
            model_name='incomedeclaration',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incomes', to='accounts.customer', verbose_name='customer'),
        ),
        migrations.AddField(
            model_name='liftrevocation',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lift_revocations', to='accounts.customer', verbose_name='customer'),
        ),
        migrations.AddConstraint(
            model_name='scorecard',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'PUBLISHED')), fields=('state',), name='credit_scorecard_one_published'),
        ),
        migrations.AddField(
            model_name='factorbin',
            name='scorecard',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bins', to='credit.scorecard', verbose_name='scorecard'),
        ),
        migrations.AddField(
            model_name='decision',
            name='scorecard',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='credit.scorecard', verbose_name='scorecard'),
        ),
        migrations.AddConstraint(
            model_name='demandrule',
            constraint=models.CheckConstraint(condition=models.Q(('from_score__gte', 350), ('from_score__lte', models.F('to_score')), ('to_score__lte', 950)), name='credit_demand_rule_scores', violation_error_message='Scores lie between 350 and 950, the first not above the last.'),
        ),
        migrations.AddIndex(
            model_name='hardstop',
            index=models.Index(condition=models.Q(('lifted_at', None)), fields=['id_index'], name='credit_stop_id'),
        ),
        migrations.AddIndex(
            model_name='hardstop',
            index=models.Index(condition=models.Q(('lifted_at', None)), fields=['phone_index'], name='credit_stop_phone'),
        ),
        migrations.AddConstraint(
            model_name='hardstop',
            constraint=models.CheckConstraint(condition=models.Q(('id_index', ''), ('phone_index', ''), _negated=True), name='credit_stop_names_someone'),
        ),
        migrations.AddConstraint(
            model_name='incomedeclaration',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('customer',), name='credit_income_one_standing'),
        ),
        migrations.AddConstraint(
            model_name='liftrevocation',
            constraint=models.UniqueConstraint(condition=models.Q(('restored_at', None)), fields=('customer',), name='credit_lift_revoked_once'),
        ),
        migrations.AddConstraint(
            model_name='factorbin',
            constraint=models.UniqueConstraint(fields=('scorecard', 'factor', 'from_value'), name='credit_factor_bin_from_once'),
        ),
        migrations.AddConstraint(
            model_name='factorbin',
            constraint=models.CheckConstraint(condition=models.Q(('points__lte', 100)), name='credit_factor_bin_points', violation_error_message='A bin gives from 0 to 100 points.'),
        ),
    ]
