from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0007_payment_channels'),
    ]

    operations = [
        migrations.AddField(
            model_name='bill',
            name='kind',
            field=models.CharField(choices=[('RENT', 'Rent'), ('DAMAGE', 'Damage'), ('DAY_RENT', 'Rent after the last day'), ('EARLY', 'Early return'), ('BUYOUT', 'Buyout'), ('LOSS', 'Loss')], default='RENT', max_length=8, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='bill',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'RENT'), ('number__lt', 901)), models.Q(models.Q(('kind', 'RENT'), _negated=True), ('number__gte', 901)), _connector='OR'), name='billing_bill_numbers_by_kind'),
        ),
        migrations.AddConstraint(
            model_name='bill',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'RENT'), models.Q(('cover', 0), ('fee', 0)), _connector='OR'), name='billing_bill_extra_is_one_amount'),
        ),
    ]
