"""That people were deleted is noted once a statement, not once a person: undoing an import can delete all of them."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION roster_note_lost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        INSERT INTO roster_touched (kind, key) VALUES ('everything', '');
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER roster_note_lost ON roster_person;
CREATE TRIGGER roster_note_lost AFTER DELETE ON roster_person REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION roster_note_lost();
"""
BACKWARD = """
DROP FUNCTION roster_note_lost() CASCADE;
CREATE TRIGGER roster_note_lost AFTER DELETE ON roster_person
    FOR EACH ROW EXECUTE FUNCTION roster_note_everything();
"""


class Migration(migrations.Migration):
    """Replace the trigger."""

    dependencies: ClassVar = [("roster", "0018_family_mail")]

    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
