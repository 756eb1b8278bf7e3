import core.fields
import django.db.models.deletion
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from core import guards


# Orders that settled before this wait had an end get theirs: thirty days after the device came back.
LIMIT_SETTLING = """
UPDATE orders_order o SET waits_until = coalesce((SELECT made_at FROM orders_inspection i WHERE i.order_id = o.id), now())
    + interval '30 days' WHERE state = 'SETTLING' AND waits_until IS NULL;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0007_review_requests'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=80, verbose_name='name in English')),
                ('amount', core.fields.MoneyField(verbose_name='price')),
                ('covered', models.BooleanField(default=False, verbose_name='borne by the cover')),
                ('note', models.CharField(max_length=200, verbose_name='what was seen')),
                ('angle', models.CharField(choices=[('FRONT', 'Front'), ('BACK', 'Back'), ('SCREEN', 'Screen switched on'), ('ACCESSORIES', 'Accessories'), ('DETAIL', 'Detail')], default='DETAIL', max_length=12, verbose_name='angle')),
                ('awarded', core.fields.MoneyField(null=True, verbose_name='awarded')),
            ],
            options={
                'verbose_name': 'line of a claim',
                'verbose_name_plural': 'lines of a claim',
            },
        ),
        migrations.AddField(
            model_name='inspection',
            name='condition',
            field=models.CharField(blank=True, choices=[('NEW', 'New'), ('LIKE_NEW', 'Like new'), ('GOOD', 'Good')], max_length=10, verbose_name='condition'),
        ),
        migrations.AlterField(
            model_name='inspection',
            name='result',
            field=models.CharField(choices=[('PASSED', 'Passed'), ('DAMAGED', 'Damage found'), ('NOT_MADE', 'Not made in time: passed')], max_length=10, verbose_name='result'),
        ),
        migrations.AlterField(
            model_name='order',
            name='state',
            field=models.CharField(choices=[('PLACED', 'Under review'), ('APPROVED', 'To be signed'), ('SIGNED', 'To be paid'), ('PAID', 'To be shipped'), ('SHIPPED', 'On its way'), ('ACTIVE', 'Renting'), ('RETURNING', 'Being returned'), ('INSPECTING', 'Being inspected'), ('SETTLING', 'Being settled'), ('COMPLETED', 'Completed'), ('WRITTEN_OFF', 'Written off'), ('REFUSED', 'Not approved'), ('CANCELLED', 'Cancelled')], default='PLACED', max_length=50, verbose_name='state'),
        ),
        migrations.CreateModel(
            name='DamageClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('PROPOSED', 'The customer answers'), ('ACCEPTED', 'Accepted'), ('DISPUTED', 'The platform decides'), ('UPHELD', 'Upheld'), ('REDUCED', 'Reduced'), ('FALLEN', 'Fallen')], default='PROPOSED', max_length=50, verbose_name='state')),
                ('valued_on', models.DateField(verbose_name='value of the day')),
                ('cap', core.fields.MoneyField(verbose_name='depreciated value')),
                ('total', core.fields.MoneyField(verbose_name='sum of the lines')),
                ('amount', core.fields.MoneyField(verbose_name='claimed')),
                ('awarded', core.fields.MoneyField(default=Decimal('0.00'), verbose_name='awarded')),
                ('proposed_at', models.DateTimeField(verbose_name='claimed at')),
                ('answer_by', models.DateTimeField(verbose_name='answer until')),
                ('second_notice_at', models.DateTimeField(null=True, verbose_name='second notice')),
                ('grounds', models.TextField(blank=True, verbose_name="the customer's grounds")),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered')),
                ('by_clause', models.BooleanField(default=False, verbose_name='accepted by the clause')),
                ('decision', models.TextField(blank=True, verbose_name='grounds of the decision')),
                ('decided_by', models.CharField(blank=True, max_length=60, verbose_name='decided by')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='claim', to='orders.order', verbose_name='order')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='claimed by')),
            ],
            options={
                'verbose_name': 'damage claim',
                'verbose_name_plural': 'damage claims',
            },
        ),
        migrations.CreateModel(
            name='ClaimPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('sealed', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('given_by', models.CharField(max_length=60, verbose_name='given by')),
                ('given_at', models.DateTimeField(verbose_name='given')),
                ('line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='orders.claimline', verbose_name='line of a claim')),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='orders.damageclaim', verbose_name='damage claim')),
            ],
            options={
                'verbose_name': 'photo of a claim',
                'verbose_name_plural': 'photos of a claim',
            },
        ),
        migrations.AddField(
            model_name='claimline',
            name='claim',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='orders.damageclaim', verbose_name='damage claim'),
        ),
        migrations.CreateModel(
            name='AccountLock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reported_at', models.DateTimeField(verbose_name='reported')),
                ('until', models.DateTimeField(verbose_name='to be removed by')),
                ('lifted_at', models.DateTimeField(null=True, verbose_name='removed')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='not removed in time')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='account_lock', to='orders.order', verbose_name='order')),
                ('reported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='reported by')),
            ],
            options={
                'verbose_name': 'account lock',
                'verbose_name_plural': 'account locks',
                'constraints': [models.CheckConstraint(condition=models.Q(('lifted_at__isnull', True), ('ended_at__isnull', True), _connector='OR'), name='orders_accountlock_ends_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='damageclaim',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', models.F('cap')), ('amount__lte', models.F('total'))), name='orders_claim_within_value'),
        ),
        migrations.AddConstraint(
            model_name='damageclaim',
            constraint=models.CheckConstraint(condition=models.Q(('awarded__lte', models.F('amount'))), name='orders_claim_awarded_within'),
        ),
        migrations.AddConstraint(
            model_name='claimline',
            constraint=models.UniqueConstraint(fields=('claim', 'code'), name='orders_claimline_once'),
        ),
        migrations.AddConstraint(
            model_name='claimline',
            constraint=models.CheckConstraint(condition=models.Q(('awarded__isnull', True), ('awarded__lte', models.F('amount')), _connector='OR'), name='orders_claimline_awarded_within'),
        ),
        guards.edges(
            "orders.damageclaim",
            [
                ("", "PROPOSED"),
                ("PROPOSED", "ACCEPTED"),
                ("PROPOSED", "DISPUTED"),
                ("DISPUTED", "UPHELD"),
                ("DISPUTED", "REDUCED"),
                ("DISPUTED", "FALLEN"),
            ],
        ),
        guards.state_machine("orders_damageclaim", "orders.damageclaim"),
        guards.append_only("orders_claimphoto"),
        guards.edges("orders.order", [("SETTLING", "WRITTEN_OFF")]),
        migrations.RunSQL(LIMIT_SETTLING, ""),
    ]
