import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_standstills'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('digest', models.CharField(editable=False, max_length=128, primary_key=True, serialize=False)),
                ('token_key', models.CharField(db_index=True, editable=False, max_length=25)),
                ('face', models.CharField(choices=[('CUSTOMER', 'Customer'), ('MERCHANT', 'Merchant')], max_length=10, verbose_name='face')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('ending', models.CharField(max_length=4, verbose_name='last characters')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('last_used_date', models.DateField(null=True, verbose_name='last used')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='auth_token_set', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'API token',
                'verbose_name_plural': 'API tokens',
                'constraints': [models.UniqueConstraint(fields=('user', 'name'), name='accounts_api_token_name_once'), models.CheckConstraint(condition=models.Q(('face__in', ['CUSTOMER', 'MERCHANT']), ('digest__regex', '^[0-9a-f]{128}$')), name='accounts_api_token_hashed')],
            },
        ),
    ]
