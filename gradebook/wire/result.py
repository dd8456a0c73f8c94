"""Results on the wire; the grade book calls them scores."""

from interop.oneroster.resource import Field, Resource, register

STATUSES = ("exempt", "fully graded", "not submitted", "partially graded", "submitted")
OBJECTIVE_RESULTS = (
    Field("learningObjectiveId", required=True),
    Field("score", "float"),
    Field("textScore"),
)
OBJECTIVES = (
    Field("source", required=True),
    Field("learningObjectiveResults", "object", required=True, many=True, parts=OBJECTIVE_RESULTS),
)

RESULT = register(
    Resource(
        object="result",
        collection="results",
        single="result",
        path="results",
        service="gradebook",
        fields=(
            Field("lineItem", "ref", required=True, target="lineItem"),
            Field("student", "ref", required=True, target="user"),
            Field("class", "ref", since=12, target="class"),
            Field("scoreScale", "ref", since=12, target="scoreScale"),
            Field("scoreStatus", "enum", required=True, sent=False, values=STATUSES, extensible=True),
            Field("score", "float", required=(11,), sent=False),
            Field("textScore", since=12),
            Field("scoreDate", "date", required=True, sent=False),
            Field("comment"),
            Field("learningObjectiveSet", "object", many=True, since=12, parts=OBJECTIVES),
            Field("inProgress", "boolean", since=12),
            Field("incomplete", "boolean", since=12),
            Field("late", "boolean", since=12),
            Field("missing", "boolean", since=12),
        ),
    )
)
