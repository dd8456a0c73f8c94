"""The database itself refuses to change or delete an audit event."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION interop_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An audit event is never changed or deleted.';
END $$;
CREATE TRIGGER interop_audit_append_only BEFORE UPDATE OR DELETE ON interop_auditevent
    FOR EACH ROW EXECUTE FUNCTION interop_audit_is_append_only();
"""
BACKWARD = """
DROP TRIGGER interop_audit_append_only ON interop_auditevent;
DROP FUNCTION interop_audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("interop", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
