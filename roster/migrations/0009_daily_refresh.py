"""The time of the daily refresh, and the last day it was done."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("roster", "0008_signing_in")]

    operations = [
        migrations.AddField(
            model_name="districtsettings",
            name="refresh_at",
            field=models.TimeField(default=datetime.time(4, 10), verbose_name="Daily refresh of the OneRoster cache"),
        ),
        migrations.CreateModel(
            name="DailyRefresh",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("done_on", models.DateField()),
            ],
        ),
    ]
