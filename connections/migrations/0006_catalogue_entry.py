"""Products the district adds to the catalogue."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connections", "0005_oauth1")]

    operations = [
        migrations.CreateModel(
            name="CatalogueEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=100, unique=True)),
                ("told", models.JSONField()),
            ],
        ),
    ]
