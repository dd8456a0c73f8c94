"""Lists of numbers and bodies are stored as they are: a slice of a compressed list would have to unpack all before it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("roster", "0006_served_scope")]
    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE roster_frozen ALTER COLUMN ids SET STORAGE EXTERNAL",
                "ALTER TABLE roster_body ALTER COLUMN doc SET STORAGE EXTERNAL",
            ],
            migrations.RunSQL.noop,
        )
    ]
