"""Academic sessions: school years, terms and grading periods."""

from interop.oneroster.resource import Field, Resource, register

ACADEMIC_SESSION = register(
    Resource(
        object="academicSession",
        collection="academicSessions",
        single="academicSession",
        path="academicSessions",
        fields=(
            Field("title", required=True),
            Field("startDate", "date", required=True),
            Field("endDate", "date", required=True),
            Field(
                "type",
                "enum",
                required=True,
                values=("gradingPeriod", "semester", "schoolYear", "term"),
                extensible=True,
            ),
            Field("parent", "ref", target="academicSession"),
            Field("children", "ref", many=True, target="academicSession"),
            Field("schoolYear", required=True),
        ),
    )
)
