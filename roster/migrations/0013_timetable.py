"""Refresh times of class and student records apart; the daily time that was chosen goes on for both."""

import django.contrib.postgres.fields
from django.db import migrations, models

import roster.models.settings

COPY = """
    UPDATE roster_districtsettings SET class_times = ARRAY[refresh_at],
        student_times = ARRAY(SELECT DISTINCT unnest(array_append(student_times, refresh_at)) ORDER BY 1)
    WHERE refresh_at <> '04:10'
"""


class Migration(migrations.Migration):
    dependencies = [("roster", "0012_role_ids")]

    operations = [
        migrations.AddField(
            model_name="districtsettings",
            name="class_times",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TimeField(),
                default=roster.models.settings.nightly,
                size=None,
                verbose_name="Class records are refreshed at",
            ),
        ),
        migrations.AddField(
            model_name="districtsettings",
            name="student_times",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TimeField(),
                default=roster.models.settings.hourly_and_nightly,
                size=None,
                verbose_name="Student records are refreshed at",
            ),
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="districtsettings", name="refresh_at"),
        migrations.DeleteModel(name="DailyRefresh"),
    ]
