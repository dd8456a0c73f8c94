"""Vendors that know no assessments may read theirs as line items."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("connections", "0007_activity")]

    operations = [
        migrations.AddField(
            "connection", "assessments_as_line_items",
            models.BooleanField(default=False, verbose_name="also list assessments as line items"),
        ),
    ]
