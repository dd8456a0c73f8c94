"""Line items on the wire; the grade book calls them assignments."""

from interop.oneroster.resource import Field, Resource, register

OBJECTIVES = (
    Field("source", required=True),
    Field("learningObjectiveIds", required=True, many=True),
)

LINE_ITEM = register(
    Resource(
        object="lineItem",
        collection="lineItems",
        single="lineItem",
        path="lineItems",
        service="gradebook",
        fields=(
            Field("title", required=True),
            Field("description"),
            Field("assignDate", "datetime", required=True, sent=False),
            Field("dueDate", "datetime", required=True, sent=False),
            Field("class", "ref", required=True, target="class"),
            Field("school", "ref", required=True, sent=False, since=12, target="org"),
            Field("category", "ref", required=True, sent=False, target="category"),
            Field("gradingPeriod", "ref", required=(11,), sent=False, target="academicSession"),
            Field("academicSession", "ref", since=12, target="academicSession"),
            Field("scoreScale", "ref", since=12, target="scoreScale"),
            Field("resultValueMin", "float", required=(11,), sent=False),
            Field("resultValueMax", "float", required=(11,), sent=False),
            Field("learningObjectiveSet", "object", many=True, since=12, parts=OBJECTIVES),
        ),
    )
)
