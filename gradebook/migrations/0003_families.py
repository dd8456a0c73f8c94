import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gradebook', '0002_records'),
        ('roster', '0017_touched'),
    ]

    operations = [
        migrations.AddField(
            model_name='gradeoptions',
            name='portal',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.CreateModel(
            name='FamilyChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mail_grades', models.BooleanField(db_default=False, default=False)),
                ('mail_missing', models.BooleanField(db_default=False, default=False)),
                ('language', models.CharField(db_default='en', default='en', max_length=10)),
                ('told_until', models.DateTimeField(blank=True, null=True)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='family_choice', to='roster.person')),
            ],
        ),
    ]
