"""The database notes what every change of the district's data touches, in the transaction that makes it."""

from typing import ClassVar

from django.db import migrations, models

TABLES = {
    "district": [("everything", "''")],
    "school": [("everything", "''")],
    "schoolyear": [("everything", "''")],
    "calendar": [("everything", "''")],
    "schedulestructure": [("everything", "''")],
    "gradelevel": [("everything", "''")],
    "districtsettings": [("everything", "''")],
    "term": [("structure", "''")],
    "coursemaster": [("master", "id")],
    "course": [("course", "id")],
    "course_resources": [("structure", "''")],
    "section": [("section", "id")],
    "section_terms": [("structure", "''")],
    "section_resources": [("structure", "''")],
    "resource": [("resource", "id")],
    "person": [("person", "id")],
    "person_resources": [("person", "person_id"), ("structure", "''")],
    "account": [("person", "person_id")],
    "demographics": [("person", "person_id")],
    "enrollment": [("person", "person_id")],
    "districtassignment": [("person", "person_id")],
    "relationship": [("person", "student_id"), ("person", "contact_id")],
    "rosterentry": [("entry", "sourced_id")],
    "sectionstaff": [("entry", "sourced_id")],
}
"""What stands for a row of each table: a kind of note, and the column that says which (see publishing/touched.py)."""
MANY = 20_000
"""From so many rows changed by one statement on, all is compared rather than noted."""

# What a changed link led to before counts as much as what it leads to now.
NOTE = """
CREATE FUNCTION roster_note_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM changed) > {many} THEN
        INSERT INTO roster_touched (kind, key) VALUES ('everything', '');
        RETURN NULL;
    END IF;
    INSERT INTO roster_touched (kind, key) {changed};
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO roster_touched (kind, key) ({earlier}) EXCEPT ({changed});
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER roster_note_insert AFTER INSERT ON roster_{table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION roster_note_{table}();
CREATE TRIGGER roster_note_delete AFTER DELETE ON roster_{table} REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION roster_note_{table}();
CREATE TRIGGER roster_note_update AFTER UPDATE ON roster_{table} REFERENCING OLD TABLE AS earlier NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION roster_note_{table}();
CREATE TRIGGER roster_note_truncate AFTER TRUNCATE ON roster_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION roster_note_everything();
"""
EVERYTHING = """
CREATE FUNCTION roster_note_everything() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO roster_touched (kind, key) VALUES ('everything', '');
    RETURN NULL;
END $$;
"""
# What is published of a person is found by the person's identifier, which is kept for ever; otherwise nothing helps.
LOST_PEOPLE = """
CREATE TRIGGER roster_note_lost AFTER DELETE ON roster_person
    FOR EACH ROW EXECUTE FUNCTION roster_note_everything();
CREATE TRIGGER roster_note_renamed AFTER UPDATE ON roster_person
    FOR EACH ROW WHEN (OLD.sourced_id <> NEW.sourced_id) EXECUTE FUNCTION roster_note_everything();
"""
BACKWARD = "".join(f"DROP FUNCTION roster_note_{table}() CASCADE;" for table in [*TABLES, "everything"])


def _forward() -> str:
    parts = [EVERYTHING]
    for table, notes in TABLES.items():
        rows = {name: _keys(notes, name) for name in ("changed", "earlier")}
        parts.append(NOTE.format(table=table, many=MANY, **rows))
    return "".join([*parts, LOST_PEOPLE])


def _keys(notes: list[tuple[str, str]], rows: str) -> str:
    return " UNION ".join(f"SELECT DISTINCT '{kind}', {key}::text FROM {rows}" for kind, key in notes)


class Migration(migrations.Migration):
    """Make the table of notes and the triggers that write it."""

    dependencies: ClassVar = [("roster", "0016_past_record")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Touched",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("key", models.CharField(max_length=255)),
            ],
        ),
        migrations.RunSQL(_forward(), BACKWARD),
    ]
