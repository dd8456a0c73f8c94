"""Indexes that say what another index says too; every score and receipt that is written had to go into them."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models.deletion import CASCADE

LIKE = {
    "gradebook_score": "gradebook_score_sourced_id_38d2f616_like",
    "gradebook_assignment": "gradebook_assignment_sourced_id_bb988cab_like",
}
"""Django makes them for LIKE; sourcedIds are compared byte by byte, so their unique index serves it as well."""


class Migration(migrations.Migration):
    """Take them away."""

    dependencies: ClassVar = [("connections", "0008_assessments_as_line_items"), ("gradebook", "0004_marks")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="receipt",
            name="connection",
            field=models.ForeignKey("connections.connection", CASCADE, related_name="+", db_index=False),
        ),
        *(
            migrations.RunSQL(
                f"DROP INDEX IF EXISTS {index}", f"CREATE INDEX {index} ON {table} (sourced_id varchar_pattern_ops)"
            )
            for table, index in LIKE.items()
        ),
    ]
