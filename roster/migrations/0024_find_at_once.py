"""What is new of `find` is put into its index at once, after a refresh, instead of value by value."""

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    """Change the index where it is: nothing is built anew."""

    dependencies: ClassVar = [("roster", "0023_students_index")]

    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX record_live_find RESET (fastupdate)",
                    "ALTER INDEX record_live_find SET (fastupdate = off)",
                )
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="record", name="record_live_find"),
                migrations.AddIndex(
                    model_name="record",
                    index=django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("find", name="jsonb_path_ops"),
                        condition=models.Q(("retired_at", None)),
                        name="record_live_find",
                    ),
                ),
            ],
        )
    ]
