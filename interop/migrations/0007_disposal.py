from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("interop", "0006_job_run")]
    operations = [
        migrations.CreateModel(
            name="Disposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("student", "One person’s data"),
                            ("ended", "People who left long ago"),
                            ("connection", "A connection and its keys"),
                        ],
                        max_length=12,
                    ),
                ),
                ("subject", models.CharField(max_length=255)),
                ("reason", models.CharField(max_length=500)),
                ("counts", models.JSONField(default=dict)),
                ("asked_by", models.CharField(max_length=255)),
                ("asked_at", models.DateTimeField(db_default=Now())),
                ("approved_by", models.CharField(blank=True, max_length=255)),
                ("approved_at", models.DateTimeField(null=True)),
                ("declined_by", models.CharField(blank=True, max_length=255)),
                ("done_at", models.DateTimeField(null=True)),
                ("certificate", models.JSONField(null=True)),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("declined_by", ""), ("done_at", None)),
                        fields=("kind", "subject"),
                        name="disposal_asked_once",
                    )
                ],
            },
        )
    ]
