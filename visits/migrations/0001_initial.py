import core.fields
import django.db.models.deletion
import uuid
import visits.rules.findings
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
            name='FieldAgent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Customers read it before they open the door.', max_length=20, verbose_name='name')),
                ('badge', models.CharField(max_length=12, unique=True, verbose_name='badge number')),
                ('region', models.CharField(max_length=40, verbose_name='region')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='agent', to=settings.AUTH_USER_MODEL, verbose_name='sign-in')),
            ],
            options={
                'verbose_name': 'field agent',
                'verbose_name_plural': 'field agents',
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True, verbose_name='number')),
                ('order_number', models.CharField(max_length=24, verbose_name='order')),
                ('state', models.CharField(choices=[('REQUESTED', 'To be arranged'), ('PROPOSED', 'Times proposed'), ('AGREED', 'Appointment made'), ('DONE', 'Done'), ('DECLINED', 'Declined by the customer'), ('CANCELLED', 'Called off')], default='REQUESTED', max_length=50, verbose_name='state')),
                ('requested_at', models.DateTimeField(verbose_name='requested')),
                ('starts_at', models.DateTimeField(null=True, verbose_name='appointment')),
                ('moves', models.PositiveSmallIntegerField(default=0, verbose_name='moved')),
                ('wish', models.CharField(blank=True, max_length=120, verbose_name="the customer's wish")),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('reason', models.CharField(blank=True, max_length=120, verbose_name='reason')),
                ('stars', models.PositiveSmallIntegerField(null=True, verbose_name='rating')),
                ('rating_note', models.CharField(blank=True, max_length=300, verbose_name='what the customer says')),
                ('rated_at', models.DateTimeField(null=True, verbose_name='rated')),
                ('address', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.address', verbose_name='address')),
                ('agent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='visits.fieldagent', verbose_name='field agent')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='accounts.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'field visit',
                'verbose_name_plural': 'field visits',
                'indexes': [models.Index(condition=models.Q(('state', 'AGREED')), fields=['agent', 'starts_at'], name='visits_of_agent'), models.Index(fields=['order_number'], name='visits_of_order')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['REQUESTED', 'PROPOSED', 'AGREED'])), fields=('order_number',), name='visits_visit_one_under_way'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['AGREED', 'DONE']), _negated=True), models.Q(('agent__isnull', False), ('starts_at__isnull', False)), _connector='OR'), name='visits_visit_agreed_is_complete'), models.CheckConstraint(condition=models.Q(models.Q(('rated_at', None), ('stars', None)), models.Q(('rated_at__isnull', False), ('stars__gte', 1), ('stars__lte', 5), ('state', 'DONE')), _connector='OR'), name='visits_visit_rated_when_done')],
            },
        ),
        migrations.CreateModel(
            name='ProposedTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(verbose_name='appointment')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='withdrawn')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='times', to='visits.visit', verbose_name='field visit')),
            ],
            options={
                'verbose_name': 'proposed time',
                'verbose_name_plural': 'proposed times',
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('visit', 'starts_at'), name='visits_time_once')],
            },
        ),
        migrations.CreateModel(
            name='VisitComplaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('OPEN', 'Open'), ('ANSWERED', 'Answered')], default='OPEN', max_length=50, verbose_name='state')),
                ('text', models.CharField(max_length=1000, verbose_name='complaint')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('answer_text', models.CharField(blank=True, max_length=1000, verbose_name='answer')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered')),
                ('visit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='complaint', to='visits.visit', verbose_name='field visit')),
            ],
            options={
                'verbose_name': 'complaint about a visit',
                'verbose_name_plural': 'complaints about visits',
                'constraints': [models.CheckConstraint(condition=models.Q(('answered_at', None), ('answered_at__gte', models.F('opened_at')), _connector='OR'), name='visits_complaint_in_order')],
            },
        ),
        migrations.CreateModel(
            name='VisitPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(choices=[('ID_CARD', 'Identity card'), ('RESIDENCE', 'Tenancy agreement, deed or a recent utility bill'), ('WORK', 'Badge, contract or payslip of your work'), ('HOUSEHOLD', 'Household register')], max_length=10, verbose_name='paper')),
                ('found', models.CharField(choices=[(visits.rules.findings.Check['OPEN'], 'Not looked at'), (visits.rules.findings.Check['MATCHES'], 'Matches the application'), (visits.rules.findings.Check['MISMATCH'], 'Belongs to somebody else or is altered'), (visits.rules.findings.Check['NOT_SHOWN'], 'Not shown')], default='OPEN', max_length=10, verbose_name='found')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='papers', to='visits.visit', verbose_name='field visit')),
            ],
            options={
                'verbose_name': 'paper of a visit',
                'verbose_name_plural': 'papers of a visit',
                'constraints': [models.UniqueConstraint(fields=('visit', 'code'), name='visits_paper_once')],
            },
        ),
        migrations.CreateModel(
            name='VisitReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('met', models.BooleanField(verbose_name='the customer was there')),
                ('lives_there', models.BooleanField(verbose_name='lives at the address')),
                ('seal_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('remarks', core.fields.SealedField(editable=False, null=True, verbose_name='remarks')),
                ('conclusion', models.CharField(choices=[(visits.rules.findings.Conclusion['CONFIRMED'], 'Confirmed'), (visits.rules.findings.Conclusion['DOUBTFUL'], 'Doubtful: a person decides'), (visits.rules.findings.Conclusion['MISMATCH'], 'Mismatch: suspected fraud')], max_length=10, verbose_name='conclusion')),
                ('reported_at', models.DateTimeField(verbose_name='reported')),
                ('visit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='finding', to='visits.visit', verbose_name='field visit')),
            ],
            options={
                'verbose_name': 'report of a visit',
                'verbose_name_plural': 'reports of visits',
            },
        ),
    ]
