"""Assessment results on the wire; here they are test scores."""

from gradebook.wire.result import OBJECTIVES, STATUSES
from interop.oneroster.resource import Field, Resource, register

ASSESSMENT_RESULT = register(
    Resource(
        object="assessmentResult",
        collection="assessmentResults",
        single="assessmentResult",
        path="assessmentResults",
        service="gradebook",
        fields=(
            Field("assessmentLineItem", "ref", required=True, since=12, target="assessmentLineItem"),
            Field("student", "ref", required=True, since=12, target="user"),
            Field("score", "float", since=12),
            Field("textScore", since=12),
            Field("scoreDate", "date", required=True, since=12),
            Field("scoreScale", "ref", since=12, target="scoreScale"),
            Field("scorePercentile", "float", since=12),
            Field("scoreStatus", "enum", required=True, sent=False, since=12, values=STATUSES, extensible=True),
            Field("comment", since=12),
            Field("learningObjectiveSet", "object", many=True, since=12, parts=OBJECTIVES),
            Field("inProgress", "boolean", since=12),
            Field("incomplete", "boolean", since=12),
            Field("late", "boolean", since=12),
            Field("missing", "boolean", since=12),
        ),
    )
)
