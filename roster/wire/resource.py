"""Resources: learning material that courses, classes and users name."""

from interop.oneroster.resource import Field, Resource, register

RESOURCE = register(
    Resource(
        object="resource",
        collection="resources",
        single="resource",
        path="resources",
        service="resources",
        fields=(
            Field("title"),
            Field(
                "roles",
                "enum",
                many=True,
                values=("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"),
                extensible=True,
            ),
            Field("importance", "enum", values=("primary", "secondary")),
            Field("vendorResourceId", required=True),
            Field("vendorId"),
            Field("applicationId"),
        ),
    )
)
