"""Assessment line items on the wire; here they are tests."""

from gradebook.wire.line_item import OBJECTIVES
from interop.oneroster.resource import Field, Resource, register

ASSESSMENT_LINE_ITEM = register(
    Resource(
        object="assessmentLineItem",
        collection="assessmentLineItems",
        single="assessmentLineItem",
        path="assessmentLineItems",
        service="gradebook",
        fields=(
            Field("title", required=True, since=12),
            Field("description", since=12),
            Field("class", "ref", since=12, target="class"),
            Field("parentAssessmentLineItem", "ref", since=12, target="assessmentLineItem"),
            Field("scoreScale", "ref", since=12, target="scoreScale"),
            Field("resultValueMin", "float", since=12),
            Field("resultValueMax", "float", since=12),
            Field("learningObjectiveSet", "object", many=True, since=12, parts=OBJECTIVES),
        ),
    )
)
