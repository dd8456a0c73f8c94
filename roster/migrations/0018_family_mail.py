from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('roster', '0017_touched'),
    ]

    operations = [
        migrations.AddField(
            model_name='districtsettings',
            name='family_mail',
            field=models.BooleanField(default=False, verbose_name='Mail to students and parents'),
        ),
    ]
