"""The records that must not be sent any more."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table of withheld records."""

    dependencies: ClassVar = [("roster", "0002_district_settings")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Withheld",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
