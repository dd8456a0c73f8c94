"""Changes of terms, sections and seats mark the grades they touch, whoever makes them: imports are SQL."""

from typing import ClassVar

from django.db import migrations

MARK = """
CREATE FUNCTION gradebook_mark_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO gradebook_dirtymark (section_id, at)
    SELECT s.id, now() FROM (SELECT DISTINCT n.id FROM ({sections}) n) s
    WHERE EXISTS (SELECT FROM gradebook_assignment a WHERE a.section_id = s.id);
    RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER gradebook_mark_{event} AFTER {event} ON roster_{table} REFERENCING {rows} TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION gradebook_mark_{table}();
"""
# An update has two tables of rows, so it has a function of its own, which looks at what differs alone.
CHANGE = """
CREATE FUNCTION gradebook_marked_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO gradebook_dirtymark (section_id, at)
    SELECT s.id, now() FROM (SELECT DISTINCT n.id FROM ({sections}) n) s
    WHERE EXISTS (SELECT FROM gradebook_assignment a WHERE a.section_id = s.id);
    RETURN NULL;
END $$;
CREATE TRIGGER gradebook_mark_update AFTER UPDATE ON roster_{table}
    REFERENCING OLD TABLE AS earlier NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION gradebook_marked_{table}();
"""
LINKS = {"section_terms": "section_id", "rosterentry": "section_id"}
"""Tables whose rows name a section: what comes and goes in them counts."""
SEAT = """
    SELECT unnest(ARRAY[c.section_id, e.section_id]) AS id FROM changed c JOIN earlier e ON e.id = c.id
    WHERE (c.section_id, c.person_id, c.ended_at) IS DISTINCT FROM (e.section_id, e.person_id, e.ended_at)
"""
TERM_LINK = """
    SELECT unnest(ARRAY[c.section_id, e.section_id]) AS id FROM changed c JOIN earlier e ON e.id = c.id
    WHERE (c.section_id, c.term_id) IS DISTINCT FROM (e.section_id, e.term_id)
"""
SECTION = """
    SELECT c.id FROM changed c JOIN earlier e ON e.id = c.id
    WHERE (c.course_id, c.ended_at) IS DISTINCT FROM (e.course_id, e.ended_at)
"""
# A period's grades are those of the sections taught in the term above it.
TERM = """
    SELECT st.section_id AS id FROM changed c JOIN earlier e ON e.id = c.id
    LEFT JOIN roster_term above ON above.id IN (c.parent_id, e.parent_id)
    JOIN roster_section_terms st ON st.term_id IN (c.id, c.parent_id, e.parent_id, above.parent_id)
    WHERE (c.start_date, c.end_date, c.parent_id, c.ended_at)
        IS DISTINCT FROM (e.start_date, e.end_date, e.parent_id, e.ended_at)
"""
UPDATES = {"section_terms": TERM_LINK, "rosterentry": SEAT, "section": SECTION, "term": TERM}


def _forward() -> str:
    parts = []
    for table, column in LINKS.items():
        parts.append(MARK.format(table=table, sections=f"SELECT {column} AS id FROM changed"))
        parts += [TRIGGER.format(table=table, event=e, rows=r) for e, r in (("INSERT", "NEW"), ("DELETE", "OLD"))]
    parts += [CHANGE.format(table=table, sections=sections) for table, sections in UPDATES.items()]
    return "".join(parts)


BACKWARD = "".join(
    f"DROP FUNCTION IF EXISTS gradebook_{kind}_{table}() CASCADE;" for kind in ("mark", "marked") for table in UPDATES
)


class Migration(migrations.Migration):
    """Make the triggers."""

    dependencies: ClassVar = [("gradebook", "0003_families"), ("roster", "0017_touched")]

    operations: ClassVar = [migrations.RunSQL(_forward(), BACKWARD)]
