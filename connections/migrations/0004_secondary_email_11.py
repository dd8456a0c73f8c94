from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connections", "0003_usage_mark")]

    operations = [
        migrations.AddField(
            model_name="sharingsettings",
            name="secondary_email_11",
            field=models.BooleanField(default=False, verbose_name="Use Secondary Email addresses for OneRoster 1.1"),
        ),
    ]
