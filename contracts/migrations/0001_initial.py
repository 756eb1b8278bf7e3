import core.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True, verbose_name='number')),
                ('state', models.CharField(choices=[('DRAFTED', 'Being prepared'), ('READY', 'Ready to sign'), ('SIGNING', 'Being signed'), ('SIGNED', 'Signed'), ('VOID', 'Void')], default='DRAFTED', max_length=50, verbose_name='state')),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('seal_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('terms', core.fields.SealedField(editable=False)),
                ('terms_sha256', models.CharField(max_length=64, verbose_name='fingerprint of the terms')),
                ('drafted_at', models.DateTimeField(verbose_name='drafted')),
                ('ready_at', models.DateTimeField(null=True, verbose_name='ready')),
                ('intent_at', models.DateTimeField(null=True, verbose_name='code entered')),
                ('signed_at', models.DateTimeField(null=True, verbose_name='signed')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='accounts.customer', verbose_name='customer')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='accounts.merchant', verbose_name='merchant')),
            ],
            options={
                'verbose_name': 'agreement',
                'verbose_name_plural': 'agreements',
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('UNSIGNED', 'To be signed'), ('SIGNED', 'Signed')], max_length=8, verbose_name='kind')),
                ('sha256', models.CharField(max_length=64, verbose_name='fingerprint (SHA-256)')),
                ('size', models.PositiveIntegerField(verbose_name='bytes')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='contracts.agreement', verbose_name='agreement')),
            ],
            options={
                'verbose_name': 'document',
                'verbose_name_plural': 'documents',
                'constraints': [models.UniqueConstraint(fields=('agreement', 'kind'), name='contracts_document_once')],
            },
        ),
        migrations.CreateModel(
            name='EvidenceEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.PositiveIntegerField(verbose_name='number')),
                ('kind', models.CharField(max_length=40, verbose_name='event')),
                ('facts', models.JSONField(verbose_name='facts')),
                ('body', models.TextField(verbose_name='text that was hashed')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('hash', models.CharField(max_length=64, verbose_name='hash of the chain')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='contracts.agreement', verbose_name='agreement')),
            ],
            options={
                'verbose_name': 'link of the evidence',
                'verbose_name_plural': 'evidence',
                'ordering': ('sequence',),
                'constraints': [models.UniqueConstraint(fields=('agreement', 'sequence'), name='contracts_evidence_sequence')],
            },
        ),
    ]
