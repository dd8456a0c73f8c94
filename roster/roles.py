"""What the roles of people are called in each version."""

ROLES = {
    "student": "student",
    "teacher": "teacher",
    "districtAdministrator": "administrator",
    "siteAdministrator": "administrator",
    "principal": "administrator",
    "aide": "administrator",
    "guardian": "guardian",
    "relative": "relative",
}
"""What a role of 1.2 is in 1.1 (seeds/002: non-teacher staff are administrators there)."""
ID_IN_11 = "interop.v1p1."
"""With a role of 1.1 behind it: the metadata of a user in 1.2 that names the user of 1.1."""
