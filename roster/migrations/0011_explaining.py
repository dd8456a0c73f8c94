"""Names that are misspelled a little are found, by groups of three letters; and the district's email domains."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("roster", "0010_district_data")]

    operations = [
        TrigramExtension(),
        migrations.AddField(
            model_name="districtsettings",
            name="email_domains",
            field=models.CharField(blank=True, max_length=500, verbose_name="Email domains of the district"),
        ),
    ]
