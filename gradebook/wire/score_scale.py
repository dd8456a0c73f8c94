"""Score scales on the wire: a grading scale as one class uses it."""

from interop.oneroster.resource import Field, Resource, register

SCORE_SCALE = register(
    Resource(
        object="scoreScale",
        collection="scoreScales",
        single="scoreScale",
        path="scoreScales",
        service="gradebook",
        fields=(
            Field("title", required=True, since=12),
            Field("type", required=True, since=12),
            Field("course", "ref", since=12, target="course"),
            Field("class", "ref", required=True, since=12, target="class"),
            Field(
                "scoreScaleValue",
                "object",
                required=True,
                many=True,
                since=12,
                parts=(Field("itemValueLHS", required=True), Field("itemValueRHS", required=True)),
            ),
        ),
    )
)
