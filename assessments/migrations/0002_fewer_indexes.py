"""An index that says what the unique one says too, as in gradebook/migrations/0005_fewer_indexes.py."""

from typing import ClassVar

from django.db import migrations

LIKE = "assessments_testscore_sourced_id_604038ed_like"


class Migration(migrations.Migration):
    """Take it away."""

    dependencies: ClassVar = [("assessments", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL(
            f"DROP INDEX IF EXISTS {LIKE}",
            f"CREATE INDEX {LIKE} ON assessments_testscore (sourced_id varchar_pattern_ops)",
        )
    ]
