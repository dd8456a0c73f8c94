"""What a record was rendered from, and a way to the retired ones."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the source of a record and the index of retired records."""

    dependencies: ClassVar = [("roster", "0003_withheld")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="record",
            name="source",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                condition=models.Q(("retired_at__isnull", False)), fields=["retired_at"], name="record_retired"
            ),
        ),
    ]
