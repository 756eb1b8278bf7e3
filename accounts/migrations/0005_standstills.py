import uuid

import django.db.models.deletion
from django.db import migrations, models

from core import guards

KEEP = """
CREATE FUNCTION accounts_keep_standstill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.customer_id, OLD.kind, OLD.day, OLD.note, OLD.sealed, OLD.sha256, OLD.recorded_by,
            OLD.recorded_at) IS DISTINCT FROM (NEW.customer_id, NEW.kind, NEW.day, NEW.note, NEW.sealed, NEW.sha256,
            NEW.recorded_by, NEW.recorded_at)
        OR NEW.since > OLD.since OR OLD.state = 'WITHDRAWN' THEN
        RAISE EXCEPTION 'standstill % is kept as it was', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_standstill_kept BEFORE UPDATE OR DELETE ON accounts_standstill
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_standstill();
"""
DROP = """
DROP TRIGGER accounts_standstill_kept ON accounts_standstill; DROP FUNCTION accounts_keep_standstill();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_email'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='in_peace_since',
            field=models.DateField(editable=False, null=True, verbose_name='not reached since'),
        ),
        migrations.CreateModel(
            name='Standstill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('DEATH', 'Death'), ('INCAPACITY', 'Loss of legal capacity')], max_length=10, verbose_name='kind')),
                ('state', models.CharField(choices=[('IN_FORCE', 'In force'), ('WITHDRAWN', 'Withdrawn as mistaken')], default='IN_FORCE', max_length=50, verbose_name='state')),
                ('day', models.DateField(verbose_name='day of the event')),
                ('since', models.DateField(verbose_name='counts from')),
                ('note', models.CharField(max_length=400, verbose_name='note')),
                ('file_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('sealed', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('is_pdf', models.BooleanField(verbose_name='is a PDF')),
                ('recorded_by', models.CharField(max_length=60, verbose_name='recorded by')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('until', models.DateField(null=True, verbose_name='ended on')),
                ('withdrawn_by', models.CharField(blank=True, max_length=60, verbose_name='withdrawn by')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='withdrawn')),
                ('grounds', models.CharField(blank=True, max_length=200, verbose_name='grounds')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='standstills', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'standstill',
                'verbose_name_plural': 'standstills',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'IN_FORCE')), fields=('customer',), name='accounts_standstill_one_in_force'), models.CheckConstraint(condition=models.Q(('since__gte', models.F('day'))), name='accounts_standstill_not_before_its_day'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'IN_FORCE'), ('until', None), ('withdrawn_at', None)), models.Q(('state', 'WITHDRAWN'), ('until__isnull', False), ('withdrawn_at__isnull', False), models.Q(('grounds', ''), _negated=True)), _connector='OR'), name='accounts_standstill_withdrawn_for_a_reason')],
            },
        ),
        guards.edges("accounts.standstill", [("", "IN_FORCE"), ("IN_FORCE", "WITHDRAWN")]),
        guards.state_machine("accounts_standstill", "accounts.standstill"),
        migrations.RunSQL(KEEP, DROP),
    ]
