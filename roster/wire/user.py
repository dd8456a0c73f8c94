"""Users: 1.1 knows one role and a list of orgs, 1.2 a list of roles, each at an org."""

from interop.oneroster.resource import Field, Resource, register

OLD_ROLES = ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher")
ROLES = (
    "aide",
    "counselor",
    "districtAdministrator",
    "guardian",
    "parent",
    "principal",
    "proctor",
    "relative",
    "siteAdministrator",
    "student",
    "systemAdministrator",
    "teacher",
)

ROLE = (
    Field("roleType", "enum", required=True, values=("primary", "secondary")),
    Field("role", "enum", required=True, values=ROLES, extensible=True),
    Field("org", "ref", required=True, target="org"),
    Field("userProfile"),
    Field("beginDate", "date"),
    Field("endDate", "date"),
)
USER_PROFILE = (
    Field("profileId", required=True),
    Field("profileType", required=True),
    Field("vendorId", required=True),
    Field("applicationId"),
    Field("description"),
    Field(
        "credentials",
        "object",
        many=True,
        parts=(Field("type", required=True), Field("username", required=True), Field("password")),
    ),
)

USER = register(
    Resource(
        object="user",
        collection="users",
        single="user",
        path="users",
        fields=(
            Field("userMasterIdentifier", since=12),
            Field("username", required=(11,)),
            Field(
                "userIds",
                "object",
                many=True,
                parts=(Field("type", required=True), Field("identifier", required=True)),
            ),
            Field("enabledUser", "boolean", required=True),
            Field("givenName", required=True),
            Field("familyName", required=True),
            Field("middleName"),
            Field("preferredFirstName", since=12),
            Field("preferredMiddleName", since=12),
            Field("preferredLastName", since=12),
            Field("pronouns", since=12),
            Field("role", "enum", required=True, values=OLD_ROLES, until=11),
            Field("roles", "object", required=True, many=True, parts=ROLE, since=12),
            Field("userProfiles", "object", many=True, parts=USER_PROFILE, since=12),
            Field("primaryOrg", "ref", target="org", since=12),
            Field("identifier"),
            Field("email"),
            Field("sms"),
            Field("phone"),
            Field("agents", "ref", many=True, target="user"),
            Field("orgs", "ref", required=True, many=True, target="org", until=11),
            Field("grades", many=True),
            Field("password"),
            Field("resources", "ref", many=True, target="resource", since=12),
        ),
    )
)
