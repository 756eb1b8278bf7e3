import core.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_browser_marks'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='email',
            field=core.fields.SealedField(blank=True, editable=False, null=True, verbose_name='e-mail'),
        ),
        migrations.AddField(
            model_name='user',
            name='email_index',
            field=models.CharField(editable=False, max_length=64, null=True, unique=True),
        ),
    ]
