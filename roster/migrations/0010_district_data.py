"""Scheduling marked final, usernames made here, and people in order of their names."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("roster", "0009_daily_refresh")]

    operations = [
        migrations.CreateModel(
            name="SchedulingFinal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("marked_by", models.CharField(max_length=255)),
                ("marked_at", models.DateTimeField(db_default=Now())),
                (
                    "school_year",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scheduling_final",
                        to="roster.schoolyear",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AccountRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("student", "Student"), ("staff", "Staff")], max_length=10, unique=True),
                ),
                ("automatic", models.BooleanField(default=False)),
                ("pattern", models.CharField(max_length=100)),
                ("enabled", models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name="account", name="made_here", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddField(
            model_name="districtsettings",
            name="hold_until_final",
            field=models.BooleanField(default=False, verbose_name="Hold all vendors until scheduling is final"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["family_name", "given_name", "id"], name="roster_person_name"),
        ),
    ]
