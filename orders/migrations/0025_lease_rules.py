from decimal import Decimal

import django.core.validators
from django.db import migrations, models

import core.fields
from core import guards

# The values with which the platform began (domain.md §6, §8): the only place where they stand.
FIRST = """
INSERT INTO orders_leaseruleset (version, state, published_at, late_fee_mode, grace_days, fee_rate_daily,
    fee_cap_rate, return_window_days)
VALUES (1, 'PUBLISHED', now(), 'FREE', 3, 0.0003, 0.20, 3);
"""
# What leases were signed with is told for ever: a version ends by being superseded, and nothing else of it changes.
KEEP = """
CREATE FUNCTION orders_keep_lease_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND (
        TG_OP = 'DELETE' OR to_jsonb(OLD) - 'state' - 'ended_at' <> to_jsonb(NEW) - 'state' - 'ended_at'
    ) THEN
        RAISE EXCEPTION 'lease rules v% are published', OLD.version USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_leaseruleset_kept BEFORE UPDATE OR DELETE ON orders_leaseruleset
    FOR EACH ROW EXECUTE FUNCTION orders_keep_lease_rules();
"""
LET_GO = "DROP TRIGGER orders_leaseruleset_kept ON orders_leaseruleset; DROP FUNCTION orders_keep_lease_rules();"


class Migration(migrations.Migration):

    dependencies = [("core", "0004_versions"), ("orders", "0024_short_defects")]

    operations = [
        migrations.CreateModel(
            name='LeaseRuleSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('PUBLISHED', 'Published'), ('SUPERSEDED', 'Superseded')], default='DRAFT', max_length=50, verbose_name='state')),
                ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='published')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended')),
                ('version', models.PositiveIntegerField(editable=False, unique=True, verbose_name='version')),
                ('late_fee_mode', models.CharField(choices=[('FREE', 'The days of grace are never charged'), ('RETROACTIVE', 'Once grace has passed, charged from the due day')], max_length=12, verbose_name='late fee')),
                ('grace_days', models.PositiveSmallIntegerField(help_text='From 1 to 15.', verbose_name='days of grace')),
                ('fee_rate_daily', core.fields.RateField(help_text='As a share of the unpaid rent: 0.0003 for 0.03 %. At most the yearly cap of the day / 365.', validators=[django.core.validators.MinValueValidator(0)], verbose_name='late fee a day')),
                ('fee_cap_rate', core.fields.RateField(help_text='As a share of the rent of that bill: 0.20 for 20 %, and never more.', validators=[django.core.validators.MinValueValidator(0)], verbose_name='late fee at most')),
                ('return_window_days', models.PositiveSmallIntegerField(help_text='After the last day of a long lease, from 0 to 31. A short one has none.', verbose_name='days to send it back')),
            ],
            options={
                'verbose_name': 'lease rules',
                'verbose_name_plural': 'lease rules',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'PUBLISHED')), fields=('state',), name='orders_lease_rules_one_published'), models.CheckConstraint(condition=models.Q(('grace_days__range', (1, 15))), name='orders_lease_rules_grace', violation_error_message='The days of grace go from 1 to 15.'), models.CheckConstraint(condition=models.Q(('fee_rate_daily__gte', 0), ('fee_rate_daily__lt', 1)), name='orders_lease_rules_rate', violation_error_message='The late fee a day is a share from 0 to 1.'), models.CheckConstraint(condition=models.Q(('fee_cap_rate__gte', 0), ('fee_cap_rate__lte', Decimal('0.20'))), name='orders_lease_rules_cap', violation_error_message='A late fee is never more than a fifth of its rent: 0.20.'), models.CheckConstraint(condition=models.Q(('return_window_days__lte', 31)), name='orders_lease_rules_window', violation_error_message='The days to send it back go from 0 to 31.')],
            },
        ),
        guards.edges(
            "orders.leaseruleset",
            [("", "DRAFT"), ("DRAFT", "PUBLISHED"), ("PUBLISHED", "SUPERSEDED")],
        ),
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
        guards.state_machine("orders_leaseruleset", "orders.leaseruleset"),
        guards.second_person("orders_leaseruleset", "lease_rules", "version"),
        migrations.RunSQL(KEEP, LET_GO),
    ]
