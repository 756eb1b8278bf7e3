import django.db.models.deletion
from django.db import migrations, models

from core import guards


# What was a text on the fault becomes a parcel of its own.
WAYS = """
INSERT INTO orders_parcel (order_id, fault_id, way, carrier, waybill, handed_over_at, delivered_at)
SELECT order_id, id, 'TO_REPAIR', split_part(way_in, ' ', 1), split_part(way_in, ' ', 2), sent_at,
       CASE WHEN state NOT IN ('SENT', 'CLOSED') THEN sent_at END
FROM orders_fault WHERE way_in <> '' ON CONFLICT DO NOTHING;
INSERT INTO orders_parcel (order_id, fault_id, way, carrier, waybill, handed_over_at, delivered_at)
SELECT order_id, id, 'FROM_REPAIR', split_part(way_back, ' ', 1), split_part(way_back, ' ', 2),
       coalesce(closed_at, waits_until - interval '7 days'), closed_at
FROM orders_fault WHERE way_back <> '' ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0020_opinions'),
    ]

    operations = [
        migrations.AddField(
            model_name='fault',
            name='lost_at',
            field=models.DateTimeField(null=True, verbose_name='lost on its way'),
        ),
        migrations.AddField(
            model_name='parcel',
            name='fault',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parcels', to='orders.fault', verbose_name='fault'),
        ),
        migrations.AlterField(
            model_name='parcel',
            name='way',
            field=models.CharField(choices=[('OUT', 'Out'), ('BACK', 'Back'), ('TO_REPAIR', 'to the repair'), ('FROM_REPAIR', 'from the repair')], max_length=12, verbose_name='way'),
        ),
        migrations.RemoveConstraint(model_name='parcel', name='orders_parcel_one_each_way'),
        migrations.RunSQL(WAYS, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField(model_name='fault', name='way_in'),
        migrations.RemoveField(model_name='fault', name='way_back'),
        migrations.AddConstraint(
            model_name='parcel',
            constraint=models.UniqueConstraint(condition=models.Q(('fault', None), ('void_at', None)), fields=('order', 'way'), name='orders_parcel_one_each_way'),
        ),
        migrations.AddConstraint(
            model_name='parcel',
            constraint=models.UniqueConstraint(condition=models.Q(('void_at', None)), fields=('fault', 'way'), name='orders_parcel_one_each_way_of_fault'),
        ),
        migrations.AddConstraint(
            model_name='parcel',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fault', None), ('way__in', ['OUT', 'BACK'])), models.Q(('fault__isnull', False), ('way__in', ['TO_REPAIR', 'FROM_REPAIR'])), _connector='OR'), name='orders_parcel_repair_has_fault'),
        ),
        migrations.AddField(
            model_name='devicephoto',
            name='fault',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='orders.fault', verbose_name='fault'),
        ),
        migrations.AlterField(
            model_name='devicephoto',
            name='moment',
            field=models.CharField(choices=[('PACKED', 'Packed'), ('RECEIVED', 'Received'), ('RETURNED', 'Sent back'), ('INSPECTED', 'Inspected'), ('FAULTY', 'The fault')], max_length=10, verbose_name='moment'),
        ),
        migrations.RemoveConstraint(model_name='devicephoto', name='orders_photo_once'),
        migrations.AddConstraint(
            model_name='devicephoto',
            constraint=models.UniqueConstraint(condition=models.Q(('fault', None)), fields=('order', 'moment', 'angle', 'sha256'), name='orders_photo_once'),
        ),
        migrations.AddConstraint(
            model_name='devicephoto',
            constraint=models.UniqueConstraint(fields=('fault', 'angle', 'sha256'), name='orders_photo_once_of_fault'),
        ),
        migrations.AddConstraint(
            model_name='devicephoto',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fault__isnull', False), ('moment', 'FAULTY')), models.Q(models.Q(('moment', 'FAULTY'), _negated=True), ('fault', None)), _connector='OR'), name='orders_photo_faulty_has_fault'),
        ),
        guards.edges("orders.fault", [("BACK", "ARRIVED")]),
    ]
