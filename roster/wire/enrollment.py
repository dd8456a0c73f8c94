"""Enrollments: who is in which class, as what."""

from interop.oneroster.resource import Field, Resource, register

ENROLLMENT = register(
    Resource(
        object="enrollment",
        collection="enrollments",
        single="enrollment",
        path="enrollments",
        fields=(
            Field("user", "ref", required=True, target="user"),
            Field("class", "ref", required=True, target="class"),
            Field("school", "ref", required=True, target="org"),
            Field(
                "role",
                "enum",
                required=True,
                values=("administrator", "proctor", "student", "teacher"),
                extensible=True,
            ),
            Field("primary", "boolean"),
            Field("beginDate", "date"),
            Field("endDate", "date"),
        ),
    )
)
