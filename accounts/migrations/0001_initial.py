import core.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Merchant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('name_en', models.CharField(max_length=80, verbose_name='name in English')),
                ('licence_number', models.CharField(help_text='18 characters, as on the business licence.', max_length=18, verbose_name='unified social credit code')),
                ('address', models.CharField(max_length=200, verbose_name='address')),
                ('return_address', models.CharField(help_text='Customers send devices back to it; agreements state it.', max_length=200, verbose_name='return address')),
                ('telephone', models.CharField(max_length=30, verbose_name='telephone')),
            ],
            options={
                'verbose_name': 'merchant',
                'verbose_name_plural': 'merchants',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('login', models.CharField(help_text='What staff type to sign in; customers sign in by phone.', max_length=60, unique=True, verbose_name='login')),
                ('kind', models.CharField(choices=[('CUSTOMER', 'Customer'), ('MERCHANT', 'Merchant'), ('OPERATOR', 'Operator'), ('AGENT', 'Field agent')], default='CUSTOMER', max_length=10, verbose_name='kind')),
                ('seal_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('phone', core.fields.SealedField(blank=True, editable=False, null=True, verbose_name='phone')),
                ('phone_index', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('language', models.CharField(default='zh-hans', max_length=10, verbose_name='language')),
                ('is_staff', models.BooleanField(default=False, verbose_name='may enter the admin')),
                ('is_active', models.BooleanField(default=True, help_text='Switch off instead of deleting: what a person did keeps its name.', verbose_name='active')),
                ('joined_at', models.DateTimeField(null=True, verbose_name='joined')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
            },
        ),
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='number')),
                ('blocked_reason', models.CharField(blank=True, help_text='Any text blocks: no order is accepted from this customer. Emptying it lifts the block.', max_length=200, verbose_name='blocked because')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='customer', to=settings.AUTH_USER_MODEL, verbose_name='sign-in')),
            ],
            options={
                'verbose_name': 'customer',
                'verbose_name_plural': 'customers',
            },
        ),
        migrations.CreateModel(
            name='Address',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seal_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('consignee', core.fields.SealedField(editable=False, verbose_name='consignee')),
                ('phone', core.fields.SealedField(editable=False)),
                ('phone_index', models.CharField(db_index=True, editable=False, max_length=64, null=True)),
                ('place_index', models.CharField(db_index=True, editable=False, max_length=64, null=True)),
                ('region', models.CharField(max_length=80, verbose_name='province, city, district')),
                ('street', core.fields.SealedField(editable=False, verbose_name='street')),
                ('added_at', models.DateTimeField(verbose_name='added')),
                ('removed_at', models.DateTimeField(null=True, verbose_name='removed')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addresses', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'address',
                'verbose_name_plural': 'addresses',
            },
        ),
        migrations.CreateModel(
            name='MerchantMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('OWNER', 'Owner'), ('STAFF', 'Staff')], default='STAFF', max_length=5, verbose_name='role')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='accounts.merchant', verbose_name='merchant')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='membership', to=settings.AUTH_USER_MODEL, verbose_name='sign-in')),
            ],
            options={
                'verbose_name': "merchant's member",
                'verbose_name_plural': "merchant's members",
            },
        ),
        migrations.CreateModel(
            name='OneTimeCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(max_length=90)),
                ('phone_index', models.CharField(max_length=64)),
                ('salt', models.UUIDField(default=uuid.uuid4)),
                ('code_hash', models.CharField(max_length=64)),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('used_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['phone_index', 'purpose', '-sent_at'], name='accounts_code_latest')],
            },
        ),
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seal_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('secret', core.fields.SealedField(editable=False)),
                ('begun_at', models.DateTimeField(verbose_name='begun')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmed')),
                ('last_step', models.BigIntegerField(default=0)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('failed_at', models.DateTimeField(null=True)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='second_factor', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'second factor',
                'verbose_name_plural': 'second factors',
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_number', models.CharField(max_length=24, verbose_name='order')),
                ('kind', models.CharField(choices=[('EMERGENCY', 'Emergency contact'), ('GUARANTOR', 'Guarantor')], max_length=10, verbose_name='kind')),
                ('state', models.CharField(choices=[('NAMED', 'Has not agreed yet'), ('GIVEN', 'To be reviewed'), ('APPROVED', 'Accepted'), ('REFUSED', 'Not accepted'), ('AGAIN', 'Asked for again'), ('DECLINED', 'Declined by himself'), ('LAPSED', 'No longer needed')], default='NAMED', max_length=50, verbose_name='state')),
                ('relation', models.CharField(choices=[('PARENT', 'Parent'), ('SPOUSE', 'Spouse'), ('SIBLING', 'Brother or sister'), ('CHILD', 'Son or daughter'), ('FRIEND', 'Friend'), ('COLLEAGUE', 'Colleague')], max_length=10, verbose_name='relation')),
                ('seal_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', core.fields.SealedField(editable=False, null=True, verbose_name='name')),
                ('phone', core.fields.SealedField(editable=False, null=True, verbose_name='phone')),
                ('named_at', models.DateTimeField(verbose_name='named')),
                ('consented_at', models.DateTimeField(null=True, verbose_name='agreed himself')),
                ('consent_version', models.CharField(blank=True, max_length=20, verbose_name='wording of the consent')),
                ('reviewed_at', models.DateTimeField(null=True, verbose_name='reviewed')),
                ('grounds', models.CharField(blank=True, max_length=200, verbose_name='grounds')),
                ('keep_until', models.DateTimeField(null=True, verbose_name='kept until')),
                ('erased_at', models.DateTimeField(null=True, verbose_name='erased')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'contact',
                'verbose_name_plural': 'contacts',
                'indexes': [models.Index(fields=['order_number'], name='accounts_contact_of_order'), models.Index(condition=models.Q(('erased_at', None)), fields=['keep_until'], name='accounts_contact_to_erase')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['NAMED', 'GIVEN', 'APPROVED'])), fields=('order_number', 'kind'), name='accounts_contact_one_standing'), models.CheckConstraint(condition=models.Q(models.Q(('erased_at', None), ('name__isnull', False), ('phone__isnull', False)), models.Q(('erased_at__isnull', False), ('name', None), ('phone', None)), _connector='OR'), name='accounts_contact_erased_is_empty'), models.CheckConstraint(condition=models.Q(('kind', 'EMERGENCY'), models.Q(('state__in', ['GIVEN', 'APPROVED']), _negated=True), ('consented_at__isnull', False), _connector='OR'), name='accounts_contact_guarantor_consented')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(max_length=40, verbose_name='purpose')),
                ('version', models.CharField(max_length=20, verbose_name='version')),
                ('given_at', models.DateTimeField(verbose_name='given')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='withdrawn')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'consent',
                'verbose_name_plural': 'consents',
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('customer', 'purpose', 'version'), name='accounts_consent_one_standing')],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_number', models.CharField(max_length=24, verbose_name='order')),
                ('kind', models.CharField(choices=[('HOUSEHOLD', 'Household register'), ('WORK', 'Proof of work'), ('RESIDENCE', 'Proof of residence')], max_length=10, verbose_name='kind')),
                ('state', models.CharField(choices=[('GIVEN', 'To be reviewed'), ('ACCEPTED', 'Accepted'), ('REFUSED', 'Not accepted'), ('AGAIN', 'Asked for again'), ('LAPSED', 'No longer needed')], default='GIVEN', max_length=50, verbose_name='state')),
                ('file_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('sealed', models.BinaryField(null=True)),
                ('sha256', models.CharField(max_length=64)),
                ('width', models.PositiveSmallIntegerField(verbose_name='width')),
                ('height', models.PositiveSmallIntegerField(verbose_name='height')),
                ('size', models.PositiveIntegerField(verbose_name='bytes')),
                ('given_at', models.DateTimeField(verbose_name='given')),
                ('reviewed_at', models.DateTimeField(null=True, verbose_name='reviewed')),
                ('grounds', models.CharField(blank=True, max_length=200, verbose_name='grounds')),
                ('keep_until', models.DateTimeField(null=True, verbose_name='kept until')),
                ('erased_at', models.DateTimeField(null=True, verbose_name='erased')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'document',
                'verbose_name_plural': 'documents',
                'indexes': [models.Index(fields=['order_number'], name='accounts_document_of_order'), models.Index(condition=models.Q(('erased_at', None)), fields=['keep_until'], name='accounts_document_to_erase')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('erased_at', None), ('sealed__isnull', False)), models.Q(('erased_at__isnull', False), ('sealed', None)), _connector='OR'), name='accounts_document_erased_is_gone')],
            },
        ),
        migrations.CreateModel(
            name='IdentityVerification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('PENDING', 'Being checked'), ('VERIFIED', 'Verified'), ('REFUSED', 'Refused')], default='PENDING', max_length=50, verbose_name='state')),
                ('seal_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', core.fields.SealedField(editable=False, verbose_name='name')),
                ('id_number', core.fields.SealedField(editable=False, verbose_name='ID number')),
                ('id_index', models.CharField(editable=False, max_length=64)),
                ('birthday', core.fields.SealedField(editable=False, verbose_name='birthday')),
                ('reason', models.CharField(blank=True, max_length=40, verbose_name='reason')),
                ('requested_at', models.DateTimeField(verbose_name='requested')),
                ('matched_at', models.DateTimeField(null=True, verbose_name='name and number matched')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verifications', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'identity verification',
                'verbose_name_plural': 'identity verifications',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'VERIFIED')), fields=('id_index',), name='accounts_verification_one_live_per_id'), models.UniqueConstraint(condition=models.Q(('state__in', ['PENDING', 'VERIFIED'])), fields=('customer',), name='accounts_verification_one_open')],
            },
        ),
        migrations.CreateModel(
            name='PersonKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seal_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('key', core.fields.SealedField(editable=False, null=True)),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('destroyed_at', models.DateTimeField(null=True, verbose_name='destroyed')),
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='file_key', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': "key of a person's files",
                'verbose_name_plural': "keys of persons' files",
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('destroyed_at', None), ('key__isnull', False)), models.Q(('destroyed_at__isnull', False), ('key', None)), _connector='OR'), name='accounts_person_key_destroyed_is_gone')],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code_hash', models.CharField(max_length=64)),
                ('used_at', models.DateTimeField(null=True, verbose_name='used')),
                ('factor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to='accounts.secondfactor')),
            ],
            options={
                'verbose_name': 'recovery code',
                'verbose_name_plural': 'recovery codes',
                'constraints': [models.UniqueConstraint(fields=('factor', 'code_hash'), name='accounts_recovery_code_once')],
            },
        ),
    ]
