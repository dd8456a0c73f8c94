"""Courses."""

from interop.oneroster.resource import Field, Resource, register

COURSE = register(
    Resource(
        object="course",
        collection="courses",
        single="course",
        path="courses",
        fields=(
            Field("title", required=True),
            Field("schoolYear", "ref", target="academicSession"),
            Field("courseCode", required=True),
            Field("grades", many=True),
            Field("subjects", many=True),
            Field("org", "ref", target="org"),
            Field("subjectCodes", many=True),
            Field("resources", "ref", many=True, target="resource"),
        ),
    )
)
