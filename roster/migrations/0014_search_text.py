"""People, usernames and sections are found by any part, by groups of three letters."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.models.functions import Upper

from roster.models.base import SearchText


class Migration(migrations.Migration):
    dependencies = [("roster", "0013_timetable")]

    operations = [
        migrations.AddIndex(
            model_name="person",
            index=GinIndex(
                OpClass(
                    Upper(
                        SearchText(
                            "given_name",
                            "preferred_given_name",
                            "family_name",
                            "preferred_family_name",
                            "local_id",
                            "state_id",
                            "email",
                            "secondary_email",
                            "sourced_id",
                        )
                    ),
                    name="gin_trgm_ops",
                ),
                name="roster_person_text",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=GinIndex(OpClass(Upper(SearchText("username")), name="gin_trgm_ops"), name="roster_account_text"),
        ),
        migrations.AddIndex(
            model_name="section",
            index=GinIndex(
                OpClass(Upper(SearchText("title", "number", "sourced_id")), name="gin_trgm_ops"),
                name="roster_section_text",
            ),
        ),
    ]
