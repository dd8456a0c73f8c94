"""The rights of the web server's role in the database, given for every model after each `migrate`.

A new table needs no thought: whoever serves the web reads and writes its rows. What happened stays: tables that only
grow are named here. `deploy/postgresql/roles.sql` makes the role, once, and takes the other rights away.
"""

from typing import Any

from django.db import connection

ROLE = "interop_web"
GROWING = frozenset({"interop_auditevent", "connections_accesslog"})
"""Tables whose rows the web may add, and neither change nor delete."""


def grant(**_signal: Any) -> None:
    """Give the role what it needs in the tables of all models; nothing where there is no such role."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if cursor.fetchone() is None:
            return
        tables = set(connection.introspection.django_table_names(only_existing=True))
        for rights, names in (("SELECT, INSERT, UPDATE, DELETE", tables - GROWING), ("SELECT, INSERT", GROWING)):
            named = ", ".join(map(connection.ops.quote_name, sorted(names)))
            cursor.execute(f"GRANT {rights} ON {named} TO {ROLE}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
