"""What a 1.1 package says in users.csv and 1.2 in files of its own: roles, and the resources of people."""

from interop.oneroster.csv import FILES
from roster.imports.nested import SHAPES
from roster.imports.sources import METADATA, PREFIX
from roster.imports.staging import Staged
from roster.imports.upserts import gather_if_many, run

STANDARD = {column.name for column in FILES[12]["roles"]}


def unfold_users_of_11(staged: Staged) -> None:
    """Fill the staged roles.csv and userResources.csv from the staged users of a 1.1 package.

    Our own column of roles counts alone when it is there; otherwise the role holds at each of the orgs.
    """
    staged.modes["roles"] = staged.modes["users"]
    if staged.has("users", "roles"):
        staged.carried["roles"] = frozenset(STANDARD | {PREFIX + column.name for column in METADATA["roles"]})
        staged.counts["roles"] = _own_roles()
    else:
        gather_if_many("stage_roles", _derived_roles())
    if staged.has("users", "resources"):
        staged.modes["userResources"] = staged.modes["users"]
        staged.counts["userResources"] = run(
            'INSERT INTO "stage_userResources" (line, "sourcedId", status, "userSourcedId", "resourceSourcedId") '
            'SELECT s.line, md5(s."sourcedId" || \' \' || resource), s.status, s."sourcedId", resource '
            f"FROM stage_users s CROSS JOIN LATERAL unnest(string_to_array(s.\"{PREFIX}resources\", ',')) AS resource"
        )


def _own_roles() -> int:
    names = [column.name for column in SHAPES["roles"]]
    targets = ", ".join(f'"{name if name in STANDARD else PREFIX + name}"' for name in names)
    values = ", ".join(f"coalesce(x->>'{name}', '')" for name in names)
    return run(
        f'INSERT INTO stage_roles (line, status, "userSourcedId", {targets}) '
        f'SELECT s.line, s.status, s."sourcedId", {values} FROM stage_users s CROSS JOIN LATERAL '
        f"jsonb_array_elements(coalesce(nullif(s.\"{PREFIX}roles\", ''), '[]')::jsonb) AS x"
    )


def _derived_roles() -> int:
    return run(
        'INSERT INTO stage_roles (line, "sourcedId", status, "userSourcedId", "roleType", role, "orgSourcedId") '
        "SELECT DISTINCT s.line, 'role-' || md5(s.\"sourcedId\" || ' ' || org), s.status, s.\"sourcedId\", 'primary', "
        "CASE s.role WHEN 'administrator' THEN 'siteAdministrator' ELSE s.role END, org "
        "FROM stage_users s CROSS JOIN LATERAL unnest(string_to_array(s.\"orgSourcedIds\", ',')) AS org"
    )
