"""What stays of the versions of people's records, to answer who received them."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("roster", "0015_feed_imports")]

    operations = [
        migrations.CreateModel(
            name="PastRecord",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("version", models.PositiveSmallIntegerField()),
                ("object", models.CharField(max_length=20)),
                ("sourced_id", models.CharField(max_length=255, db_collation="C", db_index=True)),
                ("modified", models.DateTimeField()),
                ("retired_at", models.DateTimeField()),
                ("school", models.BigIntegerField(null=True)),
                (
                    "others",
                    django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), null=True, size=None),
                ),
                (
                    "former",
                    django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), null=True, size=None),
                ),
                ("audience", models.CharField(max_length=10, blank=True)),
                ("find", models.JSONField(default=dict)),
            ],
        ),
    ]
