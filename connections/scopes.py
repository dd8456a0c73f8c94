"""Which OAuth scopes a connection may have, by function. Scopes are named shortly here and whole on the wire."""

from connections.models import Connection, SharingSettings
from interop.oneroster.endpoints import SCOPE_PREFIX as PREFIX

ROSTER = {
    11: ("roster.readonly", "roster-core.readonly", "resource.readonly"),
    12: ("roster.readonly", "roster-core.readonly", "resource.readonly", "resource-core.readonly"),
}
DEMOGRAPHICS = ("roster-demographics.readonly",)
GRADEBOOK = {
    11: ("gradebook.readonly", "gradebook.createput", "gradebook.delete"),
    12: (
        "gradebook.readonly",
        "gradebook-core.readonly",
        "gradebook.createput",
        "gradebook.createpost",
        "gradebook.delete",
    ),
}
ASSESSMENT: dict[int, tuple[str, ...]] = {
    11: (),
    12: ("assessment.readonly", "assessment.createput", "assessment.delete"),
}


def allowed_scopes(
    version: int, *, partner: bool, gradebook: bool, assessments: bool, demographics: bool, roster: bool = True
) -> tuple[str, ...]:
    """Return the full scope URIs of these choices, in a stable order.

    Only partners write grades and assessments; where the district has switched roster sync off, nothing is left.
    """
    if not roster:
        return ()
    names = ROSTER[version]
    if demographics:
        names += DEMOGRAPHICS
    if partner and gradebook:
        names += GRADEBOOK[version]
    if partner and assessments:
        names += ASSESSMENT[version]
    return tuple(PREFIX[version] + name for name in names)


def scopes_of(connection: Connection) -> list[str]:
    """Return the full scope URIs the connection may have."""
    district = SharingSettings.load()
    return list(
        allowed_scopes(
            connection.version,
            partner=connection.partner,
            gradebook=connection.share_gradebook and district.gradebook_sync,
            assessments=connection.share_assessments and district.assessments_sync,
            demographics=connection.share_demographics,
            roster=district.roster_sync,
        )
    )


def canonical(scope: str) -> str:
    """Return the scope with the https prefix; real clients ask with http too."""
    return "https" + scope.removeprefix("http") if scope.startswith("http://") else scope


def every_scope() -> dict[str, str]:
    """Return every scope of both versions with its short name."""
    return {
        PREFIX[version] + name: name
        for version in PREFIX
        for name in ROSTER[version] + DEMOGRAPHICS + GRADEBOOK[version] + ASSESSMENT[version]
    }
