from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("roster", "0004_record_source")]

    operations = [
        migrations.CreateModel(
            name="AppliedPackage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField()),
                ("applied_at", models.DateTimeField()),
            ],
        ),
    ]
