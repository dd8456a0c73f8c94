"""The roles of the data office: a group each, with the stock pages it may read."""

from django.db import migrations

ROLES = ("viewer", "editor", "security officer")


def make(apps, schema_editor):
    """Make the groups."""
    for name in ROLES:
        apps.get_model("auth", "Group").objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("interop", "0002_append_only"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
