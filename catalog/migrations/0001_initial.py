import core.fields
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DeviceType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('name_en', models.CharField(max_length=80, verbose_name='name in English')),
                ('code', models.SlugField(help_text='Names the drawing that is shown; a new code shows a parcel until drawn.', unique=True, verbose_name='code')),
                ('attributes', models.JSONField(blank=True, default=list, help_text='What its models state, e.g. [{"key": "screen", "name": "屏幕", "name_en": "Screen"}].', verbose_name='attributes')),
                ('order', models.PositiveSmallIntegerField(default=0, help_text='Shops list the lowest number first.', verbose_name='order')),
            ],
            options={
                'verbose_name': 'device type',
                'verbose_name_plural': 'device types',
                'ordering': ('order', 'code'),
            },
        ),
        migrations.CreateModel(
            name='LendingRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='from')),
                ('rate_yearly', core.fields.RateField(help_text='As a share: 0.03 for 3 %. Four times it caps the yearly cost of a plan.', verbose_name='yearly rate')),
            ],
            options={
                'verbose_name': 'lending rate (LPR)',
                'verbose_name_plural': 'lending rates (LPR)',
                'ordering': ('-day',),
            },
        ),
        migrations.CreateModel(
            name='DeviceModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('name_en', models.CharField(max_length=80, verbose_name='name in English')),
                ('slug', models.SlugField(help_text="The last part of its page's address: letters, digits, hyphens.", unique=True, verbose_name='address')),
                ('brand', models.CharField(max_length=40, verbose_name='brand')),
                ('attributes', models.JSONField(blank=True, default=dict, help_text='By the keys of its device type, e.g. {"screen": {"zh": "6.1 英寸", "en": "6.1 inch"}}.', verbose_name='attributes')),
                ('device_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='device_models', related_query_name='models', to='catalog.devicetype', verbose_name='device type')),
            ],
            options={
                'verbose_name': 'device model',
                'verbose_name_plural': 'device models',
                'ordering': ('device_type', 'name'),
            },
        ),
        migrations.CreateModel(
            name='Sku',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('specification', models.CharField(max_length=60, verbose_name='specification')),
                ('specification_en', models.CharField(max_length=60, verbose_name='specification in English')),
                ('condition', models.CharField(choices=[('NEW', 'New'), ('LIKE_NEW', 'Like new'), ('GOOD', 'Good')], max_length=10, verbose_name='condition')),
                ('device_model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='skus', to='catalog.devicemodel', verbose_name='device model')),
            ],
            options={
                'verbose_name': 'specification',
                'verbose_name_plural': 'specifications',
                'constraints': [models.UniqueConstraint(fields=('device_model', 'specification', 'condition'), name='catalog_sku_once')],
            },
        ),
        migrations.CreateModel(
            name='LeasePlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('PUBLISHED', 'Published'), ('SUPERSEDED', 'Superseded')], default='DRAFT', max_length=50, verbose_name='state')),
                ('lease_model', models.CharField(choices=[('RETURN_ONLY', 'Return at the end'), ('OPTION_TO_BUY', 'Return or buy'), ('RENT_TO_OWN', 'Yours after the last rent')], max_length=15, verbose_name='lease model')),
                ('signed_value', core.fields.MoneyField(help_text='What the agreement says the device is worth; at most the cash price.', verbose_name='signed value')),
                ('deposit_rate', core.fields.RateField(default=Decimal('0.70'), help_text='From 0.30 to 1: 0.70 is 70 %.', verbose_name='deposit, share of the signed value')),
                ('cover_choice', models.CharField(choices=[('NONE', 'None'), ('OPTIONAL', 'Optional'), ('MANDATORY', 'Compulsory')], default='NONE', max_length=10, verbose_name='cover')),
                ('cover_monthly', core.fields.MoneyField(default=Decimal('0.00'), verbose_name='cover a month')),
                ('early_return_months', models.PositiveSmallIntegerField(default=1, help_text='What leaving early costs; at most 2.', verbose_name='early return, months of rent')),
                ('renewal_discount_rate', core.fields.RateField(default=Decimal('0.10'), help_text='As a share of the monthly rent: 0.10 is 10 %.', verbose_name='renewal discount')),
                ('ships_out', models.CharField(choices=[('MERCHANT', 'Merchant'), ('CUSTOMER', 'Customer')], default='MERCHANT', max_length=8, verbose_name='pays shipping out')),
                ('ships_back', models.CharField(choices=[('MERCHANT', 'Merchant'), ('CUSTOMER', 'Customer')], default='MERCHANT', max_length=8, verbose_name='pays shipping back')),
                ('managed', models.BooleanField(default=False, help_text='The merchant administers it during the lease; offers and agreements say so.', verbose_name='managed device')),
                ('cash_price', core.fields.MoneyField(editable=False, null=True, verbose_name='cash price')),
                ('cash_price_as_of', models.DateField(editable=False, null=True, verbose_name='cash price as of')),
                ('lowest_rent', core.fields.MoneyField(editable=False, null=True, verbose_name='lowest monthly rent')),
                ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='published')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='accounts.merchant', verbose_name='merchant')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='catalog.sku', verbose_name='specification')),
            ],
            options={
                'verbose_name': 'lease plan',
                'verbose_name_plural': 'lease plans',
                'constraints': [models.UniqueConstraint(fields=('merchant', 'sku', 'version'), name='catalog_plan_version_once'), models.UniqueConstraint(condition=models.Q(('state', 'PUBLISHED')), fields=('merchant', 'sku'), name='catalog_plan_one_published'), models.CheckConstraint(condition=models.Q(('deposit_rate__gte', Decimal('0.3')), ('deposit_rate__lte', 1)), name='catalog_plan_deposit_rate', violation_error_message='The deposit is a share from 0.30 to 1 of the signed value.'), models.CheckConstraint(condition=models.Q(('early_return_months__lte', 2)), name='catalog_plan_early_return', violation_error_message='Early return costs at most 2 months of rent.')],
            },
        ),
        migrations.CreateModel(
            name='DeviceUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial', models.CharField(max_length=40, verbose_name='serial number')),
                ('imei', models.CharField(blank=True, max_length=15, verbose_name='IMEI')),
                ('added_at', models.DateTimeField(verbose_name='added')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='retired')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='units', to='accounts.merchant', verbose_name='merchant')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='units', to='catalog.sku', verbose_name='specification')),
            ],
            options={
                'verbose_name': 'device unit',
                'verbose_name_plural': 'device units',
                'constraints': [models.UniqueConstraint(fields=('merchant', 'serial'), name='catalog_unit_serial_once'), models.UniqueConstraint(condition=models.Q(('imei', ''), _negated=True), fields=('imei',), name='catalog_unit_imei_once')],
            },
        ),
        migrations.CreateModel(
            name='CashPrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', core.fields.MoneyField(verbose_name='amount')),
                ('source', models.CharField(help_text='Where the price was seen, so that anyone can look again.', max_length=120, verbose_name='source')),
                ('as_of', models.DateField(help_text='The day on which it was seen. No plan is published on a price older than 90 days.', verbose_name='as of')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='set by')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cash_prices', to='catalog.sku', verbose_name='specification')),
            ],
            options={
                'verbose_name': 'cash price',
                'verbose_name_plural': 'cash prices',
                'get_latest_by': ('as_of', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='catalog_cash_price_positive', violation_error_message='The amount must be above 0.')],
            },
        ),
        migrations.CreateModel(
            name='StockLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on_hand', models.PositiveIntegerField(default=0, verbose_name='on hand')),
                ('reserved', models.PositiveIntegerField(default=0, verbose_name='reserved')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stock', to='accounts.merchant', verbose_name='merchant')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stock', to='catalog.sku', verbose_name='specification')),
            ],
            options={
                'verbose_name': 'stock level',
                'verbose_name_plural': 'stock levels',
                'constraints': [models.UniqueConstraint(fields=('merchant', 'sku'), name='catalog_stock_once'), models.CheckConstraint(condition=models.Q(('reserved__lte', models.F('on_hand'))), name='catalog_stock_not_oversold')],
            },
        ),
        migrations.CreateModel(
            name='DamageItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('name_en', models.CharField(max_length=80, verbose_name='name in English')),
                ('code', models.SlugField(verbose_name='code')),
                ('amount', core.fields.MoneyField(verbose_name='amount')),
                ('device_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='damage_items', to='catalog.devicetype', verbose_name='device type')),
            ],
            options={
                'verbose_name': 'damage item',
                'verbose_name_plural': 'damage items',
                'ordering': ('device_type', 'amount', 'code'),
                'constraints': [models.UniqueConstraint(fields=('device_type', 'code'), name='catalog_damage_item_once')],
            },
        ),
        migrations.CreateModel(
            name='PlanTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('months', models.PositiveSmallIntegerField(verbose_name='months')),
                ('monthly_rent', core.fields.MoneyField(verbose_name='monthly rent')),
                ('total_to_own', core.fields.MoneyField(blank=True, help_text='All rents and the last buyout price together.', null=True, verbose_name='total to own')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='terms', to='catalog.leaseplan', verbose_name='lease plan')),
            ],
            options={
                'verbose_name': 'term',
                'verbose_name_plural': 'terms',
                'ordering': ('months',),
                'constraints': [models.UniqueConstraint(fields=('plan', 'months'), name='catalog_plan_term_once'), models.CheckConstraint(condition=models.Q(('months__gte', 1), ('months__lte', 36)), name='catalog_plan_term_months', violation_error_message='A term has 1 to 36 months.'), models.CheckConstraint(condition=models.Q(('monthly_rent__gt', 0)), name='catalog_plan_term_rent', violation_error_message='The amount must be above 0.')],
            },
        ),
    ]
