"""Lists of numbers are stored as they are: a slice of a compressed list would have to unpack all before it."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Store the ids of walks through live lists without compressing them."""

    dependencies: ClassVar = [("gradebook", "0005_fewer_indexes")]
    operations: ClassVar = [
        migrations.RunSQL(
            "ALTER TABLE gradebook_livepull ALTER COLUMN ids SET STORAGE EXTERNAL", migrations.RunSQL.noop
        )
    ]
