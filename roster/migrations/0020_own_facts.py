"""A change that concerns nobody else is noted as that: a new address changes the person's own records alone."""

from typing import ClassVar

from django.db import migrations

# What is published of others, or of the person's classes, depends on these columns of a person alone.
PEOPLE = """
CREATE OR REPLACE FUNCTION roster_note_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM changed) > 20000 THEN
        INSERT INTO roster_touched (kind, key) VALUES ('everything', '');
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO roster_touched (kind, key)
            SELECT CASE WHEN ROW(o.sourced_id, o.ended_at, o.external_lms_exclude)
                IS NOT DISTINCT FROM ROW(n.sourced_id, n.ended_at, n.external_lms_exclude)
                THEN 'self' ELSE 'person' END, id::text FROM earlier o FULL JOIN changed n USING (id);
    ELSE
        INSERT INTO roster_touched (kind, key) SELECT 'person', id::text FROM changed;
    END IF;
    RETURN NULL;
END $$;
"""
# As it was for both tables, and is for that of demographics with another kind of note.
NOTE = """
CREATE OR REPLACE FUNCTION roster_note_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM changed) > 20000 THEN
        INSERT INTO roster_touched (kind, key) VALUES ('everything', '');
        RETURN NULL;
    END IF;
    INSERT INTO roster_touched (kind, key) SELECT DISTINCT '{kind}', {key}::text FROM changed;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO roster_touched (kind, key) (SELECT DISTINCT '{kind}', {key}::text FROM earlier)
            EXCEPT (SELECT DISTINCT '{kind}', {key}::text FROM changed);
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """Replace the two functions."""

    dependencies: ClassVar = [("roster", "0019_lost_at_once")]

    operations: ClassVar = [
        migrations.RunSQL(PEOPLE, NOTE.format(table="person", kind="person", key="id")),
        migrations.RunSQL(
            NOTE.format(table="demographics", kind="self", key="person_id"),
            NOTE.format(table="demographics", kind="person", key="person_id"),
        ),
    ]
